// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes of an overlay device, found by name, underlay address or prefix.
 *
 * Writers hold the rtnl mutex, readers RCU. What writers want is prepared in
 * node_change.c and made in node_commit.c.
 */
#include <linux/slab.h>

#include "name.h"
#include "overlay/node.h"
#include "packet.h"

static struct kmem_cache *node_cache;

static const struct rhashtable_params by_addr = {
	.head_offset = offsetof(struct k8snet_node_addr, head),
	.key_offset = offsetof(struct k8snet_node_addr, addr),
	.key_len = sizeof_field(struct k8snet_node_addr, addr),
	.automatic_shrinking = true,
};

static u32 node_hash(const void *obj, u32 len, u32 seed)
{
	const struct k8snet_node *node = obj;

	return k8snet_name_hash(node->name, len, seed);
}

static int node_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct k8snet_node *node = obj;

	return strcmp(arg->key, node->name);
}

static const struct rhashtable_params by_name = {
	.head_offset = offsetof(struct k8snet_node, by_name),
	.hashfn = k8snet_name_hash,
	.obj_hashfn = node_hash,
	.obj_cmpfn = node_cmp,
	.automatic_shrinking = true,
};

/**
 * k8snet_nodes_init() - make the empty tables of a device
 * @nodes: the tables
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_nodes_init(struct k8snet_nodes *nodes)
{
	int err;

	INIT_LIST_HEAD(&nodes->list);
	err = k8snet_podnet_init(&nodes->podnet);
	if (err)
		return err;
	err = rhashtable_init(&nodes->by_addr, &by_addr);
	if (err)
		goto err_podnet;
	err = rhashtable_init(&nodes->by_name, &by_name);
	if (err)
		goto err_addr;
	return 0;

err_addr:
	rhashtable_destroy(&nodes->by_addr);
err_podnet:
	k8snet_podnet_destroy(&nodes->podnet);
	return err;
}

/**
 * k8snet_nodes_destroy() - free the tables of a device that is gone
 * @nodes: the tables, without nodes
 */
void k8snet_nodes_destroy(struct k8snet_nodes *nodes)
{
	WARN_ON_ONCE(nodes->n);
	rhashtable_destroy(&nodes->by_name);
	rhashtable_destroy(&nodes->by_addr);
	k8snet_podnet_destroy(&nodes->podnet);
}

static void node_free(struct k8snet_node *node)
{
	if (node->keeps_traffic)
		free_percpu(node->traffic);
	dst_cache_destroy(&node->dst_cache);
	kfree(node->addrs);
	kfree(node->prefixes);
	kfree(node->name);
	kmem_cache_free(node_cache, node);
}

static void node_free_rcu(struct rcu_head *rcu)
{
	node_free(container_of(rcu, struct k8snet_node, rcu));
}

/**
 * k8snet_node_free_rcu() - free a record once its readers have left
 * @node: the record, which is in no table any more
 */
void k8snet_node_free_rcu(struct k8snet_node *node)
{
	call_rcu(&node->rcu, node_free_rcu);
}

static int node_set_addrs(struct k8snet_node *node,
			  const struct k8snet_node_conf *conf)
{
	unsigned int i;

	node->via = conf->via;
	node->n_addrs = 1 + conf->n_also;
	node->addrs = kcalloc(node->n_addrs, sizeof(*node->addrs),
			      GFP_KERNEL_ACCOUNT);
	if (!node->addrs)
		return -ENOMEM;
	for (i = 0; i < node->n_addrs; i++)
		node->addrs[i].addr = i ? conf->also[i - 1] : conf->via;
	return 0;
}

/**
 * k8snet_node_alloc() - make a record of a node that is in no table yet
 * @conf: its settings
 * @old: the record whose place it will take, or NULL
 *
 * Return: the record, or NULL without memory.
 */
struct k8snet_node *k8snet_node_alloc(const struct k8snet_node_conf *conf,
				      const struct k8snet_node *old)
{
	struct k8snet_node *node;

	node = kmem_cache_zalloc(node_cache, GFP_KERNEL_ACCOUNT);
	if (!node)
		return NULL;
	if (node_set_addrs(node, conf))
		goto err_free;
	atomic_set(&node->ident, get_random_u32());
	node->port = conf->port;
	node->has_format = conf->has_format;
	node->format = conf->format;
	node->has_mac = conf->has_mac;
	if (conf->has_mac)
		ether_addr_copy(node->mac, conf->mac);
	else
		k8snet_packet_mac(node->mac, &conf->via);
	node->n_prefixes = conf->n_prefixes;
	node->prefixes = kmemdup(conf->prefixes,
				 conf->n_prefixes * sizeof(*conf->prefixes),
				 GFP_KERNEL_ACCOUNT);
	node->name = kstrdup(conf->name, GFP_KERNEL_ACCOUNT);
	if (!node->prefixes || !node->name)
		goto err_free;
	if (dst_cache_init(&node->dst_cache, GFP_KERNEL_ACCOUNT))
		goto err_free;
	if (old) {
		node->traffic = old->traffic;
		node->ordinal = old->ordinal;
		return node;
	}
	node->traffic = __netdev_alloc_pcpu_stats(struct k8snet_traffic,
						  GFP_KERNEL_ACCOUNT);
	if (!node->traffic)
		goto err_free;
	node->keeps_traffic = true;
	return node;

err_free:
	node_free(node);
	return NULL;
}

/**
 * k8snet_node_by_name() - find a node by its name
 * @nodes: the nodes of a device
 * @name: the name
 *
 * Context: rtnl mutex or RCU read side.
 * Return: the node, or NULL.
 */
