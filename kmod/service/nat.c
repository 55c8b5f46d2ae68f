// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel's NAT what becomes of a new connection. There is no table
 * of connections here: conntrack has it, and keeps it when this module goes.
 */
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "netns.h"
#include "service/nat.h"

static unsigned int nat_count(struct k8snet_net *kn, unsigned int verdict)
{
	if (unlikely(verdict != NF_ACCEPT))
		k8snet_stats_drop(kn->drops, K8SNET_DROP_REASON_NAT_FAILED);
	return verdict;
}

/**
 * k8snet_nat_destination() - send a new connection to a server
 * @kn: the namespace
 * @ct: the connection
 * @addr: the server's address
 * @port: the server's port
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_nat_destination(struct k8snet_net *kn, struct nf_conn *ct,
				    __be32 addr, __be16 port)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr.ip = addr,
		.max_addr.ip = addr,
		.min_proto.all = port,
		.max_proto.all = port,
	};

	return nat_count(kn, nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST));
}

/**
 * k8snet_nat_source() - let a new connection come from an address
 * @kn: the namespace
 * @skb: its first packet
 * @addr: the address
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_nat_source(struct k8snet_net *kn, struct sk_buff *skb,
			       __be32 addr)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS,
		.min_addr.ip = addr,
		.max_addr.ip = addr,
	};
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return nat_count(kn, nf_nat_setup_info(ct, &range, NF_NAT_MANIP_SRC));
}

/**
 * k8snet_nat_masquerade() - let a new connection come from this node
 * @kn: the namespace
 * @skb: its first packet, in the postrouting hook
 * @state: where it is
 *
 * The address is the one that the output device has for the next hop. Ports
 * are kept where they are free: two packets of one socket that race must get
 * the same one.
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_nat_masquerade(struct k8snet_net *kn, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	struct nf_nat_range2 range = {};

	return nat_count(kn, nf_nat_masquerade_ipv4(skb, state->hook, &range,
						    state->out));
}
