/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An overlay device.
 */
#ifndef K8SNET_LINK_H
#define K8SNET_LINK_H

#include <net/if.h>
#include <netinet/in.h>

#include <linux/k8snet.h>

#include "arena.h"
#include "msg.h"
#include "traffic.h"

/*
 * local 0.0.0.0 and ::, mtu 0 in requests, ttl 0 and dscp 64 have the meanings
 * of the specification.
 */
struct k8snet_link {
	uint64_t has;		/* bit K8SNET_A_LINK_* of every field that is there */
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	uint32_t format;
	uint32_t id;
	uint16_t port;
	struct in_addr local;
	struct in6_addr local6;
	uint32_t strict;
	uint32_t cross_subnet;
	uint32_t mtu;
	uint32_t mtu_auto;
	uint32_t ttl;
	uint32_t dscp;
	uint32_t df;
	uint8_t mac[K8SNET_MAC_LEN];
	uint32_t nodes;
	struct k8snet_traffic stats;
};

void k8snet_link_encode(const struct k8snet_link *link, struct k8snet_msg *msg);
int k8snet_link_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_LINK_H */
