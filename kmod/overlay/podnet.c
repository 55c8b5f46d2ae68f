// SPDX-License-Identifier: GPL-2.0
/*
 * The longest-prefix map of one device, pod prefix to node.
 *
 * For each family one hash table holds the prefixes of all lengths, a short
 * array the lengths that occur, longest first (M. Waldvogel et al., SIGCOMM
 * 1997, without the markers). A cluster cuts its pod range into equal pieces, so a lookup is
 * one probe, whatever the number of nodes; a trie would take a step for every
 * few bits.
 *
 * Writers hold the rtnl mutex, readers RCU.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "hash.h"
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
		u16 len;
		__be32 mask;		/* IPv4 only */
	} a[];
};

static struct kmem_cache *entry_cache;

/* An IPv4 prefix is a word and its length: cheap to hash and to compare. */
static __always_inline u32 entry_hash4(const void *key, u32 len, u32 seed)
{
	const struct k8snet_prefix *prefix = key;

	return k8snet_hash_2words((__force u32)prefix->ip, prefix->len, seed);
}

static u32 entry_hash4_obj(const void *obj, u32 len, u32 seed)
{
	return entry_hash4(&((const struct entry *)obj)->prefix, len, seed);
}

static __always_inline int entry_cmp4(struct rhashtable_compare_arg *arg,
				      const void *obj)
{
	const struct k8snet_prefix *a = arg->key;
	const struct k8snet_prefix *b = &((const struct entry *)obj)->prefix;

	return a->ip != b->ip || a->len != b->len;
}

static const struct rhashtable_params params4 = {
	.head_offset = offsetof(struct entry, head),
	.key_offset = offsetof(struct entry, prefix),
	.key_len = offsetofend(struct k8snet_prefix, ip),
	.hashfn = entry_hash4,
	.obj_hashfn = entry_hash4_obj,
	.obj_cmpfn = entry_cmp4,
	.automatic_shrinking = true,
};

static const struct rhashtable_params params6 = {
	.head_offset = offsetof(struct entry, head),
	.key_offset = offsetof(struct entry, prefix),
	.key_len = sizeof_field(struct entry, prefix),
	.automatic_shrinking = true,
};

static void entry_free(struct rcu_head *rcu)
{
	kmem_cache_free(entry_cache, container_of(rcu, struct entry, rcu));
}

static struct k8snet_podnet_family *
podnet_family(struct k8snet_podnet *podnet, const struct k8snet_prefix *prefix)
{
	return prefix->family == AF_INET ? &podnet->ip4 : &podnet->ip6;
}

static struct entry *podnet_entry(struct k8snet_podnet *podnet,
				  const struct k8snet_prefix *prefix)
{
	if (prefix->family == AF_INET)
		return rhashtable_lookup_fast(&podnet->ip4.table, prefix,
					      params4);
	return rhashtable_lookup_fast(&podnet->ip6.table, prefix, params6);
}

static int podnet_insert(struct k8snet_podnet *podnet, struct entry *e)
{
	if (e->prefix.family == AF_INET)
		return rhashtable_insert_fast(&podnet->ip4.table, &e->head,
					      params4);
	return rhashtable_insert_fast(&podnet->ip6.table, &e->head, params6);
}

static void podnet_remove(struct k8snet_podnet *podnet, struct entry *e)
{
	if (e->prefix.family == AF_INET)
		rhashtable_remove_fast(&podnet->ip4.table, &e->head, params4);
	else
		rhashtable_remove_fast(&podnet->ip6.table, &e->head, params6);
	call_rcu(&e->rcu, entry_free);
}

static void entry_free_last(void *ptr, void *unused)
{
	kmem_cache_free(entry_cache, ptr);
}

static int family_init(struct k8snet_podnet_family *f,
		       const struct rhashtable_params *params)
{
	struct k8snet_podnet_lens *lens;
	int err;

	lens = kzalloc(sizeof(*lens), GFP_KERNEL_ACCOUNT);
	if (!lens)
		return -ENOMEM;
	err = rhashtable_init(&f->table, params);
	if (err) {
		kfree(lens);
		return err;
	}
	memset(f->users, 0, sizeof(f->users));
	RCU_INIT_POINTER(f->lens, lens);
	return 0;
}

static void family_destroy(struct k8snet_podnet_family *f)
{
	rhashtable_free_and_destroy(&f->table, entry_free_last, NULL);
	kfree(rcu_dereference_protected(f->lens, 1));
}

/**
 * k8snet_podnet_init() - make an empty map
 * @podnet: the map
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_podnet_init(struct k8snet_podnet *podnet)
{
	int err;

	err = family_init(&podnet->ip4, &params4);
	if (err)
		return err;
	err = family_init(&podnet->ip6, &params6);
	if (err)
		family_destroy(&podnet->ip4);
	return err;
}

/**
 * k8snet_podnet_destroy() - free a map that no reader can see any more
 * @podnet: the map
 */
void k8snet_podnet_destroy(struct k8snet_podnet *podnet)
{
	family_destroy(&podnet->ip6);
	family_destroy(&podnet->ip4);
}

