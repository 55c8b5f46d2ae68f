// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps conntrack off tunnel packets and pods away from tunnel ports.
 *
 * A tracked tunnel fills the table with one entry per source port, and lets
 * rules meant for the inner packet translate the outer one (kubernetes#88986).
 * Packets that go out are marked by the sender; those that come in here, in
 * the raw hook. What would reach another node's tunnel is dropped unless one
 * of our own sockets has sent it: a pod could forge an outer header there, and
 * a process in the node's own namespace needs no privilege to send UDP.
 */
#include <linux/inetdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

#include "netns.h"
#include "overlay/guard.h"
#include "overlay/socket.h"

/* The port that a first or only fragment of UDP goes to, or 0. */
static __be16 guard_port(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct udphdr *uh;
	struct udphdr buf;

	if (iph->protocol != IPPROTO_UDP ||
	    iph->frag_off & htons(IP_OFFSET))
		return 0;
	uh = skb_header_pointer(skb, skb_network_offset(skb) + ip_hdrlen(skb),
				sizeof(buf), &buf);
	return uh ? uh->dest : 0;
}

static unsigned int guard_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	__be16 port = guard_port(skb);

	/*
	 * Not what a pod sends to such a port elsewhere: egress needs that. But
	 * all that is for us, so that a forger does not fill conntrack.
	 */
	if (port && k8snet_socket_has_port(kn, port) && !skb_nfct(skb) &&
	    __ip_dev_find(kn->net, ip_hdr(skb)->daddr, false))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	return NF_ACCEPT;
}

/* Is this addressed to, or does it pretend to be, the tunnel of a node? */
static bool guard_is_tunnel(struct k8snet_net *kn, const struct sk_buff *skb)
{
	__be16 port = guard_port(skb);

	if (likely(!port) ||
	    (!k8snet_socket_has_port(kn, port) &&
	     !k8snet_addrset_has(&kn->node_ports, k8snet_guard_key(port))))
		return false;
	return k8snet_addrset_has(&kn->node_addrs, ip_hdr(skb)->daddr) ||
	       k8snet_addrset_has(&kn->node_addrs, ip_hdr(skb)->saddr);
}

static unsigned int guard_forward(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;

	if (likely(!guard_is_tunnel(kn, skb)))
		return NF_ACCEPT;
	k8snet_stats_drop(kn->drops, K8SNET_DROP_REASON_FORWARD_TUNNEL);
	return NF_DROP;
}

static unsigned int guard_output(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;

	if (likely(k8snet_socket_is_ours(state->sk) ||
		   !guard_is_tunnel(kn, skb)))
		return NF_ACCEPT;
	k8snet_stats_drop(kn->drops, K8SNET_DROP_REASON_OUTPUT_TUNNEL);
	return NF_DROP;
}

static const struct nf_hook_ops guard_ops[] = {
	{
		.hook		= guard_prerouting,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_RAW,
	},
	{
		.hook		= guard_forward,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= guard_output,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_FIRST,
	},
};

/**
 * k8snet_guard_start() - guard the tunnels of a namespace
 * @kn: the namespace
 *
 * Context: rtnl mutex.
 * Return: 0, or -ENOMEM.
 */
int k8snet_guard_start(struct k8snet_net *kn)
{
	struct nf_hook_ops *ops;
	unsigned int i;
	int err;

	ASSERT_RTNL();
	if (kn->guard_ops)
		return 0;
	ops = kmemdup(guard_ops, sizeof(guard_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(guard_ops); i++)
		ops[i].priv = kn;
	err = nf_register_net_hooks(kn->net, ops, ARRAY_SIZE(guard_ops));
	if (err) {
		/* nfnl_hook_dump() may be looking at them. */
		synchronize_rcu();
		kfree(ops);
		return err;
	}
	kn->guard_ops = ops;
	return 0;
}

/**
 * k8snet_guard_stop() - stop guarding
 * @kn: the namespace, without sockets
 */
void k8snet_guard_stop(struct k8snet_net *kn)
{
	if (!kn->guard_ops)
		return;
	nf_unregister_net_hooks(kn->net, kn->guard_ops, ARRAY_SIZE(guard_ops));
	synchronize_rcu();
	kfree(kn->guard_ops);
	kn->guard_ops = NULL;
}
