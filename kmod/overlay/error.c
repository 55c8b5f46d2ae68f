// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about tunnel packets that no socket of ours is for: a node may
 * have a port where nothing listens here. The stack then asks each kind of UDP
 * encapsulation in turn. IPv6 does without: __udp6_lib_err() remembers what it
 * is told of a path before it looks for a socket.
 */
#include <linux/udp.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "netns.h"
#include "overlay/error.h"
#include "overlay/guard.h"

/* Is a packet about which there is an error one that we may have sent? */
static bool error_is_ours(struct k8snet_net *kn, const struct iphdr *iph,
			  const struct udphdr *uh)
{
	const struct k8snet_addr port = k8snet_guard_key(uh->dest);
	const struct k8snet_addr to = k8snet_addr4(iph->daddr);

	return iph->protocol == IPPROTO_UDP &&
	       k8snet_addrset_has(&kn->node_ports, &port) &&
	       k8snet_addrset_has(&kn->node_addrs, &to) &&
	       !k8snet_error_is_absurd(iph);
}

static int error_no_socket(struct sk_buff *skb, u32 info)
{
	struct k8snet_net *kn = k8snet_net(dev_net(skb->dev));
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct icmphdr *icmph = (const void *)iph - sizeof(*icmph);

	if (!error_is_ours(kn, iph, udp_hdr(skb)))
		return -ENOENT;
	if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, kn->net, info, 0, IPPROTO_UDP);
	return 0;
}

static const struct ip_tunnel_encap_ops error_ops = {
	.err_handler	= error_no_socket,
};

/* Slots are numbered by enum tunnel_encap_types; ours is none that has a name. */
static unsigned int error_slot;

/**
 * k8snet_error_init() - take errors that no socket is for
 *
 * Return: 0, or -EBUSY if others have taken all slots.
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
