// SPDX-License-Identifier: GPL-2.0
/*
 * From a pod to the wire: find the node, put the outer headers on, send.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "hash.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/early.h"
#include "overlay/node.h"
#include "overlay/send.h"
#include "overlay/socket.h"
#include "overlay/xmit.h"
#include "packet.h"
#include "route.h"

/* Whoever sent a packet that cannot go is told so, as a router would. */
static void send_tell_mtu(struct sk_buff *skb, unsigned int mtu)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
	else
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0,
				max_t(u32, mtu, IPV6_MIN_MTU));
}

/* May a packet that is too big for the path go, in fragments? */
static bool send_may_fragment(const struct sk_buff *skb, const struct k8snet_way *way)
{
	if (skb->protocol == htons(ETH_P_IP))
		return !(ip_hdr(skb)->frag_off & htons(IP_DF));
	/* Nobody may make it smaller (RFC 8200 section 5): the tunnel must. */
	return way->format != K8SNET_FORMAT_DIRECT &&
	       k8snet_packet_is_within(skb, IPV6_MIN_MTU);
}

/*
 * What is larger than the device allows never goes. What is larger than the
 * path is known to carry goes only if it may be fragmented. Then it is the
 * outer packet that is, by us; without one, it is the packet itself.
 */
static bool send_fits(struct sk_buff *skb, struct k8snet_way *way, unsigned int mtu)
{
	int path = dst_mtu(way->dst) - way->overhead;

	if (likely(k8snet_packet_is_within(skb, min_t(int, mtu, path))))
		return true;
	if (k8snet_packet_is_within(skb, mtu) && send_may_fragment(skb, way)) {
		way->df = 0;
		way->too_big = true;
		return true;
	}
	send_tell_mtu(skb, min_t(int, mtu, max(path, 68)));
	return false;
}

/* TOS, TTL and DF of the outer header. */
struct send_policy {
	u8 tos;
	u8 ttl;
	__be16 df;
};

static __always_inline struct send_policy
send_policy(const struct k8snet_settings *settings, const struct sk_buff *skb)
{
	const void *inner = skb_network_header(skb);
	struct send_policy policy;
	bool inner_df;
	u8 tos, ttl;

	if (skb->protocol == htons(ETH_P_IP)) {
		tos = ((const struct iphdr *)inner)->tos;
		ttl = ((const struct iphdr *)inner)->ttl;
		inner_df = ((const struct iphdr *)inner)->frag_off &
			   htons(IP_DF);
	} else {
		tos = ipv6_get_dsfield(inner);
		ttl = ((const struct ipv6hdr *)inner)->hop_limit;
		inner_df = true;
	}
	/*
	 * ECN as in RFC 6040's normal mode, a copy, so that what the inner
	 * packet has met is seen on the way; INET_ECN_encapsulate() has RFC
	 * 3168's, which hides CE.
	 */
	policy.tos = settings->dscp == K8SNET_DSCP_INHERIT ? tos :
		     settings->dscp << 2 | (tos & INET_ECN_MASK);
	policy.ttl = settings->ttl ?: ttl;
	policy.df = settings->df == K8SNET_DF_SET ||
		    (settings->df == K8SNET_DF_INHERIT && inner_df) ?
		    htons(IP_DF) : 0;
	return policy;
}

static void send_set_policy(struct k8snet_way *way, const struct sk_buff *skb)
{
	struct send_policy policy = send_policy(way->settings, skb);

	way->tos = policy.tos;
	way->ttl = policy.ttl;
	way->df = policy.df;
}

/* The inner flow's, for routers that look no further (RFC 6438). */
static __be32 send_label(struct net *net, struct sk_buff *skb)
{
	struct flowi6 fl6 = {};

	/* Without a hash it would be that of fl6. */
	skb_get_hash(skb);
	return ip6_make_flowlabel(net, skb, 0, true, &fl6);
}

static u32 send_seed __ro_after_init;

