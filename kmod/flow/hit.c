// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of flows that are remembered: translated, given to the way out, done.
 * Whatever is unusual about a packet leaves it to the stack, as it was.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/route.h>

#include "flow/flow.h"
#include "flow/peer.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/guard.h"
#include "overlay/receive.h"
#include "overlay/send.h"
#include "overlay/socket.h"
#include "route.h"

/* One packet on its way past the stack. */
struct hit {
	struct k8snet_net *kn;
	struct sk_buff *skb;
	struct k8snet_flow_key key;
	unsigned int hlen;		/* of the headers that may be written */
	unsigned int l4;		/* offset of the second of them */
	u8 ttl;
	u8 dscp;
	bool closing;			/* or opening: conntrack must see it */
};

/* TCP or UDP, whole, without options; headers in the linear part. */
static bool hit_parse_ip4(struct hit *hit)
{
	const struct iphdr *iph = ip_hdr(hit->skb);

	if (iph->ihl != 5 || ip_is_fragment(iph))
		return false;
	hit->l4 = sizeof(*iph);
	hit->key.protocol = iph->protocol;
	hit->key.saddr.ip = iph->saddr;
	hit->key.daddr.ip = iph->daddr;
	hit->key.family = AF_INET;
	hit->ttl = iph->ttl;
	hit->dscp = iph->tos & 0xfc;
	return true;
}

static bool hit_parse_ip6(struct hit *hit)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(hit->skb);

	hit->l4 = sizeof(*ip6h);
	hit->key.protocol = ip6h->nexthdr;
	hit->key.saddr.in6 = ip6h->saddr;
	hit->key.daddr.in6 = ip6h->daddr;
	hit->key.family = AF_INET6;
	hit->ttl = ip6h->hop_limit;
	hit->dscp = ipv6_get_dsfield(ip6h) & 0xfc;
	return true;
}

static bool hit_parse_tcp(struct hit *hit)
{
	const struct tcphdr *th;

	hit->hlen = hit->l4 + sizeof(*th);
	if (!pskb_may_pull(hit->skb, hit->hlen))
		return false;
	th = (void *)(skb_network_header(hit->skb) + hit->l4);
	hit->key.sport = th->source;
	hit->key.dport = th->dest;
	hit->closing = tcp_flag_word(th) &
		       (TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_SYN);
	/*
	 * It begins, and is not known. If it is, conntrack has no opinion of
	 * the packet (TCP_CONNTRACK_IGNORE), but has of the answer.
	 */
	return (tcp_flag_word(th) & (TCP_FLAG_SYN | TCP_FLAG_ACK)) !=
	       TCP_FLAG_SYN;
}

static bool hit_parse_udp(struct hit *hit)
{
	const struct udphdr *uh;

	hit->hlen = hit->l4 + sizeof(*uh);
	if (!pskb_may_pull(hit->skb, hit->hlen))
		return false;
	uh = (void *)(skb_network_header(hit->skb) + hit->l4);
	hit->key.sport = uh->source;
	hit->key.dport = uh->dest;
	/* A tunnel packet is no flow of its own. */
	return likely(!k8snet_guard_may_have_port(hit->kn, uh->dest)) ||
	       !k8snet_socket_has_port(hit->kn, uh->dest);
}

static bool hit_parse(struct hit *hit)
{
	if (hit->skb->protocol == htons(ETH_P_IP) ? !hit_parse_ip4(hit) :
						    !hit_parse_ip6(hit))
		return false;
	if (hit->key.protocol == IPPROTO_TCP)
		return hit_parse_tcp(hit);
	return hit->key.protocol == IPPROTO_UDP && hit_parse_udp(hit);
}

/*
 * A connection ends, or is begun anew. Conntrack has not seen the last packets
 * of it: a reset must not be measured by what it has (nf_conntrack_tcp_packet()).
 */
