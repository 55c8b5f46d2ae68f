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
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "event.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/receive.h"
#include "overlay/socket.h"
#include "packet.h"

static bool receive_route4(struct net *net, const struct k8snet_outer *outer,
			   const struct k8snet_flow *flow)
{
	/* The question that the sending side asks, see way_lookup4(). */
	struct flowi4 fl4 = {
		.flowi4_iif = LOOPBACK_IFINDEX,
		.daddr = outer->source.ip,
		.saddr = outer->dest.ip,
		.flowi4_proto = flow->protocol,
		.fl4_sport = flow->sport,
		.fl4_dport = flow->dport,
	};
	struct fib_result res;

	return !fib_lookup(net, &fl4, &res, 0) && res.type == RTN_UNICAST &&
	       fib_info_nh_uses_dev(res.fi, outer->in);
}

static bool receive_route6(struct net *net, const struct k8snet_outer *outer)
{
	const struct in6_addr *from = &outer->source.ip6, *to = NULL;
	struct rt6_info *rt, *by_dev;
	bool ok;

	if (!ipv6_addr_any(&outer->dest.ip6))
		to = &outer->dest.ip6;
	rt = rt6_lookup(net, from, to, 0, NULL, 0);
	if (!rt)
		return false;
	ok = rt->dst.dev == outer->in && !(rt->rt6i_flags & RTF_REJECT);
	if (!ok) {
		/* Of several paths it may have been another. */
		by_dev = rt6_lookup(net, from, to, outer->in->ifindex, NULL,
				    RT6_LOOKUP_F_IFACE);
		if (by_dev) {
			ok = by_dev->dst.dev == outer->in &&
			     by_dev->rt6i_dst.plen == rt->rt6i_dst.plen &&
			     !(by_dev->rt6i_flags & RTF_REJECT);
			ip6_rt_put(by_dev);
		}
	}
	ip6_rt_put(rt);
	return ok;
}

/**
 * k8snet_receive_is_back() - does a route to the sender use the way in?
 * @net: the namespace
 * @outer: the outer headers; a destination that is all zero may be any
 * @flow: what else a rule may choose the route by
 *
 * What rp_filter asks of other packets in strict mode, all paths counted.
 *
 * Context: RCU read side.
 */
bool k8snet_receive_is_back(struct net *net, const struct k8snet_outer *outer,
			    const struct k8snet_flow *flow)
{
	return outer->source.family == AF_INET ?
	       receive_route4(net, outer, flow) : receive_route6(net, outer);
}

static bool receive_is_from(const struct k8snet_node *node,
			    const struct k8snet_addr *source)
{
	return likely(k8snet_addr_equal(&node->via, source)) ||
	       k8snet_node_has_addr(node, source);
}

static noinline bool receive_route_ask(struct net *net,
				       const struct k8snet_settings *settings,
				       const struct k8snet_node *node,
				       const struct k8snet_outer *outer)
{
	const struct k8snet_flow flow = k8snet_device_flow(settings, node);

	return k8snet_receive_is_back(net, outer, &flow);
}

/**
 * k8snet_receive_route_is_back() - did a packet come in where its node is?
 * @net: the namespace that it came in on
 * @settings: the settings of the overlay device
 * @node: the node that it claims to be from
 * @outer: its outer headers: from which of the node's addresses, on which
 *	device, to which address
 *
 * The answer holds until a route changes; it is kept for the node's via alone.
 *
 * Context: RCU read side.
 */
bool k8snet_receive_route_is_back(struct net *net,
				  const struct k8snet_settings *settings,
				  struct k8snet_node *node,
				  const struct k8snet_outer *outer)
{
	u64 in = k8snet_receive_way_in(net, outer->source.family, outer->in);
	bool is_via = k8snet_addr_equal(&node->via, &outer->source);

	if (likely(is_via && READ_ONCE(node->way_in) == in))
		return true;
	if (!receive_route_ask(net, settings, node, outer))
		return false;
	if (is_via)
		WRITE_ONCE(node->way_in, in);
	return true;
}

/*
 * May this node send that packet? Only the node that has the inner source may.
 * A node has its prefixes, and its underlay addresses: with those it answers
 * pods which talk to it, and pods it reaches through the overlay. @node is the
 * sender, if it is a node at all.
 */
