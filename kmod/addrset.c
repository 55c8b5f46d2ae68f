// SPDX-License-Identifier: GPL-2.0
/*
 * A counted set of IP addresses: the underlay addresses of the nodes, the
 * cluster addresses of the services.
 *
 * Writers of one set are serialised by their caller; readers hold RCU.
 */
#include <linux/slab.h>

#include "addrset.h"

struct addr {
	struct rhash_head head;
	struct k8snet_addr key;
	u32 users;			/* and ADDR_USED */
	struct rcu_head rcu;
};

/* One of the users at least is not only a reservation. */
#define ADDR_USED	BIT(31)

static struct kmem_cache *addr_cache;

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct addr, head),
	.key_offset = offsetof(struct addr, key),
	.key_len = sizeof_field(struct addr, key),
	.automatic_shrinking = true,
};

static void addr_free(struct rcu_head *rcu)
{
	kmem_cache_free(addr_cache, container_of(rcu, struct addr, rcu));
}

static void addr_free_last(void *ptr, void *unused)
{
	kmem_cache_free(addr_cache, ptr);
}

/**
 * k8snet_addrset_init() - make an empty set
 * @set: the set
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_addrset_init(struct k8snet_addrset *set)
{
	return rhashtable_init(&set->table, &params);
}

/**
 * k8snet_addrset_destroy() - free a set that no reader can see any more
 * @set: the set
 */
void k8snet_addrset_destroy(struct k8snet_addrset *set)
{
	rhashtable_free_and_destroy(&set->table, addr_free_last, NULL);
}

/**
 * k8snet_addrset_reserve() - make sure that an address can be put in
 * @set: the set
 * @addr: the address
 *
 * It counts as one more user, but one that readers do not see before
 * k8snet_addrset_use().
 *
 * Return: 0, or -ENOMEM, or what else the hash table refuses with.
 */
int k8snet_addrset_reserve(struct k8snet_addrset *set,
			   const struct k8snet_addr *addr)
{
	struct addr *a;
	int err;

	a = rhashtable_lookup_fast(&set->table, addr, params);
	if (a) {
		WRITE_ONCE(a->users, a->users + 1);
		return 0;
	}
	a = kmem_cache_zalloc(addr_cache, GFP_KERNEL_ACCOUNT);
	if (!a)
		return -ENOMEM;
	a->key = *addr;
	a->users = 1;
	err = rhashtable_insert_fast(&set->table, &a->head, params);
	if (err)
		kmem_cache_free(addr_cache, a);
	return err;
}

/**
 * k8snet_addrset_use() - let readers see an address that was reserved
 * @set: the set
 * @addr: the address
 */
void k8snet_addrset_use(struct k8snet_addrset *set, const struct k8snet_addr *addr)
{
	struct addr *a;

	a = rhashtable_lookup_fast(&set->table, addr, params);
	if (!WARN_ON_ONCE(!a))
		WRITE_ONCE(a->users, a->users | ADDR_USED);
}

/**
 * k8snet_addrset_add() - put an address in, or count one more user of it
 * @set: the set
 * @addr: the address
 *
 * Return: 0, or -ENOMEM, or what else the hash table refuses with.
 */
int k8snet_addrset_add(struct k8snet_addrset *set, const struct k8snet_addr *addr)
{
	int err = k8snet_addrset_reserve(set, addr);

	if (!err)
		k8snet_addrset_use(set, addr);
	return err;
}

/**
 * k8snet_addrset_del() - take one user of an address away
 * @set: the set
 * @addr: an address that was added or reserved
 *
 * The address leaves the set with its last user.
 */
void k8snet_addrset_del(struct k8snet_addrset *set, const struct k8snet_addr *addr)
{
	struct addr *a;

	a = rhashtable_lookup_fast(&set->table, addr, params);
	if (WARN_ON_ONCE(!a))
		return;
	WRITE_ONCE(a->users, a->users - 1);
	if (a->users & ~ADDR_USED)
		return;
	rhashtable_remove_fast(&set->table, &a->head, params);
	call_rcu(&a->rcu, addr_free);
}

/**
 * k8snet_addrset_has() - is this address in the set?
 * @set: the set
 * @addr: the address
 *
 * Context: RCU read side.
 */
bool k8snet_addrset_has(struct k8snet_addrset *set, const struct k8snet_addr *addr)
{
	const struct addr *a = rhashtable_lookup(&set->table, addr, params);

	return a && READ_ONCE(a->users) & ADDR_USED;
}

int k8snet_addrset_cache_create(void)
{
	addr_cache = kmem_cache_create("k8snet_addr", sizeof(struct addr), 0,
				       SLAB_ACCOUNT, NULL);
	return addr_cache ? 0 : -ENOMEM;
}

void k8snet_addrset_cache_destroy(void)
{
	kmem_cache_destroy(addr_cache);
}

#include "selftest/addrset.c"