static void hit_return(const struct k8snet_flow_entry *e)
{
	struct ip_ct_tcp *tcp = &e->ct->proto.tcp;

	spin_lock_bh(&e->ct->lock);
	tcp->seen[0].td_maxwin = 0;
	tcp->seen[1].td_maxwin = 0;
	tcp->seen[0].flags &= ~IP_CT_TCP_FLAG_MAXACK_SET;
	tcp->seen[1].flags &= ~IP_CT_TCP_FLAG_MAXACK_SET;
	spin_unlock_bh(&e->ct->lock);
}

/* May this packet go past the stack? What it is counted as if not. */
static bool hit_may(const struct hit *hit, const struct k8snet_flow_entry *e,
		    enum k8snet_flow_counter *why)
{
	const struct sk_buff *skb = hit->skb;

	*why = K8SNET_FLOW_COUNTER_PASS_TTL;
	if (unlikely(hit->ttl <= 1))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_DSCP;
	if (unlikely(hit->dscp != e->dscp))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_MARK;
	if (unlikely(skb->mark))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_UNUSUAL;
	if (unlikely(skb->pkt_type != PACKET_HOST || skb_dst(skb) ||
		     skb_sec_path(skb) || skb_warn_if_lro(skb) ||
		     nf_bridge_info_exists(skb) || skb->_nfct))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_WATCHED;
	return !e->kdev || likely(!k8snet_device_is_watched(e->kdev->dev));
}

static bool hit_is_within(const struct sk_buff *skb, unsigned int mtu)
{
	return skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
				 skb->len <= mtu;
}

static bool hit_fits(const struct sk_buff *skb, const struct k8snet_flow_entry *e)
{
	unsigned int mtu = e->key.family == AF_INET ?
			   ip_dst_mtu_maybe_forward(e->dst, true) :
			   ip6_dst_mtu_maybe_forward(e->dst, true);

	return hit_is_within(skb, mtu);
}

static void hit_sum4(struct sk_buff *skb, __sum16 *check,
		     const struct k8snet_flow_entry *e)
{
	const struct iphdr *iph = ip_hdr(skb);

	inet_proto_csum_replace4(check, skb, iph->saddr, e->saddr.ip, true);
	inet_proto_csum_replace4(check, skb, iph->daddr, e->daddr.ip, true);
}

static void hit_sum6(struct sk_buff *skb, __sum16 *check,
		     const struct k8snet_flow_entry *e)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	inet_proto_csum_replace16(check, skb, ip6h->saddr.s6_addr32,
				  e->saddr.ip6, true);
	inet_proto_csum_replace16(check, skb, ip6h->daddr.s6_addr32,
				  e->daddr.ip6, true);
}

static void hit_sum(struct sk_buff *skb, __sum16 *check, __be16 sport,
		    __be16 dport, const struct k8snet_flow_entry *e)
{
	if (e->key.family == AF_INET)
		hit_sum4(skb, check, e);
	else
		hit_sum6(skb, check, e);
	inet_proto_csum_replace2(check, skb, sport, e->sport, false);
	inet_proto_csum_replace2(check, skb, dport, e->dport, false);
}

static void hit_translate_l4(const struct hit *hit,
			     const struct k8snet_flow_entry *e)
{
	void *l4 = skb_network_header(hit->skb) + hit->l4;
	struct tcphdr *th = l4;
	struct udphdr *uh = l4;

	if (e->key.protocol == IPPROTO_TCP) {
		hit_sum(hit->skb, &th->check, th->source, th->dest, e);
	} else if (uh->check || hit->skb->ip_summed == CHECKSUM_PARTIAL) {
		hit_sum(hit->skb, &uh->check, uh->source, uh->dest, e);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	}
	/* Both begin with the ports. */
	uh->source = e->sport;
	uh->dest = e->dport;
}

