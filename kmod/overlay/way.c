// SPDX-License-Identifier: GPL-2.0
/*
 * How packets get to a node: by which route, in which format, and what the way
 * carries.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/dst_cache.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/socket.h"
#include "overlay/way.h"
#include "packet.h"
#include "route.h"

static struct dst_entry *way_lookup4(struct net *net,
				     const struct k8snet_settings *settings,
				     const struct k8snet_node *node,
				     __be32 *saddr)
{
	const struct k8snet_flow flow = k8snet_device_flow(settings, node);
	struct flowi4 fl4 = {
		.daddr = node->via.ip,
		.saddr = settings->local,
		.flowi4_proto = flow.protocol,
		.fl4_sport = flow.sport,
		.fl4_dport = flow.dport,
	};
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	*saddr = fl4.saddr;
	return &rt->dst;
}

static struct dst_entry *way_lookup6(struct net *net,
				     const struct k8snet_settings *settings,
				     const struct k8snet_node *node,
				     struct in6_addr *saddr)
{
	const struct k8snet_flow flow = k8snet_device_flow(settings, node);
	struct flowi6 fl6 = {
		.daddr = node->via.ip6,
		.saddr = settings->local6,
		.flowi6_proto = flow.protocol,
		.fl6_sport = flow.sport,
		.fl6_dport = flow.dport,
	};
	struct dst_entry *dst;

	/* As IPv4 does: no packet leaves with an address that went away. */
	if (!ipv6_addr_any(&fl6.saddr) &&
	    !ipv6_chk_addr(net, &fl6.saddr, NULL, 0))
		return ERR_PTR(-EADDRNOTAVAIL);
	dst = k8snet_route_ip6(net, &fl6);
	if (IS_ERR(dst))
		return dst;
	*saddr = fl6.saddr;
	return dst;
}

/* The source's family is that of the node's address. */
static struct dst_entry *way_lookup(struct net *net,
				    const struct k8snet_settings *settings,
				    const struct k8snet_node *node,
				    struct k8snet_addr *saddr)
{
	saddr->family = node->via.family;
	if (saddr->family == AF_INET)
		return way_lookup4(net, settings, node, &saddr->ip);
	return way_lookup6(net, settings, node, &saddr->ip6);
}

/* Is the source that was asked for still an address of the underlay? */
static bool way_has_local(struct net *net,
			  const struct k8snet_settings *settings, u16 family)
{
	if (family == AF_INET)
		return !settings->local ||
		       inet_addr_type(net, settings->local) == RTN_LOCAL;
	return ipv6_addr_any(&settings->local6) ||
	       ipv6_chk_addr(net, &settings->local6, NULL, 0);
}

/**
 * k8snet_way_route() - find the route to a node
 * @way: its node, socket and settings; gets route and source address
 * @why: what a packet is dropped as if there is none
 *
 * Context: bottom halves off, RCU read side.
 * Return: true, and the route must be released.
 */
bool k8snet_way_route(struct k8snet_way *way, enum k8snet_drop_reason *why)
{
	struct k8snet_node *node = way->node;
	struct net *net = way->ks->net;

	way->saddr.family = node->via.family;
	if (node->via.family == AF_INET) {
		struct rtable *rt = dst_cache_get_ip4(&node->dst_cache,
						      &way->saddr.ip);

		way->dst = rt ? &rt->dst : NULL;
	} else {
		way->dst = dst_cache_get_ip6(&node->dst_cache,
					     &way->saddr.ip6);
	}
	if (likely(way->dst))
		return true;

	way->dst = way_lookup(net, way->settings, node, &way->saddr);
	if (IS_ERR(way->dst)) {
		*why = way_has_local(net, way->settings, node->via.family) ?
		       K8SNET_DROP_REASON_TX_NO_ROUTE :
		       K8SNET_DROP_REASON_TX_NO_LOCAL;
		return false;
	}
	/* Not to ourselves either: direct would come back for ever. */
	if (unlikely(k8snet_device_is(way->dst->dev) ||
		     way->dst->dev->flags & IFF_LOOPBACK)) {
		dst_release(way->dst);
		*why = K8SNET_DROP_REASON_TX_LOOP;
		return false;
	}
	if (node->via.family == AF_INET)
		dst_cache_set_ip4(&node->dst_cache, way->dst, way->saddr.ip);
	else
		dst_cache_set_ip6(&node->dst_cache, way->dst,
				  &way->saddr.ip6);
	way->is_new = true;
	return true;
}

