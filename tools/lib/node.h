/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A remote node of an overlay device.
 */
#ifndef K8SNET_NODE_H
#define K8SNET_NODE_H

#include <net/if.h>

#include <linux/k8snet.h>

#include "address.h"
#include "arena.h"
#include "msg.h"
#include "prefix.h"
#include "traffic.h"

struct k8snet_node {
	uint64_t has;		/* bit K8SNET_A_NODE_* of every field that is there, but via */
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	const char *name;
	struct k8snet_address via;
	struct k8snet_addresses also;
	uint16_t port;
	uint8_t mac[K8SNET_MAC_LEN];
	uint32_t format;
	uint32_t current_format;
	uint32_t path_mtu;
	uint32_t move;		/* of a request: take prefixes over from other nodes */
	struct k8snet_prefixes pods;
	struct k8snet_traffic stats;
};

void k8snet_node_encode(const struct k8snet_node *node, struct k8snet_msg *msg);
int k8snet_node_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_NODE_H */
