// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses are this node's own, asked of the kernel: it knows first.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/ip6_route.h>
#include <net/rtnetlink.h>
#include <net/route.h>

#include "prefix.h"
#include "service/local.h"

/**
 * k8snet_local_has() - is this an address of the node?
 * @net: the namespace
 * @addr: the address
 *
 * Context: RCU read side.
 */
bool k8snet_local_has(struct net *net, const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return inet_addr_type(net, addr->ip) == RTN_LOCAL;
	return ipv6_chk_addr(net, &addr->ip6, NULL, 0);
}

static bool dev_in4(const struct net_device *dev,
		    const struct k8snet_prefix *prefix)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		const struct k8snet_addr addr = k8snet_addr4(ifa->ifa_local);

		if (k8snet_prefix_has(prefix, &addr))
			return true;
	}
	return false;
}

static bool dev_in6(const struct net_device *dev,
		    const struct k8snet_prefix *prefix)
{
	struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	bool found = false;

	if (!idev)
		return false;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		const struct k8snet_addr addr = k8snet_addr6(&ifa->addr);

		if (k8snet_prefix_has(prefix, &addr)) {
			found = true;
			break;
		}
	}
	read_unlock_bh(&idev->lock);
	return found;
}

/**
 * k8snet_local_in() - is any address of the node in a prefix?
 * @net: the namespace
 * @prefix: the prefix
 *
 * It asks device after device: not for what happens often.
 *
 * Context: RCU read side.
 */
bool k8snet_local_in(struct net *net, const struct k8snet_prefix *prefix)
{
	const struct net_device *dev;

	for_each_netdev_rcu(net, dev)
		if (prefix->family == AF_INET ? dev_in4(dev, prefix) :
						dev_in6(dev, prefix))
			return true;
	return false;
}

/* What goes there goes to pods of other nodes. */
static bool dev_is_overlay(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "k8snet");
}

static bool is_beside4(struct net *net, __be32 ip)
{
	struct flowi4 fl4 = { .daddr = ip };
	struct rtable *rt;
	bool beside;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;
	beside = !rt->rt_gw_family && !dev_is_overlay(rt->dst.dev);
	ip_rt_put(rt);
	return beside;
}

static bool is_beside6(struct net *net, const struct in6_addr *ip)
{
	struct flowi6 fl6 = { .daddr = *ip };
	struct dst_entry *dst;
	bool beside;

	dst = ip6_route_output(net, NULL, &fl6);
	beside = !dst->error && !dev_is_overlay(dst->dev) &&
		 !(container_of(dst, struct rt6_info, dst)->rt6i_flags & RTF_GATEWAY);
	dst_release(dst);
	return beside;
}

/**
 * k8snet_local_hosts() - is this pod one of this node?
 * @net: the namespace
 * @pod: its address
 *
 * Those of other nodes are behind a router, or in the overlay. It asks for a
 * route: not for what happens often.
 *
 * Context: RCU read side, or process.
 */
bool k8snet_local_hosts(struct net *net, const struct k8snet_addr *pod)
{
	return pod->family == AF_INET ? is_beside4(net, pod->ip) :
					is_beside6(net, &pod->ip6);
}

/**
 * k8snet_local_select() - which of the node's addresses does a peer see?
 * @net: the namespace
 * @dev: the device that the peer is behind
 * @peer: the peer
 * @addr: where the address goes
 *
 * Return: false if there is none of that family.
 *
 * Context: RCU read side.
 */
bool k8snet_local_select(struct net *net, const struct net_device *dev,
			 const struct k8snet_addr *peer,
			 struct k8snet_addr *addr)
{
	struct in6_addr ip6;
	__be32 ip;

	if (peer->family == AF_INET) {
		ip = inet_select_addr(dev, peer->ip, RT_SCOPE_UNIVERSE);
		*addr = k8snet_addr4(ip);
		return ip;
	}
	if (ipv6_dev_get_saddr(net, dev, &peer->ip6, 0, &ip6))
		return false;
	*addr = k8snet_addr6(&ip6);
	return true;
}
