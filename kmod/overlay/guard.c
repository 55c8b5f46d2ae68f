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
 * a process in the node's own namespace needs no privilege to send UDP.
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
#include "overlay/guard.h"
#include "overlay/receive.h"
#include "overlay/socket.h"

/*
 * What the guard looks at: addresses, protocol, and the port if it is UDP. The
 * port is 0 where the headers end before they have told it.
 */
struct guarded {
	struct k8snet_addr saddr;
	struct k8snet_addr daddr;
	__be16 port;
	bool is_ipip;
	u8 protocol;
	int off;		/* of what follows the IP header */
};

static bool guard_is_tunnel(u8 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_IPIP ||
	       protocol == IPPROTO_IPV6;
}

/* The rest of it, once the IP header @nh has been looked at. */
static bool guard_parse_tunnel(const struct sk_buff *skb, const void *nh,
			       struct guarded *g)
{
	const struct udphdr *uh;
	struct udphdr buf;

	g->is_ipip = g->protocol != IPPROTO_UDP;
	g->port = 0;
	if (!g->is_ipip && g->off >= 0) {
		uh = skb_header_pointer(skb, g->off, sizeof(buf), &buf);
		if (likely(uh))
			g->port = uh->dest;
	}
	g->saddr = k8snet_addr_source(nh);
	g->daddr = k8snet_addr_dest(nh);
	return true;
}

/* Could it be a tunnel packet at all? A later fragment says nothing. */
static bool guard_parse(const struct sk_buff *skb, struct guarded *g)
{
	const void *nh = skb_network_header(skb);
	__be16 frag_off;

	if (((const struct iphdr *)nh)->version == 4) {
		g->protocol = ip_hdr(skb)->protocol;
		frag_off = ip_hdr(skb)->frag_off & htons(IP_OFFSET);
		g->off = skb_network_offset(skb) + ip_hdrlen(skb);
	} else {
		g->protocol = ipv6_hdr(skb)->nexthdr;
		g->off = ipv6_skip_exthdr(skb, skb_network_offset(skb) +
					       sizeof(struct ipv6hdr),
					  &g->protocol, &frag_off);
		/* What is cut short may be anything (RFC 7112). */
		if (unlikely(g->off < 0))
			g->protocol = IPPROTO_UDP;
		frag_off &= htons(IP6_OFFSET);
	}
	if (likely(!guard_is_tunnel(g->protocol)) || frag_off)
		return false;
	return guard_parse_tunnel(skb, nh, g);
}

/* If guard_parse() has found an ICMP error: what that is about, likewise. */
static bool guard_parse_error(const struct sk_buff *skb, struct guarded *g)
{
	union {
		struct ipv6hdr ip6h;
		struct iphdr iph;
		u8 type;
	} buf;
	bool is_ip4 = ip_hdr(skb)->version == 4;
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;
	const u8 *type;

	if (likely(g->protocol != (is_ip4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)))
		return false;
	type = skb_header_pointer(skb, g->off, sizeof(buf.type), &buf.type);
	if (!type || !(is_ip4 ? icmp_is_err(*type) : icmpv6_is_err(*type)))
		return false;
	g->off += sizeof(struct icmphdr);
	if (!is_ip4) {
		ip6h = skb_header_pointer(skb, g->off, sizeof(*ip6h), &buf);
		if (!ip6h || !guard_is_tunnel(ip6h->nexthdr))
			return false;
		g->protocol = ip6h->nexthdr;
		g->off += sizeof(*ip6h);
		return ip6h->version == 6 && guard_parse_tunnel(skb, ip6h, g);
	}
	iph = skb_header_pointer(skb, g->off, sizeof(*iph), &buf);
	if (!iph || !guard_is_tunnel(iph->protocol))
		return false;
	g->protocol = iph->protocol;
	g->off += iph->ihl * 4;
	return iph->version == 4 && guard_parse_tunnel(skb, iph, g);
}

static bool guard_is_local(struct net *net, const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return __ip_dev_find(net, addr->ip, false);
	return ipv6_chk_addr(net, &addr->ip6, NULL, 0);
}

static bool guard_has_port(struct k8snet_net *kn, __be16 port)
{
	const struct k8snet_addr key = k8snet_guard_key(port);

	return k8snet_socket_has_port(kn, port) ||
	       k8snet_addrset_has(&kn->node_ports, &key);
}

/* Conntrack has no connection that an error about one of ours belongs to. */
static bool guard_is_error(struct k8snet_net *kn, const struct sk_buff *skb,
			   struct guarded *g)
{
	return guard_parse_error(skb, g) &&
	       (g->is_ipip || (g->port && guard_has_port(kn, g->port))) &&
	       k8snet_addrset_has(&kn->node_addrs, &g->daddr) &&
	       guard_is_local(kn->net, &g->saddr);
}

