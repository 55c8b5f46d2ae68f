// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel's NAT what becomes of a new connection. There is no table
 * of connections here: conntrack has it, and keeps it when this module goes.
 */
#include <linux/bitmap.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "netns.h"
#include "service/local.h"
#include "service/nat.h"

/* Ports are looked at in blocks of that many. */
#define NAT_BLOCK	1024U
#define NAT_BLOCKS	((U16_MAX + 1) / NAT_BLOCK)

static unsigned int nat_count(struct k8snet_net *kn, unsigned int verdict)
{
	if (unlikely(verdict != NF_ACCEPT))
		k8snet_stats_drop(kn->drops, K8SNET_DROP_REASON_NAT_FAILED);
	return verdict;
}

static void nat_range(struct nf_nat_range2 *range, const struct k8snet_addr *addr)
{
	range->flags |= NF_NAT_RANGE_MAP_IPS;
	if (addr->family == AF_INET)
		range->min_addr.ip = addr->ip;
	else
		range->min_addr.in6 = addr->ip6;
	range->max_addr = range->min_addr;
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
				    const struct k8snet_addr *addr, __be16 port)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_proto.all = port,
		.max_proto.all = port,
	};

	nat_range(&range, addr);
	return nat_count(kn, nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST));
}

/**
 * k8snet_nat_address() - send a new connection to an address, ports as they are
 * @kn: the namespace
 * @ct: the connection
 * @addr: the address
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_nat_address(struct k8snet_net *kn, struct nf_conn *ct,
				const struct k8snet_addr *addr)
{
	struct nf_nat_range2 range = {};

	nat_range(&range, addr);
	return nat_count(kn, nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST));
}

/*
 * What no connection may come from: the answer would go to the service of that
 * NodePort (kubernetes#111682), or to what the port is reserved for.
 */
struct taken {
	u32 min;			/* of the node ports */
	u32 max;
	const unsigned long *nodeports;	/* may be NULL */
	const unsigned long *reserved;	/* may be NULL */
};

static bool taken_any(const struct taken *t, u32 min, u32 max)
{
	if (t->min <= max && t->max >= min)
		return true;
	if (t->nodeports && find_next_bit(t->nodeports, max + 1, min) <= max)
		return true;
	return t->reserved && find_next_bit(t->reserved, max + 1, min) <= max;
}

/*
 * The ports that this one can become: its own block of ports if that has none
 * that is taken, else itself alone if it is free there, else the next block that
 * is all free. What depends on nothing but the port is the same for two packets
 * of one socket that race. Blocks are large enough to find a free port in, and
 * small enough that looking at one is cheap.
 */
static bool nat_ports(const struct taken *t, u32 port, u32 *min, u32 *max)
{
	u32 i, block = port / NAT_BLOCK;

	for (i = 0; i < NAT_BLOCKS; i++, block = (block + 1) % NAT_BLOCKS) {
		/* Ports that only root can have are for who has one already. */
		if (i && !block)
			continue;
		*min = max(block * NAT_BLOCK, 1U);
		*max = block * NAT_BLOCK + NAT_BLOCK - 1;
		if (!taken_any(t, *min, *max))
			return true;
	}
	/* The whole space is dotted with reserved ports: any but a NodePort. */
	if (!taken_any(t, port, port)) {
		*min = port;
		*max = port;
		return true;
	}
	return false;
}

static bool has_ports(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP;
}

/* The port stays as it is if it is free; if not it is one that may be used. */
static void nat_range_ports(struct k8snet_net *kn, const struct nf_conn *ct,
			    struct nf_nat_range2 *range)
{
	const struct k8snet_config *config = rcu_dereference(kn->config);
	const struct taken taken = {
		.min = config->nodeports_min,
		.max = config->nodeports_max,
		.nodeports = rcu_dereference(kn->services.nodeports),
		.reserved = READ_ONCE(kn->net->ipv4.sysctl_local_reserved_ports),
	};
	u32 port = ntohs(ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u.all);
	u32 min, max;

	if (!has_ports(nf_ct_protonum(ct)) || !port ||
	    !nat_ports(&taken, port, &min, &max))
		return;
	range->flags |= NF_NAT_RANGE_PROTO_SPECIFIED | NF_NAT_RANGE_PROTO_OFFSET;
	range->min_proto.all = htons(min);
	range->max_proto.all = htons(max);
	/* The search begins at the port's own place in the block. */
	range->base_proto = range->min_proto;
}

static unsigned int nat_source(struct k8snet_net *kn, struct nf_conn *ct,
			       const struct k8snet_addr *addr)
{
	struct nf_nat_range2 range = {};

	nat_range(&range, addr);
	nat_range_ports(kn, ct, &range);
	return nat_count(kn, nf_nat_setup_info(ct, &range, NF_NAT_MANIP_SRC));
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
			       const struct k8snet_addr *addr)
{
	enum ip_conntrack_info ctinfo;

	return nat_source(kn, nf_ct_get(skb, &ctinfo), addr);
}

/* The next hop of an IPv4 packet, or where an IPv6 one goes. */
static struct k8snet_addr nat_peer(const struct sk_buff *skb)
{
	struct k8snet_addr peer = k8snet_addr_dest(skb_network_header(skb));

	if (peer.family == AF_INET)
		peer.ip = rt_nexthop(skb_rtable(skb), peer.ip);
	return peer;
}

/**
 * k8snet_nat_masquerade() - let a new connection come from this node
 * @kn: the namespace
 * @skb: its first packet, in the postrouting hook
 * @state: where it is
 *
 * The address is the one that the output device has for the next hop, and the
 * connection ends with that address or device. So it is with
 * nf_nat_masquerade_ipv4() and its twin, which do not take the place in a range
 * of ports to begin with.
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_nat_masquerade(struct k8snet_net *kn, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct k8snet_addr peer = nat_peer(skb);
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct nf_conn_nat *nat;
	struct k8snet_addr addr;

	if (!k8snet_local_select(kn->net, state->out, &peer, &addr))
		return nat_count(kn, NF_DROP);
	nat = nf_ct_nat_ext_add(ct);
	if (nat)
		nat->masq_index = state->out->ifindex;
	return nat_source(kn, ct, &addr);
}
