/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A remote node of an overlay device: its underlay address, its pod prefixes.
 */
#ifndef K8SNET_OVERLAY_NODE_H
#define K8SNET_OVERLAY_NODE_H

#include <linux/etherdevice.h>
#include <linux/rhashtable.h>
#include <net/dst_cache.h>

#include "overlay/podnet.h"
#include "refusal.h"
#include "stats.h"

struct k8snet_dev;

/**
 * struct k8snet_node_conf - what the user says of a node
 * @name: its name, not empty
 * @via: its underlay address
 * @n_also: how many
 * @also: further underlay addresses that its packets may come from
 * @port: its UDP port, 0 for the usual one
 * @has_format: @format is given, else it is the device's
 * @format: enum k8snet_format
 * @has_mac: @mac is given
 * @mac: inner destination MAC of VXLAN packets to it
 * @move: prefixes that other nodes have become its own
 * @n_prefixes: how many
 * @prefixes: its pod prefixes, without overlap
 */
struct k8snet_node_conf {
	const char *name;
	struct k8snet_addr via;
	unsigned int n_also;
	struct k8snet_addr also[K8SNET_ALSO_MAX];
	__be16 port;
	bool has_format;
	u32 format;
	bool has_mac;
	u8 mac[ETH_ALEN];
	bool move;
	unsigned int n_prefixes;
	struct k8snet_prefix prefixes[K8SNET_PREFIXES_MAX];
};

/* An underlay address of a node, by which it is found. */
struct k8snet_node_addr {
	struct rhash_head head;
	struct k8snet_addr addr;
	bool is_in;			/* the table has this entry; rtnl */
	struct k8snet_node *node;	/* NULL while a commit prepares it */
};

/*
 * A record that readers can see; a change makes a new one. What is marked so
 * lives on in the successor.
 */
struct k8snet_node {
	/* Read for every packet. */
	struct k8snet_addr via;		/* where packets to it go */
	__be16 port;			/* 0: the usual one */
	bool has_format;
	u8 format;
	u8 mac[ETH_ALEN];
	u64 way_in;			/* see receive_route_is_back() */
	atomic_t ident;			/* of the next IPv4 packet to it */
	int link_mtu;			/* as seen last; 0 for not yet */
	struct dst_cache dst_cache;
	struct k8snet_traffic __percpu *traffic;	/* lives on */

	unsigned int n_addrs;
	struct k8snet_node_addr *addrs;	/* via first; it comes from any */
	struct rhash_head by_name;
	struct list_head list;
	struct rcu_head rcu;
	u64 ordinal;			/* lives on; order of dumps */
	bool has_mac;
	bool keeps_traffic;		/* false once a successor has it */
	/* rtnl; readers have the podnet */
	unsigned int n_prefixes;
	struct k8snet_prefix *prefixes;
	char *name;
};

/* The nodes of one device. */
struct k8snet_nodes {
	struct k8snet_podnet podnet;
	struct rhashtable by_addr;
	struct rhashtable by_name;
	struct list_head list;		/* by ordinal; RCU readers */
	u64 last_ordinal;
	unsigned int n;
	unsigned int n_ipip;		/* nodes that name this format */
	unsigned int n_direct;		/* likewise */
};

int k8snet_nodes_init(struct k8snet_nodes *nodes);
void k8snet_nodes_destroy(struct k8snet_nodes *nodes);
void k8snet_nodes_flush(struct k8snet_dev *kdev);

struct k8snet_node *k8snet_node_by_name(struct k8snet_nodes *nodes,
					const char *name);
struct k8snet_node *k8snet_node_by_addr(struct k8snet_nodes *nodes,
					const struct k8snet_addr *addr);
bool k8snet_node_has_addr(const struct k8snet_node *node,
			  const struct k8snet_addr *addr);
struct k8snet_node *k8snet_node_alloc(const struct k8snet_node_conf *conf,
				      const struct k8snet_node *old);
void k8snet_node_free_rcu(struct k8snet_node *node);
int k8snet_node_insert(struct k8snet_nodes *nodes, struct k8snet_node *node);
void k8snet_node_replace(struct k8snet_nodes *nodes, struct k8snet_node *old,
			 struct k8snet_node *node);
void k8snet_node_remove(struct k8snet_nodes *nodes, struct k8snet_node *node);
int k8snet_node_reserve_addrs(struct k8snet_nodes *nodes,
			      struct k8snet_node *node);
void k8snet_node_take_addrs(struct k8snet_nodes *nodes, struct k8snet_node *node);
void k8snet_node_remove_addrs(struct k8snet_nodes *nodes,
			      struct k8snet_node *node);

int k8snet_node_cache_create(void);
void k8snet_node_cache_destroy(void);

#endif /* K8SNET_OVERLAY_NODE_H */