/*
 * Not what a pod sends to such a port elsewhere: egress needs that. But all
 * that is for us, so that a forger does not fill conntrack.
 */
static bool guard_is_for_us(struct k8snet_net *kn, const struct guarded *g)
{
	return (g->is_ipip ? k8snet_ipip_takes(kn, &g->saddr) :
			     k8snet_socket_has_port(kn, g->port)) &&
	       guard_is_local(kn->net, &g->daddr);
}

static unsigned int guard_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct guarded g;

	if (skb_nfct(skb))
		return NF_ACCEPT;
	if (guard_parse(skb, &g) ? guard_is_for_us(kn, &g) :
				   guard_is_error(kn, skb, &g))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	return NF_ACCEPT;
}

static unsigned int guard_drop(struct k8snet_net *kn, const struct guarded *g,
			       const struct net_device *in,
			       enum k8snet_drop_reason why)
{
	k8snet_stats_drop(kn->drops, why);
	k8snet_event_drop(kn, NULL, why, &g->saddr, NULL, in ? in->ifindex : 0);
	return NF_DROP;
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
		.protocol = g->is_ipip ? IPPROTO_IPIP : IPPROTO_UDP,
		.sport = g->port,
		.dport = g->port,
	};

	if (!k8snet_addrset_has(&kn->node_addrs, &g->saddr))
		return guard_is_local(kn->net, &g->saddr);
	return !k8snet_device_is(in) &&
	       !k8snet_receive_is_back(kn->net, &outer, &flow);
}

/* Is it a tunnel packet to a node, or to anybody with a false source? */
static unsigned int guard_forward(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct guarded g;

	if (likely(!guard_parse(skb, &g)) ||
	    (g.port && !guard_has_port(kn, g.port)) ||
	    (!k8snet_addrset_has(&kn->node_addrs, &g.daddr) &&
	     !guard_is_forged(kn, &g, state->in)))
		return NF_ACCEPT;
	return guard_drop(kn, &g, state->in,
			  K8SNET_DROP_REASON_FORWARD_TUNNEL);
}

/*
 * After destination NAT, which may send to a node what was for a service. IP
 * in IP is left alone here: it takes privilege, and may be tunl0's.
 */
static unsigned int guard_output(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct guarded g;

	if (likely(k8snet_socket_is_ours(state->sk)) ||
	    !guard_parse(skb, &g) || !g.port ||
	    !guard_has_port(kn, g.port) ||
	    !k8snet_addrset_has(&kn->node_addrs, &g.daddr))
		return NF_ACCEPT;
	return guard_drop(kn, &g, NULL, K8SNET_DROP_REASON_OUTPUT_TUNNEL);
}

#define GUARD(family, num, function, order) {	\
	.hook		= function,		\
	.pf		= family,		\
	.hooknum	= num,			\
	.priority	= order,		\
}

static const struct nf_hook_ops guard_ops[] = {
	GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, k8snet_direct_prerouting,
	      NF_IP_PRI_RAW_BEFORE_DEFRAG),
	GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, k8snet_direct_prerouting,
	      NF_IP6_PRI_RAW_BEFORE_DEFRAG),
	GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, guard_prerouting,
	      NF_IP_PRI_RAW),
	GUARD(NFPROTO_IPV4, NF_INET_FORWARD, guard_forward, NF_IP_PRI_FIRST),
	GUARD(NFPROTO_IPV4, NF_INET_LOCAL_OUT, guard_output,
	      NF_IP_PRI_NAT_DST + 1),
	GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, guard_prerouting,
	      NF_IP6_PRI_RAW),
	GUARD(NFPROTO_IPV6, NF_INET_FORWARD, guard_forward, NF_IP6_PRI_FIRST),
	GUARD(NFPROTO_IPV6, NF_INET_LOCAL_OUT, guard_output,
	      NF_IP6_PRI_NAT_DST + 1),
};

/**
 * k8snet_guard_start() - guard the tunnels of a namespace
 * @kn: the namespace
 *
 * Context: rtnl mutex.
 * Return: 0, or -ENOMEM.
 */
int k8snet_guard_start(struct k8snet_net *kn)
{
	struct nf_hook_ops *ops;
	unsigned int i;
	int err;

	ASSERT_RTNL();
	if (kn->guard_ops)
		return 0;
	ops = kmemdup(guard_ops, sizeof(guard_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(guard_ops); i++)
		ops[i].priv = kn;
	err = nf_register_net_hooks(kn->net, ops, ARRAY_SIZE(guard_ops));
	if (err) {
		/* nfnl_hook_dump() may be looking at them. */
		synchronize_rcu();
		kfree(ops);
		return err;
	}
	kn->guard_ops = ops;
	return 0;
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
	kfree(kn->guard_ops);
	kn->guard_ops = NULL;
}
