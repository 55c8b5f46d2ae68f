/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Out of a device that packets do not wait in front of.
 */
#ifndef K8SNET_OVERLAY_XMIT_H
#define K8SNET_OVERLAY_XMIT_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <net/neighbour.h>

#include "overlay/device.h"
#include "packet.h"

/*
 * Would dev_queue_xmit() do nothing for a whole packet but call the driver, by
 * whichever queue? There is none to wait in, no lock, and nobody who looks at what
 * leaves: tc, netfilter, a capture. RCU read side.
 */
static inline bool k8snet_xmit_is_open(struct net_device *dev)
{
	return k8snet_compat_is_lltx(dev) && !k8snet_device_has_queue(dev) &&
	       !k8snet_compat_has_egress(dev) && !dev_nit_active(dev) &&
	       k8snet_packet_device_suits(dev);
}

/* A packet has nothing to ask of the next hop (neigh_event_send()). */
#define K8SNET_XMIT_NUD	(NUD_CONNECTED | NUD_DELAY | NUD_PROBE)

/*
 * Is it the next hop's address still? One that was not heard of for some time is to
 * be asked before long whether it is there, but gets packets as before. A packet
 * that sees to it must not take another way for that: those behind it, which need
 * not, would overtake it.
 */
static inline bool k8snet_xmit_is_known(struct neighbour *neigh)
{
	unsigned int state = READ_ONCE(neigh->nud_state);

	return likely(state & K8SNET_XMIT_NUD) ||
	       (state & NUD_STALE && !neigh_event_send(neigh, NULL));
}

/* Is the next hop's Ethernet header ready, and is there room for it? */
static inline bool k8snet_xmit_is_ready(const struct sk_buff *skb,
					struct neighbour *neigh)
{
	return READ_ONCE(neigh->hh.hh_len) == ETH_HLEN &&
	       skb_headroom(skb) >= HH_DATA_MOD && k8snet_xmit_is_known(neigh);
}

/* As neigh_hh_output() puts it on. */
static inline void k8snet_xmit_push(struct sk_buff *skb,
				    const struct neighbour *neigh)
{
	const struct hh_cache *hh = &neigh->hh;
	unsigned int seq;

	do {
		seq = read_seqbegin(&hh->hh_lock);
		memcpy(skb->data - HH_DATA_MOD, hh->hh_data, HH_DATA_MOD);
	} while (read_seqretry(&hh->hh_lock, seq));
	__skb_push(skb, ETH_HLEN);
}

int k8snet_xmit(struct sk_buff *skb, struct neighbour *neigh, bool is_v6gw,
		bool is_open);

#endif /* K8SNET_OVERLAY_XMIT_H */
