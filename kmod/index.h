/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table of one writer, into which nothing fails to be put.
 */
#ifndef K8SNET_INDEX_H
#define K8SNET_INDEX_H

#include <linux/list.h>
#include <linux/types.h>

struct k8snet_index_node {
	struct hlist_node list;
	u32 hash;
};

struct k8snet_index {
	struct hlist_head *heads;
	unsigned int bits;
	unsigned int n;
};

int k8snet_index_init(struct k8snet_index *index);
void k8snet_index_destroy(struct k8snet_index *index);
void k8snet_index_add(struct k8snet_index *index,
		      struct k8snet_index_node *node, u32 hash);
void k8snet_index_del(struct k8snet_index *index,
		      struct k8snet_index_node *node);

static inline struct hlist_head *k8snet_index_head(const struct k8snet_index *index,
						   u32 hash)
{
	return &index->heads[hash >> (32 - index->bits)];
}

/* Those with the same hash, or others that are near. */
#define k8snet_index_for_each(index, pos, member, h) \
	hlist_for_each_entry(pos, k8snet_index_head(index, h), member.list)

#endif /* K8SNET_INDEX_H */
