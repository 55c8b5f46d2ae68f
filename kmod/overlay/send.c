// SPDX-License-Identifier: GPL-2.0
/*
 * From a pod to the wire: find the node, put the outer headers on, send.
 */
#include <linux/icmp.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/dst_cache.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/socket.h"
#include "packet.h"

static struct rtable *send_route(const struct k8snet_sock *ks,
				 const struct k8snet_settings *settings,
				 struct k8snet_node *node, __be32 *saddr,
				 enum k8snet_drop_reason *why)
{
	struct flowi4 fl4 = {
		.daddr = node->via,
		.saddr = settings->local,
		.flowi4_proto = IPPROTO_UDP,
		.fl4_sport = settings->port,
		.fl4_dport = node->port ?: settings->port,
	};
	struct rtable *rt;

	rt = dst_cache_get_ip4(&node->dst_cache, saddr);
	if (likely(rt))
		return rt;
	rt = ip_route_output_key(ks->net, &fl4);
	if (IS_ERR(rt)) {
		*why = K8SNET_DROP_REASON_TX_NO_ROUTE;
		return NULL;
	}
	if (unlikely(k8snet_device_is(rt->dst.dev))) {
		ip_rt_put(rt);
		*why = K8SNET_DROP_REASON_TX_LOOP;
		return NULL;
	}
	*saddr = fl4.saddr;
	dst_cache_set_ip4(&node->dst_cache, &rt->dst, fl4.saddr);
	return rt;
}

/* Whoever sent a packet that cannot go is told so, as a router would. */
static bool send_fits(struct sk_buff *skb, unsigned int mtu)
{
	if (skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
			      skb->len <= mtu)
		return true;
	icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	return false;
}

static __be16 send_df(const struct k8snet_settings *settings,
		      const struct iphdr *inner)
{
	switch (settings->df) {
	case K8SNET_DF_SET:
		return htons(IP_DF);
	case K8SNET_DF_INHERIT:
		return inner->frag_off & htons(IP_DF);
	default:
		return 0;
	}
}

static void send_push_vxlan(struct sk_buff *skb,
			    const struct k8snet_settings *settings,
			    const struct k8snet_node *node, __be32 saddr)
{
	struct k8snet_vxlanhdr *vxh;
	struct ethhdr *eth = __skb_push(skb, sizeof(*eth));

	ether_addr_copy(eth->h_dest, node->mac);
	if (settings->has_mac)
		ether_addr_copy(eth->h_source, settings->mac);
	else
		k8snet_packet_mac(eth->h_source, saddr);
	eth->h_proto = htons(ETH_P_IP);
	/* Segmentation starts at the inner MAC header. */
	skb_set_inner_mac_header(skb, 0);
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));

	vxh = __skb_push(skb, sizeof(*vxh));
	vxh->flags = K8SNET_VXLAN_FLAGS;
	vxh->vni = htonl(settings->vni << 8);
}

static void send_push_udp(struct sk_buff *skb, __be32 saddr, __be32 daddr,
			  __be16 sport, __be16 dport)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = sport;
	uh->dest = dport;
	uh->len = htons(skb->len);
	udp_set_csum(false, skb, saddr, daddr, skb->len);
}

static void send_push_ip(struct net *net, struct sk_buff *skb,
			 const struct rtable *rt, __be32 saddr, __be32 daddr,
			 u8 tos, u8 ttl, __be16 df)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) >> 2;
	iph->tos = tos;
	iph->frag_off = ip_mtu_locked(&rt->dst) ? 0 : df;
	iph->ttl = ttl;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = saddr;
	iph->daddr = daddr;
	__ip_select_ident(net, iph, skb_shinfo(skb)->gso_segs ?: 1);
}

/**
 * k8snet_send() - ndo_start_xmit of the overlay device
 * @skb: an inner IP packet
 * @dev: the device
 *
 * Context: bottom halves off.
 * Return: NETDEV_TX_OK; the packet is consumed, sent or counted as dropped.
 */
netdev_tx_t k8snet_send(struct sk_buff *skb, struct net_device *dev)
{
	struct k8snet_dev *kdev = netdev_priv(dev);
	const struct k8snet_settings *settings;
	struct k8snet_node *node = NULL;
	enum k8snet_drop_reason why;
	struct k8snet_sock *ks;
	struct iphdr *inner;
	struct rtable *rt;
	unsigned int len;
	__be32 saddr;
	__be16 sport;
	u8 tos, ttl;
	__be16 df;
	int err;

	rcu_read_lock();
	why = K8SNET_DROP_REASON_TX_PROTOCOL;
	if (unlikely(skb->protocol != htons(ETH_P_IP) ||
		     !pskb_may_pull(skb, sizeof(*inner)) ||
		     ip_hdr(skb)->version != 4))
		goto drop;

	node = k8snet_podnet_lookup(&kdev->nodes.podnet, ip_hdr(skb)->daddr);
	if (unlikely(!node)) {
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
		why = K8SNET_DROP_REASON_TX_NO_NODE;
		goto drop;
	}
	why = K8SNET_DROP_REASON_TX_NO_LOCAL;
	ks = rcu_dereference(kdev->sock);
	if (unlikely(!ks))
		goto drop;
	settings = rcu_dereference(kdev->settings);

	if (unlikely(!send_fits(skb, READ_ONCE(dev->mtu)))) {
		why = K8SNET_DROP_REASON_TX_TOO_BIG;
		goto drop;
	}
	rt = send_route(ks, settings, node, &saddr, &why);
	if (unlikely(!rt))
		goto drop;

	why = K8SNET_DROP_REASON_TX_NO_MEMORY;
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev) +
				       rt->dst.header_len + K8SNET_OVERHEAD)))
		goto drop_route;
	inner = ip_hdr(skb);
	len = skb->len;
	tos = settings->dscp == K8SNET_DSCP_INHERIT ? inner->tos :
						      settings->dscp << 2;
	tos = INET_ECN_encapsulate(tos, inner->tos);
	ttl = settings->ttl ?: inner->ttl;
	df = send_df(settings, inner);
	/* The hash of the inner flow: one path per flow through the fabric. */
	sport = udp_flow_src_port(ks->net, skb, 0, 0, false);

	if (unlikely(udp_tunnel_handle_offloads(skb, true)))
		goto drop_route;
	send_push_vxlan(skb, settings, node, saddr);
	send_push_udp(skb, saddr, node->via, sport,
		      node->port ?: settings->port);

	/*
	 * The outer packet is a new one: it has neither the mark nor the
	 * conntrack entry of the inner one, and gets none, so no rule meant
	 * for pods can touch it.
	 */
	skb_scrub_packet(skb, !net_eq(dev_net(dev), ks->net));
	skb->mark = 0;
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	send_push_ip(ks->net, skb, rt, saddr, node->via, tos, ttl, df);

	err = ip_local_out(ks->net, ks->sock->sk, skb);
	if (likely(!net_xmit_eval(err))) {
		dev_sw_netstats_tx_add(dev, 1, len);
		k8snet_stats_tx(node->traffic, len);
	} else {
		k8snet_stats_drop(kdev->drops, K8SNET_DROP_REASON_TX_UNDERLAY);
		k8snet_stats_tx_dropped(node->traffic);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;

drop_route:
	ip_rt_put(rt);
drop:
	k8snet_stats_drop(kdev->drops, why);
	if (node)
		k8snet_stats_tx_dropped(node->traffic);
	rcu_read_unlock();
	kfree_skb(skb);
	return NETDEV_TX_OK;
}
