/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel has for routes of IPv4, and not quite so for IPv6.
 */
#ifndef K8SNET_ROUTE_H
#define K8SNET_ROUTE_H

#include <linux/ipv6.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/route.h>

/*
 * As ip_route_output_key(). With ipv6.disable=1 there are no tables to ask.
 */
static inline struct dst_entry *k8snet_route_ip6(struct net *net,
						 struct flowi6 *fl6)
{
	if (!ipv6_mod_enabled())
		return ERR_PTR(-EAFNOSUPPORT);
	return ip6_dst_lookup_flow(net, NULL, fl6, NULL);
}

/*
 * Does a route of IPv4 still hold? As dst_check(); what ipv4_dst_check() looks
 * at is nearly always as it was. The namespace is the route's.
 */
static inline bool k8snet_route_holds4(struct net *net, struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	return likely(READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
		      rt->rt_genid == rt_genid_ipv4(net)) ||
	       dst_check(dst, 0);
}

/*
 * The same for IPv6, with what rt_genid_ipv6() said before the route was found to be
 * chosen (k8snet_route_is_chosen6()). That changes when a route is new, in whatever
 * table, or an address; that this one is gone, dst_check() knows.
 */
static inline bool k8snet_route_holds6(struct net *net, struct dst_entry *dst,
				       int genid, u32 cookie)
{
	return likely(genid == rt_genid_ipv6(net)) && dst_check(dst, cookie);
}

bool k8snet_route_is_chosen6(struct net *net, const struct sk_buff *skb);
struct neighbour *k8snet_route_new_neighbour4(struct dst_entry *dst,
					      __be32 daddr);

/*
 * The next hop of a packet to an address, which may be of IPv6 for an IPv4
 * packet (RFC 5549). RCU read side, bottom halves off.
 */
static inline struct neighbour *k8snet_route_neighbour4(struct dst_entry *dst,
							__be32 daddr,
							bool *is_v6gw)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	struct neighbour *neigh = NULL;

	*is_v6gw = rt->rt_gw_family == AF_INET6;
	if (likely(!*is_v6gw))
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
						  rt_nexthop(rt, daddr));
	return likely(neigh) ? neigh : k8snet_route_new_neighbour4(dst, daddr);
}

static inline struct neighbour *
k8snet_route_neighbour6(struct dst_entry *dst, const struct in6_addr *daddr)
{
	struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	return ip_neigh_gw6(dst->dev,
			    rt6_nexthop(rt, (struct in6_addr *)daddr));
}

/* By either family; @daddr is an address of it. */
static inline struct neighbour *k8snet_route_neighbour(struct dst_entry *dst,
						       u16 family,
						       const void *daddr,
						       bool *is_v6gw)
{
	if (family == AF_INET)
		return k8snet_route_neighbour4(dst, *(const __be32 *)daddr,
					       is_v6gw);
	*is_v6gw = false;
	return k8snet_route_neighbour6(dst, daddr);
}

#endif /* K8SNET_ROUTE_H */