/*
 * Is the node on a link that we are on as well? A gateway that is the node
 * itself, as a redirect makes it (RFC 792), is no router.
 */
static bool way_is_onlink(const struct dst_entry *dst,
			  const struct k8snet_addr *via)
{
	const struct rt6_info *rt6;
	const struct rtable *rt;

	if (via->family == AF_INET) {
		rt = container_of(dst, struct rtable, dst);
		return !rt->rt_uses_gateway ||
		       (rt->rt_gw_family == AF_INET && rt->rt_gw4 == via->ip);
	}
	rt6 = container_of(dst, struct rt6_info, dst);
	return !(rt6->rt6i_flags & RTF_GATEWAY) ||
	       ipv6_addr_equal(&rt6->rt6i_gateway, &via->ip6);
}

/**
 * k8snet_way_format() - the format in use
 * @settings: the device's settings
 * @node: the node
 * @dst: the route to it
 *
 * With cross-subnet it is not always the node's own.
 */
u32 k8snet_way_format(const struct k8snet_settings *settings,
		      const struct k8snet_node *node,
		      const struct dst_entry *dst)
{
	if (unlikely(settings->cross_subnet) &&
	    way_is_onlink(dst, &node->via))
		return K8SNET_FORMAT_DIRECT;
	return k8snet_device_format(settings, node);
}

/*
 * A learned MTU takes the place of the route's own in an IPv6 exception, see
 * ip6_dst_mtu_maybe_forward(); the latter is where the exception comes from.
 */
static void way_link_mtu6(const struct dst_entry *dst, int *mtu, int *link)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from;
	struct inet6_dev *idev;

	rcu_read_lock();
	from = rcu_dereference(rt->from);
	*mtu = from ? from->fib6_pmtu : 0;
	/* A router may have advertised less than the device has. */
	idev = __in6_dev_get(dst->dev);
	if (idev)
		*link = min_t(int, *link, READ_ONCE(idev->cnf.mtu6));
	rcu_read_unlock();
}

/* What the way out carries, whatever ICMP has told of the path behind it. */
static int way_link_mtu(const struct dst_entry *dst, u16 family)
{
	int mtu = dst_metric_raw(dst, RTAX_MTU), link = READ_ONCE(dst->dev->mtu);

	if (family == AF_INET6)
		way_link_mtu6(dst, &mtu, &link);
	return mtu && mtu < link ? mtu : link;
}

/**
 * k8snet_way_note_mtu() - a new route may carry more or less than the last one
 * @way: the way, with format and overhead
 *
 * The device's MTU follows it, see device_fit().
 */
void k8snet_way_note_mtu(const struct k8snet_way *way)
{
	int mtu = way_link_mtu(way->dst, way->node->via.family) - way->overhead;

	if (READ_ONCE(way->node->link_mtu) == mtu)
		return;
	WRITE_ONCE(way->node->link_mtu, mtu);
	k8snet_device_fit_soon(way->ks->kn);
}

/**
 * k8snet_way_look() - how packets to a node go now
 * @kdev: the device
 * @settings: the device's settings
 * @node: the node
 * @look: where the answer goes
 *
 * Context: process, with the creating namespace there.
 */
void k8snet_way_look(struct k8snet_dev *kdev,
		     const struct k8snet_settings *settings,
		     const struct k8snet_node *node, struct k8snet_look *look)
{
	u16 family = node->via.family;
	struct net *net = kdev->kn->net;
	struct k8snet_addr saddr;
	struct dst_entry *dst;
	unsigned int overhead;

	dst = way_lookup(net, settings, node, &saddr);
	look->format = k8snet_device_format(settings, node);
	look->link_mtu = 0;
	look->path_mtu = 0;
	look->headroom = 0;
	if (IS_ERR(dst))
		return;
	look->format = k8snet_way_format(settings, node, dst);
	overhead = k8snet_packet_overhead(look->format, family);
	look->link_mtu = way_link_mtu(dst, family) - overhead;
	look->path_mtu = dst_mtu(dst) - overhead;
	look->headroom = k8snet_way_headroom(dst, overhead);
	dst_release(dst);
}