/**
 * k8snet_send_hash() - a hash of all packets of a connection
 * @ct: its entry of conntrack, as a number
 */
u32 k8snet_send_hash(unsigned long ct)
{
	return k8snet_hash_2words((u32)ct, (u32)((u64)ct >> 32), send_seed);
}

/* At load: on the packet path the kernel's code would be patched for it. */
void k8snet_send_init(void)
{
	send_seed = get_random_u32();
}

/* Of TCP and UDP: addresses and ports. 0 if there is more to a packet. */
static u32 send_hash_ports(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	bool is_ip4 = skb->protocol == htons(ETH_P_IP);
	int off = is_ip4 ? sizeof(*iph) : sizeof(*ip6h);
	u8 protocol = is_ip4 ? iph->protocol : ip6h->nexthdr;
	const u32 *ports;
	u32 buf;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) ||
	    (is_ip4 && (iph->ihl != 5 || ip_is_fragment(iph))))
		return 0;
	ports = skb_header_pointer(skb, skb_network_offset(skb) + off,
				   sizeof(buf), &buf);
	if (!ports)
		return 0;
	if (is_ip4)
		return jhash_3words((__force u32)iph->saddr,
				    (__force u32)iph->daddr, *ports, send_seed);
	/* Both addresses, which are next to each other. */
	return jhash2((__force u32 *)ip6h->saddr.s6_addr32, 8,
		      *ports ^ send_seed);
}

/*
 * A socket's packets have a hash. For the others that of the connection does,
 * or of addresses and ports: either costs less than skb_get_hash(), which finds
 * them wherever they are, and which what is left gets.
 */
static void send_hash(struct sk_buff *skb)
{
	unsigned long ct = (unsigned long)skb_nfct(skb);
	u32 hash;

	if (skb->l4_hash)
		return;
	hash = ct ? k8snet_send_hash(ct) : send_hash_ports(skb);
	if (hash)
		__skb_set_sw_hash(skb, hash, true);
}

/* What spreads flows over the paths and queues of the underlay. */
static void send_entropy(struct k8snet_way *way, struct sk_buff *skb)
{
	struct net *net = way->ks->net;

	send_hash(skb);
	if (k8snet_packet_is_udp(way->format))
		way->sport = udp_flow_src_port(net, skb, 0, 0, false);
	if (way->saddr.family == AF_INET6)
		way->label = send_label(net, skb);
}

static void send_push_vxlan(struct sk_buff *skb, const struct k8snet_way *way)
{
	const struct k8snet_settings *settings = way->settings;
	struct k8snet_vxlanhdr *vxh;
	struct ethhdr *eth = __skb_push(skb, sizeof(*eth));

	ether_addr_copy(eth->h_dest, way->node->mac);
	if (settings->has_mac)
		ether_addr_copy(eth->h_source, settings->mac);
	else
		k8snet_packet_mac(eth->h_source, &way->saddr);
	eth->h_proto = skb->protocol;
	/* Segmentation starts at the inner MAC header. */
	skb_set_inner_mac_header(skb, 0);
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));

	vxh = __skb_push(skb, sizeof(*vxh));
	vxh->flags = K8SNET_VXLAN_FLAGS;
	vxh->vni = htonl(settings->vni << 8);
}

static void send_push_udp(struct sk_buff *skb, const struct k8snet_way *way)
{
	const struct k8snet_addr *via = &way->node->via;
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = way->sport;
	uh->dest = way->dport;
	uh->len = htons(skb->len);
	if (via->family == AF_INET)
		udp_set_csum(false, skb, way->saddr.ip, via->ip, skb->len);
	else
		udp6_set_csum(false, skb, &way->saddr.ip6, &via->ip6,
			      skb->len);
}

