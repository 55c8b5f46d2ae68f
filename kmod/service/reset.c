// SPDX-License-Identifier: GPL-2.0
/*
 * Ends a TCP connection from the middle: a reset to both ends, each in the name
 * of the other one, with the sequence numbers that conntrack has seen.
 */
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/tcp.h>

#include "route.h"
#include "service/reset.h"

/* Who the reset comes from and who gets it. */
struct reset {
	u16 family;
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	__be16 sport;
	__be16 dport;
	u32 seq;
	u32 ack;
};

static struct tcphdr *reset_tcp(struct sk_buff *skb, const struct reset *r)
{
	struct tcphdr *th;

	skb_reset_transport_header(skb);
	th = skb_put_zero(skb, sizeof(*th));
	th->source = r->sport;
	th->dest = r->dport;
	th->seq = htonl(r->seq);
	th->ack_seq = htonl(r->ack);
	th->doff = sizeof(*th) / 4;
	th->rst = 1;
	th->ack = 1;
	return th;
}

static void reset_put4(struct sk_buff *skb, const struct reset *r,
		       const struct dst_entry *dst)
{
	struct tcphdr *th;
	struct iphdr *iph;

	skb->protocol = htons(ETH_P_IP);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->frag_off = htons(IP_DF);
	iph->ttl = ip4_dst_hoplimit(dst);
	iph->protocol = IPPROTO_TCP;
	iph->saddr = r->saddr.ip;
	iph->daddr = r->daddr.ip;
	th = reset_tcp(skb, r);
	th->check = tcp_v4_check(sizeof(*th), iph->saddr, iph->daddr,
				 csum_partial(th, sizeof(*th), 0));
}

static void reset_put6(struct sk_buff *skb, const struct reset *r,
		       const struct dst_entry *dst)
{
	struct ipv6hdr *ip6h;
	struct tcphdr *th;

	skb->protocol = htons(ETH_P_IPV6);
	skb_reset_network_header(skb);
	ip6h = skb_put_zero(skb, sizeof(*ip6h));
	ip6_flow_hdr(ip6h, 0, 0);
	ip6h->hop_limit = ip6_dst_hoplimit((struct dst_entry *)dst);
	ip6h->nexthdr = IPPROTO_TCP;
	ip6h->payload_len = htons(sizeof(*th));
	ip6h->saddr = r->saddr.in6;
	ip6h->daddr = r->daddr.in6;
	th = reset_tcp(skb, r);
	th->check = tcp_v6_check(sizeof(*th), &ip6h->saddr, &ip6h->daddr,
				 csum_partial(th, sizeof(*th), 0));
}

static struct dst_entry *reset_route4(struct net *net, const struct reset *r)
{
	struct flowi4 fl4 = {
		.daddr = r->daddr.ip,
		.saddr = r->saddr.ip,
		.flowi4_proto = IPPROTO_TCP,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *reset_route6(struct net *net, const struct reset *r)
{
	struct flowi6 fl6 = {
		.daddr = r->daddr.in6,
		.saddr = r->saddr.in6,
		.flowi6_proto = IPPROTO_TCP,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst = k8snet_route_ip6(net, &fl6);

	return IS_ERR(dst) ? NULL : dst;
}

/* The address of the other end is not one of the node's: no socket has it. */
static void reset_send(struct net *net, const struct reset *r)
{
	struct dst_entry *dst;
	struct sk_buff *skb;

	dst = r->family == AF_INET ? reset_route4(net, r) : reset_route6(net, r);
	if (!dst)
		return;
	skb = alloc_skb(LL_MAX_HEADER + sizeof(struct ipv6hdr) +
			sizeof(struct tcphdr), GFP_KERNEL);
	if (!skb) {
		dst_release(dst);
		return;
	}
	skb_reserve(skb, LL_MAX_HEADER);
	skb_dst_set(skb, dst);
	skb->dev = dst->dev;
	/* Its addresses are as they must be on the way. */
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	if (r->family == AF_INET) {
		reset_put4(skb, r, dst);
		ip_local_out(net, NULL, skb);
	} else {
		reset_put6(skb, r, dst);
		ip6_local_out(net, NULL, skb);
	}
}

/**
 * k8snet_reset_both() - send a reset to both ends of a connection
 * @net: the namespace
 * @ct: a TCP connection, out of conntrack's table and held
 *
 * An end that has not got all that the other one sent does not believe the
 * reset at once (RFC 5961 section 3): it asks, and what it asks with is a new
 * connection here, which is refused or gets a reset from another endpoint, with
 * the right number.
 *
 * Context: process.
 */
void k8snet_reset_both(struct net *net, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *orig =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	u32 client = ct->proto.tcp.seen[IP_CT_DIR_ORIGINAL].td_end;
	u32 server = ct->proto.tcp.seen[IP_CT_DIR_REPLY].td_end;
	struct reset r = { .family = nf_ct_l3num(ct) };

	if (ct->proto.tcp.state >= TCP_CONNTRACK_TIME_WAIT)
		return;
	r.saddr = orig->dst.u3;
	r.sport = orig->dst.u.tcp.port;
	r.daddr = orig->src.u3;
	r.dport = orig->src.u.tcp.port;
	r.seq = server;
	r.ack = client;
	reset_send(net, &r);
	r.saddr = reply->dst.u3;
	r.sport = reply->dst.u.tcp.port;
	r.daddr = reply->src.u3;
	r.dport = reply->src.u.tcp.port;
	r.seq = client;
	r.ack = server;
	reset_send(net, &r);
}