struct k8snet_node *k8snet_node_by_name(struct k8snet_nodes *nodes,
					const char *name)
{
	return rhashtable_lookup_fast(&nodes->by_name, name, by_name);
}

/**
 * k8snet_node_by_addr() - find a node by one of its underlay addresses
 * @nodes: the nodes of a device
 * @addr: the address
 *
 * Context: RCU read side.
 * Return: the node, or NULL.
 */
struct k8snet_node *k8snet_node_by_addr(struct k8snet_nodes *nodes,
					const struct k8snet_addr *addr)
{
	struct k8snet_node_addr *a;

	a = rhashtable_lookup(&nodes->by_addr, addr, by_addr);
	return a ? READ_ONCE(a->node) : NULL;
}

/**
 * k8snet_node_has_addr() - is this an underlay address of the node?
 * @node: the node
 * @addr: the address
 *
 * Context: rtnl mutex or RCU read side.
 */
bool k8snet_node_has_addr(const struct k8snet_node *node,
			  const struct k8snet_addr *addr)
{
	unsigned int i;

	for (i = 0; i < node->n_addrs; i++)
		if (k8snet_addr_equal(&node->addrs[i].addr, addr))
			return true;
	return false;
}

static struct k8snet_node_addr *nodes_find_addr(struct k8snet_nodes *nodes,
						const struct k8snet_addr *addr)
{
	return rhashtable_lookup_fast(&nodes->by_addr, addr, by_addr);
}

/**
 * k8snet_node_insert() - let a node be found by its name
 * @nodes: the nodes of a device
 * @node: the node, of a name that no other has
 *
 * Context: rtnl mutex.
 * Return: 0, or what the hash table refuses with.
 */
int k8snet_node_insert(struct k8snet_nodes *nodes, struct k8snet_node *node)
{
	return rhashtable_insert_fast(&nodes->by_name, &node->by_name, by_name);
}

/**
 * k8snet_node_replace() - find another record by a name
 * @nodes: the nodes of a device
 * @old: the record that is found by it
 * @node: the one that is not
 *
 * Context: rtnl mutex.
 */
void k8snet_node_replace(struct k8snet_nodes *nodes, struct k8snet_node *old,
			 struct k8snet_node *node)
{
	WARN_ON_ONCE(rhashtable_replace_fast(&nodes->by_name, &old->by_name,
					     &node->by_name, by_name));
}

/**
 * k8snet_node_remove() - let a node be found by its name no more
 * @nodes: the nodes of a device
 * @node: the node
 *
 * Context: rtnl mutex.
 */
void k8snet_node_remove(struct k8snet_nodes *nodes, struct k8snet_node *node)
{
	rhashtable_remove_fast(&nodes->by_name, &node->by_name, by_name);
}

/**
 * k8snet_node_reserve_addrs() - let those addresses of a record be found that are not
 * @nodes: the nodes of a device
 * @node: the record; readers find no node behind them yet
 *
 * Context: rtnl mutex.
 * Return: 0, or what the hash table refuses with; k8snet_node_remove_addrs()
 * takes out what is in.
 */
int k8snet_node_reserve_addrs(struct k8snet_nodes *nodes,
			      struct k8snet_node *node)
{
	unsigned int i;
	int err;

	for (i = 0; i < node->n_addrs; i++) {
		struct k8snet_node_addr *a = &node->addrs[i];

		if (nodes_find_addr(nodes, &a->addr))
			continue;
		err = rhashtable_insert_fast(&nodes->by_addr, &a->head, by_addr);
		if (err)
			return err;
		a->is_in = true;
	}
	return 0;
}

/**
 * k8snet_node_take_addrs() - let a record be found by its addresses
 * @nodes: the nodes of a device
 * @node: the record; whoever has one of them loses it
 *
 * Context: rtnl mutex, after k8snet_node_reserve_addrs().
 */
void k8snet_node_take_addrs(struct k8snet_nodes *nodes, struct k8snet_node *node)
{
	struct k8snet_node_addr *a, *was;
	unsigned int i;

	for (i = 0; i < node->n_addrs; i++) {
		a = &node->addrs[i];
		/* What a reader finds behind it was stored before. */
		smp_store_release(&a->node, node);
		if (a->is_in)
			continue;
		was = nodes_find_addr(nodes, &a->addr);
		if (WARN_ON_ONCE(!was))
			continue;
		rhashtable_replace_fast(&nodes->by_addr, &was->head, &a->head,
					by_addr);
		was->is_in = false;
		a->is_in = true;
	}
}

/**
 * k8snet_node_remove_addrs() - let a record be found by its addresses no more
 * @nodes: the nodes of a device
 * @node: the record; addresses that another one has taken are left alone
 *
 * Context: rtnl mutex.
 */
void k8snet_node_remove_addrs(struct k8snet_nodes *nodes,
			      struct k8snet_node *node)
{
	unsigned int i;

	for (i = 0; i < node->n_addrs; i++) {
		if (!node->addrs[i].is_in)
			continue;
		rhashtable_remove_fast(&nodes->by_addr, &node->addrs[i].head,
				       by_addr);
		node->addrs[i].is_in = false;
	}
}

int k8snet_node_cache_create(void)
{
	node_cache = kmem_cache_create("k8snet_node",
				       sizeof(struct k8snet_node), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	return node_cache ? 0 : -ENOMEM;
}

void k8snet_node_cache_destroy(void)
{
	kmem_cache_destroy(node_cache);
}
