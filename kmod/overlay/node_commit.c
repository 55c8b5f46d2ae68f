// SPDX-License-Identifier: GPL-2.0
/*
 * Makes prepared changes of nodes, all together, in two steps like
 * service/commit.c: the first one does all that can fail, and readers take no
 * notice of it; the second one stores pointers.
 */
#include <linux/rtnetlink.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/guard.h"
#include "overlay/node_change.h"

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

static void change_unreserve(struct k8snet_node_change *change)
{
	struct k8snet_nodes *nodes = &change->kdev->nodes;
	struct k8snet_node *node = change->node;
	unsigned int i;

	for (i = 0; node && i < node->n_prefixes; i++)
		k8snet_podnet_unreserve(&nodes->podnet, &node->prefixes[i]);
	if (change->named)
		k8snet_node_remove(nodes, node);
	change->named = false;
	if (node)
		k8snet_node_remove_addrs(nodes, node);
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
	err = k8snet_node_reserve_addrs(nodes, node);
	if (!err && !change->old) {
		err = k8snet_node_insert(nodes, node);
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
int k8snet_node_reserve(struct k8snet_pending *changes, struct net *net,
			struct k8snet_refusal *refusal)
{
	struct k8snet_node_change *change;
	struct net_device *dev;
	int err = 0;

	ASSERT_RTNL();
	list_for_each_entry(change, &changes->list, pending.list) {
		dev = __dev_get_by_index(net, change->ifindex);
		if (!dev || !k8snet_device_is(dev) ||
		    netdev_priv(dev) != change->kdev)
			return k8snet_refuse(refusal, -ESTALE,
					     K8SNET_FIELD_NONE, 0,
					     "a device that the changes are about is gone; begin again");
	}
	list_for_each_entry(change, &changes->list, pending.list) {
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
void k8snet_node_unreserve(struct k8snet_pending *changes)
{
	struct k8snet_node_change *change;

	list_for_each_entry(change, &changes->list, pending.list) {
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
			k8snet_node_lose_prefix(owner, &node->prefixes[i]);
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
	k8snet_node_take_addrs(nodes, node);
	nodes_count_formats(nodes, old, node);
	if (!old) {
		node->ordinal = ++nodes->last_ordinal;
		list_add_tail_rcu(&node->list, &nodes->list);
		nodes->n++;
		return;
	}
	k8snet_node_replace(nodes, old, node);
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
	k8snet_node_remove_addrs(nodes, old);
	node_withdraw(kdev->kn, old);
	/* No flow has it in a grace period from now. */
	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
	k8snet_node_free_rcu(old);
}

static void node_leave(struct k8snet_dev *kdev, struct k8snet_node *node)
{
	struct k8snet_nodes *nodes = &kdev->nodes;

	k8snet_node_remove(nodes, node);
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
void k8snet_node_apply(struct k8snet_pending *changes)
{
	struct k8snet_node_change *change;

	ASSERT_RTNL();
	list_for_each_entry(change, &changes->list, pending.list) {
		change_give(change);
		cond_resched();
	}
	list_for_each_entry(change, &changes->list, pending.list) {
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
void k8snet_node_settle(struct k8snet_pending *changes)
{
	struct k8snet_node_change *change;

	list_for_each_entry(change, &changes->list, pending.list) {
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
