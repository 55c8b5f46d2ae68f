// SPDX-License-Identifier: GPL-2.0
/*
 * From the wire to a pod: check the outer headers, take them off, check that
 * the inner source belongs to the sender, hand the packet to the stack.
 *
 * The inner MAC addresses are not looked at. They say nothing that the
 * addresses do not, and a wrong one has cost others whole nodes
 * (flannel#1155).
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/gro_cells.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/socket.h"
#include "packet.h"

static struct k8snet_dev *receive_device(struct k8snet_sock *ks, u32 vni)
{
	struct k8snet_dev *kdev;

	hlist_for_each_entry_rcu(kdev, &ks->devices, by_vni)
		if (READ_ONCE(kdev->vni) == vni)
			return kdev;
	return NULL;
}

/*
 * Does a route to the node leave by the device that its packet came in on?
 * What rp_filter asks of other packets in strict mode, all paths counted.
 */
static bool receive_route_is_back(struct k8snet_sock *ks,
				  struct k8snet_node *node,
				  struct net_device *in, __be32 local)
{
	/* The question that the sending side asks, see send_route(). */
	struct flowi4 fl4 = {
		.flowi4_iif = LOOPBACK_IFINDEX,
		.daddr = node->via,
		.saddr = local,
		.flowi4_proto = IPPROTO_UDP,
		.fl4_sport = ks->port,
		.fl4_dport = node->port ?: ks->port,
	};
	struct fib_result res;

	if (likely(READ_ONCE(node->iif) == in->ifindex))
		return true;
	if (fib_lookup(ks->net, &fl4, &res, 0) ||
	    res.type != RTN_UNICAST ||
	    !fib_info_nh_uses_dev(res.fi, in))
		return false;
	WRITE_ONCE(node->iif, in->ifindex);
	return true;
}

/*
 * May this node send that packet? Only the node that has the inner source may.
 * A node has its prefixes, and its underlay address: with that it answers
 * pods which talk to it, and pods it reaches through the overlay. @node is the
 * sender, if it is a node at all.
 */
static bool receive_allowed(struct k8snet_dev *kdev, struct k8snet_sock *ks,
			    struct net_device *in, __be32 outer, __be32 local,
			    __be32 inner, struct k8snet_node **node,
			    enum k8snet_drop_reason *why)
{
	*node = k8snet_podnet_lookup(&kdev->nodes.podnet, inner);
	if (unlikely(!*node || (*node)->via != outer)) {
		*node = k8snet_node_by_via(&kdev->nodes, outer);
		if (!*node) {
			*why = K8SNET_DROP_REASON_RX_OUTER_SOURCE;
			return false;
		}
		if (inner != outer) {
			*why = K8SNET_DROP_REASON_RX_INNER_SOURCE;
			return false;
		}
	}
	if (unlikely(!receive_route_is_back(ks, *node, in, local))) {
		/* Nothing that the node has sent. */
		*node = NULL;
		*why = K8SNET_DROP_REASON_RX_OUTER_DEVICE;
		return false;
	}
	return true;
}

static bool receive_header_ok(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int len = ntohs(iph->tot_len);

	return iph->version == 4 && iph->ihl >= 5 &&
	       len >= iph->ihl * 4 && len <= skb->len;
}

/*
 * RFC 6040: what the inner header becomes, or that the packet must go. It is
 * written when the outer one has CE or ECT(1), and must be ours alone then.
 */
static bool receive_ecn(struct sk_buff *skb, u8 outer_tos,
			enum k8snet_drop_reason *why)
{
	*why = K8SNET_DROP_REASON_RX_NO_MEMORY;
	if (unlikely(outer_tos & INET_ECN_ECT_1) &&
	    skb_ensure_writable(skb, sizeof(struct iphdr)))
		return false;
	*why = K8SNET_DROP_REASON_RX_ECN;
	return INET_ECN_decapsulate(skb, outer_tos, ip_hdr(skb)->tos) < 2;
}

