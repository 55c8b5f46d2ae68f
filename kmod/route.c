// SPDX-License-Identifier: GPL-2.0
/*
 * Next hops of IPv4 that are not known yet.
 */
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