/* What stands between the two IP headers; its protocol. */
static int send_push_tunnel(struct sk_buff *skb, const struct k8snet_way *way)
{
	int ipproto = skb->protocol == htons(ETH_P_IP) ? IPPROTO_IPIP :
							 IPPROTO_IPV6;

	if (way->format == K8SNET_FORMAT_IPIP) {
		if (unlikely(iptunnel_handle_offloads(skb,
						      way->saddr.family == AF_INET ?
						      SKB_GSO_IPXIP4 :
						      SKB_GSO_IPXIP6)))
			return -ENOMEM;
		skb_set_inner_ipproto(skb, ipproto);
		skb_reset_transport_header(skb);
		return ipproto;
	}
	if (unlikely(udp_tunnel_handle_offloads(skb, true)))
		return -ENOMEM;
	if (way->format == K8SNET_FORMAT_VXLAN) {
		send_push_vxlan(skb, way);
	} else {
		skb_set_inner_mac_header(skb, 0);
		skb_set_inner_protocol(skb, skb->protocol);
	}
	send_push_udp(skb, way);
	return IPPROTO_UDP;
}

/* To the next hop, whose MAC address may yet have to be found. */
static inline int send_to_neighbour(struct sk_buff *skb,
				    struct neighbour *neigh, bool is_v6gw,
				    bool is_open)
{
	if (IS_ERR(neigh)) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	return k8snet_xmit(skb, neigh, is_v6gw, is_open);
}

/* As ip_local_out() and what follows: hooks, of which none is used, left out. */
static __always_inline int send_now4(struct sk_buff *skb, struct dst_entry *dst,
				     bool is_open)
{
	struct iphdr *iph = ip_hdr(skb);
	struct neighbour *neigh;
	bool is_v6gw;

	iph->tot_len = htons(skb->len);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, sizeof(*iph) / 4);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = dst->dev;
	neigh = k8snet_route_neighbour4(dst, iph->daddr, &is_v6gw);
	return send_to_neighbour(skb, neigh, is_v6gw, is_open);
}

static int send_now6(struct sk_buff *skb, const struct k8snet_way *way)
{
	struct neighbour *neigh;

	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = way->dst->dev;
	neigh = k8snet_route_neighbour6(way->dst, &way->node->via.ip6);
	return send_to_neighbour(skb, neigh, false,
				 k8snet_xmit_is_open(way->dst->dev));
}

/*
 * Unique for a while among the packets from here to there (RFC 6864): one
 * number for each segment that may become a packet.
 */
static __be16 send_ident(const struct sk_buff *skb, struct k8snet_node *node)
{
	int segs = skb_shinfo(skb)->gso_segs ?: 1;

	return htons((u16)atomic_fetch_add(segs, &node->ident));
}

static int send_out4(struct sk_buff *skb, const struct k8snet_way *way, u8 protocol)
{
	struct net *net = way->ks->net;
	struct iphdr *iph;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) >> 2;
	iph->tos = way->tos;
	iph->frag_off = ip_mtu_locked(way->dst) ? 0 : way->df;
	iph->ttl = way->ttl;
	iph->protocol = protocol;
	iph->saddr = way->saddr.ip;
	iph->daddr = way->node->via.ip;
	iph->id = send_ident(skb, way->node);
	return way->at_once ?
	       send_now4(skb, way->dst, k8snet_xmit_is_open(way->dst->dev)) :
	       ip_local_out(net, way->ks->sock->sk, skb);
}

static int send_out6(struct sk_buff *skb, const struct k8snet_way *way, u8 protocol)
{
	struct ipv6hdr *ip6h;

	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, way->tos, way->label);
	ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
	ip6h->nexthdr = protocol;
	ip6h->hop_limit = way->ttl;
	ip6h->saddr = way->saddr.ip6;
	ip6h->daddr = way->node->via.ip6;
	/* May be fragmented, see send_fits(). */
	skb->ignore_df = 1;
	return way->at_once ? send_now6(skb, way) :
			      ip6_local_out(way->ks->net, way->ks->sock6->sk,
					    skb);
}

/*
 * To the next hop as it is: the node's own, or the router that knows it. The
 * packet has no route while it waits for the next hop's MAC address: by one
 * it would be sent to the pod's address when that has come (neigh_update()).
 */