/* As nf_nat and ip_forward() do it; headers are ours to write. */
static void hit_rewrite(const struct hit *hit, const struct k8snet_flow_entry *e)
{
	struct sk_buff *skb = hit->skb;
	struct ipv6hdr *ip6h;
	struct iphdr *iph;

	skb_forward_csum(skb);
	/* When it came in is not when it is to go (sch_fq would wait for that). */
	skb_clear_tstamp(skb);
	if (e->translated)
		hit_translate_l4(hit, e);
	if (e->key.family == AF_INET6) {
		ip6h = ipv6_hdr(skb);
		__IP6_INC_STATS(hit->kn->net, ip6_dst_idev(e->dst),
				IPSTATS_MIB_OUTFORWDATAGRAMS);
		ip6h->hop_limit--;
		ip6h->saddr = e->saddr.in6;
		ip6h->daddr = e->daddr.in6;
		return;
	}
	iph = ip_hdr(skb);
	if (e->translated) {
		csum_replace4(&iph->check, iph->saddr, e->saddr.ip);
		csum_replace4(&iph->check, iph->daddr, e->daddr.ip);
		iph->saddr = e->saddr.ip;
		iph->daddr = e->daddr.ip;
	}
	ip_decrease_ttl(iph);
	__IP_INC_STATS(hit->kn->net, IPSTATS_MIB_OUTFORWDATAGRAMS);
	skb->priority = rt_tos2priority(iph->tos);
}

/* What conntrack does for each packet of an established connection. */
static void hit_account(struct k8snet_flow_entry *e, unsigned int len)
{
	u32 expires = nfct_time_stamp + e->timeout;
	struct nf_conn_acct *acct;

	if (READ_ONCE(e->ct->timeout) != expires &&
	    !test_bit(IPS_FIXED_TIMEOUT_BIT, &e->ct->status))
		WRITE_ONCE(e->ct->timeout, expires);
	acct = nf_conn_acct_find(e->ct);
	if (acct) {
		atomic64_inc(&acct->counter[e->dir].packets);
		atomic64_add(len, &acct->counter[e->dir].bytes);
	}
	/* For eyes only; two CPUs may lose some. */
	WRITE_ONCE(e->used, jiffies);
	WRITE_ONCE(e->packets, READ_ONCE(e->packets) + 1);
	WRITE_ONCE(e->bytes, READ_ONCE(e->bytes) + len);
}

/* Found before anything is written: the stack can tell why there is none. */
static struct neighbour *hit_neighbour(const struct k8snet_flow_entry *e,
				       bool *is_v6gw)
{
	*is_v6gw = false;
	if (e->key.family == AF_INET)
		return k8snet_route_neighbour4(e->dst, e->daddr.ip, is_v6gw);
	return k8snet_route_neighbour6(e->dst, &e->daddr.in6);
}

static bool hit_forward(struct hit *hit, struct k8snet_flow_entry *e,
			enum k8snet_flow_counter *why)
{
	struct net_device *dev = READ_ONCE(e->dst->dev), *peer = NULL;
	unsigned int len = hit->skb->len;
	struct neighbour *neigh;
	bool is_v6gw;

	*why = K8SNET_FLOW_COUNTER_PASS_MTU;
	if (unlikely(!hit_fits(hit->skb, e)))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_MEMORY;
	neigh = hit_neighbour(e, &is_v6gw);
	if (IS_ERR(neigh) ||
	    unlikely(skb_ensure_writable(hit->skb, hit->hlen)))
		return false;
	if (e->to_veth && READ_ONCE(hit->kn->flows.settings.peer) && !is_v6gw)
		peer = k8snet_flow_peer_find(dev, neigh, hit->skb);
	/* The pod's end asks for no more than what the search has made sure of. */
	if (!peer && unlikely(skb_cow_head(hit->skb, LL_RESERVED_SPACE(dev))))
		return false;
	hit_rewrite(hit, e);
	hit_account(e, len);
	if (peer) {
		k8snet_flow_count(&hit->kn->flows,
				  K8SNET_FLOW_COUNTER_HIT_PEER);
		k8snet_flow_peer_receive(dev, peer, neigh, hit->skb);
		return true;
	}
	hit->skb->dev = dev;
	skb_dst_set_noref(hit->skb, e->dst);
	/* It may wait there for a MAC address. */
	neigh_output(neigh, hit->skb, is_v6gw);
	return true;
}

/* By headers that are ready. A device's MTU that changes is seen there. */
static bool hit_recall(struct hit *hit, struct k8snet_flow_entry *e,
		       enum k8snet_flow_counter *why)
{
	struct sk_buff *skb = hit->skb;
	unsigned int len = skb->len;

