// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that the stack has forwarded, given to whom they are for at once: to
 * the overlay device's driver, or to the other end of a pod's veth, wherever they
 * came from: so does the flow cache, and the first packets of a flow, which go by
 * here, must not be overtaken by the others.
 *
 * Behind postrouting the stack has a neighbour to look for, that the overlay
 * device does without, and a queueing discipline, that neither device has; then a
 * veth has a queue of its own. This hook is the last one of postrouting. What
 * there may be behind it is conntrack's confirmation, which it does itself, as
 * act_ct does; with anything else there, and whenever anything about packet,
 * route or device is not plain, the packet goes on as any other.
 */
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "flow/peer.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/early.h"
#include "overlay/handover.h"
#include "packet.h"
#include "route.h"

/*
 * A tunnel in a tunnel comes by here again: one at a time, the others take the
 * queue, which knows how deep the stack is (dev_xmit_recursion()).
 */
static DEFINE_PER_CPU(bool, handover_is_busy);

/* Is it a packet that the stack has forwarded, and would send as it is? */
static bool handover_is_plain4(const struct sk_buff *skb)
{
	return skb_rtable(skb)->rt_type == RTN_UNICAST &&
	       (IPCB(skb)->flags & (IPSKB_FORWARDED | IPSKB_REROUTED)) ==
	       IPSKB_FORWARDED &&
	       !IPCB(skb)->frag_max_size &&
	       k8snet_packet_is_within(skb, ip_dst_mtu_maybe_forward(skb_dst(skb),
								     true));
}

/*
 * ip6_forward() does not say that it was there; what another tunnel sends, also
 * from a device, has not come in (ip6_rcv_core(), ip6tunnel_xmit()).
 */
static bool handover_is_plain6(const struct sk_buff *skb)
{
	return IP6CB(skb)->iif && !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr) &&
	       !(IP6CB(skb)->flags & IP6SKB_REROUTED) &&
	       !IP6CB(skb)->frag_max_size &&
	       k8snet_packet_is_within(skb, dst_mtu(skb_dst(skb)));
}

static bool handover_is_plain(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	/* What is encrypted may be so by what dev_queue_xmit() calls only. */
	return !skb->sk && !dst->lwtstate && !dst_xfrm(dst) &&
	       !skb_sec_path(skb) && softirq_count() &&
	       (skb->protocol == htons(ETH_P_IP) ? handover_is_plain4(skb) :
						   handover_is_plain6(skb));
}

/*
 * Has conntrack nothing more to do with it than to confirm the connection? What
 * is untracked may be a tunnel packet of ours, which "came in" on its overlay
 * device: it is not forwarded, and is told from the others by that.
 */
static bool handover_is_settled(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct)
		return ctinfo != IP_CT_UNTRACKED;
	return !nfct_help(ct) && !test_bit(IPS_SEQ_ADJUST_BIT, &ct->status);
}

/* What ip_finish_output2() and its twin count. */
static void handover_count(struct net *net, const struct sk_buff *skb)
{
	if (!k8snet_compat_counts_sent())
		return;
	if (skb->protocol == htons(ETH_P_IP))
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	else
		IP6_UPD_PO_STATS(net, ip6_dst_idev(skb_dst(skb)),
				 IPSTATS_MIB_OUT, skb->len);
}

/* Would dev_queue_xmit() do nothing but call the driver? */
static bool handover_is_open(struct net_device *dev, struct sk_buff *skb)
{
	return dev->flags & IFF_UP && !k8snet_device_is_watched(dev) &&
	       !dev_nit_active(dev) && k8snet_packet_device_suits(dev) &&
	       k8snet_packet_suits(skb, dev) &&
	       !this_cpu_read(handover_is_busy);
}

static unsigned int handover_to_overlay(struct k8snet_net *kn,
					struct sk_buff *skb,
					struct net_device *dev)
{
	unsigned int verdict;

	if (!handover_is_open(dev, skb))
		return NF_ACCEPT;
	verdict = nf_conntrack_confirm(skb);
	if (unlikely(verdict != NF_ACCEPT))
		return verdict;
	handover_count(kn->net, skb);
	skb_reset_mac_header(skb);
	/* As validate_xmit_skb() leaves it. */
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb_set_transport_header(skb, skb_checksum_start_offset(skb));
	this_cpu_write(handover_is_busy, true);
	k8snet_send(skb, dev);
	this_cpu_write(handover_is_busy, false);
	return NF_STOLEN;
}

