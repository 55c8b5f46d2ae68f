// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps conntrack off tunnel packets and pods away from tunnel ports.
 *
 * A tracked tunnel fills the table with one entry per source port, and lets
 * rules meant for the inner packet translate the outer one (kubernetes#88986).
 * Packets that go out are marked by the sender; those that come in here, in
 * the raw hook, and so are errors about the former: conntrack calls those
 * invalid, and firewalls drop what is. What would reach another node's tunnel is dropped unless one
 * of our own sockets has sent it: a pod could forge an outer header there, and
 * a process in the node's own namespace needs no privilege to send UDP. Nor can
 * a pod make the paths between nodes narrow, by errors about their packets.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

#include "event.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/direct.h"
#include "overlay/early.h"
#include "overlay/error.h"
#include "overlay/guard.h"
#include "overlay/handover.h"
#include "overlay/hint.h"
#include "overlay/receive.h"
#include "overlay/socket.h"

/*
 * What the guard looks at: protocol, where its header is, port if that is UDP,
 * addresses. The port is 0 where the headers end before they have told it.
 */
struct guarded {
	u8 protocol;
	int off;
	__be16 port;
	struct k8snet_addr saddr;
	struct k8snet_addr daddr;
};

/**
 * k8snet_guard_note_port() - there are tunnel packets to this port from now on
 * @kn: the namespace
 * @port: the UDP port
 *
 * What hooks ask first, because mostly the answer is no: a bit for each port
 * modulo 64. It stays until the namespace goes.
 *
 * Context: rtnl mutex.
 */
void k8snet_guard_note_port(struct k8snet_net *kn, __be16 port)
{
	ASSERT_RTNL();
	WRITE_ONCE(kn->tunnel_ports,
		   kn->tunnel_ports | BIT_ULL(ntohs(port) % 64));
}

static bool guard_is_ipip(const struct guarded *g)
{
	return g->protocol == IPPROTO_IPIP || g->protocol == IPPROTO_IPV6;
}

/* What protocol is it? A later fragment says nothing. */
static bool guard_protocol(const struct sk_buff *skb, struct guarded *g)
{
	__be16 frag_off;

	if (ip_hdr(skb)->version == 4) {
		g->protocol = ip_hdr(skb)->protocol;
		g->off = skb_network_offset(skb) + ip_hdrlen(skb);
		return !(ip_hdr(skb)->frag_off & htons(IP_OFFSET));
	}
	g->protocol = ipv6_hdr(skb)->nexthdr;
	g->off = ipv6_skip_exthdr(skb, skb_network_offset(skb) +
				       sizeof(struct ipv6hdr),
				  &g->protocol, &frag_off);
	/* What is cut short may be anything (RFC 7112). */
	if (unlikely(g->off < 0))
		g->protocol = IPPROTO_UDP;
	return !(frag_off & htons(IP6_OFFSET));
}

static void guard_addresses(const struct sk_buff *skb, struct guarded *g)
{
	g->saddr = k8snet_addr_source(skb_network_header(skb));
	g->daddr = k8snet_addr_dest(skb_network_header(skb));
}

/* Could it be a tunnel packet at all? */
static bool guard_is_tunnel(struct k8snet_net *kn, const struct sk_buff *skb,
			    struct guarded *g)
{
	const struct udphdr *uh;
	struct udphdr buf;

	if (g->protocol != IPPROTO_UDP && !guard_is_ipip(g))
		return false;
	g->port = 0;
	if (g->protocol == IPPROTO_UDP && g->off >= 0) {
		uh = skb_header_pointer(skb, g->off, sizeof(buf), &buf);
		if (likely(uh))
			g->port = uh->dest;
		if (g->port && !k8snet_guard_may_have_port(kn, g->port))
			return false;
	}
	guard_addresses(skb, g);
	return true;
}

/*
 * What nearly all packets are: TCP, or UDP to a port that no tunnel has, whose
 * headers are where they usually are. The long way finds the same; it is in
 * functions of its own, because what they have on the stack is cleared as they
 * are entered (CONFIG_INIT_STACK_ALL_ZERO), used or not. In these hooks a packet
 * is at its IP header.
 */
static __always_inline bool guard_is_harmless(const struct k8snet_net *kn,
					      const struct sk_buff *skb)
{
	const struct iphdr *iph = (const void *)skb->data;
	const struct ipv6hdr *ip6h = (const void *)iph;
	unsigned int l4 = sizeof(*iph);
	const struct udphdr *uh;
	u8 protocol;

	/* IPv4 without options. */
	if (likely(*skb->data == 0x45)) {
		if (iph->frag_off & htons(IP_OFFSET))
			return false;
		protocol = iph->protocol;
	} else if (iph->version == 6) {
		l4 = sizeof(*ip6h);
		protocol = ip6h->nexthdr;
	} else {
		return false;
	}
	if (protocol == IPPROTO_TCP)
		return true;
	if (protocol != IPPROTO_UDP || skb_headlen(skb) < l4 + sizeof(*uh))
		return false;
	uh = (const struct udphdr *)(skb->data + l4);
	return uh->dest && !k8snet_guard_may_have_port(kn, uh->dest);
}

static bool guard_parse(struct k8snet_net *kn, const struct sk_buff *skb,
			struct guarded *g)
{
	return guard_protocol(skb, g) && guard_is_tunnel(kn, skb, g);
}

static bool guard_is_local(struct net *net, const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return __ip_dev_find(net, addr->ip, false);
	return ipv6_chk_addr(net, &addr->ip6, NULL, 0);
}

static unsigned int guard_drop(struct k8snet_net *kn, const struct guarded *g,
			       const struct net_device *in,
			       enum k8snet_drop_reason why)
{
	k8snet_stats_drop(kn->drops, why);
	k8snet_event_drop(kn, NULL, why, &g->saddr, NULL, in ? in->ifindex : 0);
	return NF_DROP;
}

static bool guard_has_port(struct k8snet_net *kn, __be16 port)
{
	const struct k8snet_addr key = k8snet_guard_key(port);

	return k8snet_socket_has_port(kn, port) ||
	       k8snet_addrset_has(&kn->node_ports, &key);
}

/* The IP header of the packet that an ICMP error is about, if it is one. */
static const void *guard_about(const struct sk_buff *skb,
			       const struct guarded *g, void *buf,
			       bool *too_big)
{
	bool is_ip4 = g->protocol == IPPROTO_ICMP;
	const struct icmphdr *icmp;
	struct icmphdr head;
	const void *about;

	icmp = skb_header_pointer(skb, g->off, sizeof(head), &head);
	if (!icmp || !(is_ip4 ? icmp_is_err(icmp->type) :
				icmpv6_is_err(icmp->type)))
		return NULL;
	*too_big = is_ip4 ? icmp->type == ICMP_DEST_UNREACH &&
			    icmp->code == ICMP_FRAG_NEEDED :
			    icmp->type == ICMPV6_PKT_TOOBIG;
	about = skb_header_pointer(skb, g->off + sizeof(head),
				   is_ip4 ? sizeof(struct iphdr) :
					    sizeof(struct ipv6hdr), buf);
	if (about && ((const struct iphdr *)about)->version !=
		     ip_hdr(skb)->version)
		return NULL;
	return about;
}

/* Is that a tunnel packet? Its UDP port, or 0. */
static bool guard_about_tunnel(struct k8snet_net *kn, const struct sk_buff *skb,
			       int off, const void *about, __be16 *port)
{
	const struct ipv6hdr *ip6h = about;
	const struct iphdr *iph = about;
	struct guarded g = {
		.protocol = iph->version == 4 ? iph->protocol : ip6h->nexthdr,
	};
	const struct udphdr *uh;
	struct udphdr buf;

	*port = 0;
	if (g.protocol != IPPROTO_UDP)
		return guard_is_ipip(&g);
	off += iph->version == 4 ? iph->ihl * 4 : sizeof(*ip6h);
	uh = skb_header_pointer(skb, off, sizeof(buf), &buf);
	*port = uh ? uh->dest : 0;
	return guard_has_port(kn, *port);
}

/* An error about a packet to a node: the path there may become narrow by it. */
static unsigned int guard_error(struct k8snet_net *kn, struct sk_buff *skb,
				struct guarded *g, struct net_device *in)
{
	struct k8snet_addr to;
	struct ipv6hdr buf;
	const void *about;
	bool too_big;
	__be16 port;

	about = guard_about(skb, g, &buf, &too_big);
	if (likely(!about))
		return NF_ACCEPT;
	to = k8snet_addr_dest(about);
	guard_addresses(skb, g);
	if (!k8snet_addrset_has(&kn->node_addrs, &to) ||
	    !guard_is_local(kn->net, &g->daddr))
		return NF_ACCEPT;
	if (too_big && k8snet_error_is_forged(kn, about, in))
		return guard_drop(kn, g, in, K8SNET_DROP_REASON_FORGED_ERROR);
	if (!guard_about_tunnel(kn, skb, g->off + sizeof(struct icmphdr),
				about, &port))
		return NF_ACCEPT;
	if (!skb_nfct(skb))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	if (too_big && to.family == AF_INET6 && port &&
	    !k8snet_socket_has_port(kn, port))
		k8snet_error_learn6(kn, skb, g->off);
	return NF_ACCEPT;
}

static noinline unsigned int guard_in(struct k8snet_net *kn,
				      struct sk_buff *skb,
				      struct net_device *in)
{
	struct guarded g;

	if (!guard_protocol(skb, &g))
		return NF_ACCEPT;
	if (unlikely(g.protocol == IPPROTO_ICMP ||
		     g.protocol == IPPROTO_ICMPV6))
		return guard_error(kn, skb, &g, in);
	if (!guard_is_tunnel(kn, skb, &g) || skb_nfct(skb))
		return NF_ACCEPT;
	/*
	 * Not what a pod sends to such a port elsewhere: egress needs that. But
	 * all that is for us, so that a forger does not fill conntrack.
	 */
	if ((guard_is_ipip(&g) ? k8snet_ipip_takes(kn, &g.saddr) :
				 k8snet_socket_has_port(kn, g.port)) &&
	    guard_is_local(kn->net, &g.daddr))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	return NF_ACCEPT;
}

static unsigned int guard_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	return likely(guard_is_harmless(priv, skb)) ?
	       NF_ACCEPT : guard_in(priv, skb, state->in);
}

