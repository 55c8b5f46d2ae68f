// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table of one writer, into which nothing fails to be put: without memory
 * for more buckets its chains are only longer.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "index.h"

#define INDEX_BITS_MIN	6
#define INDEX_BITS_MAX	24

/**
 * k8snet_index_init() - make an empty table
 * @index: the table
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_index_init(struct k8snet_index *index)
{
	index->bits = INDEX_BITS_MIN;
	index->n = 0;
	index->heads = kvcalloc(1 << index->bits, sizeof(*index->heads),
				GFP_KERNEL_ACCOUNT);
	return index->heads ? 0 : -ENOMEM;
}

/**
 * k8snet_index_destroy() - free a table
 * @index: the table; what is in it is left alone
 */
void k8snet_index_destroy(struct k8snet_index *index)
{
	kvfree(index->heads);
	index->heads = NULL;
}

static void index_grow(struct k8snet_index *index)
{
	struct k8snet_index more = { .bits = index->bits + 1 };
	struct k8snet_index_node *node;
	struct hlist_node *next;
	u32 i;

	more.heads = kvcalloc(1UL << more.bits, sizeof(*more.heads),
			      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!more.heads)
		return;
	for (i = 0; i < 1U << index->bits; i++) {
		hlist_for_each_entry_safe(node, next, &index->heads[i], list)
			hlist_add_head(&node->list,
				       k8snet_index_head(&more, node->hash));
		cond_resched();
	}
	kvfree(index->heads);
	index->heads = more.heads;
	index->bits = more.bits;
}

/**
 * k8snet_index_add() - put something into a table
 * @index: the table
 * @node: of the thing
 * @hash: its hash, all bits of which are even
 *
 * Context: process.
 */
void k8snet_index_add(struct k8snet_index *index,
		      struct k8snet_index_node *node, u32 hash)
{
	if (index->n >> index->bits && index->bits < INDEX_BITS_MAX)
		index_grow(index);
	node->hash = hash;
	hlist_add_head(&node->list, k8snet_index_head(index, hash));
	index->n++;
}

/**
 * k8snet_index_del() - take something out of a table
 * @index: the table
 * @node: of the thing, which is in it
 */
void k8snet_index_del(struct k8snet_index *index,
		      struct k8snet_index_node *node)
{
	hlist_del(&node->list);
	index->n--;
}
