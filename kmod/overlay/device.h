/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The overlay device, link kind "k8snet".
 */
#ifndef K8SNET_OVERLAY_DEVICE_H
#define K8SNET_OVERLAY_DEVICE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/gro_cells.h>
#include <net/sch_generic.h>

#include "overlay/node.h"
#include "packet.h"
#include "refusal.h"
#include "stats.h"

struct k8snet_net;
struct k8snet_sock;

/**
 * struct k8snet_settings - how a device sends and what it accepts
 * @rcu: for the writer that replaces it
 * @format: enum k8snet_format, of nodes that name none
 * @vni: identifier of the overlay
 * @port: UDP port of @format, both ends
 * @local: outer IPv4 source, 0 for the one that the route prefers
 * @local6: outer IPv6 source, likewise
 * @strict: check outer and inner source
 * @cross_subnet: no encapsulation where no router is on the way
 * @ttl: of outer packets, 0 inherits
 * @dscp: of outer packets, K8SNET_DSCP_INHERIT inherits
 * @df: enum k8snet_df
 * @has_mac: @mac is given
 * @mac: inner source MAC of VXLAN packets
 */
struct k8snet_settings {
	struct rcu_head rcu;
	u32 format;
	u32 vni;
	__be16 port;
	__be32 local;
	struct in6_addr local6;
	bool strict;
	bool cross_subnet;
	u8 ttl;
	u8 dscp;
	u8 df;
	bool has_mac;
	u8 mac[ETH_ALEN];
};

#define K8SNET_DSCP_INHERIT	64

/* One port that a device listens on. */
struct k8snet_member {
	struct k8snet_dev *kdev;
	struct k8snet_sock __rcu *ks;	/* while up */
	struct hlist_node list;		/* ks->members; RCU, writers rtnl */
	u32 vni;			/* of what it takes there */
	bool is_vxlan;			/* expected there; rtnl */
};

struct k8snet_dev {
	struct net_device *dev;
	struct k8snet_settings __rcu *settings;
	struct k8snet_member main;	/* the port of its own format */
	struct k8snet_member other;	/* that of the other UDP format */
	struct k8snet_nodes nodes;
	struct k8snet_drops __percpu *drops;
	struct gro_cells gro_cells;

	/* rtnl */
	struct k8snet_net *kn;		/* creating namespace, NULL once gone */
	struct list_head list;		/* kn->devices; RCU readers */
	bool mtu_auto;
	bool mtu_adjusting;
};

extern const struct net_device_ops k8snet_device_ops;

static inline bool k8snet_device_is(const struct net_device *dev)
{
	return dev->netdev_ops == &k8snet_device_ops;
}

/* Do packets wait in front of a device, by whatever rules? RCU read side. */
static inline bool k8snet_device_has_queue(const struct net_device *dev)
{
	return rcu_dereference(dev->qdisc)->enqueue ||
	       rcu_dereference(dev->qdisc)->flags & TCQ_F_MQROOT;
}

/*
 * Does anybody look at packets as they pass an overlay device, or hold them up:
 * a tap, tc, netfilter, XDP? RCU read side.
 */
static inline bool k8snet_device_is_watched(const struct net_device *dev)
{
	return !list_empty(&dev->ptype_all) || k8snet_device_has_queue(dev) ||
	       rcu_access_pointer(dev->ingress_queue) ||
	       rcu_access_pointer(dev->xdp_prog) ||
	       rcu_access_pointer(dev->rx_handler) ||
	       k8snet_compat_has_tcx(dev) || k8snet_compat_has_egress(dev);
}

/* How packets go to a node, cross-subnet left aside. */
static inline u32 k8snet_device_format(const struct k8snet_settings *settings,
				       const struct k8snet_node *node)
{
	return node->has_format ? node->format : settings->format;
}

/*
 * The UDP format that is not the one of the device's port. The port of a
 * device whose own format has none is that of VXLAN.
 */
static inline u32
k8snet_device_other_format(const struct k8snet_settings *settings)
{
	return settings->format == K8SNET_FORMAT_UDP ? K8SNET_FORMAT_VXLAN :
						       K8SNET_FORMAT_UDP;
}

/* The UDP port of a node; of no use to formats that have none. */
static inline __be16 k8snet_device_port(const struct k8snet_settings *settings,
					const struct k8snet_node *node)
{
	u32 format = k8snet_device_format(settings, node);

	if (node->port)
		return node->port;
	if (format != k8snet_device_other_format(settings))
		return settings->port;
	return k8snet_packet_port(format);
}

/**
 * struct k8snet_flow - what a route to a node is chosen by beside its address
 * @protocol: of the outer packets, 0 where there are none
 * @sport: if that is UDP, the port of the device; packets have another one
 *	each flow, but one route for all
 * @dport: if that is UDP, the port of the node
 */
struct k8snet_flow {
	u8 protocol;
	__be16 sport;
	__be16 dport;
};

static inline struct k8snet_flow
k8snet_device_flow(const struct k8snet_settings *settings,
		   const struct k8snet_node *node)
{
	u32 format = k8snet_device_format(settings, node);
	struct k8snet_flow flow = {};

	if (k8snet_packet_is_udp(format)) {
		flow.protocol = IPPROTO_UDP;
		flow.sport = settings->port;
		flow.dport = k8snet_device_port(settings, node);
	} else if (format == K8SNET_FORMAT_IPIP) {
		/* Of IPv6 packets it is 41, but they go the same way. */
		flow.protocol = IPPROTO_IPIP;
	}
	return flow;
}

int k8snet_device_set(struct k8snet_dev *kdev, struct k8snet_settings *want,
		      int mtu, struct k8snet_refusal *refusal);
int k8snet_device_expect_node(struct k8snet_dev *kdev,
			      const struct k8snet_node *node,
			      struct k8snet_refusal *refusal);
void k8snet_device_settle_node(struct k8snet_dev *kdev, struct k8snet_node *node,
			       const struct k8snet_node *old);
void k8snet_device_fit_soon(struct k8snet_net *kn);
void k8snet_device_fit_work(struct work_struct *work);
void k8snet_device_detach_all(struct k8snet_net *kn);

netdev_tx_t k8snet_send(struct sk_buff *skb, struct net_device *dev);

int k8snet_device_init(void);
void k8snet_device_exit(void);

#endif /* K8SNET_OVERLAY_DEVICE_H */
