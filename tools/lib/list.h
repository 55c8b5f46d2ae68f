/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of one kind that the kernel has listed.
 */
#ifndef K8SNET_LIST_H
#define K8SNET_LIST_H

#include "arena.h"
#include "nl.h"

/* Fills a zeroed item from a reply. Returns 0, or an errno (positive). */
typedef int k8snet_decode_fn(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

/* items and all that they point to live in the arena. */
struct k8snet_list {
	struct k8snet_arena arena;
	void *items;
	size_t count;
	size_t size;
	k8snet_decode_fn *decode;
};

void k8snet_list_init(struct k8snet_list *list, size_t size, k8snet_decode_fn *decode);
int k8snet_list_dump(struct k8snet_list *list, struct k8snet_nl *nl, struct k8snet_msg *request);
int k8snet_list_get(struct k8snet_list *list, struct k8snet_nl *nl, struct k8snet_msg *request);
void k8snet_list_sort(struct k8snet_list *list, int (*compare)(const void *a, const void *b));
void k8snet_list_free(struct k8snet_list *list);

#endif /* K8SNET_LIST_H */
