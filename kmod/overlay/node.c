// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes of an overlay device, found by name, underlay address or prefix.
 *
 * Writers hold the rtnl mutex, readers RCU.
 */
#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/jhash.h>
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
	for (i = 0; i < node->n_addrs; i++)
		node->addrs[i].addr = i ? conf->also[i - 1] : conf->via;
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
	return a ? READ_ONCE(a->node) : NULL;
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

/* --- what is prepared --------------------------------------------------- */

enum claim_kind {
	CLAIM_ADDR,
	CLAIM_PREFIX,
	CLAIM_LOST,			/* another node has taken it over */
};

/**
 * k8snet_node_changes_init() - begin with no changes
 * @changes: the changes
 * @indexed: there will be more than one
 *
 * Return: 0, or -ENOMEM if @indexed.
 */
int k8snet_node_changes_init(struct k8snet_node_changes *changes, bool indexed)
{
	memset(changes, 0, sizeof(*changes));
	INIT_LIST_HEAD(&changes->list);
	changes->indexed = indexed;
	if (!indexed)
		return 0;
	if (!k8snet_index_init(&changes->by_name) &&
	    !k8snet_index_init(&changes->by_key))
		return 0;
	k8snet_index_destroy(&changes->by_name);
	return -ENOMEM;
}

/* Readers that walk the table of addresses may be at the record's. */
static void change_free(struct k8snet_node_change *change)
{
	if (change->node)
		call_rcu(&change->node->rcu, node_free_rcu);
	kfree(change->claims);
	kfree(change->name);
	kfree(change);
}

/**
 * k8snet_node_changes_free() - forget changes that were not made, or are made
 * @changes: the changes
 *
 * Context: process.
 */
void k8snet_node_changes_free(struct k8snet_node_changes *changes)
{
	struct k8snet_node_change *change, *next;

	list_for_each_entry_safe(change, next, &changes->list, list) {
		change_free(change);
		cond_resched();
	}
	INIT_LIST_HEAD(&changes->list);
	if (!changes->indexed)
		return;
	k8snet_index_destroy(&changes->by_name);
	k8snet_index_destroy(&changes->by_key);
}

/* An address and a prefix are of one size. */
static void claim_key(u32 *key, enum claim_kind kind, const void *what)
{
	memcpy(key, what, sizeof(struct k8snet_addr));
	key[sizeof(struct k8snet_addr) / sizeof(u32)] = kind;
}

static u32 claim_hash(const u32 *key, const struct k8snet_dev *kdev)
{
	return jhash2(key, sizeof_field(struct k8snet_node_claim, key) / sizeof(u32),
		      hash32_ptr(kdev));
}

/* The change that lets a node of the device have an address, or a prefix. */
static struct k8snet_node_claim *
claim_find(const struct k8snet_node_changes *changes,
	   const struct k8snet_dev *kdev, enum claim_kind kind, const void *what)
{
	struct k8snet_node_claim *claim;
	u32 key[ARRAY_SIZE(claim->key)];

	if (!changes->indexed)
		return NULL;
	claim_key(key, kind, what);
	k8snet_index_for_each(&changes->by_key, claim, by_key,
			      claim_hash(key, kdev))
		if (!memcmp(claim->key, key, sizeof(key)) &&
		    claim->change->kdev == kdev)
			return claim;
	return NULL;
}

static u32 change_hash(const struct k8snet_dev *kdev, const char *name)
{
	return k8snet_name_hash(name, 0, hash32_ptr(kdev));
}

static struct k8snet_node_change *
change_find(const struct k8snet_node_changes *changes,
	    const struct k8snet_dev *kdev, const char *name)
{
	struct k8snet_node_change *change;

	if (!changes->indexed)
		return NULL;
	k8snet_index_for_each(&changes->by_name, change, by_name,
			      change_hash(kdev, name))
		if (change->kdev == kdev && !strcmp(change->name, name))
			return change;
	return NULL;
}

static void change_unlink(struct k8snet_node_changes *changes,
			  struct k8snet_node_change *change)
{
	unsigned int i;

	list_del(&change->list);
	if (!changes->indexed)
		return;
	k8snet_index_del(&changes->by_name, &change->by_name);
	for (i = 0; i < change->n_claims; i++)
		k8snet_index_del(&changes->by_key, &change->claims[i].by_key);
}

