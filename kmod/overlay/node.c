// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes of an overlay device, found by name, underlay address or prefix.
 *
 * Writers hold the rtnl mutex, readers RCU.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "name.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/guard.h"
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
	for (i = 0; i < node->n_addrs; i++) {
		node->addrs[i].addr = i ? conf->also[i - 1] : conf->via;
		node->addrs[i].node = node;
	}
	return 0;
}

static struct k8snet_node *node_alloc(const struct k8snet_node_conf *conf,
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
	return a ? a->node : NULL;
}

static struct k8snet_node_addr *node_addr(const struct k8snet_node *node,
					  const struct k8snet_addr *addr)
{
	unsigned int i;

	for (i = 0; node && i < node->n_addrs; i++)
		if (k8snet_addr_equal(&node->addrs[i].addr, addr))
			return &node->addrs[i];
	return NULL;
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
	return node_addr(node, addr);
}

static bool node_has_prefix(const struct k8snet_node *node,
			    const struct k8snet_prefix *prefix)
{
	unsigned int i;

	for (i = 0; i < node->n_prefixes; i++)
		if (k8snet_prefix_equal(&node->prefixes[i], prefix))
			return true;
	return false;
}

static bool node_addr_is_sane(const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return !ipv4_is_zeronet(addr->ip) && !ipv4_is_multicast(addr->ip) &&
		       !ipv4_is_lbcast(addr->ip) && !ipv4_is_loopback(addr->ip);
	/* A link-local address says nothing without a device. */
	return !(ipv6_addr_type(&addr->ip6) &
		 (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK |
		  IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MAPPED)) &&
	       !ipv6_addr_any(&addr->ip6);
}

static unsigned int node_addr_type(struct net *net,
				   const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return inet_addr_type(net, addr->ip);
	return ipv6_chk_addr(net, &addr->ip6, NULL, 0) ? RTN_LOCAL : RTN_UNICAST;
}

static int node_check_addr(struct k8snet_dev *kdev,
			   const struct k8snet_addr *addr,
			   const struct k8snet_node *old,
			   enum k8snet_field field, unsigned int index,
			   struct k8snet_refusal *refusal)
{
	struct k8snet_net *kn = kdev->kn;
	struct k8snet_node *other;
	unsigned int type;

	if (!node_addr_is_sane(addr))
		return k8snet_refuse(refusal, -EINVAL, field, index,
				     "a node's underlay address must be a unicast address of another machine");
	type = kn ? node_addr_type(kn->net, addr) : RTN_UNICAST;
	if (type == RTN_LOCAL)
		return k8snet_refuse(refusal, -EINVAL, field, index,
				     "this is an address of this node itself; add only the other nodes");
	if (type == RTN_BROADCAST)
		return k8snet_refuse(refusal, -EINVAL, field, index,
				     "this is a broadcast address of the underlay");
	rcu_read_lock();
	other = k8snet_node_by_addr(&kdev->nodes, addr);
	rcu_read_unlock();
	if (other && other != old)
		return k8snet_refuse(refusal, -EADDRINUSE, field, index,
				     "another node of the device has this underlay address");
	return 0;
}

static int node_check_addrs(struct k8snet_dev *kdev,
			    const struct k8snet_node_conf *conf,
			    const struct k8snet_node *old,
			    struct k8snet_refusal *refusal)
{
	const struct k8snet_addr *also = conf->also;
	unsigned int i, j;
	int err;

	err = node_check_addr(kdev, &conf->via, old, K8SNET_FIELD_VIA, 0,
			      refusal);
	for (i = 0; !err && i < conf->n_also; i++) {
		if (k8snet_addr_equal(&also[i], &conf->via))
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_ALSO, i,
					     "the node has this underlay address twice");
		for (j = 0; j < i; j++)
			if (k8snet_addr_equal(&also[i], &also[j]))
				return k8snet_refuse(refusal, -EINVAL,
						     K8SNET_FIELD_ALSO, i,
						     "the node has this underlay address twice");
		err = node_check_addr(kdev, &also[i], old, K8SNET_FIELD_ALSO,
				      i, refusal);
	}
	return err;
}

