// SPDX-License-Identifier: GPL-2.0
/*
 * IP in IP comes in: protocols 4 and 41, over IPv4 and IPv6.
 *
 * Nothing in such a packet names a device. It is for the one that knows the
 * sender, of several the one where the sender has the inner source; if none
 * does, for one that speaks the format, which drops and counts it unless it is
 * not strict. Otherwise it is left to the kernel's own tunnels (tunl0, sit0,
 * ip6tnl0).
 */
#include <linux/netdevice.h>
#include <net/xfrm.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/error.h"
#include "overlay/receive.h"

static bool ipip_is_spoken(struct k8snet_dev *kdev)
{
	return READ_ONCE(kdev->nodes.n_ipip) ||
	       rcu_dereference(kdev->settings)->format == K8SNET_FORMAT_IPIP;
}

/* @skb: as k8snet_receive_claim() has it, the inner header first */
static struct k8snet_dev *ipip_device(struct k8snet_net *kn,
				      const struct k8snet_addr *source,
				      const struct sk_buff *skb, __be16 proto)
{
	struct k8snet_dev *kdev, *best = NULL;
	int claim, best_claim = -1;

	list_for_each_entry_rcu(kdev, &kn->devices, list) {
		if (!rcu_access_pointer(kdev->main.ks))
			continue;
		claim = k8snet_receive_claim(kdev, source, skb, 0, proto);
		if (claim == K8SNET_CLAIM_OWNER)
			return kdev;
		if (claim <= best_claim ||
		    (claim < K8SNET_CLAIM_NODE && !ipip_is_spoken(kdev)))
			continue;
		best = kdev;
		best_claim = claim;
	}
	return best;
}

/**
 * k8snet_ipip_takes() - are such packets ours, to deliver or to drop?
 * @kn: the namespace
 * @source: source of the outer packet
 *
 * Context: RCU read side.
 */
bool k8snet_ipip_takes(struct k8snet_net *kn, const struct k8snet_addr *source)
{
	return ipip_device(kn, source, NULL, 0);
}

/* The kernel's own tunnels do this too: protocols 4 and 41 are "no_policy". */
static bool ipip_has_protection(struct sk_buff *skb, u16 family)
{
	return family == AF_INET ?
	       xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb) :
	       xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
}

static int ipip_receive(struct sk_buff *skb, __be16 proto)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	enum k8snet_drop_reason why;
	struct k8snet_outer outer;
	struct k8snet_dev *kdev;

	k8snet_receive_outer(skb, &outer);
	kdev = ipip_device(kn, &outer.source, skb, proto);
	if (!kdev)
		return -EINVAL;
	why = K8SNET_DROP_REASON_RX_POLICY;
	if (unlikely(!ipip_has_protection(skb, outer.source.family)))
		goto drop;
	why = K8SNET_DROP_REASON_RX_INNER_HEADER;
	if (unlikely(!pskb_may_pull(skb, sizeof(struct iphdr))))
		goto drop;
	k8snet_receive_inner(kdev, kn, &outer, skb, 0, proto);
	return 0;

drop:
	k8snet_stats_drop(kdev->drops, why);
	kfree_skb(skb);
	return 0;
}

static int ipip_receive_ip4(struct sk_buff *skb)
{
	return ipip_receive(skb, htons(ETH_P_IP));
}

static int ipip_receive_ip6(struct sk_buff *skb)
{
	return ipip_receive(skb, htons(ETH_P_IPV6));
}

/* Before the kernel's own, whose priorities start at 1. */
static struct xfrm_tunnel ipip_4in4 = {
	.handler	= ipip_receive_ip4,
	.err_handler	= k8snet_error_ipip4,
};

static struct xfrm_tunnel ipip_6in4 = {
	.handler	= ipip_receive_ip6,
	.err_handler	= k8snet_error_ipip4,
};

static struct xfrm6_tunnel ipip_4in6 = {
	.handler	= ipip_receive_ip4,
	.err_handler	= k8snet_error_ipip6,
};

static struct xfrm6_tunnel ipip_6in6 = {
	.handler	= ipip_receive_ip6,
	.err_handler	= k8snet_error_ipip6,
};

/**
 * k8snet_ipip_init() - take IP in IP packets
 *
 * Return: 0, or a negative errno.
 */
int k8snet_ipip_init(void)
{
	int err;

	err = xfrm4_tunnel_register(&ipip_4in4, AF_INET);
	if (err)
		return err;
	err = xfrm4_tunnel_register(&ipip_6in4, AF_INET6);
	if (err)
		goto err_4in4;
	err = xfrm6_tunnel_register(&ipip_4in6, AF_INET);
	if (err)
		goto err_6in4;
	err = xfrm6_tunnel_register(&ipip_6in6, AF_INET6);
	if (err)
		goto err_4in6;
	return 0;

err_4in6:
	xfrm6_tunnel_deregister(&ipip_4in6, AF_INET);
err_6in4:
	xfrm4_tunnel_deregister(&ipip_6in4, AF_INET6);
err_4in4:
	xfrm4_tunnel_deregister(&ipip_4in4, AF_INET);
	return err;
}

/* Waits until no packet is in a handler any more. */
void k8snet_ipip_exit(void)
{
	xfrm6_tunnel_deregister(&ipip_6in6, AF_INET6);
	xfrm6_tunnel_deregister(&ipip_4in6, AF_INET);
	xfrm4_tunnel_deregister(&ipip_6in4, AF_INET6);
	xfrm4_tunnel_deregister(&ipip_4in4, AF_INET);
}