static unsigned int handover_to_pod(struct k8snet_net *kn, struct sk_buff *skb,
				    struct net_device *dev)
{
	bool is_v6gw, is_ip4 = skb->protocol == htons(ETH_P_IP);
	struct net_device *peer;
	struct neighbour *neigh;
	unsigned int verdict;

	neigh = k8snet_route_neighbour(skb_dst(skb), is_ip4 ? AF_INET : AF_INET6,
				       is_ip4 ? (void *)&ip_hdr(skb)->daddr :
						(void *)&ipv6_hdr(skb)->daddr,
				       &is_v6gw);
	if (IS_ERR(neigh) || is_v6gw)
		return NF_ACCEPT;
	peer = k8snet_flow_peer_is_open(dev) ?
	       k8snet_flow_peer_find(dev, neigh, skb) : NULL;
	if (!peer)
		return NF_ACCEPT;
	verdict = nf_conntrack_confirm(skb);
	if (unlikely(verdict != NF_ACCEPT))
		return verdict;
	handover_count(kn->net, skb);
	k8snet_flow_peer_receive(dev, peer, neigh, skb);
	return NF_STOLEN;
}

/**
 * k8snet_handover_postrouting() - give a forwarded packet to whom it is for
 * @priv: the namespace
 * @skb: any packet that goes out
 * @state: the postrouting hook, behind everybody else
 *
 * Return: a netfilter verdict.
 */
unsigned int k8snet_handover_postrouting(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	bool to_overlay = k8snet_device_is(state->out);
	struct k8snet_net *kn = priv;

	if (!state->in || netif_is_l3_slave(state->in) ||
	    (!to_overlay && (!READ_ONCE(kn->flows.settings.peer) ||
			     !k8snet_flow_peer_is(state->out))))
		return NF_ACCEPT;
	if (!handover_is_plain(skb) || netif_is_l3_slave(state->out) ||
	    !handover_is_settled(skb) ||
	    !k8snet_early_is_last(kn, state->pf))
		return NF_ACCEPT;
	return to_overlay ? handover_to_overlay(kn, skb, state->out) :
			    handover_to_pod(kn, skb, state->out);
}

static const struct nf_hook_ops handover_ops[] = {
	{
		.hook		= k8snet_handover_postrouting,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= INT_MAX,
	},
	{
		.hook		= k8snet_handover_postrouting,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= INT_MAX,
	},
};

/* Tunnels come with the rtnl mutex, services with k8snet_net.lock. */
static DEFINE_MUTEX(handover_lock);

/**
 * k8snet_handover_start() - hand packets over from now on
 * @kn: the namespace
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int k8snet_handover_start(struct k8snet_net *kn)
{
	struct nf_hook_ops *ops;
	unsigned int i;
	int err = 0;

	mutex_lock(&handover_lock);
	if (kn->handover_ops)
		goto out;
	err = -ENOMEM;
	ops = kmemdup(handover_ops, sizeof(handover_ops), GFP_KERNEL);
	if (!ops)
		goto out;
	for (i = 0; i < ARRAY_SIZE(handover_ops); i++)
		ops[i].priv = kn;
	err = nf_register_net_hooks(kn->net, ops, ARRAY_SIZE(handover_ops));
	if (!err) {
		kn->handover_ops = ops;
		goto out;
	}
	/* nfnl_hook_dump() may be looking at them, and packets were. */
	synchronize_rcu();
	kfree(ops);
out:
	mutex_unlock(&handover_lock);
	return err;
}

/**
 * k8snet_handover_stop() - hand no more packets over
 * @kn: the namespace, about to go
 */
void k8snet_handover_stop(struct k8snet_net *kn)
{
	if (!kn->handover_ops)
		return;
	nf_unregister_net_hooks(kn->net, kn->handover_ops,
				ARRAY_SIZE(handover_ops));
	synchronize_rcu();
	kfree(kn->handover_ops);
	kn->handover_ops = NULL;
}
