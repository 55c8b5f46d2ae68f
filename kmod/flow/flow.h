/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow cache: what the stack has decided for the packets of an established
 * connection, remembered for those that follow.
 *
 * An entry is one direction of a connection, as it comes in on one device. It
 * has no life of its own: conntrack says whether the connection is there, the
 * route cache whether the route is, and a generation number whether nodes and
 * devices are as they were. Packets find it by RCU; whoever finds that it is
 * wrong takes it out.
 */
#ifndef K8SNET_FLOW_FLOW_H
#define K8SNET_FLOW_FLOW_H

#include <linux/atomic.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include <uapi/linux/k8snet.h>

#include "overlay/send.h"

struct dst_entry;
struct k8snet_dev;
struct k8snet_net;
struct k8snet_node;
struct k8snet_outer;
struct nf_conn;
struct nf_conn_counter;

#define K8SNET_FLOW_COUNTERS	(K8SNET_FLOW_COUNTER_MAX + 1)

/* How many entries there can be by default: a connection has up to two. */
#define K8SNET_FLOW_MAX		65536

struct k8snet_flow_settings {
	bool on;
	bool peer;			/* into the other end of a veth at once */
	bool ingress;			/* at the device's ingress, see ingress.c */
	bool early;			/* past free hooks, see overlay/early.c */
	u32 max;			/* entries that there can be */
};

/* A packet as it comes in. What the family does not use is not looked at. */
struct k8snet_flow_key {
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	__be16 sport;
	__be16 dport;
	u32 iif;
	u8 family;
	u8 protocol;
};

/*
 * A tunnel packet of a flow that was found right: others with the same outer
 * addresses are, as long as no route and no address changes (@way_in, as
 * k8snet_outer has it).
 */
struct k8snet_flow_arrival {
	__be32 saddr;
	__be32 daddr;
	struct k8snet_node *node;	/* the sender; as long as the generation */
	atomic64_t way_in;		/* 0: nothing is known, or not yet */
};

/* What the cache has said about a packet while it was in its tunnel. */
enum k8snet_flow_answer {
	K8SNET_FLOW_UNASKED,
	K8SNET_FLOW_NONE,		/* it is of none */
	K8SNET_FLOW_MISS,		/* of one that is not there */
	K8SNET_FLOW_TAKEN,		/* it has gone */
};

struct k8snet_flow_entry {
	struct rhash_head head;
	struct k8snet_flow_key key;

	/* What it becomes, and what that adds to checksums. */
	bool translated;
	__be16 sport;
	__be16 dport;
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	__wsum addr_diff;
	__wsum ip_diff;			/* of the IPv4 header: a hop less, too */
	__wsum port_diff;

	u8 l4;				/* length of the IP header */
	u8 hlen;			/* of that and what is written behind it */
	u8 dir;				/* enum ip_conntrack_dir */
	u8 dscp;			/* rules may choose a route by it */
	bool to_veth;			/* see k8snet_flow_peer_is() */
	u32 generation;
	u32 hash;			/* of the packets, for the underlay */
	u32 timeout;			/* of the connection, in jiffies */
	u32 cookie;			/* of dst, see k8snet_route_holds6() */
	int genid;			/* likewise */
	struct nf_conn *ct;		/* a reference */
	struct nf_conn_counter *acct;	/* of this direction; as long as ct is, or NULL */
	struct dst_entry *dst;		/* a reference */
	struct k8snet_dev *kdev;	/* NULL: not through the overlay */
	struct k8snet_node *node;	/* both as long as the generation is */

	struct k8snet_memo memo;	/* how it goes to the node */
	struct k8snet_flow_arrival arrival;	/* how it comes from one */

	/* What the way is like, asked once a tick, see hit_ask(). */
	unsigned long asked;		/* in jiffies */
	unsigned int mtu;		/* for the packet as it comes in */
	unsigned int pmtu;		/* of memo.dst, when that was asked */
	bool watched;			/* see k8snet_device_is_watched() */
	bool open;			/* nothing waits or is seen */

