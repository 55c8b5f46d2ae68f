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
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/route.h>

#include "flow/flow.h"
#include "flow/peer.h"
#include "flow/table.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/early.h"
#include "overlay/guard.h"
#include "overlay/receive.h"
#include "overlay/send.h"
#include "overlay/socket.h"
#include "overlay/xmit.h"
#include "packet.h"
#include "route.h"

/* What a packet is known by, and what may keep it off the short way. */
struct hit {
	struct k8snet_flow_key key;
	u8 ttl;
	u8 dscp;
	bool closing;			/* or opening: conntrack must see it */
};

/* TCP or UDP, whole, without options; headers in the linear part. */
static __always_inline unsigned int hit_parse_ip4(struct hit *hit,
						  const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->ihl != 5 || ip_is_fragment(iph))
		return 0;
	hit->key.protocol = iph->protocol;
	hit->key.saddr.ip = iph->saddr;
	hit->key.daddr.ip = iph->daddr;
	hit->key.family = AF_INET;
	hit->ttl = iph->ttl;
	hit->dscp = iph->tos & 0xfc;
	return sizeof(*iph);
}

static __always_inline unsigned int hit_parse_ip6(struct hit *hit,
						  const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	hit->key.protocol = ip6h->nexthdr;
	hit->key.saddr.in6 = ip6h->saddr;
	hit->key.daddr.in6 = ip6h->daddr;
	hit->key.family = AF_INET6;
	hit->ttl = ip6h->hop_limit;
	hit->dscp = ipv6_get_dsfield(ip6h) & 0xfc;
	return sizeof(*ip6h);
}

