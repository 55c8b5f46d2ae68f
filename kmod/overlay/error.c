// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about tunnel packets: which of them to believe.
 *
 * A path's MTU is remembered for the route to the node, as the stack does it
 * for everybody, and send_fits() finds it there. Who forges such an error slows
 * down all pods that talk to the node, so it must be about a packet that this
 * node may have sent, and come from where the node is: no pod is there.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/sock.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/error.h"
#include "overlay/guard.h"
#include "overlay/node.h"
#include "overlay/receive.h"
#include "overlay/socket.h"

/* The stack has just taken the ICMP header off, and calls us with what follows. */
static bool error_is_too_big(const struct iphdr *iph)
{
	const struct icmphdr *icmph = (const void *)iph - sizeof(*icmph);

	return iph->version == 4 && icmph->type == ICMP_DEST_UNREACH &&
	       icmph->code == ICMP_FRAG_NEEDED;
}

static bool error_is_from_path(struct k8snet_net *kn, const struct sk_buff *skb,
			       const struct k8snet_outer *outer)
{
	struct k8snet_settings *settings;
	struct k8snet_node *node;
	struct k8snet_dev *kdev;

	/* An error of our own stack. */
	if (skb->dev->flags & IFF_LOOPBACK)
		return true;
	list_for_each_entry_rcu(kdev, &kn->devices, list) {
		node = k8snet_node_by_addr(&kdev->nodes, &outer->source);
		if (!node)
			continue;
		settings = rcu_dereference(kdev->settings);
		if (!settings->strict ||
		    k8snet_receive_route_is_back(kn->net, settings, node, outer))
			return true;
	}
	return false;
}

/* Is it about a tunnel packet to a node, and may it be true? */
static bool error_is_credible(struct k8snet_net *kn, const struct sk_buff *skb,
			      const void *quoted)
{
	/* As an answer from the node would be. */
	const struct k8snet_outer outer = {
		.source = k8snet_addr_dest(quoted),
		.dest = k8snet_addr_source(quoted),
		.in = skb->dev,
	};

	if (!k8snet_addrset_has(&kn->node_addrs, &outer.source))
		return false;
	/* No router says so of a packet without DF (RFC 1191 section 4). */
	if (error_is_too_big(quoted) &&
	    !(((const struct iphdr *)quoted)->frag_off & htons(IP_DF)))
		return false;
	return error_is_from_path(kn, skb, &outer);
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

	if (!ks || !error_is_credible(ks->kn, skb, skb_network_header(skb)))
		return -ENOENT;
	return 0;
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

	if (!error_is_credible(kn, skb, iph))
		return -ENOENT;
	if (error_is_too_big(iph))
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

	if (!error_is_credible(kn, skb, skb->data))
		return -ENOENT;
	if (type == ICMPV6_PKT_TOOBIG)
		ip6_update_pmtu(skb, kn->net, info, 0, 0,
				sock_net_uid(kn->net, NULL));
	return 0;
}

/*
 * A node may have a port where nothing listens here. Then the stack has no
 * socket to ask about an error, and asks each kind of UDP encapsulation. IPv6
 * needs none of it: __udp6_lib_err() believes whoever is on the path.
 */
static int error_no_socket(struct sk_buff *skb, u32 info)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct k8snet_addr port;

	if (iph->protocol != IPPROTO_UDP)
		return -ENOENT;
	port = k8snet_guard_key(udp_hdr(skb)->dest);
	if (!k8snet_addrset_has(&kn->node_ports, &port))
		return -ENOENT;
	return k8snet_error_ipip4(skb, info);
}

static const struct ip_tunnel_encap_ops error_ops = {
	.err_handler	= error_no_socket,
};

/* Slots are numbered by enum tunnel_encap_types; ours is none that has a name. */
static unsigned int error_slot;

/**
 * k8snet_error_init() - take errors that no socket is for
 *
 * Return: 0, or a negative errno.
 */
int k8snet_error_init(void)
{
	for (error_slot = MAX_IPTUN_ENCAP_OPS - 1;
	     error_slot > TUNNEL_ENCAP_MPLS; error_slot--)
		if (!ip_tunnel_encap_add_ops(&error_ops, error_slot))
			return 0;
	return -EBUSY;
}

/* Waits until no error is in the handler any more. */
void k8snet_error_exit(void)
{
	ip_tunnel_encap_del_ops(&error_ops, error_slot);
}
