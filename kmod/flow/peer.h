/* SPDX-License-Identifier: GPL-2.0 */
/*
 * To a pod at once, past the queue of its veth.
 */
#ifndef K8SNET_FLOW_PEER_H
#define K8SNET_FLOW_PEER_H

#include <linux/netdevice.h>
#include <net/rtnetlink.h>

struct neighbour;
struct sk_buff;

/*
 * Can a device have another end to be received at? Of veth it is known how it
 * counts. Those with such an operation have kinds that are at least as long.
 */
static inline bool k8snet_flow_peer_is(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_get_peer_dev && dev->rtnl_link_ops &&
	       !memcmp(dev->rtnl_link_ops->kind, "veth", sizeof("veth")) &&
	       k8snet_compat_veth_is_known(dev);
}

bool k8snet_flow_peer_is_open(struct net_device *dev);
struct net_device *k8snet_flow_peer_find(struct net_device *dev,
					 struct neighbour *neigh,
					 struct sk_buff *skb);
void k8snet_flow_peer_receive(struct net_device *dev, struct net_device *peer,
			      const struct neighbour *neigh,
			      struct sk_buff *skb);

#endif /* K8SNET_FLOW_PEER_H */