static int send_direct_to(struct sk_buff *skb, const struct k8snet_node *node)
{
	const struct k8snet_addr *via = &node->via;
	struct dst_entry *dst = skb_dst(skb);
	struct rtable *rt;
	const void *next;
	int table;

	if (via->family == AF_INET) {
		rt = container_of(dst, struct rtable, dst);
		if (rt->rt_gw_family == AF_INET6) {
			table = NEIGH_ND_TABLE;
			next = &rt->rt_gw6;
		} else {
			table = NEIGH_ARP_TABLE;
			next = rt->rt_gw_family ? &rt->rt_gw4 : &via->ip;
		}
	} else {
		table = NEIGH_ND_TABLE;
		next = rt6_nexthop(container_of(dst, struct rt6_info, dst),
				   (struct in6_addr *)&via->ip6);
	}
	/* RCU keeps what the route has told. */
	skb->dev = dst->dev;
	skb_dst_drop(skb);
	return neigh_xmit(table, skb->dev, next, skb);
}

/* The node is looked up again: ip_do_fragment() has no place to carry it. */
static int send_direct_fragment(struct net *net, struct sock *sk,
				struct sk_buff *skb)
{
	struct k8snet_dev *kdev = netdev_priv(skb->dev);
	struct k8snet_node *node;

	node = k8snet_podnet_lookup4(&kdev->nodes.podnet, ip_hdr(skb)->daddr);
	if (unlikely(!node)) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	return send_direct_to(skb, node);
}

/* What IP does on its way out, which neigh_xmit() is behind. */
static int send_direct_fragments(struct sk_buff *skb, const struct k8snet_way *way)
{
	struct net *net = way->ks->net;
	struct sock *sk = way->ks->sock->sk;
	struct sk_buff *segs, *next;
	int err = 0, one;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	if (!skb_is_gso(skb))
		return ip_do_fragment(net, sk, skb, send_direct_fragment);
	segs = skb_gso_segment(skb, way->dst->dev->features &
				    ~NETIF_F_GSO_MASK);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
		one = ip_do_fragment(net, sk, skb, send_direct_fragment);
		err = err ?: one;
	}
	return err;
}

static int send_direct(struct sk_buff *skb, const struct k8snet_way *way,
		       const struct net_device *dev)
{
	/* Connections and marks of another namespace mean nothing here. */
	if (!net_eq(dev_net(dev), way->ks->net))
		skb_scrub_packet(skb, true);
	else
		skb_dst_drop(skb);
	skb_dst_set(skb, way->dst);
	return unlikely(way->too_big) ? send_direct_fragments(skb, way) :
					send_direct_to(skb, way->node);
}

static int send_encapsulated(struct sk_buff *skb, const struct k8snet_way *way,
			     const struct net_device *dev)
{
	int protocol = send_push_tunnel(skb, way);

	if (unlikely(protocol < 0)) {
		dst_release(way->dst);
		kfree_skb(skb);
		return protocol;
	}
	/*
	 * The outer packet is a new one: it has neither the mark nor the
	 * conntrack entry of the inner one, and gets none, so no rule meant
	 * for pods can touch it.
	 */
	skb_scrub_packet(skb, !net_eq(dev_net(dev), way->ks->net));
	skb->mark = 0;
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, way->dst);
	return way->saddr.family == AF_INET ? send_out4(skb, way, protocol) :
					      send_out6(skb, way, protocol);
}

/* Is it IP, and the header there? */
static bool send_header_ok(struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return pskb_may_pull(skb, sizeof(struct iphdr)) &&
		       ip_hdr(skb)->version == 4;
	case htons(ETH_P_IPV6):
		return pskb_may_pull(skb, sizeof(struct ipv6hdr)) &&
		       ipv6_hdr(skb)->version == 6;
	default:
		return false;
	}
}

static struct k8snet_node *send_node(struct k8snet_dev *kdev,
				     struct sk_buff *skb)
{
	struct k8snet_podnet *podnet = &kdev->nodes.podnet;
	struct k8snet_node *node;

