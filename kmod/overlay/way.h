/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How packets get to a node: by which route, in which format, and what the way
 * carries.
 */
#ifndef K8SNET_OVERLAY_WAY_H
#define K8SNET_OVERLAY_WAY_H

#include <linux/netdevice.h>
#include <net/dst.h>

#include <uapi/linux/k8snet.h>

#include "addr.h"

struct k8snet_dev;
struct k8snet_node;
struct k8snet_settings;
struct k8snet_sock;
struct sk_buff;

/* The way of one packet: what is decided before anything is pushed. */
struct k8snet_way {
	struct k8snet_sock *ks;
	const struct k8snet_settings *settings;
	struct k8snet_node *node;
	struct dst_entry *dst;
	struct k8snet_addr saddr;
	u32 format;
	unsigned int overhead;	/* what the format adds */
	__be16 sport;
	__be16 dport;
	__be16 df;
	__be32 label;
	u8 tos;
	u8 ttl;
	bool too_big;		/* for the path, and may be fragmented */
	bool is_new;		/* the route was looked up just now */
	bool at_once;		/* to the neighbour, past the outer hooks */
};

/* What is decided first; the rest is written before it is read. */
static inline void k8snet_way_init(struct k8snet_way *way,
				   struct k8snet_node *node)
{
	way->node = node;
	way->sport = 0;
	way->label = 0;
	way->too_big = false;
	way->is_new = false;
	way->at_once = false;
}

/**
 * struct k8snet_look - how packets to a node go now
 * @format: enum k8snet_format in use
 * @link_mtu: largest inner packet that the way out carries; 0 without a route
 * @path_mtu: likewise, and nothing smaller is known of the path
 * @headroom: what must be free in front of the inner packet; 0 without a route
 */
struct k8snet_look {
	u32 format;
	int link_mtu;
	int path_mtu;
	unsigned int headroom;
};

void k8snet_way_look(struct k8snet_dev *kdev,
		     const struct k8snet_settings *settings,
		     const struct k8snet_node *node, struct k8snet_look *look);

bool k8snet_way_route(struct k8snet_way *way, enum k8snet_drop_reason *why);
u32 k8snet_way_format(const struct k8snet_settings *settings,
		      const struct k8snet_node *node,
		      const struct dst_entry *dst);
void k8snet_way_note_mtu(const struct k8snet_way *way);

/* Nothing of the outer stack to go through but hooks: no fragments, no IPsec. */
static inline bool k8snet_way_is_plain(const struct k8snet_way *way)
{
	return likely(!way->too_big && !dst_xfrm(way->dst) &&
		      !way->dst->lwtstate);
}

/* What must be free in front of a packet. */
static inline unsigned int k8snet_way_headroom(const struct dst_entry *dst,
					       unsigned int overhead)
{
	return LL_RESERVED_SPACE(dst->dev) + dst->header_len + overhead;
}

#endif /* K8SNET_OVERLAY_WAY_H */