static __always_inline bool hit_parse_tcp(struct hit *hit, struct sk_buff *skb,
					  unsigned int l4)
{
	const struct tcphdr *th;

	if (!pskb_may_pull(skb, l4 + sizeof(*th)))
		return false;
	th = (void *)(skb_network_header(skb) + l4);
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

static __always_inline bool hit_parse_udp(struct hit *hit, struct sk_buff *skb,
					  unsigned int l4,
					  struct k8snet_net *kn)
{
	const struct udphdr *uh;

	if (!pskb_may_pull(skb, l4 + sizeof(*uh)))
		return false;
	uh = (void *)(skb_network_header(skb) + l4);
	hit->key.sport = uh->source;
	hit->key.dport = uh->dest;
	hit->closing = false;
	/* A tunnel packet is no flow of its own. */
	return likely(!k8snet_guard_may_have_port(kn, uh->dest)) ||
	       !k8snet_socket_has_port(kn, uh->dest);
}

static __always_inline bool hit_parse(struct hit *hit, struct sk_buff *skb,
				      const struct net_device *in,
				      struct k8snet_net *kn)
{
	unsigned int l4 = skb->protocol == htons(ETH_P_IP) ?
			  hit_parse_ip4(hit, skb) : hit_parse_ip6(hit, skb);

	if (!l4)
		return false;
	hit->key.iif = in->ifindex;
	if (hit->key.protocol == IPPROTO_TCP)
		return hit_parse_tcp(hit, skb, l4);
	return hit->key.protocol == IPPROTO_UDP &&
	       hit_parse_udp(hit, skb, l4, kn);
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

/* What somebody on the way has said by ICMP; 0: nothing, or long ago. */
static unsigned int hit_pmtu(const struct dst_entry *dst)
{
	return container_of(dst, struct rtable, dst)->rt_pmtu;
}

/* How long a packet may be, as it comes in. */
static unsigned int hit_mtu(const struct k8snet_flow_entry *e)
{
	unsigned int mtu = e->key.family == AF_INET ?
			   ip_dst_mtu_maybe_forward(e->dst, true) :
			   ip6_dst_mtu_maybe_forward(e->dst, true);
	unsigned int way;

	if (!e->memo.dst)
		return mtu;
	way = ip_dst_mtu_maybe_forward(e->memo.dst, false);
	return min3(mtu, READ_ONCE(e->kdev->dev->mtu),
		    way - min_t(unsigned int, way, sizeof(e->memo.header)));
}

/*
 * Who looks at packets on the way, or holds them up, is asked once a tick, as it is
 * for hooks (k8snet_early_is_free()); so is how long they may be. A route that
 * changes that, or a device's MTU (device_event()), takes the flow along at once.
 *
 * A pod gets packets at once only where those of no flow do so, too, for they would
 * be overtaken (k8snet_handover_postrouting()).
 */
static noinline void hit_ask(struct k8snet_net *kn, struct k8snet_flow_entry *e,
			     const struct net_device *in, unsigned long now)
{
	struct net_device *out = READ_ONCE((e->memo.dst ?: e->dst)->dev);
	u8 family = e->key.family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	WRITE_ONCE(e->watched,
		   (k8snet_device_is(in) && k8snet_device_is_watched(in)) ||
		   (e->kdev && k8snet_device_is_watched(e->kdev->dev)));
	WRITE_ONCE(e->open, e->to_veth ?
			    k8snet_early_is_last(kn, family) &&
			    k8snet_flow_peer_is_open(out) :
			    k8snet_xmit_is_open(out));
	if (e->memo.dst)
		WRITE_ONCE(e->pmtu, hit_pmtu(e->memo.dst));
	WRITE_ONCE(e->mtu, hit_mtu(e));
	/* The answers are there when this is seen. */
	smp_store_release(&e->asked, now);
}

/*
 * May a packet of this flow go past the stack? If not, what the flow is counted
 * as, which goes (K8SNET_FLOW_COUNTER_EVICT_*), or the packet, which the stack
 * gets (K8SNET_FLOW_COUNTER_PASS_*). What came in a tunnel is @plain: it has nothing
 * that only the stack knows of, as k8snet_early_take() has found.
 */
static __always_inline enum k8snet_flow_counter
hit_verdict(const struct hit *hit, const struct sk_buff *skb,
	    struct k8snet_flow_entry *e, struct k8snet_net *kn,
	    const struct net_device *in, bool plain)
{
	enum k8snet_flow_counter why = k8snet_flow_fault(kn, e);
	unsigned long now = jiffies;

	if (unlikely(why != K8SNET_FLOW_COUNTER_HIT))
		return why;
	if (unlikely(hit->closing))
		return K8SNET_FLOW_COUNTER_EVICT_CLOSING;
	if (unlikely(hit->ttl <= 1))
		return K8SNET_FLOW_COUNTER_PASS_TTL;
	if (unlikely(hit->dscp != e->dscp))
		return K8SNET_FLOW_COUNTER_PASS_DSCP;
	if (unlikely(skb->mark))
		return K8SNET_FLOW_COUNTER_PASS_MARK;
	if (unlikely(!plain &&
		     (skb->pkt_type != PACKET_HOST || skb_dst(skb) ||
		      skb_sec_path(skb) || skb_warn_if_lro(skb) ||
		      nf_bridge_info_exists(skb) || skb->_nfct)))
		return K8SNET_FLOW_COUNTER_PASS_UNUSUAL;
	/* See hit_ask(). */
	if (unlikely(smp_load_acquire(&e->asked) != now))
		hit_ask(kn, e, in, now);
	if (unlikely(READ_ONCE(e->watched)))
		return K8SNET_FLOW_COUNTER_PASS_WATCHED;
	return K8SNET_FLOW_COUNTER_HIT;
}

/* What is found for a packet. By value: it takes no memory. */
struct hit_found {
	struct k8snet_flow_entry *e;	/* NULL: there is no flow */
	enum k8snet_flow_counter why;	/* see hit_verdict(); MISS if there is none */
};

static noinline struct hit_found hit_find(struct k8snet_net *kn,
					  struct sk_buff *skb,
					  const struct net_device *in,
					  bool plain)
{
	struct hit_found found = { .why = K8SNET_FLOW_COUNTER_PASS_UNUSUAL };
	struct hit packet __uninitialized;

	if (!hit_parse(&packet, skb, in, kn))
		return found;
	found.why = K8SNET_FLOW_COUNTER_MISS;
	found.e = k8snet_flow_find(&kn->flows, &packet.key);
	if (found.e)
		found.why = hit_verdict(&packet, skb, found.e, kn, in, plain);
	return found;
}

static __always_inline bool hit_fits(const struct sk_buff *skb,
				     const struct k8snet_flow_entry *e)
{
	return likely(k8snet_packet_is_within(skb, READ_ONCE(e->mtu)));
}

/*
 * As inet_proto_csum_replace4() and its kin do it, for all that is replaced at
 * once: what that adds is known. What the NIC has summed up is forgotten by
 * now, see skb_forward_csum().
 */
static void hit_sum(const struct sk_buff *skb, __sum16 *check,
		    const struct k8snet_flow_entry *e)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		/* Only what is not in the packet is summed up so far. */
		*check = ~csum_fold(csum_add(csum_unfold(*check),
					     e->addr_diff));
		return;
	}
	*check = csum_fold(csum_add(~csum_unfold(*check),
				    csum_add(e->addr_diff, e->port_diff)));
}

