/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is freed all at once.
 */
#ifndef K8SNET_ARENA_H
#define K8SNET_ARENA_H

#include <stddef.h>

struct k8snet_arena_chunk;

/* All zeros is an empty arena. */
struct k8snet_arena {
	struct k8snet_arena_chunk *chunk;
};

void *k8snet_arena_alloc(struct k8snet_arena *arena, size_t size);
char *k8snet_arena_strdup(struct k8snet_arena *arena, const char *text);
void *k8snet_arena_grow(struct k8snet_arena *arena, void *array, size_t count, size_t size);
void k8snet_arena_reset(struct k8snet_arena *arena);
void k8snet_arena_free(struct k8snet_arena *arena);

#endif /* K8SNET_ARENA_H */
