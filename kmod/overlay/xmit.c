// SPDX-License-Identifier: GPL-2.0
/*
 * To the next hop. Packets do not wait in front of a device of software with one
 * queue (veth, macvlan, another tunnel), and when nobody looks at what leaves by
 * it, all that __dev_queue_xmit() does for a packet is to find that out: then its
 * driver is called at once. The tracepoints of the way past here (net_dev_queue
 * and its kin) do not have the packet; the driver and the other end do.
 */
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <net/neighbour.h>

#include "overlay/xmit.h"
#include "packet.h"

/*
 * A tunnel in a tunnel comes by here again before the first has returned. It
 * takes the long way, which counts how deep the stack gets (dev_xmit_recursion()).
 */
static DEFINE_PER_CPU(bool, xmit_is_busy);

/*
 * No queue is chosen here. What a socket has sent may have to tell it so, or be
 * encrypted, before.
 */
static bool xmit_may(const struct net_device *dev, struct sk_buff *skb,
		     struct neighbour *neigh)
{
	return dev->flags & IFF_UP && dev->real_num_tx_queues == 1 && !skb->sk &&
	       k8snet_packet_suits(skb, dev) &&
	       likely(k8snet_xmit_is_ready(skb, neigh)) &&
	       likely(!this_cpu_read(xmit_is_busy));
}

/*
 * Nor may the device be on its way down, when its queue is another one
 * (dev_deactivate_many()).
 */
static bool xmit_has_queue(const struct netdev_queue *txq)
{
	return rcu_dereference(txq->qdisc)->enqueue || netif_xmit_stopped(txq);
}

/* As __dev_queue_xmit() does it where there is nothing to wait for. */
static int xmit_now(struct net_device *dev, struct sk_buff *skb,
		    struct netdev_queue *txq)
{
	int err;

	skb_reset_mac_header(skb);
	skb_set_queue_mapping(skb, 0);
	if (dev->priv_flags & IFF_XMIT_DST_RELEASE)
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);
	this_cpu_write(xmit_is_busy, true);
	err = netdev_start_xmit(skb, dev, txq, false);
	this_cpu_write(xmit_is_busy, false);
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
 * @is_v6gw: an IPv4 packet's next hop is of IPv6, whose header is for IPv6
 * @is_open: k8snet_xmit_is_open(), asked now or not long ago
 *
 * Context: bottom halves off, RCU read side.
 * Return: as neigh_output() does.
 */
int k8snet_xmit(struct sk_buff *skb, struct neighbour *neigh, bool is_v6gw,
		bool is_open)
{
	struct net_device *dev = skb->dev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);

	if (!is_open || is_v6gw || !xmit_may(dev, skb, neigh) ||
	    unlikely(xmit_has_queue(txq)))
		return neigh_output(neigh, skb, is_v6gw);
	k8snet_xmit_push(skb, neigh);
	return xmit_now(dev, skb, txq);
}
