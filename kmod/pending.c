// SPDX-License-Identifier: GPL-2.0
/*
 * Changes that are prepared and not made yet. What they are about and whether
 * they may be is for others to know: service/change.c, overlay/node_change.c.
 */
#include <linux/string.h>

#include "pending.h"

/**
 * k8snet_pending_init() - begin with no changes
 * @pending: the changes
 * @indexed: there will be more than one
 *
 * Return: 0, or -ENOMEM if @indexed.
 */
int k8snet_pending_init(struct k8snet_pending *pending, bool indexed)
{
	memset(pending, 0, sizeof(*pending));
	INIT_LIST_HEAD(&pending->list);
	pending->indexed = indexed;
	if (!indexed)
		return 0;
	if (!k8snet_index_init(&pending->by_name) &&
	    !k8snet_index_init(&pending->by_key))
		return 0;
	k8snet_index_destroy(&pending->by_name);
	return -ENOMEM;
}

/**
 * k8snet_pending_destroy() - forget changes that have been freed
 * @pending: the changes
 */
void k8snet_pending_destroy(struct k8snet_pending *pending)
{
	INIT_LIST_HEAD(&pending->list);
	if (!pending->indexed)
		return;
	k8snet_index_destroy(&pending->by_name);
	k8snet_index_destroy(&pending->by_key);
}

/**
 * k8snet_pending_claim() - note what a change claims
 * @change: the change, not linked yet
 * @claim: the claim
 * @hash: of what is claimed
 */
void k8snet_pending_claim(struct k8snet_pending_change *change,
			  struct k8snet_pending_claim *claim, u32 hash)
{
	claim->by_key.hash = hash;
	hlist_add_head(&claim->sibling, &change->claims);
}

/**
 * k8snet_pending_link() - let a change be the last of all
 * @pending: the changes
 * @change: the change, with its claims
 * @hash: of the name of what it changes
 *
 * Context: process.
 */
void k8snet_pending_link(struct k8snet_pending *pending,
			 struct k8snet_pending_change *change, u32 hash)
{
	struct k8snet_pending_claim *claim;

	list_add_tail(&change->list, &pending->list);
	if (!pending->indexed)
		return;
	k8snet_index_add(&pending->by_name, &change->by_name, hash);
	hlist_for_each_entry(claim, &change->claims, sibling)
		k8snet_index_add(&pending->by_key, &claim->by_key,
				 claim->by_key.hash);
}

/**
 * k8snet_pending_unlink() - take a change out, with its claims
 * @pending: the changes
 * @change: one of them
 */
void k8snet_pending_unlink(struct k8snet_pending *pending,
			   struct k8snet_pending_change *change)
{
	struct k8snet_pending_claim *claim;

	list_del(&change->list);
	if (!pending->indexed)
		return;
	k8snet_index_del(&pending->by_name, &change->by_name);
	hlist_for_each_entry(claim, &change->claims, sibling)
		k8snet_index_del(&pending->by_key, &claim->by_key);
}