	if (skb->protocol == htons(ETH_P_IP)) {
		node = k8snet_podnet_lookup4(podnet, ip_hdr(skb)->daddr);
		if (unlikely(!node))
			icmp_ndo_send(skb, ICMP_DEST_UNREACH,
				      ICMP_HOST_UNREACH, 0);
	} else {
		node = k8snet_podnet_lookup6(podnet, &ipv6_hdr(skb)->daddr);
		if (unlikely(!node))
			icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH,
					ICMPV6_ADDR_UNREACH, 0);
	}
	return node;
}

static void send_count(struct k8snet_dev *kdev, struct k8snet_node *node,
		       unsigned int len, int err)
{
	if (likely(!net_xmit_eval(err))) {
		dev_sw_netstats_tx_add(kdev->dev, 1, len);
		k8snet_stats_tx(node->traffic, len);
		return;
	}
	k8snet_stats_drop(kdev->drops,
			  err == -ENOMEM ? K8SNET_DROP_REASON_TX_NO_MEMORY :
					   K8SNET_DROP_REASON_TX_UNDERLAY);
	k8snet_stats_tx_dropped(node->traffic);
}

/* What is decided is done; whether it was is counted. */
static void send_go(struct sk_buff *skb, struct k8snet_way *way,
		    struct net_device *dev)
{
	unsigned int len = skb->len;
	int err;

	if (way->format == K8SNET_FORMAT_DIRECT) {
		err = send_direct(skb, way, dev);
	} else {
		send_entropy(way, skb);
		err = send_encapsulated(skb, way, dev);
	}
	send_count(netdev_priv(dev), way->node, len, err);
}

/* As udp_flow_src_port() chooses it. */
static __be16 send_sport(struct net *net, u32 hash)
{
	int low, high;

	inet_get_local_port_range(net, &low, &high);
	hash ^= hash << 16;
	return htons((u16)(((u64)hash * (high - low) >> 32) + low));
}

static void send_draft(struct k8snet_memo *memo, const struct k8snet_way *way,
		       __be16 proto)
{
	const struct k8snet_settings *settings = way->settings;
	struct k8snet_memo_header *h = &memo->header;

	h->ip.version = 4;
	h->ip.ihl = sizeof(h->ip) >> 2;
	h->ip.protocol = IPPROTO_UDP;
	h->ip.saddr = way->saddr.ip;
	h->ip.daddr = way->node->via.ip;
	h->udp.source = way->sport;
	h->udp.dest = way->dport;
	h->vxlan.flags = K8SNET_VXLAN_FLAGS;
	h->vxlan.vni = htonl(settings->vni << 8);
	ether_addr_copy(h->eth.h_dest, way->node->mac);
	if (settings->has_mac)
		ether_addr_copy(h->eth.h_source, settings->mac);
	else
		k8snet_packet_mac(h->eth.h_source, &way->saddr);
	h->eth.h_proto = proto;
}

/**
 * k8snet_send_remember() - draft the outer headers of a flow's packets
 * @memo: where they go, all zero; its route holds a reference on success
 * @kdev: the overlay device
 * @node: the node
 * @hash: of the flow
 * @proto: what the flow's packets are
 *
 * For VXLAN over IPv4, the way of nearly all packets. The draft is good as long
 * as the generation of flows and the route are; without one, the flow's packets
 * go by k8snet_send_begin().
 *
 * Context: bottom halves off, RCU read side.
 */
void k8snet_send_remember(struct k8snet_memo *memo, struct k8snet_dev *kdev,
			  struct k8snet_node *node, u32 hash, __be16 proto)
{
	enum k8snet_drop_reason why;
	struct k8snet_way way = { .node = node };

