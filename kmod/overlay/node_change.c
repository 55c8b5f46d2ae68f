// SPDX-License-Identifier: GPL-2.0
/*
 * Prepares changes of nodes: each one is checked against the nodes as the
 * changes before it will leave them, and all that it needs is allocated. Nothing
 * that a reader can see is touched; see node_commit.c for that.
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
#include "overlay/node_change.h"

enum claim_kind {
	CLAIM_ADDR,
	CLAIM_PREFIX,
	CLAIM_LOST,			/* another node has taken it over */
};

/* Readers that walk the table of addresses may be at the record's. */
static void change_free(struct k8snet_node_change *change)
{
	if (change->node)
		k8snet_node_free_rcu(change->node);
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
void k8snet_node_changes_free(struct k8snet_pending *changes)
{
	struct k8snet_node_change *change, *next;

	list_for_each_entry_safe(change, next, &changes->list, pending.list) {
		change_free(change);
		cond_resched();
	}
	k8snet_pending_destroy(changes);
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
claim_find(const struct k8snet_pending *changes,
	   const struct k8snet_dev *kdev, enum claim_kind kind, const void *what)
{
	struct k8snet_node_claim *claim;
	u32 key[ARRAY_SIZE(claim->key)];

	if (!changes->indexed)
		return NULL;
	claim_key(key, kind, what);
	k8snet_index_for_each(&changes->by_key, claim, pending.by_key,
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
change_find(const struct k8snet_pending *changes,
	    const struct k8snet_dev *kdev, const char *name)
{
	struct k8snet_node_change *change;

	if (!changes->indexed)
		return NULL;
	k8snet_index_for_each(&changes->by_name, change, pending.by_name,
			      change_hash(kdev, name))
		if (change->kdev == kdev && !strcmp(change->name, name))
			return change;
	return NULL;
}

/* Takes the place of an earlier change of the node, if there is one. */
static void change_link(struct k8snet_pending *changes,
			struct k8snet_node_change *change,
			struct k8snet_node_change *earlier)
{
	if (earlier) {
		k8snet_pending_unlink(changes, &earlier->pending);
		change_free(earlier);
	}
	k8snet_pending_link(changes, &change->pending,
			    change_hash(change->kdev, change->name));
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

	node = k8snet_node_alloc(conf, change->old);
	if (!node)
		return -ENOMEM;
	change->node = node;
	change->claims = kcalloc(node->n_addrs + node->n_prefixes,
				 sizeof(*change->claims), GFP_KERNEL_ACCOUNT);
	if (!change->claims)
		return -ENOMEM;
	for (i = 0; i < node->n_addrs + node->n_prefixes; i++) {
		claim = &change->claims[i];
		claim->change = change;
		if (i < node->n_addrs)
			claim_key(claim->key, CLAIM_ADDR, &node->addrs[i].addr);
		else
			claim_key(claim->key, CLAIM_PREFIX,
				  &node->prefixes[i - node->n_addrs]);
		k8snet_pending_claim(&change->pending, &claim->pending,
				     claim_hash(claim->key, change->kdev));
	}
	return 0;
}

/* A node as the changes so far will leave it. */
struct view {
	struct k8snet_node_change *change;
	struct k8snet_node *old;	/* what readers see, or NULL */
	bool exists;
};

static struct view view_of(const struct k8snet_pending *changes,
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
static bool view_is_taken(const struct k8snet_pending *changes,
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

static int node_check_addr(const struct k8snet_pending *changes,
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

static int node_check_addrs(const struct k8snet_pending *changes,
			    struct k8snet_dev *kdev,
			    const struct k8snet_node_conf *conf,
			    const struct view *v,
			    struct k8snet_refusal *refusal)
{
	const struct k8snet_addr *also = conf->also;
	unsigned int i, j;
	bool twice;
	int err;

	err = node_check_addr(changes, kdev, &conf->via, v, K8SNET_FIELD_VIA, 0,
			      refusal);
	for (i = 0; !err && i < conf->n_also; i++) {
		twice = k8snet_addr_equal(&also[i], &conf->via);
		for (j = 0; j < i; j++)
			twice |= k8snet_addr_equal(&also[i], &also[j]);
		if (twice)
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_ALSO, i,
					     "the node has this underlay address twice");
		err = node_check_addr(changes, kdev, &also[i], v,
				      K8SNET_FIELD_ALSO, i, refusal);
	}
	return err;
}

static int node_check_prefixes(const struct k8snet_pending *changes,
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

/**
 * k8snet_node_lose_prefix() - another node takes a prefix over
 * @node: the record of the node that has it
 * @prefix: the prefix
 *
 * Context: rtnl mutex; readers do not look at a record's prefixes.
 */
void k8snet_node_lose_prefix(struct k8snet_node *node,
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
static void change_take_over(struct k8snet_pending *changes,
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
		k8snet_node_lose_prefix(claim->change->node, &node->prefixes[i]);
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
int k8snet_node_write(struct k8snet_pending *changes,
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
int k8snet_node_del(struct k8snet_pending *changes, struct k8snet_dev *kdev,
		    const char *name, struct k8snet_refusal *refusal)
{
	struct view v = view_of(changes, kdev, name);
	struct k8snet_node_change *change;

	ASSERT_RTNL();
	if (!v.exists)
		return k8snet_refuse(refusal, -ENOENT, K8SNET_FIELD_NAME, 0,
				     "the device has no node of this name");
	if (!v.old) {
		k8snet_pending_unlink(changes, &v.change->pending);
		change_free(v.change);
		return 0;
	}
	change = change_alloc(kdev, name, v.old);
	if (!change)
		return -ENOMEM;
	change_link(changes, change, v.change);
	return 0;
}