/**
 * k8snet_receive() - encap_rcv of the tunnel sockets
 * @sk: the socket
 * @skb: a packet, at its UDP header; its checksum is right
 *
 * Context: softirq, RCU read side.
 * Return: 0; the packet is consumed.
 */
int k8snet_receive(struct sock *sk, struct sk_buff *skb)
{
	const unsigned int hlen = K8SNET_VXLAN_HLEN;
	struct net_device *in = skb->dev;
	const struct k8snet_vxlanhdr *vxh;
	struct k8snet_node *node = NULL;
	struct k8snet_dev *kdev = NULL;
	enum k8snet_drop_reason why;
	const struct ethhdr *eth;
	struct k8snet_sock *ks;
	unsigned int len;
	__be32 outer, local;
	u8 outer_tos;

	ks = rcu_dereference_sk_user_data(sk);
	if (unlikely(!ks)) {
		/* The socket is being closed. */
		kfree_skb(skb);
		return 0;
	}
	why = K8SNET_DROP_REASON_RX_SHORT;
	if (unlikely(!pskb_may_pull(skb, hlen + sizeof(struct iphdr))))
		goto drop;
	outer = ip_hdr(skb)->saddr;
	local = ip_hdr(skb)->daddr;
	outer_tos = ip_hdr(skb)->tos;
	vxh = (void *)(udp_hdr(skb) + 1);
	eth = (void *)(vxh + 1);

	why = K8SNET_DROP_REASON_RX_HEADER;
	if (unlikely(vxh->flags != K8SNET_VXLAN_FLAGS ||
		     vxh->vni & K8SNET_VXLAN_RESERVED))
		goto drop;
	why = K8SNET_DROP_REASON_RX_NO_DEVICE;
	kdev = receive_device(ks, ntohl(vxh->vni) >> 8);
	if (unlikely(!kdev))
		goto drop;
	why = K8SNET_DROP_REASON_RX_PROTOCOL;
	if (unlikely(eth->h_proto != htons(ETH_P_IP)))
		goto drop;

	why = K8SNET_DROP_REASON_RX_NO_MEMORY;
	if (unlikely(__iptunnel_pull_header(skb, hlen, htons(ETH_P_IP), true,
					    !net_eq(dev_net(kdev->dev),
						    ks->net))))
		goto drop;
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);

	why = K8SNET_DROP_REASON_RX_INNER_HEADER;
	if (unlikely(!receive_header_ok(skb)))
		goto drop;
	if (likely(rcu_dereference(kdev->settings)->strict)) {
		if (unlikely(!receive_allowed(kdev, ks, in, outer, local,
					      ip_hdr(skb)->saddr, &node, &why)))
			goto drop;
	} else {
		node = k8snet_node_by_via(&kdev->nodes, outer);
	}
	if (unlikely(!receive_ecn(skb, outer_tos, &why)))
		goto drop;

	len = skb->len;
	skb->dev = kdev->dev;
	if (unlikely(gro_cells_receive(&kdev->gro_cells, skb) !=
		     NET_RX_SUCCESS)) {
		k8snet_stats_drop(kdev->drops, K8SNET_DROP_REASON_RX_BACKLOG);
		if (node)
			k8snet_stats_rx_dropped(node->traffic);
		return 0;
	}
	dev_sw_netstats_rx_add(kdev->dev, len);
	if (node)
		k8snet_stats_rx(node->traffic, len);
	return 0;

drop:
	k8snet_stats_drop(kdev ? kdev->drops : ks->kn->drops, why);
	/* Whoever sent what is malformed is known by the outer source alone. */
	if (kdev && !node && why != K8SNET_DROP_REASON_RX_OUTER_DEVICE)
		node = k8snet_node_by_via(&kdev->nodes, outer);
	if (node)
		k8snet_stats_rx_dropped(node->traffic);
	kfree_skb(skb);
	return 0;
}