static bool receive_allowed(struct k8snet_dev *kdev, struct k8snet_net *kn,
			    const struct k8snet_settings *settings,
			    const struct k8snet_outer *outer,
			    const struct k8snet_addr *inner,
			    struct k8snet_node **node,
			    enum k8snet_drop_reason *why)
{
	*node = k8snet_podnet_lookup(&kdev->nodes.podnet, inner);
	if (unlikely(!*node || !receive_is_from(*node, &outer->source))) {
		*node = k8snet_node_by_addr(&kdev->nodes, &outer->source);
		if (!*node) {
			*why = K8SNET_DROP_REASON_RX_OUTER_SOURCE;
			goto drop;
		}
		if (!k8snet_node_has_addr(*node, inner)) {
			*why = K8SNET_DROP_REASON_RX_INNER_SOURCE;
			goto drop;
		}
	}
	if (unlikely(!k8snet_receive_route_is_back(kn->net, settings, *node, outer))) {
		/* Nothing that the node has sent. */
		*node = NULL;
		*why = K8SNET_DROP_REASON_RX_OUTER_DEVICE;
		goto drop;
	}
	return true;

drop:
	k8snet_event_drop(kn, kdev->dev, *why, &outer->source, inner,
			  outer->in->ifindex);
	return false;
}

static bool receive_header_ok(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int len;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		if (!pskb_may_pull(skb, sizeof(struct ipv6hdr)))
			return false;
		len = ntohs(ipv6_hdr(skb)->payload_len);
		return ipv6_hdr(skb)->version == 6 &&
		       len + sizeof(struct ipv6hdr) <= skb->len;
	}
	len = ntohs(iph->tot_len);
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
	bool is_ip4 = skb->protocol == htons(ETH_P_IP);
	u8 tos;

	*why = K8SNET_DROP_REASON_RX_NO_MEMORY;
	if (unlikely(outer_tos & INET_ECN_ECT_1) &&
	    skb_ensure_writable(skb, is_ip4 ? sizeof(struct iphdr) :
					      sizeof(struct ipv6hdr)))
		return false;
	tos = is_ip4 ? ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));
	*why = K8SNET_DROP_REASON_RX_ECN;
	return INET_ECN_decapsulate(skb, outer_tos, tos) < 2;
}

static bool receive_is_tcp(const struct sk_buff *skb)
{
	return (skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->protocol :
		ipv6_hdr(skb)->nexthdr) == IPPROTO_TCP;
}

/*
 * What GRO has put together needs no queue to wait for more of it, and what it
 * would not put together needs none at all, unless a tunnel in a tunnel could
 * make the stack deep. Each way counts on the device what it drops.
 */
static int receive_hand_on(struct k8snet_dev *kdev, struct sk_buff *skb,
			   const struct net_device *in)
{
	skb->dev = kdev->dev;
	if (!receive_is_tcp(skb) && likely(!k8snet_device_is(in))) {
		netif_receive_skb(skb);
		return NET_RX_SUCCESS;
	}
	return skb_is_gso(skb) ? netif_rx(skb) :
				 gro_cells_receive(&kdev->gro_cells, skb);
}

/**
 * k8snet_receive_count() - a packet was received
 * @kdev: the device
 * @node: who has sent it, or NULL if nobody knows
 * @len: length of the inner packet
 */
void k8snet_receive_count(struct k8snet_dev *kdev, struct k8snet_node *node,
			  unsigned int len)
{
	dev_sw_netstats_rx_add(kdev->dev, len);
	if (node)
		k8snet_stats_rx(node->traffic, len);
}

/**
 * k8snet_receive_deliver() - give an inner packet to the stack, and count it
 * @kdev: the device that it is for
 * @node: who has sent it, or NULL if nobody knows
 * @skb: the packet, checked, at its IP header; consumed
 * @in: the device that its tunnel packet came in on
 *
 * Context: softirq, RCU read side.
 */
void k8snet_receive_deliver(struct k8snet_dev *kdev, struct k8snet_node *node,
			    struct sk_buff *skb, const struct net_device *in)
{
	unsigned int len = skb->len;

	if (likely(receive_hand_on(kdev, skb, in) == NET_RX_SUCCESS)) {
		k8snet_receive_count(kdev, node, len);
		return;
	}
	k8snet_stats_drop(kdev->drops, K8SNET_DROP_REASON_RX_BACKLOG);
	if (node)
		k8snet_stats_rx_dropped(node->traffic);
}

/* Past the stack, if the flow is remembered and nobody looks at the device. */
static bool receive_short(struct k8snet_dev *kdev, struct k8snet_net *kn,
			  const struct k8snet_outer *outer,
			  struct k8snet_node *node, struct sk_buff *skb)
{
	struct net_device *dev = kdev->dev;

