// SPDX-License-Identifier: GPL-2.0
/*
 * IP in IP comes in: protocols 4 and 41, over IPv4 and IPv6.
 *
 * Nothing in such a packet names a device. It is for the one that knows the
 * sender; if none does, for one that speaks the format, which drops and counts
 * it unless it is not strict. Otherwise it is left to the kernel's own tunnels
 * (tunl0, sit0, ip6tnl0).
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/receive.h"

static struct k8snet_dev *ipip_device(struct k8snet_net *kn,
				      const struct k8snet_addr *source)
{
	struct k8snet_dev *kdev, *first = NULL;

	list_for_each_entry_rcu(kdev, &kn->devices, list) {
		if (!rcu_access_pointer(kdev->main.ks))
			continue;
		if (k8snet_node_by_addr(&kdev->nodes, source))
			return kdev;
		if (!first && (READ_ONCE(kdev->nodes.n_ipip) ||
			       rcu_dereference(kdev->settings)->format ==
			       K8SNET_FORMAT_IPIP))
			first = kdev;
	}
	return first;
}

static int ipip_receive(struct sk_buff *skb, __be16 proto)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	struct k8snet_outer outer;
	struct k8snet_dev *kdev;

	k8snet_receive_outer(skb, &outer);
	kdev = ipip_device(kn, &outer.source);
	if (!kdev)
		return -EINVAL;
	if (unlikely(!pskb_may_pull(skb, sizeof(struct iphdr)))) {
		k8snet_stats_drop(kdev->drops, K8SNET_DROP_REASON_RX_SHORT);
		kfree_skb(skb);
		return 0;
	}
	k8snet_receive_inner(kdev, kn, &outer, skb, 0, proto);
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

/* An error about an outer packet of ours: remember the path's MTU. */
static int ipip_err4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	const struct k8snet_addr to = k8snet_addr4(iph->daddr);

	if (!ipip_device(kn, &to) || !k8snet_addrset_has(&kn->node_addrs, &to))
		return -ENOENT;
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, kn->net, info, 0, iph->protocol);
	return 0;
}

static int ipip_err6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		     u8 code, int offset, __be32 info)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	const struct k8snet_addr to = k8snet_addr6(&ip6h->daddr);

	if (!ipip_device(kn, &to) || !k8snet_addrset_has(&kn->node_addrs, &to))
		return -ENOENT;
	if (type == ICMPV6_PKT_TOOBIG)
		ip6_update_pmtu(skb, kn->net, info, 0, 0,
				sock_net_uid(kn->net, NULL));
	return 0;
}

/* Before the kernel's own, whose priorities start at 1. */
static struct xfrm_tunnel ipip_4in4 = {
	.handler	= ipip_receive_ip4,
	.err_handler	= ipip_err4,
};

static struct xfrm_tunnel ipip_6in4 = {
	.handler	= ipip_receive_ip6,
	.err_handler	= ipip_err4,
};

static struct xfrm6_tunnel ipip_4in6 = {
	.handler	= ipip_receive_ip4,
	.err_handler	= ipip_err6,
};

static struct xfrm6_tunnel ipip_6in6 = {
	.handler	= ipip_receive_ip6,
	.err_handler	= ipip_err6,
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