	*why = K8SNET_FLOW_COUNTER_PASS_MEMORY;
	if (unlikely(skb_cow_head(skb, e->memo.headroom) ||
		     (skb_cloned(skb) && skb_ensure_writable(skb, hit->hlen))))
		return false;
	hit_rewrite(hit, e);
	hit_account(e, len);
	if (!skb->l4_hash)
		__skb_set_sw_hash(skb, e->hash, true);
	k8snet_send_recall(&e->memo, e->kdev, e->node, skb);
	return true;
}

/* Do the headers that are ready do for this packet? */
static bool hit_may_recall(const struct hit *hit,
			   const struct k8snet_flow_entry *e)
{
	return e->memo.dst && (e->key.family == AF_INET ?
			       hit_is_within(hit->skb, e->mtu) :
			       hit_fits(hit->skb, e)) &&
	       k8snet_send_may_recall(&e->memo, hit->kn, e->kdev, hit->skb);
}

static bool hit_overlay(struct hit *hit, struct k8snet_flow_entry *e,
			enum k8snet_flow_counter *why)
{
	unsigned int len = hit->skb->len;
	struct k8snet_way way;

	if (likely(hit_may_recall(hit, e)))
		return hit_recall(hit, e, why);
	*why = K8SNET_FLOW_COUNTER_PASS_MTU;
	if (unlikely(!hit_fits(hit->skb, e) ||
		     !k8snet_send_begin(&way, e->kdev, e->node, hit->skb)))
		return false;
	*why = K8SNET_FLOW_COUNTER_PASS_MEMORY;
	if (unlikely(skb_ensure_writable(hit->skb, hit->hlen))) {
		k8snet_send_cancel(&way);
		return false;
	}
	hit_rewrite(hit, e);
	hit_account(e, len);
	hit->skb->dev = e->kdev->dev;
	if (!hit->skb->l4_hash)
		__skb_set_sw_hash(hit->skb, e->hash, true);
	k8snet_send_end(&way, e->kdev, hit->skb);
	return true;
}

/*
 * The first to come notes where from; packets from elsewhere, of which there
 * are some when a node has several addresses, are looked at each time.
 */
static void hit_note_arrival(struct k8snet_flow_entry *e,
			     const struct k8snet_outer *outer,
			     struct k8snet_node *from)
{
	struct k8snet_flow_arrival *known = &e->arrival;
	/* What is not 0 has the rest before it, see below. */
	u64 way_in = atomic64_read_acquire(&known->way_in);

	/* Of an older generation the node may be on its way to be freed. */
	if (likely(way_in == outer->way_in) ||
	    outer->generation != e->generation)
		return;
	if (!way_in) {
		if (cmpxchg(&known->node, NULL, from))
			return;
		known->saddr = outer->source.ip;
		known->daddr = outer->dest.ip;
	} else if (known->node != from || known->saddr != outer->source.ip ||
		   known->daddr != outer->dest.ip) {
		return;
	}
	/* The rest is there when this is seen. */
	atomic64_set_release(&known->way_in, outer->way_in);
}

static bool hit_has_arrival(const struct k8snet_flow_entry *e, __be32 saddr,
			    __be32 daddr, u64 way_in)
{
	const struct k8snet_flow_arrival *known = &e->arrival;

	/* See hit_note_arrival(). */
	return (u64)atomic64_read_acquire(&known->way_in) == way_in &&
	       known->saddr == saddr && known->daddr == daddr;
}

/*
 * Somebody else has the packet, too, as pktgen has what it sends. ip_rcv_core()
 * makes a clone then, whose headers are copied when there is something to write;
 * a copy that has the room costs less than both.
 */
static struct sk_buff *hit_own(struct sk_buff *skb,
			       const struct k8snet_flow_entry *e)
{
	unsigned int headroom = e->memo.dst ? e->memo.headroom :
				LL_RESERVED_SPACE(READ_ONCE(e->dst->dev));

	if (skb_is_nonlinear(skb))
		return skb_clone(skb, GFP_ATOMIC);
	return skb_copy_expand(skb, headroom, 0, GFP_ATOMIC);
}

