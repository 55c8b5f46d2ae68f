// SPDX-License-Identifier: GPL-2.0
/*
 * Next hops of IPv4 that are not known yet, and routes of IPv6 asked for again.
 */
#include <net/ip6_fib.h>

#include "route.h"

/**
 * k8snet_route_new_neighbour4() - the next hop, which may not be known yet
 * @dst: an IPv4 route
 * @daddr: where a packet is to go
 *
 * Context: RCU read side, bottom halves off.
 * Return: the neighbour, or an error pointer.
 */
struct neighbour *k8snet_route_new_neighbour4(struct dst_entry *dst,
					      __be32 daddr)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);

	if (rt->rt_gw_family == AF_INET6)
		return ip_neigh_gw6(dst->dev, &rt->rt_gw6);
	return ip_neigh_gw4(dst->dev, rt_nexthop(rt, daddr));
}

/**
 * k8snet_route_is_chosen6() - is a packet's route what the stack chooses by now?
 * @net: the namespace
 * @skb: an IPv6 packet in the forward hook, with a route
 *
 * When the packet was asked about, something may have been about to change. A route
 * with a nexthop object is no such route, because nothing tells when it goes:
 * ip6_dst_check() looks at a number alone then, which only new routes change, and
 * routes with the same object share what they have cached.
 *
 * Context: RCU read side, bottom halves off.
 * Return: true if it is, as ip6_route_input() asks.
 */
bool k8snet_route_is_chosen6(struct net *net, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct dst_entry *dst = skb_dst(skb);
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from = rcu_dereference(rt->from);
	struct flow_keys keys;
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.daddr = ip6h->daddr,
		.saddr = ip6h->saddr,
		.flowlabel = ip6_flowinfo(ip6h),
		.flowi6_mark = skb->mark,
		.flowi6_proto = ip6h->nexthdr,
	};

	if (!from || from->nh)
		return false;
	fib6_rules_early_flow_dissect(net, (struct sk_buff *)skb, &fl6, &keys);
	return ip6_route_input_lookup(net, skb->dev, &fl6, skb,
				      RT6_LOOKUP_F_HAS_SADDR |
				      RT6_LOOKUP_F_DST_NOREF) == dst;
}