/**
 * k8snet_podnet_lookup4() - the node that an IPv4 address belongs to
 * @podnet: the map
 * @addr: the address of a pod
 *
 * Context: RCU read side.
 * Return: the node with the longest prefix that holds the address, or NULL.
 */
struct k8snet_node *k8snet_podnet_lookup4(struct k8snet_podnet *podnet,
					  __be32 addr)
{
	const struct k8snet_podnet_lens *lens =
		rcu_dereference(podnet->ip4.lens);
	struct k8snet_node *node;
	struct k8snet_prefix key;
	unsigned int i;

	key.family = AF_INET;
	for (i = 0; i < lens->n; i++) {
		struct entry *e;

		key.len = lens->a[i].len;
		key.ip = addr & lens->a[i].mask;
		e = rhashtable_lookup(&podnet->ip4.table, &key, params4);
		node = e ? rcu_dereference(e->node) : NULL;
		if (node)
			return node;
	}
	return NULL;
}

/**
 * k8snet_podnet_lookup6() - the node that an IPv6 address belongs to
 * @podnet: the map
 * @addr: the address of a pod
 *
 * Context: RCU read side.
 * Return: the node with the longest prefix that holds the address, or NULL.
 */
struct k8snet_node *k8snet_podnet_lookup6(struct k8snet_podnet *podnet,
					  const struct in6_addr *addr)
{
	const struct k8snet_podnet_lens *lens =
		rcu_dereference(podnet->ip6.lens);
	struct k8snet_node *node;
	struct k8snet_prefix key;
	unsigned int i;

	key.family = AF_INET6;
	for (i = 0; i < lens->n; i++) {
		struct entry *e;

		key.len = lens->a[i].len;
		ipv6_addr_prefix(&key.ip6, addr, key.len);
		e = rhashtable_lookup(&podnet->ip6.table, &key, params6);
		node = e ? rcu_dereference(e->node) : NULL;
		if (node)
			return node;
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
	e = podnet_entry(podnet, prefix);
	return e ? rtnl_dereference(e->node) : NULL;
}

/* A new array of the lengths that have users, longest first. */
static int podnet_publish_lens(struct k8snet_podnet_family *f)
{
	struct k8snet_podnet_lens *lens, *old;
	unsigned int n = 0;
	int len;

	for (len = 128; len >= 0; len--)
		n += !!f->users[len];
	lens = kmalloc(struct_size(lens, a, n), GFP_KERNEL_ACCOUNT);
	if (!lens)
		return -ENOMEM;
	lens->n = 0;
	for (len = 128; len >= 0; len--) {
		if (!f->users[len])
			continue;
		lens->a[lens->n].len = len;
		lens->a[lens->n].mask = inet_make_mask(min(len, 32));
		lens->n++;
	}
	old = rtnl_dereference(f->lens);
	rcu_assign_pointer(f->lens, lens);
	kfree_rcu(old, rcu);
	return 0;
}

/**
 * k8snet_podnet_reserve() - make sure that a prefix can be given to a node
 * @podnet: the map
 * @prefix: the prefix; no bits beyond its length
 *
 * Readers take no notice of it before k8snet_podnet_move().
 *
 * Context: rtnl mutex.
 * Return: 0, or -ENOMEM, or what else the hash table refuses with.
 */
int k8snet_podnet_reserve(struct k8snet_podnet *podnet,
			  const struct k8snet_prefix *prefix)
{
	struct k8snet_podnet_family *f = podnet_family(podnet, prefix);
	struct entry *e;
	int err;

	ASSERT_RTNL();
	if (podnet_entry(podnet, prefix))
		return 0;
	e = kmem_cache_zalloc(entry_cache, GFP_KERNEL_ACCOUNT);
	if (!e)
		return -ENOMEM;
	e->prefix = *prefix;
	err = podnet_insert(podnet, e);
	if (err) {
		kmem_cache_free(entry_cache, e);
		return err;
	}
	if (f->users[prefix->len]++)
		return 0;
	err = podnet_publish_lens(f);
	if (err) {
		f->users[prefix->len]--;
		podnet_remove(podnet, e);
	}
	return err;
}

/**
 * k8snet_podnet_move() - give a prefix that is in the map to another node
 * @podnet: the map
 * @prefix: the prefix, perhaps only reserved
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
	e = podnet_entry(podnet, prefix);
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
	struct k8snet_podnet_family *f = podnet_family(podnet, prefix);
	struct entry *e;

	ASSERT_RTNL();
	e = podnet_entry(podnet, prefix);
	if (WARN_ON_ONCE(!e))
		return;
	podnet_remove(podnet, e);
	/* Without memory for a shorter array the old one is only slower. */
	if (!--f->users[prefix->len])
		podnet_publish_lens(f);
}

/**
 * k8snet_podnet_unreserve() - forget a prefix that was not given to a node
 * @podnet: the map
 * @prefix: a prefix that was reserved, or that a node has
 *
 * Context: rtnl mutex.
 */
void k8snet_podnet_unreserve(struct k8snet_podnet *podnet,
			     const struct k8snet_prefix *prefix)
{
	struct entry *e;

	ASSERT_RTNL();
	e = podnet_entry(podnet, prefix);
	if (e && !rcu_access_pointer(e->node))
		k8snet_podnet_del(podnet, prefix);
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

#include "selftest/podnet.c"