static int node_check_prefixes(struct k8snet_dev *kdev,
			       const struct k8snet_node_conf *conf,
			       const struct k8snet_node *old,
			       struct k8snet_refusal *refusal)
{
	const struct k8snet_prefix *p = conf->prefixes;
	struct k8snet_node *other;
	unsigned int i, j;

	if (!conf->n_prefixes)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NONE, 0,
				     "a node needs at least one pod prefix");
	for (i = 0; i < conf->n_prefixes; i++) {
		for (j = 0; j < i; j++)
			if (k8snet_prefix_overlaps(&p[i], &p[j]))
				return k8snet_refuse(refusal, -EINVAL,
						     K8SNET_FIELD_PREFIX, i,
						     "this prefix overlaps another one of the same node");
		other = k8snet_podnet_find(&kdev->nodes.podnet, &p[i]);
		if (other && other != old && !conf->move)
			return k8snet_refuse(refusal, -EEXIST,
					     K8SNET_FIELD_PREFIX, i,
					     "another node of the device has this prefix; move takes it over");
	}
	return 0;
}

static void node_withdraw_addrs(struct k8snet_net *kn,
				const struct k8snet_node *node, unsigned int n)
{
	while (n--)
		k8snet_addrset_del(&kn->node_addrs, &node->addrs[n].addr);
}

/* What others of the namespace must know of a node: see guard.c, egress.c. */
static int node_announce(struct k8snet_net *kn, const struct k8snet_node *node)
{
	const struct k8snet_addr port = k8snet_guard_key(node->port);
	unsigned int i;
	int err = 0;

	if (!kn)
		return 0;
	for (i = 0; i < node->n_addrs; i++) {
		err = k8snet_addrset_add(&kn->node_addrs, &node->addrs[i].addr);
		if (err)
			goto err_addrs;
	}
	if (node->port) {
		k8snet_guard_note_port(kn, node->port);
		err = k8snet_addrset_add(&kn->node_ports, &port);
	}
	if (!err)
		return 0;
err_addrs:
	node_withdraw_addrs(kn, node, i);
	return err;
}

static void node_withdraw(struct k8snet_net *kn, const struct k8snet_node *node)
{
	const struct k8snet_addr port = k8snet_guard_key(node->port);

	if (!kn)
		return;
	node_withdraw_addrs(kn, node, node->n_addrs);
	if (node->port)
		k8snet_addrset_del(&kn->node_ports, &port);
}

/* Dumps of the namespace that the device is in must tell. */
static void nodes_changed(struct k8snet_dev *kdev)
{
	struct k8snet_net *kn = k8snet_net(dev_net(kdev->dev));

	ASSERT_RTNL();
	kn->nodes_generation++;
	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
}

static bool node_names(const struct k8snet_node *node, u32 format)
{
	return node && node->has_format && node->format == format;
}

/* How many name the formats that have no port to listen on. */
static void nodes_count_formats(struct k8snet_nodes *nodes,
				const struct k8snet_node *old,
				const struct k8snet_node *node)
{
	WRITE_ONCE(nodes->n_ipip,
		   nodes->n_ipip - node_names(old, K8SNET_FORMAT_IPIP) +
		   node_names(node, K8SNET_FORMAT_IPIP));
	WRITE_ONCE(nodes->n_direct,
		   nodes->n_direct - node_names(old, K8SNET_FORMAT_DIRECT) +
		   node_names(node, K8SNET_FORMAT_DIRECT));
}