	way.ks = rcu_dereference(kdev->main.ks);
	if (!way.ks || node->via.family != AF_INET)
		return;
	way.settings = rcu_dereference(kdev->settings);
	way.dport = k8snet_device_port(way.settings, node);
	way.sport = send_sport(way.ks->net, hash);
	if (!k8snet_way_route(&way, &why))
		return;
	if (k8snet_way_format(way.settings, node, way.dst) != K8SNET_FORMAT_VXLAN ||
	    !k8snet_way_is_plain(&way)) {
		dst_release(way.dst);
		return;
	}
	send_draft(memo, &way, proto);
	memo->headroom = k8snet_way_headroom(way.dst, sizeof(memo->header));
	memo->dst = way.dst;
}

/* As udp_set_csum() does it if the inner packet leaves nothing to be summed up. */
static void recall_sum(struct sk_buff *skb, struct k8snet_memo_header *h)
{
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	h->udp.check = ~udp_v4_check(skb->len - sizeof(h->ip), h->ip.saddr,
				     h->ip.daddr, 0);
}

/**
 * k8snet_send_recall() - send a packet with the headers that were drafted
 * @memo: the draft
 * @kdev: the overlay device
 * @node: the node
 * @skb: the packet, with as much headroom as the draft wants and a hash;
 *	consumed, sent or counted as dropped
 * @is_open: k8snet_xmit_is_open() for the device of the draft's route
 *
 * Context: bottom halves off, RCU read side.
 */
void k8snet_send_recall(const struct k8snet_memo *memo, struct k8snet_dev *kdev,
			struct k8snet_node *node, struct sk_buff *skb,
			bool is_open)
{
	const struct send_policy policy =
		send_policy(rcu_dereference(kdev->settings), skb);
	const bool is_whole = !skb_is_gso(skb) &&
			      skb->ip_summed != CHECKSUM_PARTIAL;
	struct k8snet_memo_header *h;
	unsigned int len = skb->len;

	if (likely(is_whole)) {
		skb->encapsulation = 0;
	} else if (unlikely(udp_tunnel_handle_offloads(skb, true))) {
		kfree_skb(skb);
		send_count(kdev, node, len, -ENOMEM);
		return;
	}
	h = __skb_push(skb, sizeof(*h));
	*h = memo->header;
	/* See send_push_vxlan() and send_encapsulated(). */
	skb_set_inner_mac_header(skb, offsetof(struct k8snet_memo_header, eth));
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(h->ip));
	skb_scrub_packet(skb, false);
	skb->mark = 0;
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	skb_dst_set_noref(skb, memo->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	h->udp.len = htons(skb->len - sizeof(h->ip));
	if (likely(is_whole))
		recall_sum(skb, h);
	else
		udp_set_csum(false, skb, h->ip.saddr, h->ip.daddr,
			     skb->len - sizeof(h->ip));
	h->ip.tos = policy.tos;
	h->ip.ttl = policy.ttl;
	h->ip.frag_off = ip_mtu_locked(memo->dst) ? 0 : policy.df;
	h->ip.id = send_ident(skb, node);
	send_count(kdev, node, len, send_now4(skb, memo->dst, is_open));
}

/**
 * k8snet_send_begin() - decide how a packet goes to a node
 * @way: where that goes
 * @kdev: the overlay device
 * @node: the node
 * @skb: the packet, which stays as it is
 *
 * Context: bottom halves off, RCU read side, until the way has ended.
 * Return: true, and k8snet_send_end() or k8snet_send_cancel() must follow; or
 *	false, and k8snet_send() has something to say about the packet.
 */
bool k8snet_send_begin(struct k8snet_way *way, struct k8snet_dev *kdev,
		       struct k8snet_node *node, const struct sk_buff *skb)
{
	enum k8snet_drop_reason why;
	int mtu;