/*
 * Does it pretend to be from a node, or from us? Not if it came in where the
 * node is, or out of the overlay, whose check it has passed: the answer of a
 * node's process to a pod's client may be to any port. IPv4 has seen to our
 * own addresses (fib_validate_source()), IPv6 has not.
 */
static bool guard_is_forged(struct k8snet_net *kn, const struct guarded *g,
			    struct net_device *in)
{
	const struct k8snet_outer outer = {
		.source = g->saddr,
		.dest = { .family = g->saddr.family },
		.in = in,
	};
	const struct k8snet_flow flow = {
		.protocol = guard_is_ipip(g) ? IPPROTO_IPIP : IPPROTO_UDP,
		.sport = g->port,
		.dport = g->port,
	};

	if (!k8snet_addrset_has(&kn->node_addrs, &g->saddr))
		return guard_is_local(kn->net, &g->saddr);
	return !k8snet_device_is(in) &&
	       !k8snet_receive_is_back(kn->net, &outer, &flow);
}

/* Is it a tunnel packet to a node, or to anybody with a false source? */
static noinline unsigned int guard_through(struct k8snet_net *kn,
					   struct sk_buff *skb,
					   struct net_device *in)
{
	struct guarded g;

	if (!guard_parse(kn, skb, &g) ||
	    (g.port && !guard_has_port(kn, g.port)) ||
	    (!k8snet_addrset_has(&kn->node_addrs, &g.daddr) &&
	     !guard_is_forged(kn, &g, in)))
		return NF_ACCEPT;
	return guard_drop(kn, &g, in, K8SNET_DROP_REASON_FORWARD_TUNNEL);
}

