/* SPDX-License-Identifier: GPL-2.0 */
/*
 * To a pod at once, past the queue of its veth.
 */
#ifndef K8SNET_FLOW_PEER_H
#define K8SNET_FLOW_PEER_H

#include <linux/types.h>

struct neighbour;
struct net_device;
struct sk_buff;

bool k8snet_flow_peer_is(const struct net_device *dev);
struct net_device *k8snet_flow_peer_find(struct net_device *dev,
					 const struct neighbour *neigh,
					 struct sk_buff *skb);
void k8snet_flow_peer_receive(struct net_device *dev, struct net_device *peer,
			      const struct neighbour *neigh,
			      struct sk_buff *skb);

#endif /* K8SNET_FLOW_PEER_H */