/* Takes the place of an earlier change of the node, if there is one. */
static void change_link(struct k8snet_node_changes *changes,
			struct k8snet_node_change *change,
			struct k8snet_node_change *earlier)
{
	unsigned int i;

	if (earlier) {
		change_unlink(changes, earlier);
		change_free(earlier);
	}
	list_add_tail(&change->list, &changes->list);
	if (!changes->indexed)
		return;
	k8snet_index_add(&changes->by_name, &change->by_name,
			 change_hash(change->kdev, change->name));
	for (i = 0; i < change->n_claims; i++)
		k8snet_index_add(&changes->by_key, &change->claims[i].by_key,
				 claim_hash(change->claims[i].key, change->kdev));
}

static struct k8snet_node_change *change_alloc(struct k8snet_dev *kdev,
					       const char *name,
					       struct k8snet_node *old)
{
	struct k8snet_node_change *change;

	change = kzalloc(sizeof(*change), GFP_KERNEL_ACCOUNT);
	if (!change)
		return NULL;
	change->name = kstrdup(name, GFP_KERNEL_ACCOUNT);
	if (!change->name) {
		kfree(change);
		return NULL;
	}
	change->kdev = kdev;
	change->ifindex = kdev->dev->ifindex;
	change->old = old;
	return change;
}

static int change_build(struct k8snet_node_change *change,
			const struct k8snet_node_conf *conf)
{
	struct k8snet_node_claim *claim;
	struct k8snet_node *node;
	unsigned int i;

	node = node_alloc(conf, change->old);
	if (!node)
		return -ENOMEM;
	change->node = node;
	change->claims = kcalloc(node->n_addrs + node->n_prefixes,
				 sizeof(*change->claims), GFP_KERNEL_ACCOUNT);
	if (!change->claims)
		return -ENOMEM;
	for (i = 0; i < node->n_addrs + node->n_prefixes; i++) {
		claim = &change->claims[change->n_claims++];
		claim->change = change;
		if (i < node->n_addrs)
			claim_key(claim->key, CLAIM_ADDR, &node->addrs[i].addr);
		else
			claim_key(claim->key, CLAIM_PREFIX,
				  &node->prefixes[i - node->n_addrs]);
	}
	return 0;
}

/* A node as the changes so far will leave it. */
struct view {
	struct k8snet_node_change *change;
	struct k8snet_node *old;	/* what readers see, or NULL */
	bool exists;
};

static struct view view_of(const struct k8snet_node_changes *changes,
			   struct k8snet_dev *kdev, const char *name)
{
	struct view v = {
		.change = change_find(changes, kdev, name),
		.old = k8snet_node_by_name(&kdev->nodes, name),
	};

	v.exists = v.change ? !!v.change->node : !!v.old;
	return v;
}

/*
 * Does another node have what is claimed? One that is changed has only what it
 * claims.
 */