static void hit_translate_l4(const struct sk_buff *skb,
			     const struct k8snet_flow_entry *e)
{
	void *l4 = skb_network_header(skb) + e->l4;
	struct tcphdr *th = l4;
	struct udphdr *uh = l4;

	if (e->key.protocol == IPPROTO_TCP) {
		hit_sum(skb, &th->check, e);
	} else if (uh->check || skb->ip_summed == CHECKSUM_PARTIAL) {
		hit_sum(skb, &uh->check, e);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	}
	/* Both begin with the ports. */
	uh->source = e->sport;
	uh->dest = e->dport;
}

/* As nf_nat and ip_forward() do it; headers are ours to write. */
static __always_inline void hit_rewrite(struct k8snet_net *kn,
					struct sk_buff *skb,
					const struct k8snet_flow_entry *e)
{
	struct ipv6hdr *ip6h;
	struct iphdr *iph;

	skb_forward_csum(skb);
	/* When it came in is not when it is to go (sch_fq would wait for that). */
	skb_clear_tstamp(skb);
	if (e->translated)
		hit_translate_l4(skb, e);
	if (e->key.family == AF_INET6) {
		ip6h = ipv6_hdr(skb);
		__IP6_INC_STATS(kn->net, ip6_dst_idev(e->dst),
				IPSTATS_MIB_OUTFORWDATAGRAMS);
		ip6h->hop_limit--;
		ip6h->saddr = e->saddr.in6;
		ip6h->daddr = e->daddr.in6;
		return;
	}
	iph = ip_hdr(skb);
	if (e->translated) {
		/* With what ip_decrease_ttl() takes off. */
		iph->check = csum_fold(csum_add(~csum_unfold(iph->check),
						e->ip_diff));
		iph->ttl--;
		iph->saddr = e->saddr.ip;
		iph->daddr = e->daddr.ip;
	} else {
		ip_decrease_ttl(iph);
	}
	__IP_INC_STATS(kn->net, IPSTATS_MIB_OUTFORWDATAGRAMS);
	skb->priority = rt_tos2priority(iph->tos);
}

/* What conntrack does for each packet of an established connection. */
static __always_inline void hit_account(struct k8snet_flow_entry *e,
					unsigned int len)
{
	u32 expires = nfct_time_stamp + e->timeout;

	if (READ_ONCE(e->ct->timeout) != expires &&
	    !test_bit(IPS_FIXED_TIMEOUT_BIT, &e->ct->status))
		WRITE_ONCE(e->ct->timeout, expires);
	if (e->acct) {
		atomic64_inc(&e->acct->packets);
		atomic64_add(len, &e->acct->bytes);
	}
	/* For eyes only; two CPUs may lose some. */
	WRITE_ONCE(e->used, jiffies);
	WRITE_ONCE(e->packets, READ_ONCE(e->packets) + 1);
	WRITE_ONCE(e->bytes, READ_ONCE(e->bytes) + len);
}

/* By routing, to a device that is no overlay. */
static enum k8snet_flow_counter hit_forward(struct k8snet_net *kn,
					    struct sk_buff *skb,
					    struct k8snet_flow_entry *e)
{
	struct net_device *dev = READ_ONCE(e->dst->dev), *peer = NULL;
	unsigned int len = skb->len;
	struct neighbour *neigh;
	bool is_v6gw;

