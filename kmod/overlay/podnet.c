// SPDX-License-Identifier: GPL-2.0
/*
 * The longest-prefix map of one device, pod prefix to node.
 *
 * One hash table holds the prefixes of all lengths, a short array the lengths
 * that occur, longest first (M. Waldvogel et al., SIGCOMM 1997, without the
 * markers). A cluster cuts its pod range into equal pieces, so a lookup is
 * one probe, whatever the number of nodes; a trie would take a step for every
 * few bits.
 *
 * Writers hold the rtnl mutex, readers RCU.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "overlay/podnet.h"

struct entry {
	struct rhash_head head;
	struct k8snet_prefix prefix;
	struct k8snet_node __rcu *node;
	struct rcu_head rcu;
};

struct k8snet_podnet_lens {
	struct rcu_head rcu;
	unsigned int n;
	struct {
		u32 len;
		__be32 mask;
	} a[];
};

static struct kmem_cache *entry_cache;

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, head),
	.key_offset = offsetof(struct entry, prefix),
	.key_len = sizeof_field(struct entry, prefix),
	.automatic_shrinking = true,
};

static void entry_free(struct rcu_head *rcu)
{
	kmem_cache_free(entry_cache, container_of(rcu, struct entry, rcu));
}

static void entry_free_last(void *ptr, void *unused)
{
	kmem_cache_free(entry_cache, ptr);
}

/**
 * k8snet_podnet_init() - make an empty map
 * @podnet: the map
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_podnet_init(struct k8snet_podnet *podnet)
{
	struct k8snet_podnet_lens *lens;
	int err;

	lens = kzalloc(sizeof(*lens), GFP_KERNEL_ACCOUNT);
	if (!lens)
		return -ENOMEM;
	err = rhashtable_init(&podnet->table, &params);
	if (err) {
		kfree(lens);
		return err;
	}
	memset(podnet->users, 0, sizeof(podnet->users));
	RCU_INIT_POINTER(podnet->lens, lens);
	return 0;
}

/**
 * k8snet_podnet_destroy() - free a map that no reader can see any more
 * @podnet: the map
 */
void k8snet_podnet_destroy(struct k8snet_podnet *podnet)
{
	rhashtable_free_and_destroy(&podnet->table, entry_free_last, NULL);
	kfree(rcu_dereference_protected(podnet->lens, 1));
}

/**
 * k8snet_podnet_lookup() - the node that an address belongs to
 * @podnet: the map
 * @addr: the address of a pod
 *
 * Context: RCU read side.
 * Return: the node with the longest prefix that holds the address, or NULL.
 */
struct k8snet_node *k8snet_podnet_lookup(struct k8snet_podnet *podnet,
					 __be32 addr)
{
	const struct k8snet_podnet_lens *lens = rcu_dereference(podnet->lens);
	unsigned int i;

	for (i = 0; i < lens->n; i++) {
		struct k8snet_prefix key = {
			.addr = addr & lens->a[i].mask,
			.len = lens->a[i].len,
		};
		struct entry *e;

		e = rhashtable_lookup(&podnet->table, &key, params);
		if (e)
			return rcu_dereference(e->node);
	}
	return NULL;
}

/**
 * k8snet_podnet_find() - the node that has exactly this prefix
 * @podnet: the map
 * @prefix: the prefix
 *
 * Context: rtnl mutex.
 * Return: the node, or NULL.
 */
struct k8snet_node *k8snet_podnet_find(struct k8snet_podnet *podnet,
				       const struct k8snet_prefix *prefix)
{
	struct entry *e;

	ASSERT_RTNL();
	e = rhashtable_lookup_fast(&podnet->table, prefix, params);
	return e ? rtnl_dereference(e->node) : NULL;
}

/* A new array of the lengths that have users, longest first. */
static int podnet_publish_lens(struct k8snet_podnet *podnet)
{
	struct k8snet_podnet_lens *lens, *old;
	unsigned int n = 0;
	int len;

	for (len = 32; len >= 0; len--)
		n += !!podnet->users[len];
	lens = kmalloc(struct_size(lens, a, n), GFP_KERNEL_ACCOUNT);
	if (!lens)
		return -ENOMEM;
	lens->n = 0;
	for (len = 32; len >= 0; len--) {
		if (!podnet->users[len])
			continue;
		lens->a[lens->n].len = len;
		lens->a[lens->n].mask = inet_make_mask(len);
		lens->n++;
	}
	old = rtnl_dereference(podnet->lens);
	rcu_assign_pointer(podnet->lens, lens);
	kfree_rcu(old, rcu);
	return 0;
}

/**
 * k8snet_podnet_add() - give a prefix to a node
 * @podnet: the map
 * @prefix: a prefix that no node has; no bits beyond its length
 * @node: the node
 *
 * Context: rtnl mutex.
 * Return: 0, or -ENOMEM, or what else the hash table refuses with.
 */
int k8snet_podnet_add(struct k8snet_podnet *podnet,
		      const struct k8snet_prefix *prefix,
		      struct k8snet_node *node)
{
	struct entry *e;
	int err;

	ASSERT_RTNL();
	e = kmem_cache_zalloc(entry_cache, GFP_KERNEL_ACCOUNT);
	if (!e)
		return -ENOMEM;
	e->prefix = *prefix;
	RCU_INIT_POINTER(e->node, node);
	err = rhashtable_insert_fast(&podnet->table, &e->head, params);
	if (err) {
		kmem_cache_free(entry_cache, e);
		return err;
	}
	if (podnet->users[prefix->len]++)
		return 0;
	err = podnet_publish_lens(podnet);
	if (err) {
		podnet->users[prefix->len]--;
		rhashtable_remove_fast(&podnet->table, &e->head, params);
		call_rcu(&e->rcu, entry_free);
	}
	return err;
}

/**
 * k8snet_podnet_move() - give a prefix that is in the map to another node
 * @podnet: the map
 * @prefix: the prefix
 * @node: the node that has it from now on
 *
 * Readers see the old node or the new one, never none. Cannot fail.
 *
 * Context: rtnl mutex.
 */
void k8snet_podnet_move(struct k8snet_podnet *podnet,
			const struct k8snet_prefix *prefix,
			struct k8snet_node *node)
{
	struct entry *e;

	ASSERT_RTNL();
	e = rhashtable_lookup_fast(&podnet->table, prefix, params);
	if (!WARN_ON_ONCE(!e))
		rcu_assign_pointer(e->node, node);
}

/**
 * k8snet_podnet_del() - take a prefix out of the map
 * @podnet: the map
 * @prefix: a prefix that is in it
 *
 * Context: rtnl mutex.
 */
void k8snet_podnet_del(struct k8snet_podnet *podnet,
		       const struct k8snet_prefix *prefix)
{
	struct entry *e;

	ASSERT_RTNL();
	e = rhashtable_lookup_fast(&podnet->table, prefix, params);
	if (WARN_ON_ONCE(!e))
		return;
	rhashtable_remove_fast(&podnet->table, &e->head, params);
	call_rcu(&e->rcu, entry_free);
	/* Without memory for a shorter array the old one is only slower. */
	if (!--podnet->users[prefix->len])
		podnet_publish_lens(podnet);
}

int k8snet_podnet_cache_create(void)
{
	entry_cache = kmem_cache_create("k8snet_podnet", sizeof(struct entry),
					0, SLAB_ACCOUNT, NULL);
	return entry_cache ? 0 : -ENOMEM;
}

void k8snet_podnet_cache_destroy(void)
{
	kmem_cache_destroy(entry_cache);
}