	k8snet_way_init(way, node);
	way->ks = rcu_dereference(kdev->main.ks);
	if (unlikely(!way->ks ||
		     (node->via.family == AF_INET6 && !way->ks->sock6)))
		return false;
	way->settings = rcu_dereference(kdev->settings);
	way->dport = k8snet_device_port(way->settings, node);
	if (unlikely(!k8snet_way_route(way, &why)))
		return false;
	way->format = k8snet_way_format(way->settings, node, way->dst);
	way->overhead = k8snet_packet_overhead(way->format, node->via.family);
	if (unlikely(way->is_new))
		k8snet_way_note_mtu(way);
	mtu = min_t(int, READ_ONCE(kdev->dev->mtu),
		    dst_mtu(way->dst) - way->overhead);
	/* IPsec and the like are the outer stack's. */
	if (unlikely(dst_xfrm(way->dst) || way->dst->lwtstate ||
		     !k8snet_packet_is_within(skb, mtu))) {
		dst_release(way->dst);
		return false;
	}
	way->at_once = k8snet_early_may_send(way->ks->kn, node->via.family);
	return true;
}

/**
 * k8snet_send_cancel() - leave a way that was begun
 * @way: the way
 */
void k8snet_send_cancel(struct k8snet_way *way)
{
	dst_release(way->dst);
}

/**
 * k8snet_send_end() - send a packet on a way that was begun
 * @way: the way
 * @kdev: the overlay device
 * @skb: the packet, not larger than it was; consumed, sent or counted as dropped
 */
void k8snet_send_end(struct k8snet_way *way, struct k8snet_dev *kdev,
		     struct sk_buff *skb)
{
	if (unlikely(skb_cow_head(skb, k8snet_way_headroom(way->dst,
							   way->overhead)))) {
		dst_release(way->dst);
		k8snet_stats_drop(kdev->drops, K8SNET_DROP_REASON_TX_NO_MEMORY);
		k8snet_stats_tx_dropped(way->node->traffic);
		kfree_skb(skb);
		return;
	}
	send_set_policy(way, skb);
	send_go(skb, way, kdev->dev);
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
	enum k8snet_drop_reason why;
	struct k8snet_way way __uninitialized;

	k8snet_way_init(&way, NULL);
	rcu_read_lock();
	why = K8SNET_DROP_REASON_TX_PROTOCOL;
	if (unlikely(!send_header_ok(skb)))
		goto drop;
	why = K8SNET_DROP_REASON_TX_NO_NODE;
	way.node = send_node(kdev, skb);
	if (unlikely(!way.node))
		goto drop;
	why = K8SNET_DROP_REASON_TX_NO_LOCAL;
	way.ks = rcu_dereference(kdev->main.ks);
	if (unlikely(!way.ks ||
		     (way.node->via.family == AF_INET6 && !way.ks->sock6)))
		goto drop;

	way.settings = rcu_dereference(kdev->settings);
	way.dport = k8snet_device_port(way.settings, way.node);
	if (unlikely(!k8snet_way_route(&way, &why)))
		goto drop;
	way.format = k8snet_way_format(way.settings, way.node, way.dst);
	way.overhead = k8snet_packet_overhead(way.format,
					      way.node->via.family);
	if (unlikely(way.is_new))
		k8snet_way_note_mtu(&way);
	send_set_policy(&way, skb);
	why = K8SNET_DROP_REASON_TX_TOO_BIG;
	if (unlikely(!send_fits(skb, &way, READ_ONCE(dev->mtu))))
		goto drop_route;
	why = K8SNET_DROP_REASON_TX_NO_MEMORY;
	if (unlikely(skb_cow_head(skb, k8snet_way_headroom(way.dst,
							   way.overhead))))
		goto drop_route;
	way.at_once = k8snet_way_is_plain(&way) &&
		      k8snet_early_may_send(way.ks->kn, way.node->via.family);

	send_go(skb, &way, dev);
	rcu_read_unlock();
	return NETDEV_TX_OK;

drop_route:
	dst_release(way.dst);
drop:
	k8snet_stats_drop(kdev->drops, why);
	if (way.node)
		k8snet_stats_tx_dropped(way.node->traffic);
	rcu_read_unlock();
	kfree_skb(skb);
	return NETDEV_TX_OK;
}