	if (unlikely(!hit_fits(skb, e)))
		return K8SNET_FLOW_COUNTER_PASS_MTU;
	/* Before anything is written: the stack can tell why there is none. */
	neigh = k8snet_route_neighbour(e->dst, e->key.family, &e->daddr,
				       &is_v6gw);
	if (IS_ERR(neigh) ||
	    unlikely(skb_cloned(skb) && skb_ensure_writable(skb, e->hlen)))
		return K8SNET_FLOW_COUNTER_PASS_MEMORY;
	if (e->to_veth && READ_ONCE(e->open) && !is_v6gw &&
	    READ_ONCE(kn->flows.settings.peer))
		peer = k8snet_flow_peer_find(dev, neigh, skb);
	/* The pod's end asks for no more than what the search has made sure of. */
	if (!peer && unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dev))))
		return K8SNET_FLOW_COUNTER_PASS_MEMORY;
	hit_rewrite(kn, skb, e);
	hit_account(e, len);
	if (peer) {
		k8snet_flow_count(&kn->flows, K8SNET_FLOW_COUNTER_HIT_PEER);
		k8snet_flow_peer_receive(dev, peer, neigh, skb);
		return K8SNET_FLOW_COUNTER_HIT;
	}
	skb->dev = dev;
	skb_dst_set_noref(skb, e->dst);
	/* It may wait there for a MAC address. */
	k8snet_xmit(skb, neigh, is_v6gw, READ_ONCE(e->open) &&
		    READ_ONCE(kn->flows.settings.early));
	return K8SNET_FLOW_COUNTER_HIT;
}

/* Do the headers that are ready do for this packet? */
static bool hit_may_recall(struct k8snet_net *kn, const struct sk_buff *skb,
			   const struct k8snet_flow_entry *e)
{
	const struct dst_entry *dst = e->memo.dst;

	return dst && hit_fits(skb, e) &&
	       likely(hit_pmtu(dst) == READ_ONCE(e->pmtu)) &&
	       likely(k8snet_early_may_send(kn, AF_INET));
}

/* By headers that are ready. */
static enum k8snet_flow_counter hit_recall(struct k8snet_net *kn,
					   struct sk_buff *skb,
					   struct k8snet_flow_entry *e)
{
	unsigned int len = skb->len;

	if (unlikely(skb_cow_head(skb, e->memo.headroom) ||
		     (skb_cloned(skb) && skb_ensure_writable(skb, e->hlen))))
		return K8SNET_FLOW_COUNTER_PASS_MEMORY;
	hit_rewrite(kn, skb, e);
	hit_account(e, len);
	if (!skb->l4_hash)
		__skb_set_sw_hash(skb, e->hash, true);
	k8snet_send_recall(&e->memo, e->kdev, e->node, skb,
			   READ_ONCE(e->open));
	return K8SNET_FLOW_COUNTER_HIT;
}

/* In any format, over any family. */
static noinline enum k8snet_flow_counter hit_send(struct k8snet_net *kn,
						  struct sk_buff *skb,
						  struct k8snet_flow_entry *e)
{
	unsigned int len = skb->len;
	struct k8snet_way way;

	if (unlikely(!hit_fits(skb, e) ||
		     !k8snet_send_begin(&way, e->kdev, e->node, skb)))
		return K8SNET_FLOW_COUNTER_PASS_MTU;
	if (unlikely(skb_ensure_writable(skb, e->hlen))) {
		k8snet_send_cancel(&way);
		return K8SNET_FLOW_COUNTER_PASS_MEMORY;
	}
	hit_rewrite(kn, skb, e);
	hit_account(e, len);
	skb->dev = e->kdev->dev;
	if (!skb->l4_hash)
		__skb_set_sw_hash(skb, e->hash, true);
	k8snet_send_end(&way, e->kdev, skb);
	return K8SNET_FLOW_COUNTER_HIT;
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

/* As skb_copy(), from its IP header on, out of what NAPI has at hand. */
static struct sk_buff *hit_copy(const struct sk_buff *skb)
{
	const unsigned int headroom = skb_headroom(skb);
	unsigned int size;
	struct sk_buff *copy;
	void *data;

