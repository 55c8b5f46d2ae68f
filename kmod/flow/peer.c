// SPDX-License-Identifier: GPL-2.0
/*
 * To a pod at once: into the other end of its veth, without the queue that
 * waits between the two (enqueue_to_backlog()). So does bpf_redirect_peer().
 *
 * The packet is received there as any other, by taps, tc and generic XDP of the
 * pod's end. What somebody has on the way there keeps packets on the long way:
 * a capture, tc, a queueing discipline or netfilter at the node's end, native
 * XDP or GRO at the pod's.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/neighbour.h>

#include "flow/flow.h"
#include "flow/peer.h"
#include "netns.h"
#include "overlay/device.h"
#include "packet.h"

/*
 * A pod that forwards could send the packet into the next pod's end, and so on:
 * on one processor one is received this way at a time, others take the queue.
 */
static DEFINE_PER_CPU(bool, peer_is_busy);

/* Would dev_queue_xmit() do nothing but call the driver? */
static bool peer_is_plain(struct net_device *dev)
{
	return !k8snet_device_has_queue(dev) && !k8snet_compat_has_egress(dev) &&
	       !dev_nit_active(dev);
}

/* Is the end that the pod has one that just gives packets to the stack? */
static bool peer_is_open(const struct net_device *peer)
{
	return peer->flags & IFF_UP && !(peer->features & NETIF_F_GRO) &&
	       !READ_ONCE(peer->xdp_state[XDP_MODE_DRV].prog);
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
 * @dev: the device that it is to leave by, for which k8snet_flow_peer_is()
 * @neigh: the next hop
 * @skb: the packet
 *
 * Context: bottom halves off, RCU read side.
 * Return: the pod's end, or NULL if the packet must take the queue.
 */
struct net_device *k8snet_flow_peer_find(struct net_device *dev,
					 const struct neighbour *neigh,
					 struct sk_buff *skb)
{
	struct net_device *peer;

	/* A device that has gone is another one to its routes (dst_dev_put()). */
	if (unlikely(this_cpu_read(peer_is_busy) ||
		     !dev->netdev_ops->ndo_get_peer_dev))
		return NULL;
	if (unlikely(!(READ_ONCE(neigh->nud_state) & NUD_CONNECTED) ||
		     READ_ONCE(neigh->hh.hh_len) != ETH_HLEN ||
		     skb_headroom(skb) < HH_DATA_MOD))
		return NULL;
	peer = dev->netdev_ops->ndo_get_peer_dev(dev);
	return peer && peer_is_open(peer) && peer_is_plain(dev) &&
	       peer_may_take(dev, peer, skb) ? peer : NULL;
}

/* As neigh_hh_output() does it. */
static void peer_push(struct sk_buff *skb, const struct neighbour *neigh)
{
	const struct hh_cache *hh = &neigh->hh;
	unsigned int seq;

	do {
		seq = read_seqbegin(&hh->hh_lock);
		memcpy(skb->data - HH_DATA_MOD, hh->hh_data, HH_DATA_MOD);
	} while (read_seqretry(&hh->hh_lock, seq));
	__skb_push(skb, ETH_HLEN);
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
	peer_push(skb, neigh);
	k8snet_compat_veth_sent(dev, skb->len);
	skb_scrub_packet(skb, !net_eq(dev_net(dev), dev_net(peer)));
	skb->priority = 0;
	/* Which makes it the peer's, too. */
	skb->protocol = eth_type_trans(skb, peer);
	this_cpu_write(peer_is_busy, true);
	netif_receive_skb(skb);
	this_cpu_write(peer_is_busy, false);
}