	if (outer->answer != K8SNET_FLOW_UNASKED) {
		if (outer->answer == K8SNET_FLOW_MISS)
			k8snet_flow_count(&kn->flows,
					  K8SNET_FLOW_COUNTER_MISS);
		return false;
	}
	return k8snet_flow_may_hit(&kn->flows) &&
	       likely(!k8snet_device_is_watched(dev)) &&
	       k8snet_packet_is_exact(skb) &&
	       k8snet_flow_hit(kn, skb, dev, outer->way_in ? outer : NULL,
			       node);
}

/*
 * From what follows the outer IP header. It fails for want of memory, if it is a
 * GSO packet that somebody else has, too.
 */
static int receive_unwrap(struct sk_buff *skb, unsigned int hlen, __be16 proto,
			  bool xnet)
{
	int err = __iptunnel_pull_header(skb, hlen, proto, true, xnet);

	if (unlikely(err))
		return err;
	/* As on the way out: rules mean the one packet or the other. */
	skb->mark = 0;
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	return 0;
}

/**
 * k8snet_receive_inner() - take the tunnel headers off, check, deliver
 * @kdev: the device that the packet is for
 * @kn: the namespace that it came in on
 * @outer: its outer headers
 * @skb: the packet, at what follows the outer IP header; consumed
 * @hlen: length of the tunnel headers that follow the outer IP header; they
 *	and an IPv4 header are in the linear part
 * @proto: what the inner packet is
 *
 * Context: softirq, RCU read side.
 */
void k8snet_receive_inner(struct k8snet_dev *kdev, struct k8snet_net *kn,
			  const struct k8snet_outer *outer,
			  struct sk_buff *skb, unsigned int hlen,
			  __be16 proto)
{
	const struct k8snet_settings *settings;
	struct k8snet_node *node = NULL;
	enum k8snet_drop_reason why;
	struct k8snet_addr inner __uninitialized;
	unsigned int len;

	why = K8SNET_DROP_REASON_RX_PROTOCOL;
	if (unlikely(proto != htons(ETH_P_IP) && proto != htons(ETH_P_IPV6)))
		goto drop;
	why = K8SNET_DROP_REASON_RX_NO_MEMORY;
	if (unlikely(receive_unwrap(skb, hlen, proto,
				    !net_eq(dev_net(kdev->dev), kn->net))))
		goto drop;

	why = K8SNET_DROP_REASON_RX_INNER_HEADER;
	if (unlikely(!receive_header_ok(skb)))
		goto drop;
	settings = rcu_dereference(kdev->settings);
	inner = k8snet_addr_source(skb_network_header(skb));
	if (likely(settings->strict)) {
		if (unlikely(!receive_allowed(kdev, kn, settings, outer,
					      &inner, &node, &why)))
			goto drop;
	} else {
		/* Behind NAT it is known by what is inside. */
		node = k8snet_node_by_addr(&kdev->nodes, &outer->source) ?:
		       k8snet_podnet_lookup(&kdev->nodes.podnet, &inner);
	}
	if (unlikely(!receive_ecn(skb, outer->tos, &why)))
		goto drop;

	len = skb->len;
	if (net_eq(dev_net(kdev->dev), kn->net) &&
	    receive_short(kdev, kn, outer, node, skb))
		k8snet_receive_count(kdev, node, len);
	else
		k8snet_receive_deliver(kdev, node, skb, outer->in);
	return;

drop:
	k8snet_stats_drop(kdev->drops, why);
	/* Whoever sent what is malformed is known by the outer source alone. */
	if (!node && why != K8SNET_DROP_REASON_RX_OUTER_DEVICE)
		node = k8snet_node_by_addr(&kdev->nodes, &outer->source);
	if (node)
		k8snet_stats_rx_dropped(node->traffic);
	kfree_skb(skb);
}

/**
 * k8snet_receive_claim() - is a packet that names no device for this one?
 * @kdev: the device
 * @source: address that the packet came from
 * @skb: the packet, or NULL if there is only the address
 * @off: offset of its inner IP header
 * @proto: what the inner packet is
 *
 * Several devices can know the same node; then the pod's address tells.
 *
 * Context: softirq, RCU read side.
 * Return: K8SNET_CLAIM_*, the larger the better.
 */