static unsigned int guard_forward4(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	k8snet_hint_forward(priv, skb, state->out);
	return likely(guard_is_harmless(priv, skb)) ?
	       NF_ACCEPT : guard_through(priv, skb, state->in);
}

static unsigned int guard_forward6(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	k8snet_hint6_forward(priv, skb, state->out);
	return likely(guard_is_harmless(priv, skb)) ?
	       NF_ACCEPT : guard_through(priv, skb, state->in);
}

/*
 * After destination NAT, which may send to a node what was for a service. IP
 * in IP is left alone here: it takes privilege, and may be tunl0's.
 */
static noinline unsigned int guard_out(struct k8snet_net *kn,
				       struct sk_buff *skb)
{
	struct guarded g;

	if (!guard_parse(kn, skb, &g) || !g.port ||
	    !guard_has_port(kn, g.port) ||
	    !k8snet_addrset_has(&kn->node_addrs, &g.daddr))
		return NF_ACCEPT;
	return guard_drop(kn, &g, NULL, K8SNET_DROP_REASON_OUTPUT_TUNNEL);
}

static unsigned int guard_output(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return likely(guard_is_harmless(priv, skb)) ||
	       k8snet_socket_is_ours(state->sk) ?
	       NF_ACCEPT : guard_out(priv, skb);
}

