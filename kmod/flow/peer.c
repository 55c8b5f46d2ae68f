// SPDX-License-Identifier: GPL-2.0
/*
 * To a pod at once: into the other end of its veth, without the queue that
 * waits between the two (enqueue_to_backlog()). So does bpf_redirect_peer().
 *
 * The packet is received there as any other, by taps, tc and generic XDP of the
 * pod's end. What somebody has on the way there keeps packets on the long way:
 * a capture, tc, a queueing discipline or netfilter at the node's end, native
 * XDP or GRO at the pod's. For a flow in the cache that is asked once a tick.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/neighbour.h>

#include "flow/flow.h"
#include "flow/peer.h"
#include "netns.h"
#include "overlay/xmit.h"
#include "packet.h"

/*
 * A pod that forwards could send the packet into the next pod's end, and so on:
 * on one processor one is received this way at a time, others take the queue.
 */
static DEFINE_PER_CPU(bool, peer_is_busy);

/* A device that has gone is another one to its routes (dst_dev_put()). */
static struct net_device *peer_of(struct net_device *dev)
{
	return likely(dev->netdev_ops->ndo_get_peer_dev) ?
	       dev->netdev_ops->ndo_get_peer_dev(dev) : NULL;
}

/**
 * k8snet_flow_peer_is_open() - do both ends of a veth just pass packets on?
 * @dev: the node's end, for which k8snet_flow_peer_is()
 *
 * Context: bottom halves off, RCU read side.
 */
bool k8snet_flow_peer_is_open(struct net_device *dev)
{
	const struct net_device *peer = peer_of(dev);

	return peer && !(peer->features & NETIF_F_GRO) &&
	       !READ_ONCE(peer->xdp_state[XDP_MODE_DRV].prog) &&
	       k8snet_xmit_is_open(dev);
}

/* Nothing about the packet that the node's end would have to see to? */
static bool peer_may_take(const struct net_device *dev,
			  const struct net_device *peer, struct sk_buff *skb)
{
	return !skb_zcopy(skb) && k8snet_packet_suits(skb, dev) &&
	       (skb_is_gso(skb) || skb->len <= READ_ONCE(peer->mtu));
}

/**
 * k8snet_flow_peer_find() - where can a packet be received at once?
 * @dev: the device that it is to leave by, for which k8snet_flow_peer_is() and
 *	k8snet_flow_peer_is_open(), asked now or not long ago
 * @neigh: the next hop
 * @skb: the packet
 *
 * Context: bottom halves off, RCU read side.
 * Return: the pod's end, or NULL if the packet must take the queue.
 */
struct net_device *k8snet_flow_peer_find(struct net_device *dev,
					 struct neighbour *neigh,
					 struct sk_buff *skb)
{
	struct net_device *peer;

	if (unlikely(this_cpu_read(peer_is_busy) ||
		     !k8snet_xmit_is_ready(skb, neigh)))
		return NULL;
	peer = peer_of(dev);
	return peer && peer->flags & IFF_UP && peer_may_take(dev, peer, skb) ?
	       peer : NULL;
}

/* As eth_type_trans() does it; what the packet is stands in it already. */
static void peer_enter(struct net_device *peer, struct sk_buff *skb)
{
	const struct ethhdr *eth = (const void *)skb->data;

	if (unlikely(!ether_addr_equal(eth->h_dest, peer->dev_addr))) {
		skb->protocol = eth_type_trans(skb, peer);
		return;
	}
	skb->dev = peer;
	skb_reset_mac_header(skb);
	__skb_pull(skb, ETH_HLEN);
}

/**
 * k8snet_flow_peer_receive() - let a pod receive a packet
 * @dev: the node's end of the veth
 * @peer: the pod's, as k8snet_flow_peer_find() has found it
 * @neigh: the next hop
 * @skb: the packet, headers written; consumed
 *
 * Context: softirq, RCU read side.
 */
void k8snet_flow_peer_receive(struct net_device *dev, struct net_device *peer,
			      const struct neighbour *neigh,
			      struct sk_buff *skb)
{
	k8snet_xmit_push(skb, neigh);
	k8snet_compat_veth_sent(dev, skb->len);
	skb_scrub_packet(skb, !net_eq(dev_net(dev), dev_net(peer)));
	/* It is the NIC's that it came in on, see get_rps_cpu(). */
	skb_set_queue_mapping(skb, 0);
	skb->priority = 0;
	peer_enter(peer, skb);
	this_cpu_write(peer_is_busy, true);
	netif_receive_skb(skb);
	this_cpu_write(peer_is_busy, false);
}