static bool hit_go(struct hit *hit, struct k8snet_flow_entry *e,
		   enum k8snet_flow_counter *why)
{
	skb_set_transport_header(hit->skb, hit->l4);
	if (e->kdev ? !hit_overlay(hit, e, why) : !hit_forward(hit, e, why))
		return false;
	k8snet_flow_count(&hit->kn->flows, K8SNET_FLOW_COUNTER_HIT);
	return true;
}

/**
 * k8snet_flow_hit() - send a packet the way that is remembered
 * @kn: the namespace
 * @skb: a packet that has come in, at its IP header, which is sane
 * @in: the device
 * @outer: the outer headers, if it came in by a tunnel over IPv4 and they are
 *	right, to be remembered; or NULL
 * @from: the node that has sent it, or NULL
 *
 * Context: bottom halves off, RCU read side.
 * Return: true if the packet is consumed; else it is as it was, but what
 *	pointed into it may point elsewhere.
 */
bool k8snet_flow_hit(struct k8snet_net *kn, struct sk_buff *skb,
		     const struct net_device *in,
		     const struct k8snet_outer *outer,
		     struct k8snet_node *from)
{
	struct k8snet_flows *flows = &kn->flows;
	enum k8snet_flow_counter why;
	struct k8snet_flow_entry *e;
	/* Not cleared: most of the key is not looked at in IPv4. */
	struct hit hit;
	bool is_copy = false;

	hit.kn = kn;
	hit.skb = skb;
	hit.closing = false;
	if (!hit_parse(&hit))
		return false;
	hit.key.iif = in->ifindex;
	e = k8snet_flow_find(flows, &hit.key);
	if (!e) {
		k8snet_flow_count(flows, K8SNET_FLOW_COUNTER_MISS);
		return false;
	}
	if (unlikely(!k8snet_flow_is_valid(flows, e, &why)))
		goto remove;
	why = K8SNET_FLOW_COUNTER_EVICT_CLOSING;
	if (unlikely(hit.closing))
		goto remove;
	if (unlikely(!hit_may(&hit, e, &why)))
		goto pass;
	why = K8SNET_FLOW_COUNTER_PASS_MEMORY;
	if (unlikely(skb_shared(skb))) {
		hit.skb = hit_own(skb, e);
		if (!hit.skb)
			goto pass;
		is_copy = true;
	}
	if (outer && from)
		hit_note_arrival(e, outer, from);
	if (hit_go(&hit, e, &why)) {
		if (is_copy)
			consume_skb(skb);
		return true;
	}
	if (is_copy)
		consume_skb(hit.skb);
pass:
	k8snet_flow_count(flows, why);
	return false;

remove:
	if (why == K8SNET_FLOW_COUNTER_EVICT_CLOSING)
		hit_return(e);
	k8snet_flow_remove(flows, e, why);
	return false;
}

/* From the inner header: what is left is as k8snet_receive_inner() leaves it. */
static void hit_unwrap(struct sk_buff *skb)
{
	const unsigned int hlen = sizeof(struct k8snet_memo_header) -
				  sizeof(struct iphdr);

	k8snet_receive_summed(skb);
	__skb_push(skb, hlen);
	/* No GSO packet, and linear so far: it cannot fail. */
	k8snet_receive_unwrap(skb, hlen, skb->protocol, false);
}

/**
 * k8snet_flow_hit_tunnel() - as k8snet_flow_hit(), for a packet in its tunnel
 * @kn: the namespace
 * @kdev: the device that it is for, of the same namespace
 * @skb: a VXLAN packet at its outer IPv4 header, with all of the outer headers
 *	and 20 bytes in the linear part; ours alone, no GSO packet, and plain,
 *	see k8snet_early_take()
 * @answer: if the packet is not consumed: whether anybody need look again. A
 *	miss is not counted; the packet may be for somebody else
 *
 * Context: softirq, RCU read side.
 * Return: true if the packet is consumed; else it is as it was, but what
 *	pointed into it may point elsewhere.
 */
