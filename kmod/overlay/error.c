// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about packets to nodes: which to believe, and what to do about
 * one that the stack does nothing about.
 *
 * A path's MTU is remembered for the route to the node, as the stack does it
 * for everybody, and send_fits() finds it there. Who forges such an error slows
 * down all pods that talk to the node. The stack itself is credulous: what it
 * is told of the path of UDP packets it takes without a look at sockets
 * (udp_err()). So errors are looked at before it gets them, by guard.c.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/sock.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/error.h"
#include "overlay/node.h"
#include "overlay/receive.h"
#include "overlay/socket.h"

/* Is there a device that cannot tell, or that says it is from where the node is? */
static bool error_is_from_path(struct k8snet_net *kn,
			       const struct k8snet_outer *outer)
{
	const struct k8snet_settings *settings;
	struct k8snet_node *node;
	struct k8snet_dev *kdev;

	list_for_each_entry_rcu(kdev, &kn->devices, list) {
		node = k8snet_node_by_addr(&kdev->nodes, &outer->source);
		if (!node)
			continue;
		settings = rcu_dereference(kdev->settings);
		if (!settings->strict ||
		    k8snet_receive_route_is_back(kn->net, settings, node,
						 outer))
			return true;
	}
	return false;
}

/**
 * k8snet_error_is_forged() - can nobody on the path have said so?
 * @kn: the namespace that an error about a path's MTU came in on
 * @about: the IP header of the packet to a node that it is about
 * @in: the device that it came in on
 *
 * Like the packets of a node, what routers say of the way there comes in where
 * a route to it leaves; no pod is there. And no router says of a packet
 * without DF that it is too big, it makes it smaller (RFC 1191 section 4).
 *
 * Context: RCU read side.
 */
bool k8snet_error_is_forged(struct k8snet_net *kn, const void *about,
			    struct net_device *in)
{
	/* As a packet that the node has sent back would have them. */
	const struct k8snet_outer outer = {
		.source = k8snet_addr_dest(about),
		.dest = k8snet_addr_source(about),
		.in = in,
	};
	const struct iphdr *iph = about;

	if (iph->version == 4 && !(iph->frag_off & htons(IP_DF)))
		return true;
	/* Our own stack may say so too. */
	return !(in->flags & IFF_LOOPBACK) && !error_is_from_path(kn, &outer);
}

static bool error_is_about_node(struct k8snet_net *kn, const void *about)
{
	const struct k8snet_addr to = k8snet_addr_dest(about);

	return k8snet_addrset_has(&kn->node_addrs, &to);
}

/**
 * k8snet_error_udp() - encap_err_lookup of the tunnel sockets
 * @sk: the socket that listens where the packet was sent to
 * @skb: an ICMP error, at the outer header of what it is about
 *
 * Context: softirq, RCU read side.
 * Return: 0 if it is about a packet of ours, -ENOENT if not.
 */
int k8snet_error_udp(struct sock *sk, struct sk_buff *skb)
{
	struct k8snet_sock *ks = rcu_dereference_sk_user_data(sk);

	return ks && error_is_about_node(ks->kn, skb_network_header(skb)) ?
	       0 : -ENOENT;
}

/**
 * k8snet_error_ipip4() - take an ICMP error about IP in IPv4
 * @skb: the error, at the outer header of what it is about
 * @info: the path's MTU, if that is what it tells
 *
 * Context: softirq, RCU read side.
 * Return: 0, or -ENOENT if it is not about a packet of ours.
 */
int k8snet_error_ipip4(struct sk_buff *skb, u32 info)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (!error_is_about_node(kn, iph))
		return -ENOENT;
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, kn->net, info, 0, iph->protocol);
	return 0;
}

/**
 * k8snet_error_ipip6() - take an ICMP error about IP in IPv6
 * @skb: the error, at the outer header of what it is about
 * @opt: unused
 * @type: ICMPv6 type
 * @code: ICMPv6 code
 * @offset: unused
 * @info: the path's MTU, if that is what it tells
 *
 * Context: softirq, RCU read side.
 * Return: 0, or -ENOENT if it is not about a packet of ours.
 */
int k8snet_error_ipip6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		       u8 code, int offset, __be32 info)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));

	if (!error_is_about_node(kn, skb->data))
		return -ENOENT;
	if (type == ICMPV6_PKT_TOOBIG)
		ip6_update_pmtu(skb, kn->net, info, 0, 0,
				sock_net_uid(kn->net, NULL));
	return 0;
}

/**
 * k8snet_error_learn6() - remember what a "packet too big" tells
 * @kn: the namespace
 * @skb: the error, at its IPv6 header
 * @off: offset of the ICMPv6 header, which has a whole IPv6 header behind it
 *
 * For a node with a port where nothing listens here: before Linux 6.12 or so
 * only the socket of that port has __udp6_lib_err() remember it.
 *
 * Context: softirq, RCU read side; headers of @skb move.
 */
void k8snet_error_learn6(struct k8snet_net *kn, struct sk_buff *skb, int off)
{
	const unsigned int hlen = sizeof(struct icmp6hdr);
	__be32 mtu;

	if (!pskb_may_pull(skb, off + hlen + sizeof(struct ipv6hdr)) ||
	    nf_ip6_checksum(skb, NF_INET_PRE_ROUTING, off, IPPROTO_ICMPV6))
		return;
	mtu = ((struct icmp6hdr *)(skb->data + off))->icmp6_mtu;
	/* Whom it is about is taken from there. */
	__skb_pull(skb, off + hlen);
	ip6_update_pmtu(skb, kn->net, mtu, 0, 0, sock_net_uid(kn->net, NULL));
	__skb_push(skb, off + hlen);
}