/* Put those addresses of a new record into the table that @old has not. */
static int node_add_addrs(struct k8snet_nodes *nodes, struct k8snet_node *node,
			  const struct k8snet_node *old)
{
	unsigned int i;
	int err;

	for (i = 0; i < node->n_addrs; i++) {
		if (node_addr(old, &node->addrs[i].addr))
			continue;
		err = rhashtable_insert_fast(&nodes->by_addr,
					     &node->addrs[i].head, by_addr);
		if (err)
			goto err_remove;
	}
	return 0;

err_remove:
	while (i--)
		if (!node_addr(old, &node->addrs[i].addr))
			rhashtable_remove_fast(&nodes->by_addr,
					       &node->addrs[i].head, by_addr);
	return err;
}

/* Take those of a record's addresses away that @kept has not. */
static void node_remove_addrs(struct k8snet_nodes *nodes,
			      struct k8snet_node *node,
			      const struct k8snet_node *kept)
{
	unsigned int i;

	for (i = 0; i < node->n_addrs; i++)
		if (!node_addr(kept, &node->addrs[i].addr))
			rhashtable_remove_fast(&nodes->by_addr,
					       &node->addrs[i].head, by_addr);
}

/* Those that both have are the new record's from now on. */
static void node_take_addrs(struct k8snet_nodes *nodes,
			    struct k8snet_node *node, struct k8snet_node *old)
{
	struct k8snet_node_addr *a;
	unsigned int i;

	for (i = 0; i < node->n_addrs; i++) {
		a = node_addr(old, &node->addrs[i].addr);
		if (a)
			rhashtable_replace_fast(&nodes->by_addr, &a->head,
						&node->addrs[i].head, by_addr);
	}
	node_remove_addrs(nodes, old, node);
}

/* Put those prefixes of a new record into the map that no node has. */
static int node_add_prefixes(struct k8snet_nodes *nodes,
			     struct k8snet_node *node)
{
	struct k8snet_podnet *podnet = &nodes->podnet;
	unsigned int i;
	int err;

	for (i = 0; i < node->n_prefixes; i++) {
		if (k8snet_podnet_find(podnet, &node->prefixes[i]))
			continue;
		err = k8snet_podnet_add(podnet, &node->prefixes[i], node);
		if (err)
			goto err_del;
	}
	return 0;

err_del:
	while (i--)
		if (k8snet_podnet_find(podnet, &node->prefixes[i]) == node)
			k8snet_podnet_del(podnet, &node->prefixes[i]);
	return err;
}

static void node_lose_prefix(struct k8snet_node *node,
			     const struct k8snet_prefix *prefix)
{
	unsigned int i;

	for (i = 0; i < node->n_prefixes; i++)
		if (k8snet_prefix_equal(&node->prefixes[i], prefix))
			break;
	if (WARN_ON_ONCE(i == node->n_prefixes))
		return;
	node->n_prefixes--;
	memmove(&node->prefixes[i], &node->prefixes[i + 1],
		(node->n_prefixes - i) * sizeof(*prefix));
}

/* The prefixes of a new record leave whoever has them: it, then others. */
static void node_take_prefixes(struct k8snet_nodes *nodes,
			       struct k8snet_node *node,
			       struct k8snet_node *old)
{
	struct k8snet_podnet *podnet = &nodes->podnet;
	struct k8snet_node *owner;
	unsigned int i;

	for (i = 0; i < node->n_prefixes; i++) {
		owner = k8snet_podnet_find(podnet, &node->prefixes[i]);
		if (owner == node)
			continue;
		k8snet_podnet_move(podnet, &node->prefixes[i], node);
		if (owner != old)
			node_lose_prefix(owner, &node->prefixes[i]);
	}
	for (i = 0; old && i < old->n_prefixes; i++)
		if (!node_has_prefix(node, &old->prefixes[i]))
			k8snet_podnet_del(podnet, &old->prefixes[i]);
}