int k8snet_receive_claim(struct k8snet_dev *kdev,
			 const struct k8snet_addr *source,
			 const struct sk_buff *skb, unsigned int off,
			 __be16 proto)
{
	bool is_ip4 = proto == htons(ETH_P_IP);
	struct k8snet_node *owner = NULL;
	const struct iphdr *iph = NULL;
	struct k8snet_addr inner;
	struct ipv6hdr buf;

	if (skb)
		iph = skb_header_pointer(skb, off, is_ip4 ? sizeof(*iph) :
							    sizeof(buf), &buf);
	if (iph && iph->version == (is_ip4 ? 4 : 6)) {
		inner = k8snet_addr_source(iph);
		owner = k8snet_podnet_lookup(&kdev->nodes.podnet, &inner);
	}
	if (owner && receive_is_from(owner, source))
		return K8SNET_CLAIM_OWNER;
	if (k8snet_node_by_addr(&kdev->nodes, source))
		return K8SNET_CLAIM_NODE;
	if (rcu_dereference(kdev->settings)->strict)
		return K8SNET_CLAIM_NONE;
	return owner ? K8SNET_CLAIM_NAT : K8SNET_CLAIM_ANY;
}

/* A raw packet does not say which device it is for; mostly there is one. */
static struct k8snet_dev *receive_by_claim(struct k8snet_sock *ks,
					   const struct k8snet_addr *source,
					   const struct sk_buff *skb,
					   unsigned int off, __be16 proto)
{
	struct k8snet_dev *best = NULL;
	int claim, best_claim = -1;
	struct k8snet_member *m;

	hlist_for_each_entry_rcu(m, &ks->members, list) {
		if (!best && !rcu_access_pointer(hlist_next_rcu(&m->list)))
			return m->kdev;
		claim = k8snet_receive_claim(m->kdev, source, skb, off, proto);
		if (claim <= best_claim)
			continue;
		best = m->kdev;
		best_claim = claim;
	}
	return best;
}

/**
 * k8snet_receive_parse() - what is in a tunnel packet?
 * @ks: the socket that it is for
 * @skb: the packet, at its UDP header
 * @source: address that it came from
 * @hlen: where the length of the tunnel headers goes, UDP's included
 * @proto: where goes what the inner packet is
 * @why: why it is for no device
 *
 * Context: softirq, RCU read side.
 * Return: the device that it is for, or NULL.
 */
struct k8snet_dev *k8snet_receive_parse(struct k8snet_sock *ks,
					struct sk_buff *skb,
					const struct k8snet_addr *source,
					unsigned int *hlen, __be16 *proto,
					enum k8snet_drop_reason *why)
{
	const struct k8snet_vxlanhdr *vxh;
	const struct ethhdr *eth;
	u8 version;

	*hlen = sizeof(struct udphdr);
	*why = K8SNET_DROP_REASON_RX_SHORT;
	if (unlikely(!pskb_may_pull(skb, *hlen + sizeof(struct iphdr))))
		return NULL;
	version = *(u8 *)(udp_hdr(skb) + 1) >> 4;
	if (version == 4 || version == 6) {
		*proto = htons(version == 4 ? ETH_P_IP : ETH_P_IPV6);
		*why = K8SNET_DROP_REASON_RX_NO_DEVICE;
		return receive_by_claim(ks, source, skb, *hlen, *proto);
	}
	*hlen = K8SNET_VXLAN_HLEN;
	if (unlikely(!pskb_may_pull(skb, *hlen + sizeof(struct iphdr))))
		return NULL;
	vxh = (void *)(udp_hdr(skb) + 1);
	eth = (void *)(vxh + 1);
	*proto = eth->h_proto;
	*why = K8SNET_DROP_REASON_RX_HEADER;
	if (unlikely(!k8snet_packet_is_vxlan(vxh)))
		return NULL;
	*why = K8SNET_DROP_REASON_RX_NO_DEVICE;
	return k8snet_socket_by_vni(ks, vxh);
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
	struct k8snet_sock *ks = rcu_dereference_sk_user_data(sk);
	enum k8snet_drop_reason why;
	struct k8snet_outer outer;
	struct k8snet_dev *kdev;
	unsigned int hlen;
	__be16 proto;

	if (unlikely(!ks)) {
		/* The socket is being closed. */
		kfree_skb(skb);
		return 0;
	}
	k8snet_receive_outer(skb, &outer);
	kdev = k8snet_receive_parse(ks, skb, &outer.source, &hlen, &proto,
				    &why);
	if (unlikely(!kdev)) {
		k8snet_stats_drop(ks->kn->drops, why);
		kfree_skb(skb);
		return 0;
	}
	k8snet_receive_inner(kdev, ks->kn, &outer, skb, hlen, proto);
	return 0;
}
