// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is freed all at once.
 */
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define CHUNK_SIZE	(64 * 1024)
#define ALIGNMENT	sizeof(max_align_t)

struct k8snet_arena_chunk {
	struct k8snet_arena_chunk *next;
	size_t size;
	size_t used;
	max_align_t data[];
};

/* Returns zeroed memory, or NULL. */
void *k8snet_arena_alloc(struct k8snet_arena *arena, size_t size)
{
	struct k8snet_arena_chunk *chunk = arena->chunk;
	void *memory;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t chunk_size = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = calloc(1, sizeof(*chunk) + chunk_size);
		if (!chunk)
			return NULL;
		chunk->size = chunk_size;
		chunk->next = arena->chunk;
		arena->chunk = chunk;
	}
	memory = (char *)chunk->data + chunk->used;
	chunk->used += size;
	return memory;
}

char *k8snet_arena_strdup(struct k8snet_arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = k8snet_arena_alloc(arena, size);

	return copy ? memcpy(copy, text, size) : NULL;
}

/*
 * Makes room for one more item in an array of count items. Arrays double when
 * count is a power of two, so the caller need not keep how much room there is.
 */
void *k8snet_arena_grow(struct k8snet_arena *arena, void *array, size_t count, size_t size)
{
	void *bigger;

	if (count & (count - 1))
		return array;
	bigger = k8snet_arena_alloc(arena, (count ? 2 * count : 1) * size);
	if (bigger && count)
		memcpy(bigger, array, count * size);
	return bigger;
}

/* What was allocated is not there any more, but memory for the next is. */
void k8snet_arena_reset(struct k8snet_arena *arena)
{
	struct k8snet_arena_chunk *chunk = arena->chunk;

	if (!chunk)
		return;
	arena->chunk = chunk->next;
	k8snet_arena_free(arena);
	chunk->next = NULL;
	memset(chunk->data, 0, chunk->used);
	chunk->used = 0;
	arena->chunk = chunk;
}

void k8snet_arena_free(struct k8snet_arena *arena)
{
	while (arena->chunk) {
		struct k8snet_arena_chunk *next = arena->chunk->next;

		free(arena->chunk);
		arena->chunk = next;
	}
}