/**
 * k8snet_node_write() - add a node, or give one new settings
 * @kdev: the device that the node is behind
 * @conf: the settings; prefixes without bits beyond their length
 * @replace: false refuses a name that is there
 * @refusal: where the reason goes
 *
 * Readers see the old settings or the new ones; a prefix that both have, or
 * that is taken over from another node, is never without a node.
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_node_write(struct k8snet_dev *kdev,
		      const struct k8snet_node_conf *conf, bool replace,
		      struct k8snet_refusal *refusal)
{
	struct k8snet_nodes *nodes = &kdev->nodes;
	struct k8snet_net *kn = kdev->kn;
	struct k8snet_node *node, *old;
	int err;

	ASSERT_RTNL();
	if (!*conf->name)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a node must not be empty");
	old = k8snet_node_by_name(nodes, conf->name);
	if (old && !replace)
		return k8snet_refuse(refusal, -EEXIST, K8SNET_FIELD_NAME, 0,
				     "the device has a node of this name; replace changes it");
	err = node_check_addrs(kdev, conf, old, refusal);
	if (err)
		return err;
	err = node_check_prefixes(kdev, conf, old, refusal);
	if (err)
		return err;

	node = node_alloc(conf, old);
	if (!node)
		return -ENOMEM;
	err = node_announce(kn, node);
	if (err)
		goto err_free;
	err = node_add_addrs(nodes, node, old);
	if (err)
		goto err_withdraw;
	if (!old) {
		err = rhashtable_insert_fast(&nodes->by_name, &node->by_name,
					     by_name);
		if (err)
			goto err_addrs;
	}
	err = node_add_prefixes(nodes, node);
	if (err)
		goto err_name;

	/* Nothing fails from here on. */
	node_take_prefixes(nodes, node, old);
	if (!old) {
		node->ordinal = ++nodes->last_ordinal;
		list_add_tail_rcu(&node->list, &nodes->list);
		nodes->n++;
		nodes_count_formats(nodes, NULL, node);
		nodes_changed(kdev);
		return 0;
	}

	rhashtable_replace_fast(&nodes->by_name, &old->by_name, &node->by_name,
				by_name);
	node_take_addrs(nodes, node, old);
	node_withdraw(kn, old);
	list_replace_rcu(&old->list, &node->list);
	nodes_count_formats(nodes, old, node);
	nodes_changed(kdev);
	node->keeps_traffic = true;
	old->keeps_traffic = false;
	call_rcu(&old->rcu, node_free_rcu);
	return 0;

err_name:
	if (!old)
		rhashtable_remove_fast(&nodes->by_name, &node->by_name, by_name);
err_addrs:
	node_remove_addrs(nodes, node, old);
err_withdraw:
	node_withdraw(kn, node);
err_free:
	/* Readers may have found it by a prefix or its address. */
	call_rcu(&node->rcu, node_free_rcu);
	return err;
}

/**
 * k8snet_node_del() - remove a node
 * @kdev: the device that the node is behind
 * @node: the node
 *
 * Context: rtnl mutex.
 */
void k8snet_node_del(struct k8snet_dev *kdev, struct k8snet_node *node)
{
	struct k8snet_nodes *nodes = &kdev->nodes;
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < node->n_prefixes; i++)
		k8snet_podnet_del(&nodes->podnet, &node->prefixes[i]);
	node_remove_addrs(nodes, node, NULL);
	rhashtable_remove_fast(&nodes->by_name, &node->by_name, by_name);
	node_withdraw(kdev->kn, node);
	list_del_rcu(&node->list);
	nodes->n--;
	nodes_count_formats(nodes, node, NULL);
	nodes_changed(kdev);
	call_rcu(&node->rcu, node_free_rcu);
}

/**
 * k8snet_nodes_flush() - remove all nodes of a device
 * @kdev: the device
 *
 * Context: rtnl mutex.
 */
void k8snet_nodes_flush(struct k8snet_dev *kdev)
{
	struct k8snet_node *node, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(node, next, &kdev->nodes.list, list)
		k8snet_node_del(kdev, node);
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
