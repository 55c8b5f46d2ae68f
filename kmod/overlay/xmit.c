// SPDX-License-Identifier: GPL-2.0
/*
 * To the next hop. A device of software (veth, VLAN, bond, bridge) has no queue;
 * when nobody looks at what leaves by it, all that __dev_queue_xmit() does for a
 * packet is to find that out: then its driver is called at once.
 *
 * An overlay device is never called so (see k8snet_way_route()): what leads back
 * into one comes by dev_queue_xmit(), which counts how deep.
 */
#include <linux/netdevice.h>
#include <net/neighbour.h>

#include "overlay/device.h"
#include "overlay/xmit.h"
#include "packet.h"

/* As netdev_core_pick_tx() chooses it. */
static struct netdev_queue *xmit_queue(struct net_device *dev,
				       struct sk_buff *skb)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	u16 queue = 0;

	if (unlikely(dev->real_num_tx_queues > 1)) {
		queue = ops->ndo_select_queue ?
			ops->ndo_select_queue(dev, skb, NULL) :
			netdev_pick_tx(dev, skb, NULL);
		queue = netdev_cap_txqueue(dev, queue);
	}
	skb_set_queue_mapping(skb, queue);
	return netdev_get_tx_queue(dev, queue);
}

/* As __dev_queue_xmit() does it where there is nothing to wait for. */
static int xmit_now(struct net_device *dev, struct sk_buff *skb,
		    struct netdev_queue *txq)
{
	int err;

	skb_reset_mac_header(skb);
	if (dev->priv_flags & IFF_XMIT_DST_RELEASE)
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);
	err = netdev_start_xmit(skb, dev, txq, false);
	if (likely(dev_xmit_complete(err)))
		return err;
	dev_core_stats_tx_dropped_inc(dev);
	kfree_skb(skb);
	return -ENETDOWN;
}

/**
 * k8snet_xmit() - send a packet to the next hop
 * @skb: the packet at its IP header, its device set; consumed
 * @neigh: the next hop, of the same device
 * @is_v6gw: an IPv4 packet's next hop is of IPv6
 * @is_open: k8snet_xmit_is_open(), asked now or not long ago
 *
 * Context: bottom halves off, RCU read side.
 * Return: as neigh_output() does.
 */
int k8snet_xmit(struct sk_buff *skb, struct neighbour *neigh, bool is_v6gw,
		bool is_open)
{
	struct net_device *dev = skb->dev;
	struct netdev_queue *txq;

	if (!is_open || !(dev->flags & IFF_UP) || skb->sk ||
	    !k8snet_packet_suits(skb, dev) ||
	    unlikely(!k8snet_xmit_is_ready(skb, neigh)))
		return neigh_output(neigh, skb, is_v6gw);
	txq = xmit_queue(dev, skb);
	if (unlikely(netif_xmit_stopped(txq)))
		return neigh_output(neigh, skb, is_v6gw);
	k8snet_xmit_push(skb, neigh);
	return xmit_now(dev, skb, txq);
}
