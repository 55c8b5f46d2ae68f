/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps conntrack off tunnel packets and pods away from tunnel ports.
 */
#ifndef K8SNET_OVERLAY_GUARD_H
#define K8SNET_OVERLAY_GUARD_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "addr.h"
#include "netns.h"

/* A port as a member of a set of addresses. */
static inline struct k8snet_addr k8snet_guard_key(__be16 port)
{
	return k8snet_addr4((__force __be32)(__force u16)port);
}

/* Could there be tunnel packets to this port? Mostly not. */
#define k8snet_guard_may_have_port(kn, port) \
	(READ_ONCE((kn)->tunnel_ports) & BIT_ULL(ntohs(port) % 64))

/*
 * Could it be a tunnel packet? Mostly not. Any IPv4 packet may be asked about,
 * at its header; of one with options the answer means nothing. Where the ports
 * are not in the linear part, it could.
 */
static inline bool k8snet_guard_may_be_tunnel(const struct k8snet_net *kn,
					      const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct udphdr *uh = (const void *)(iph + 1);

	return iph->protocol == IPPROTO_UDP &&
	       (skb_headlen(skb) < sizeof(*iph) + sizeof(*uh) ||
		k8snet_guard_may_have_port(kn, uh->dest));
}

void k8snet_guard_note_port(struct k8snet_net *kn, __be16 port);
int k8snet_guard_start(struct k8snet_net *kn);
void k8snet_guard_stop(struct k8snet_net *kn);

#endif /* K8SNET_OVERLAY_GUARD_H */
