/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The overlay device, link kind "k8snet".
 */
#ifndef K8SNET_OVERLAY_DEVICE_H
#define K8SNET_OVERLAY_DEVICE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/gro_cells.h>

#include "overlay/node.h"
#include "refusal.h"
#include "stats.h"

struct k8snet_net;
struct k8snet_sock;

/**
 * struct k8snet_settings - how a device sends and what it accepts
 * @rcu: for the writer that replaces it
 * @format: enum k8snet_format, of nodes that name none
 * @vni: identifier of the overlay
 * @port: UDP port, both ends
 * @local: outer source address, 0 for the one that the route prefers
 * @strict: check outer and inner source
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
	bool strict;
	u8 ttl;
	u8 dscp;
	u8 df;
	bool has_mac;
	u8 mac[ETH_ALEN];
};

#define K8SNET_DSCP_INHERIT	64

struct k8snet_dev {
	struct net_device *dev;
	struct k8snet_settings __rcu *settings;
	struct k8snet_sock __rcu *sock;		/* while up */
	struct k8snet_nodes nodes;
	struct k8snet_drops __percpu *drops;
	struct gro_cells gro_cells;

	/* rtnl */
	struct k8snet_net *kn;		/* creating namespace, NULL once gone */
	struct list_head list;		/* kn->devices */
	bool mtu_auto;
	bool mtu_adjusting;

	/* RCU: k8snet_sock.devices */
	struct hlist_node by_vni;
	u32 vni;			/* the one it is listed under */
};

extern const struct net_device_ops k8snet_device_ops;

static inline bool k8snet_device_is(const struct net_device *dev)
{
	return dev->netdev_ops == &k8snet_device_ops;
}

int k8snet_device_set(struct k8snet_dev *kdev, struct k8snet_settings *want,
		      int mtu, struct k8snet_refusal *refusal);
void k8snet_device_fit_mtu(struct k8snet_dev *kdev, struct k8snet_node *added);
void k8snet_device_detach_all(struct k8snet_net *kn);
netdev_tx_t k8snet_send(struct sk_buff *skb, struct net_device *dev);

int k8snet_device_init(void);
void k8snet_device_exit(void);

#endif /* K8SNET_OVERLAY_DEVICE_H */
