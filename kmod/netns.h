/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that k8snet has in one network namespace.
 *
 * Lock order, outermost first:
 *
 *   k8snet_transaction.lock  what a socket has collected (transaction.c)
 *   rtnl_mutex        devices, their nodes and sockets (overlay/)
 *   k8snet_net.lock   services, settings, egress (service/)
 *   k8snet_account.lock  the records of connections (service/account.c)
 *   k8snet_net.transactions_lock  which sockets collect
 *
 * Readers of either take RCU only. Records that they can see are replaced,
 * not modified.
 *
 * What a device needs of the underlay it takes from the namespace that it was
 * created in, wherever it is moved (as WireGuard's creating namespace). When
 * that one goes, the device stays where it is and carries nothing.
 */
#ifndef K8SNET_NETNS_H
#define K8SNET_NETNS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "addrset.h"
#include "flow/flow.h"
#include "overlay/headroom.h"
#include "service/account.h"
#include "service/config.h"
#include "service/egress.h"
#include "service/service.h"
#include "stats.h"

struct k8snet_hints;
struct k8snet_hooks;
struct nf_hook_ops;

/* Has nobody rules in the hooks that a short way goes past? See overlay/early.h. */
struct k8snet_early {
	unsigned long asked;		/* in jiffies */
	bool free;
};

enum k8snet_early_way {
	K8SNET_EARLY_IN4,
	K8SNET_EARLY_OUT4,
	K8SNET_EARLY_OUT6,
	K8SNET_EARLY_LAST4,
	K8SNET_EARLY_LAST6,
	K8SNET_EARLY_WAYS
};

struct k8snet_net {
	struct net *net;
	struct k8snet_drops __percpu *drops;
	/* When listeners were last told of a drop, in jiffies; 0 for never. */
	unsigned long drop_told[K8SNET_DROP_REASONS];

	/* overlay/, rtnl_mutex */
	struct list_head devices;	/* created here, wherever they are; RCU */
	struct delayed_work fit;
	struct k8snet_headroom headroom;
	struct list_head sockets;
	struct k8snet_addrset node_addrs;
	struct k8snet_addrset node_ports;	/* those of nodes' own */
	struct k8snet_early early[K8SNET_EARLY_WAYS];
	u64 early_local;		/* an address of this machine */
	u64 tunnel_ports;		/* see k8snet_guard_note_port() */
	u32 nodes_generation;		/* of the nodes of devices in here */
	struct nf_hook_ops *guard_ops;	/* NULL until the first socket */
	struct nf_hook_ops *handover_ops;	/* NULL until that, or a service */
	struct k8snet_hints __percpu *hints;	/* as long as there are those */

	atomic_t generation;		/* of all tables, never 0 */
	spinlock_t transactions_lock;
	struct list_head transactions;
	unsigned int n_transactions;

	/* service/, lock */
	struct mutex lock;
	struct k8snet_services services;
	struct k8snet_config __rcu *config;
	struct k8snet_egress __rcu *egress;	/* NULL while off */
	unsigned long __percpu *egress_new;
	struct k8snet_hooks *hooks;	/* NULL until the first need */
	struct k8snet_account account;

	struct k8snet_flows flows;	/* flow/ */
};

extern unsigned int k8snet_net_id;

static inline struct k8snet_net *k8snet_net(const struct net *net)
{
	return net_generic(net, k8snet_net_id);
}

static inline u32 k8snet_netns_generation(const struct k8snet_net *kn)
{
	return atomic_read(&kn->generation);
}

/*
 * After each change of what a dump shows, with the lock of what has changed.
 * 0 means "do not check" to a dump.
 */
static inline void k8snet_netns_changed(struct k8snet_net *kn)
{
	while (!atomic_inc_return(&kn->generation))
		;
}

int k8snet_netns_init(void);
void k8snet_netns_exit(void);

#endif /* K8SNET_NETNS_H */