	size = SKB_DATA_ALIGN(headroom + skb->len) +
	       SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	data = napi_alloc_frag(size);
	if (unlikely(!data))
		return NULL;
	copy = build_skb(data, size);
	if (unlikely(!copy)) {
		skb_free_frag(data);
		return NULL;
	}
	skb_reserve(copy, headroom);
	memcpy(__skb_put(copy, skb->len), skb->data, skb->len);
	/* Headers are where they are there. */
	skb_copy_header(copy, skb);
	return copy;
}

/*
 * Of so many bytes a piece of a page costs less than an object of a cache. Of
 * large packets pages are soon used up, and new ones may be cleared first.
 */
#define HIT_COPY_MAX	256

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
	if (skb_headroom(skb) >= headroom &&
	    skb_headroom(skb) + skb->len <= HIT_COPY_MAX)
		return hit_copy(skb);
	return skb_copy_expand(skb, headroom, 0, GFP_ATOMIC);
}

/* The packet goes, or the stack gets it as it was: what it is counted as. */
static enum k8snet_flow_counter hit_go(struct k8snet_net *kn,
				       struct sk_buff *skb,
				       struct k8snet_flow_entry *e)
{
	enum k8snet_flow_counter why;

	skb_set_transport_header(skb, e->l4);
	if (!e->kdev)
		why = hit_forward(kn, skb, e);
	else if (unlikely(skb->encapsulation))
		/* A pod's own tunnel: one of the two would have to be summed up. */
		why = K8SNET_FLOW_COUNTER_PASS_UNUSUAL;
	else if (likely(hit_may_recall(kn, skb, e)))
		why = hit_recall(kn, skb, e);
	else
		why = hit_send(kn, skb, e);
	k8snet_flow_count(&kn->flows, why);
	return why;
}

/* A packet that somebody else has, too. */
static enum k8snet_flow_counter hit_go_shared(struct k8snet_net *kn,
					      struct sk_buff *skb,
					      struct k8snet_flow_entry *e)
{
	enum k8snet_flow_counter why = K8SNET_FLOW_COUNTER_PASS_MEMORY;
	struct sk_buff *own = hit_own(skb, e);

	if (unlikely(!own)) {
		k8snet_flow_count(&kn->flows, why);
		return why;
	}
	why = hit_go(kn, own, e);
	consume_skb(why == K8SNET_FLOW_COUNTER_HIT ? skb : own);
	return why;
}

/* The stack gets the packet. */
static noinline void hit_refuse(struct k8snet_net *kn,
				struct k8snet_flow_entry *e,
				enum k8snet_flow_counter why)
{
	if (why < K8SNET_FLOW_COUNTER_EVICT_CHANGED) {
		/* Of what can have no flow nothing is counted. */
		if (e || why == K8SNET_FLOW_COUNTER_MISS)
			k8snet_flow_count(&kn->flows, why);
		return;
	}
	if (why == K8SNET_FLOW_COUNTER_EVICT_CLOSING)
		hit_return(e);
	k8snet_flow_remove(&kn->flows, e, why);
}

static __always_inline bool hit(struct k8snet_net *kn, struct sk_buff *skb,
				const struct net_device *in,
				const struct k8snet_outer *outer,
				struct k8snet_node *from)
{
	struct hit_found found = hit_find(kn, skb, in, false);
	enum k8snet_flow_counter why = found.why;

	if (why != K8SNET_FLOW_COUNTER_HIT) {
		hit_refuse(kn, found.e, why);
		return false;
	}
	if (outer && from)
		hit_note_arrival(found.e, outer, from);
	why = unlikely(skb_shared(skb)) ? hit_go_shared(kn, skb, found.e) :
					  hit_go(kn, skb, found.e);
	return why == K8SNET_FLOW_COUNTER_HIT;
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
	return hit(kn, skb, in, outer, from);
}

