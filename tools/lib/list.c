// SPDX-License-Identifier: GPL-2.0
/*
 * Collects objects of one kind that the kernel lists.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

void k8snet_list_init(struct k8snet_list *list, size_t size, k8snet_decode_fn *decode)
{
	memset(list, 0, sizeof(*list));
	list->size = size;
	list->decode = decode;
}

/* Frees the items; the list is empty then and can be used again. */
void k8snet_list_free(struct k8snet_list *list)
{
	k8snet_arena_free(&list->arena);
	list->items = NULL;
	list->count = 0;
}

static int take(const struct nlmsghdr *reply, void *arg)
{
	struct k8snet_list *list = arg;
	void *items, *item;

	if (!reply) {
		k8snet_list_free(list);
		return 0;
	}
	items = k8snet_arena_grow(&list->arena, list->items, list->count, list->size);
	if (!items)
		return ENOMEM;
	list->items = items;
	item = (char *)items + list->count * list->size;
	list->count++;
	return list->decode(reply, &list->arena, item);
}

/* Lists all that the request selects. */
int k8snet_list_dump(struct k8snet_list *list, struct k8snet_nl *nl, struct k8snet_msg *request)
{
	return k8snet_nl_dump(nl, request, take, list);
}

/* Takes the one object that the request names. */
int k8snet_list_get(struct k8snet_list *list, struct k8snet_nl *nl, struct k8snet_msg *request)
{
	return k8snet_nl_do(nl, request, take, list);
}

void k8snet_list_sort(struct k8snet_list *list, int (*compare)(const void *a, const void *b))
{
	if (list->count)
		qsort(list->items, list->count, list->size, compare);
}