	unsigned long born;
	unsigned long used;		/* jiffies of the last packet */
	unsigned long packets;
	unsigned long bytes;
	struct rcu_head rcu;
};

struct k8snet_flow_counters {
	unsigned long n[K8SNET_FLOW_COUNTERS];
};

/* Of one namespace. */
struct k8snet_flows {
	struct rhashtable table;
	atomic_t generation;
	struct k8snet_flow_settings settings;	/* k8snet_net.lock to write */
	struct k8snet_flow_counters __percpu *counters;
	struct nf_hook_ops *ops;	/* NULL until the first need */
	struct delayed_work gc;
	bool armed;
	bool stopped;

	/* ingress.c */
	struct list_head hooks;		/* rtnl */
	struct delayed_work hook_work;
	int wanted;			/* ifindex of a device that should have one */
	unsigned long wait;		/* until then none is wanted, in jiffies */
};

int k8snet_flows_init(struct k8snet_net *kn);
void k8snet_flows_destroy(struct k8snet_net *kn);
int k8snet_flow_start(struct k8snet_net *kn);
void k8snet_flow_stop(struct k8snet_net *kn);
void k8snet_flow_invalidate(struct k8snet_net *kn);
void k8snet_flow_flush(struct k8snet_net *kn);
void k8snet_flow_set(struct k8snet_net *kn,
		     const struct k8snet_flow_settings *settings);
enum k8snet_flow_state k8snet_flow_state(struct k8snet_net *kn,
					 const struct k8snet_flow_key *key);
u64 k8snet_flow_counter(struct k8snet_net *kn, enum k8snet_flow_counter which);

/* Of flow/ alone */
int k8snet_flow_insert(struct k8snet_flows *flows,
		       struct k8snet_flow_entry *e);
struct k8snet_flow_entry *k8snet_flow_alloc(void);
void k8snet_flow_free(struct k8snet_flow_entry *e);
void k8snet_flow_remove(struct k8snet_flows *flows, struct k8snet_flow_entry *e,
			enum k8snet_flow_counter why);

static inline bool k8snet_flow_is_on(const struct k8snet_flows *flows)
{
	return READ_ONCE(flows->settings.on);
}

/* Is there anything to be found? */
static inline bool k8snet_flow_may_hit(const struct k8snet_flows *flows)
{
	return k8snet_flow_is_on(flows) && atomic_read(&flows->table.nelems);
}

static inline void k8snet_flow_count(struct k8snet_flows *flows,
				     enum k8snet_flow_counter which)
{
	this_cpu_inc(flows->counters->n[which]);
}

int k8snet_flow_cache_create(void);
void k8snet_flow_cache_destroy(void);

/* hit.c */
bool k8snet_flow_hit(struct k8snet_net *kn, struct sk_buff *skb,
		     const struct net_device *in,
		     const struct k8snet_outer *outer,
		     struct k8snet_node *from);
enum k8snet_flow_answer k8snet_flow_hit_tunnel(struct k8snet_net *kn,
					       struct k8snet_dev *kdev,
					       struct sk_buff *skb);
bool k8snet_flow_hit_early(struct k8snet_net *kn, struct sk_buff *skb);
unsigned int k8snet_flow_prerouting(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);

/* ingress.c */
void k8snet_ingress_init(struct k8snet_net *kn);
void k8snet_ingress_stop(struct k8snet_net *kn);
void k8snet_ingress_set(struct k8snet_net *kn, bool on);
void k8snet_ingress_want(struct k8snet_net *kn, const struct net_device *dev);
void k8snet_ingress_forget(struct k8snet_net *kn, const struct net_device *dev);

/* learn.c */
unsigned int k8snet_flow_forward(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

#endif /* K8SNET_FLOW_FLOW_H */
