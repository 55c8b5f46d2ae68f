/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all formats do with a packet once they know whose it is.
 */
#ifndef K8SNET_OVERLAY_RECEIVE_H
#define K8SNET_OVERLAY_RECEIVE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/net_namespace.h>

#include <uapi/linux/k8snet.h>

#include "addr.h"

struct k8snet_dev;
struct k8snet_flow;
struct k8snet_net;
struct k8snet_node;
struct k8snet_settings;
struct k8snet_sock;

/* The outer headers, before they are taken off. */
struct k8snet_outer {
	struct k8snet_addr source;
	struct k8snet_addr dest;
	struct net_device *in;
	u64 way_in;		/* see k8snet_receive_way_in(); 0: not asked */
	u32 generation;		/* of flows, asked with it */
	u8 tos;
	u8 answer;		/* enum k8snet_flow_answer */
};

/* Of a device to a packet that names none. */
enum {
	K8SNET_CLAIM_NONE,
	K8SNET_CLAIM_ANY,	/* the device is not strict */
	K8SNET_CLAIM_NAT,	/* and a node of it has the inner source */
	K8SNET_CLAIM_NODE,	/* the sender is a node of the device */
	K8SNET_CLAIM_OWNER,	/* and has the inner source there */
};

int k8snet_receive_claim(struct k8snet_dev *kdev,
			 const struct k8snet_addr *source,
			 const struct sk_buff *skb, unsigned int off,
			 __be16 proto);
struct k8snet_dev *k8snet_receive_parse(struct k8snet_sock *ks,
					struct sk_buff *skb,
					const struct k8snet_addr *source,
					unsigned int *hlen, __be16 *proto,
					enum k8snet_drop_reason *why);
/* Of a packet whose network header is still the outer one. */
static inline void k8snet_receive_outer(const struct sk_buff *skb,
					struct k8snet_outer *outer)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);

	if (likely(iph->version == 4)) {
		outer->source = k8snet_addr4(iph->saddr);
		outer->dest = k8snet_addr4(iph->daddr);
		outer->tos = iph->tos;
	} else {
		outer->source = k8snet_addr6(&ip6h->saddr);
		outer->dest = k8snet_addr6(&ip6h->daddr);
		outer->tos = ipv6_get_dsfield(ip6h);
	}
	outer->in = skb->dev;
	outer->way_in = 0;
	outer->generation = 0;
	outer->answer = K8SNET_FLOW_UNASKED;
}

/* As encap_rcv finds a packet: at its UDP header, whose checksum is done. */
static inline void k8snet_receive_summed(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		__skb_decr_checksum_unnecessary(skb);
}

/*
 * Until when is an answer about outer headers good: what is the same as long as it
 * is, and never 0. To be asked first. Routes have a number that changes with them
 * and with the addresses of this machine (rt_cache_flush(), rt_genid_bump_ipv6()).
 */
static inline u64 k8snet_receive_way_in(struct net *net, u16 family,
					const struct net_device *in)
{
	int id = family == AF_INET ? rt_genid_ipv4(net) : rt_genid_ipv6(net);

	return (u64)id << 32 | in->ifindex;
}

void k8snet_receive_inner(struct k8snet_dev *kdev, struct k8snet_net *kn,
			  const struct k8snet_outer *outer,
			  struct sk_buff *skb, unsigned int hlen,
			  __be16 proto);
void k8snet_receive_count(struct k8snet_dev *kdev, struct k8snet_node *node,
			  unsigned int len);
void k8snet_receive_deliver(struct k8snet_dev *kdev, struct k8snet_node *node,
			    struct sk_buff *skb, const struct net_device *in);

bool k8snet_receive_route_is_back(struct net *net,
				  const struct k8snet_settings *settings,
				  struct k8snet_node *node,
				  const struct k8snet_outer *outer);
bool k8snet_receive_is_back(struct net *net, const struct k8snet_outer *outer,
			    const struct k8snet_flow *flow);

bool k8snet_ipip_takes(struct k8snet_net *kn, const struct k8snet_addr *source);
int k8snet_ipip_init(void);
void k8snet_ipip_exit(void);

#endif /* K8SNET_OVERLAY_RECEIVE_H */