bool k8snet_flow_hit_tunnel(struct k8snet_net *kn, struct k8snet_dev *kdev,
			    struct sk_buff *skb,
			    enum k8snet_flow_answer *answer)
{
	const struct k8snet_memo_header *h = (void *)skb->data;
	const struct net_device *in = skb->dev;
	__be32 saddr = h->ip.saddr, daddr = h->ip.daddr;
	unsigned int len = skb->len - sizeof(*h);
	enum k8snet_flow_counter why;
	struct k8snet_flow_entry *e;
	struct hit hit;

	/* ECN that has something to say is for receive_ecn(). */
	if ((h->eth.h_proto != htons(ETH_P_IP) &&
	     h->eth.h_proto != htons(ETH_P_IPV6)) ||
	    unlikely(h->ip.tos & INET_ECN_ECT_1 ||
		     k8snet_device_is_watched(kdev->dev)))
		return false;
	skb->protocol = h->eth.h_proto;
	__skb_pull(skb, sizeof(*h));
	skb_reset_network_header(skb);

	hit.kn = kn;
	hit.skb = skb;
	hit.closing = false;
	*answer = K8SNET_FLOW_NONE;
	if (unlikely(!k8snet_receive_is_exact(skb) || !hit_parse(&hit)))
		goto undo;
	hit.key.iif = kdev->dev->ifindex;
	e = k8snet_flow_find(&kn->flows, &hit.key);
	*answer = K8SNET_FLOW_MISS;
	if (!e)
		goto undo;
	*answer = K8SNET_FLOW_UNASKED;
	if (unlikely(!k8snet_flow_is_valid(&kn->flows, e, &why) ||
		     hit.closing || !hit_may(&hit, e, &why)) ||
	    !hit_has_arrival(e, saddr, daddr,
			     k8snet_receive_way_in(kn->net, AF_INET, in)))
		goto undo;
	hit_unwrap(skb);
	if (likely(hit_go(&hit, e, &why))) {
		k8snet_receive_count(kdev, e->arrival.node, len);
		return true;
	}
	k8snet_flow_count(&kn->flows, why);
	k8snet_receive_deliver(kdev, e->arrival.node, skb, in);
	return true;

undo:
	__skb_push(skb, sizeof(*h));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(h->ip));
	skb->protocol = htons(ETH_P_IP);
	return false;
}

/* The packet that the ingress hook has just asked for in vain. */
static DEFINE_PER_CPU(const struct sk_buff *, hit_missed);

/**
 * k8snet_flow_hit_early() - as k8snet_flow_hit(), with prerouting behind it
 * @kn: the namespace
 * @skb: a packet that has come in, at its IP header, which is sane
 *
 * Prerouting asks no second time. Should another packet come by that looks the
 * same, because it has taken this one's place in memory, the stack gets that.
 *
 * Context: softirq, RCU read side.
 * Return: as k8snet_flow_hit() does.
 */
bool k8snet_flow_hit_early(struct k8snet_net *kn, struct sk_buff *skb)
{
	if (k8snet_flow_hit(kn, skb, skb->dev, NULL, NULL))
		return true;
	this_cpu_write(hit_missed, skb);
	return false;
}

/**
 * k8snet_flow_prerouting() - take the packets of flows that are remembered
 * @priv: the namespace
 * @skb: any packet that comes in
 * @state: the prerouting hook, before everybody else
 *
 * What comes out of the overlay was looked at before, see k8snet_receive_inner().
 *
 * Return: a netfilter verdict.
 */
unsigned int k8snet_flow_prerouting(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;

	/* Nor what a process has had in its NFQUEUE. */
	if (!k8snet_flow_may_hit(&kn->flows) || k8snet_device_is(state->in) ||
	    unlikely(!softirq_count()))
		return NF_ACCEPT;
	if (this_cpu_read(hit_missed) == skb) {
		this_cpu_write(hit_missed, NULL);
		return NF_ACCEPT;
	}
	if (!k8snet_flow_hit(kn, skb, state->in, NULL, NULL))
		return NF_ACCEPT;
	k8snet_ingress_want(kn, state->in);
	return NF_STOLEN;
}