/*
 * From the inner header: what is left is as k8snet_receive_inner() leaves it. The
 * packet is linear so far, no GSO packet, and has nothing that only the stack
 * knows of: this is all of __iptunnel_pull_header(), but for what a veth does.
 */
static void hit_unwrap(struct sk_buff *skb, const struct k8snet_flow_entry *e)
{
	const unsigned int hlen = sizeof(struct k8snet_memo_header) -
				  sizeof(struct iphdr);

	k8snet_receive_summed(skb);
	skb_postpull_rcsum(skb, skb->data - hlen, hlen);
	skb_clear_hash_if_not_l4(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	skb->encapsulation = 0;
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	if (unlikely(!e->to_veth || !READ_ONCE(e->open)))
		skb_scrub_packet(skb, false);
}

/* At the inner header, with the outer ones in front of it. */
static enum k8snet_flow_answer hit_inner(struct k8snet_net *kn,
					 struct k8snet_dev *kdev,
					 struct sk_buff *skb)
{
	const struct k8snet_memo_header *h = (void *)skb->data - sizeof(*h);
	const struct net_device *in = skb->dev;
	__be32 saddr = h->ip.saddr, daddr = h->ip.daddr;
	unsigned int len = skb->len;
	struct k8snet_node *from;
	struct hit_found found;

	if (unlikely(!k8snet_packet_is_exact(skb)))
		return K8SNET_FLOW_NONE;
	found = hit_find(kn, skb, kdev->dev, true);
	if (!found.e)
		return found.why == K8SNET_FLOW_COUNTER_MISS ?
		       K8SNET_FLOW_MISS : K8SNET_FLOW_NONE;
	if (unlikely(found.why != K8SNET_FLOW_COUNTER_HIT) ||
	    !hit_has_arrival(found.e, saddr, daddr,
			     k8snet_receive_way_in(kn->net, AF_INET, in)))
		return K8SNET_FLOW_UNASKED;
	from = found.e->arrival.node;
	hit_unwrap(skb, found.e);
	if (likely(hit_go(kn, skb, found.e) == K8SNET_FLOW_COUNTER_HIT)) {
		k8snet_receive_count(kdev, from, len);
	} else {
		skb_scrub_packet(skb, false);
		k8snet_receive_deliver(kdev, from, skb, in);
	}
	return K8SNET_FLOW_TAKEN;
}

/**
 * k8snet_flow_hit_tunnel() - as k8snet_flow_hit(), for a packet in its tunnel
 * @kn: the namespace
 * @kdev: the device that it is for, of the same namespace
 * @skb: a VXLAN packet at its outer IPv4 header, with all of the outer headers
 *	and 20 bytes in the linear part; ours alone, no GSO packet, and plain,
 *	see k8snet_early_take()
 *
 * A miss is not counted; the packet may be for somebody else.
 *
 * Context: softirq, RCU read side.
 * Return: K8SNET_FLOW_TAKEN if the packet is consumed; else it is as it was, but
 *	what pointed into it may point elsewhere.
 */
enum k8snet_flow_answer k8snet_flow_hit_tunnel(struct k8snet_net *kn,
					       struct k8snet_dev *kdev,
					       struct sk_buff *skb)
{
	const struct k8snet_memo_header *h = (void *)skb->data;
	enum k8snet_flow_answer answer;

	/* ECN that has something to say is for receive_ecn(). */
	if ((h->eth.h_proto != htons(ETH_P_IP) &&
	     h->eth.h_proto != htons(ETH_P_IPV6)) ||
	    unlikely(h->ip.tos & INET_ECN_ECT_1))
		return K8SNET_FLOW_UNASKED;
	skb->protocol = h->eth.h_proto;
	__skb_pull(skb, sizeof(*h));
	skb_reset_network_header(skb);
	answer = hit_inner(kn, kdev, skb);
	if (likely(answer == K8SNET_FLOW_TAKEN))
		return answer;

	__skb_push(skb, sizeof(*h));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	skb->protocol = htons(ETH_P_IP);
	return answer;
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
	if (likely(hit(kn, skb, skb->dev, NULL, NULL)))
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