#define GUARD(family, num, function, order) {	\
	.hook		= function,		\
	.pf		= family,		\
	.hooknum	= num,			\
	.priority	= order,		\
}

static const struct nf_hook_ops guard_ops[] = {
	GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, k8snet_early_prerouting,
	      NF_IP_PRI_RAW_BEFORE_DEFRAG),
	GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, k8snet_direct_prerouting,
	      NF_IP6_PRI_RAW_BEFORE_DEFRAG),
	GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, guard_prerouting,
	      NF_IP_PRI_RAW),
	GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, k8snet_hint_prerouting,
	      INT_MAX),
	GUARD(NFPROTO_IPV4, NF_INET_FORWARD, guard_forward4, NF_IP_PRI_FIRST),
	GUARD(NFPROTO_IPV4, NF_INET_LOCAL_OUT, guard_output,
	      NF_IP_PRI_NAT_DST + 1),
	GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, guard_prerouting,
	      NF_IP6_PRI_RAW),
	GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, k8snet_hint6_prerouting,
	      INT_MAX),
	GUARD(NFPROTO_IPV6, NF_INET_FORWARD, guard_forward6, NF_IP6_PRI_FIRST),
	GUARD(NFPROTO_IPV6, NF_INET_LOCAL_OUT, guard_output,
	      NF_IP6_PRI_NAT_DST + 1),
};

/**
 * k8snet_guard_start() - guard the tunnels of a namespace
 * @kn: the namespace
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno.
 */
int k8snet_guard_start(struct k8snet_net *kn)
{
	struct nf_hook_ops *ops;
	unsigned int i;
	int err;

	ASSERT_RTNL();
	if (kn->guard_ops)
		return 0;
	err = k8snet_handover_start(kn);
	if (err)
		return err;
	ops = kmemdup(guard_ops, sizeof(guard_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	err = k8snet_hint_start(kn);
	if (err)
		goto err_free;
	for (i = 0; i < ARRAY_SIZE(guard_ops); i++)
		ops[i].priv = kn;
	err = nf_register_net_hooks(kn->net, ops, ARRAY_SIZE(guard_ops));
	if (err)
		goto err_stop;
	kn->guard_ops = ops;
	return 0;

err_stop:
	/* nfnl_hook_dump() may be looking at them, and packets were. */
	synchronize_rcu();
	k8snet_hint_stop(kn);
err_free:
	kfree(ops);
	return err;
}

/**
 * k8snet_guard_stop() - stop guarding
 * @kn: the namespace, without sockets
 */
void k8snet_guard_stop(struct k8snet_net *kn)
{
	if (!kn->guard_ops)
		return;
	nf_unregister_net_hooks(kn->net, kn->guard_ops, ARRAY_SIZE(guard_ops));
	synchronize_rcu();
	k8snet_hint_stop(kn);
	kfree(kn->guard_ops);
	kn->guard_ops = NULL;
}