static bool view_is_taken(const struct k8snet_node_changes *changes,
			  struct k8snet_dev *kdev, const struct view *v,
			  const struct k8snet_node_claim *claim,
			  const struct k8snet_node *owner)
{
	if (claim)
		return claim->change != v->change;
	return owner && owner != v->old &&
	       !change_find(changes, kdev, owner->name);
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

static int node_check_addr(const struct k8snet_node_changes *changes,
			   struct k8snet_dev *kdev,
			   const struct k8snet_addr *addr, const struct view *v,
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
	if (view_is_taken(changes, kdev, v,
			  claim_find(changes, kdev, CLAIM_ADDR, addr), other))
		return k8snet_refuse(refusal, -EADDRINUSE, field, index,
				     "another node of the device has this underlay address");
	return 0;
}

static int node_check_addrs(const struct k8snet_node_changes *changes,
			    struct k8snet_dev *kdev,
			    const struct k8snet_node_conf *conf,
			    const struct view *v,
			    struct k8snet_refusal *refusal)
{
	const struct k8snet_addr *also = conf->also;
	unsigned int i, j;
	int err;

	err = node_check_addr(changes, kdev, &conf->via, v, K8SNET_FIELD_VIA, 0,
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
		err = node_check_addr(changes, kdev, &also[i], v,
				      K8SNET_FIELD_ALSO, i, refusal);
	}
	return err;
}

static int node_check_prefixes(const struct k8snet_node_changes *changes,
			       struct k8snet_dev *kdev,
			       const struct k8snet_node_conf *conf,
			       const struct view *v,
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
		if (!conf->move &&
		    view_is_taken(changes, kdev, v,
				  claim_find(changes, kdev, CLAIM_PREFIX, &p[i]),
				  other))
			return k8snet_refuse(refusal, -EEXIST,
					     K8SNET_FIELD_PREFIX, i,
					     "another node of the device has this prefix; move takes it over");
	}
	return 0;
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

/* Prefixes that are to be moved leave those that were to have them. */
static void change_take_over(struct k8snet_node_changes *changes,
			     struct k8snet_node_change *change,
			     const struct view *v)
{
	struct k8snet_node *node = change->node;
	struct k8snet_node_claim *claim;
	unsigned int i;

	for (i = 0; i < node->n_prefixes; i++) {
		claim = claim_find(changes, change->kdev, CLAIM_PREFIX,
				   &node->prefixes[i]);
		if (!claim || claim->change == v->change)
			continue;
		node_lose_prefix(claim->change->node, &node->prefixes[i]);
		/* It stays where it hashes to, and is like nothing any more. */
		claim_key(claim->key, CLAIM_LOST, &node->prefixes[i]);
	}
}

/**
 * k8snet_node_write() - prepare to add a node, or to give one new settings
 * @changes: where the change goes
 * @kdev: the device that the node is behind
 * @conf: the settings; prefixes without bits beyond their length
 * @replace: false refuses a name that is there
 * @refusal: where the reason goes
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_node_write(struct k8snet_node_changes *changes,
		      struct k8snet_dev *kdev,
		      const struct k8snet_node_conf *conf, bool replace,
		      struct k8snet_refusal *refusal)
{
	struct k8snet_node_change *change;
	struct view v;
	int err;

	ASSERT_RTNL();
	if (!*conf->name)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a node must not be empty");
	if (!k8snet_name_is_text(conf->name))
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a node must be printable ASCII without spaces");
	v = view_of(changes, kdev, conf->name);
	if (v.exists && !replace)
		return k8snet_refuse(refusal, -EEXIST, K8SNET_FIELD_NAME, 0,
				     "the device has a node of this name; replace changes it");
	err = node_check_addrs(changes, kdev, conf, &v, refusal) ?:
	      node_check_prefixes(changes, kdev, conf, &v, refusal);
	if (err)
		return err;
	change = change_alloc(kdev, conf->name, v.old);
	if (!change)
		return -ENOMEM;
	err = change_build(change, conf);
	if (err) {
		change_free(change);
		return err;
	}
	change_take_over(changes, change, &v);
	change_link(changes, change, v.change);
	return 0;
}

/**
 * k8snet_node_del() - prepare to remove a node
 * @changes: where the change goes
 * @kdev: the device that the node is behind
 * @name: its name
 * @refusal: where the reason goes
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_node_del(struct k8snet_node_changes *changes, struct k8snet_dev *kdev,
		    const char *name, struct k8snet_refusal *refusal)
{
	struct view v = view_of(changes, kdev, name);
	struct k8snet_node_change *change;

	ASSERT_RTNL();
	if (!v.exists)
		return k8snet_refuse(refusal, -ENOENT, K8SNET_FIELD_NAME, 0,
				     "the device has no node of this name");
	if (!v.old) {
		change_unlink(changes, v.change);
		change_free(v.change);
		return 0;
	}
	change = change_alloc(kdev, name, v.old);
	if (!change)
		return -ENOMEM;
	change_link(changes, change, v.change);
	return 0;
}

/* --- what is made -------------------------------------------------------- */

static void node_withdraw_addrs(struct k8snet_net *kn,
				const struct k8snet_node *node, unsigned int n)
{
	while (n--)
		k8snet_addrset_del(&kn->node_addrs, &node->addrs[n].addr);
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

/* What others of the namespace must know of a node: see guard.c, egress.c. */
static int node_reserve_announcement(struct k8snet_net *kn,
				     const struct k8snet_node *node)
{
	const struct k8snet_addr port = k8snet_guard_key(node->port);
	unsigned int i;
	int err = 0;

	if (!kn)
		return 0;
	for (i = 0; i < node->n_addrs; i++) {
		err = k8snet_addrset_reserve(&kn->node_addrs,
					     &node->addrs[i].addr);
		if (err)
			goto err_addrs;
	}
	if (node->port)
		err = k8snet_addrset_reserve(&kn->node_ports, &port);
	if (!err)
		return 0;
err_addrs:
	node_withdraw_addrs(kn, node, i);
	return err;
}

static void node_announce(struct k8snet_net *kn, const struct k8snet_node *node)
{
	const struct k8snet_addr port = k8snet_guard_key(node->port);
	unsigned int i;

	if (!kn)
		return;
	for (i = 0; i < node->n_addrs; i++)
		k8snet_addrset_use(&kn->node_addrs, &node->addrs[i].addr);
	if (node->port) {
		k8snet_guard_note_port(kn, node->port);
		k8snet_addrset_use(&kn->node_ports, &port);
	}
}

/* Dumps of the namespace that the device is in must tell. */
static void nodes_changed(struct k8snet_dev *kdev)
{
	struct k8snet_net *kn = k8snet_net(dev_net(kdev->dev));

	ASSERT_RTNL();
	kn->nodes_generation++;
	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
	k8snet_netns_changed(kn);
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

static struct k8snet_node_addr *nodes_find_addr(struct k8snet_nodes *nodes,
						const struct k8snet_addr *addr)
{
	return rhashtable_lookup_fast(&nodes->by_addr, addr, by_addr);
}

static void node_remove_addrs(struct k8snet_nodes *nodes,
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

/* Those addresses of a new record that no node has yet. */
static int node_reserve_addrs(struct k8snet_nodes *nodes,
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

static void change_unreserve(struct k8snet_node_change *change)
{
	struct k8snet_nodes *nodes = &change->kdev->nodes;
	struct k8snet_node *node = change->node;
	unsigned int i;

	for (i = 0; node && i < node->n_prefixes; i++)
		k8snet_podnet_unreserve(&nodes->podnet, &node->prefixes[i]);
	if (change->named)
		rhashtable_remove_fast(&nodes->by_name, &node->by_name, by_name);
	change->named = false;
	if (node)
		node_remove_addrs(nodes, node);
	if (change->announced)
		node_withdraw(change->announced, node);
	change->announced = NULL;
}

static int change_reserve(struct k8snet_node_change *change,
			  struct k8snet_refusal *refusal)
{
	struct k8snet_nodes *nodes = &change->kdev->nodes;
	struct k8snet_node *node = change->node;
	unsigned int i;
	int err;

	if (!node)
		return 0;
	err = k8snet_device_expect_node(change->kdev, node, refusal) ?:
	      node_reserve_announcement(change->kdev->kn, node);
	if (err)
		return err;
	change->announced = change->kdev->kn;
	err = node_reserve_addrs(nodes, node);
	if (!err && !change->old) {
		err = rhashtable_insert_fast(&nodes->by_name, &node->by_name,
					     by_name);
		change->named = !err;
	}
	for (i = 0; !err && i < node->n_prefixes; i++)
		err = k8snet_podnet_reserve(&nodes->podnet, &node->prefixes[i]);
	return err;
}

/**
 * k8snet_node_reserve() - do all of a change of nodes that can fail
 * @changes: the changes, prepared against the tables as they are
 * @net: the namespace that their devices must be in
 * @refusal: where the reason goes
 *
 * Nothing that a reader takes notice of. k8snet_node_apply() or
 * k8snet_node_unreserve() must follow before the mutex is dropped.
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and nothing is left of it.
 */
int k8snet_node_reserve(struct k8snet_node_changes *changes, struct net *net,
			struct k8snet_refusal *refusal)
{
	struct k8snet_node_change *change;
	struct net_device *dev;
	int err = 0;

	ASSERT_RTNL();
	list_for_each_entry(change, &changes->list, list) {
		dev = __dev_get_by_index(net, change->ifindex);
		if (!dev || !k8snet_device_is(dev) ||
		    netdev_priv(dev) != change->kdev)
			return k8snet_refuse(refusal, -ESTALE,
					     K8SNET_FIELD_NONE, 0,
					     "a device that the changes are about is gone; begin again");
	}
	list_for_each_entry(change, &changes->list, list) {
		err = change_reserve(change, refusal);
		if (err)
			break;
		cond_resched();
	}
	if (err)
		k8snet_node_unreserve(changes);
	return err;
}

/**
 * k8snet_node_unreserve() - undo what k8snet_node_reserve() has done
 * @changes: the changes; of no more use than to be freed
 *
 * Context: rtnl mutex.
 */
void k8snet_node_unreserve(struct k8snet_node_changes *changes)
{
	struct k8snet_node_change *change;

	list_for_each_entry(change, &changes->list, list) {
		change_unreserve(change);
		cond_resched();
	}
}

/* The prefixes of a new record leave whoever has them. */
static void node_take_prefixes(struct k8snet_nodes *nodes,
			       struct k8snet_node *node,
			       const struct k8snet_node *old)
{
	struct k8snet_podnet *podnet = &nodes->podnet;
	struct k8snet_node *owner;
	unsigned int i;

	for (i = 0; i < node->n_prefixes; i++) {
		owner = k8snet_podnet_find(podnet, &node->prefixes[i]);
		k8snet_podnet_move(podnet, &node->prefixes[i], node);
		if (owner && owner != old)
			node_lose_prefix(owner, &node->prefixes[i]);
	}
}

/* So do its addresses. */
static void node_take_addrs(struct k8snet_nodes *nodes, struct k8snet_node *node)
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

static void change_give(struct k8snet_node_change *change)
{
	struct k8snet_nodes *nodes = &change->kdev->nodes;
	struct k8snet_node *node = change->node, *old = change->old;

	if (!node)
		return;
	node_announce(change->announced, node);
	node_take_prefixes(nodes, node, old);
	node_take_addrs(nodes, node);
	nodes_count_formats(nodes, old, node);
	if (!old) {
		node->ordinal = ++nodes->last_ordinal;
		list_add_tail_rcu(&node->list, &nodes->list);
		nodes->n++;
		return;
	}
	rhashtable_replace_fast(&nodes->by_name, &old->by_name, &node->by_name,
				by_name);
	list_replace_rcu(&old->list, &node->list);
	node->keeps_traffic = true;
	old->keeps_traffic = false;
}

/* What only an old record has goes with it. */
static void node_go(struct k8snet_dev *kdev, struct k8snet_node *old)
{
	struct k8snet_nodes *nodes = &kdev->nodes;
	unsigned int i;

	for (i = 0; i < old->n_prefixes; i++)
		if (k8snet_podnet_find(&nodes->podnet, &old->prefixes[i]) == old)
			k8snet_podnet_del(&nodes->podnet, &old->prefixes[i]);
	node_remove_addrs(nodes, old);
	node_withdraw(kdev->kn, old);
	/* No flow has it in a grace period from now. */
	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
	call_rcu(&old->rcu, node_free_rcu);
}

static void node_leave(struct k8snet_dev *kdev, struct k8snet_node *node)
{
	struct k8snet_nodes *nodes = &kdev->nodes;

	rhashtable_remove_fast(&nodes->by_name, &node->by_name, by_name);
	list_del_rcu(&node->list);
	nodes->n--;
	nodes_count_formats(nodes, node, NULL);
	node_go(kdev, node);
}

/**
 * k8snet_node_apply() - do the rest of a change of nodes
 * @changes: the changes, reserved; k8snet_node_settle() must follow
 *
 * Readers see the old settings or the new ones; a prefix that is there before
 * and after, with whatever node, is never without one. Cannot fail.
 *
 * Context: rtnl mutex.
 */
void k8snet_node_apply(struct k8snet_node_changes *changes)
{
	struct k8snet_node_change *change;

	ASSERT_RTNL();
	list_for_each_entry(change, &changes->list, list) {
		change_give(change);
		cond_resched();
	}
	list_for_each_entry(change, &changes->list, list) {
		if (change->old && change->node)
			node_go(change->kdev, change->old);
		else if (change->old)
			node_leave(change->kdev, change->old);
		nodes_changed(change->kdev);
		cond_resched();
	}
}

/**
 * k8snet_node_settle() - let devices follow the nodes that were changed
 * @changes: the changes, made; of no more use than to be freed
 *
 * Context: rtnl mutex, no other lock.
 */
void k8snet_node_settle(struct k8snet_node_changes *changes)
{
	struct k8snet_node_change *change;

	list_for_each_entry(change, &changes->list, list) {
		k8snet_device_settle_node(change->kdev, change->node,
					  change->old);
		/* The tables have it. */
		change->node = NULL;
		cond_resched();
	}
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
	list_for_each_entry_safe(node, next, &kdev->nodes.list, list) {
		node_leave(kdev, node);
		nodes_changed(kdev);
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
