// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the kernel's NAT what becomes of a new connection. There is no table
 * of connections here: conntrack has it, and keeps it when this module goes.
 */
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_tuple.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "netns.h"
#include "service/backend.h"
#include "service/local.h"
#include "service/nat.h"

/* Ports below are for who has one already: only root can. */
#define NAT_PORT_MIN		1024U
/* When 95 % of all ports are in use, 0.1 % of searches end without one. */
#define NAT_ATTEMPTS		128U
/* A prime, so that no port is met twice. */
#define NAT_STEP		7919U

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

/*
 * For a port that is not the client's choice nf_nat asks the whole table whether
 * it is free, though there is no other one (get_unique_tuple()). It does not if
 * conntrack has the port already, as IPVS does it (ip_vs_update_conntrack()).
 * (Without another address it would see nothing to do.)
 */
static void nat_expect_port(struct nf_conn *ct, const struct k8snet_addr *addr,
			    __be16 port)
{
	struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct k8snet_addr dest =
		k8snet_addr_inet(addr->family, &reply->src.u3);

	if (!k8snet_addr_equal(&dest, addr))
		reply->src.u.all = port;
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

	nat_expect_port(ct, addr, port);
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

static bool taken_has(const struct taken *t, u32 port)
{
	if (port >= t->min && port <= t->max)
		return true;
	if (t->nodeports && test_bit(port, t->nodeports))
		return true;
	return t->reserved && test_bit(port, t->reserved);
}

/*
 * Has no other connection the answers that would come to that port? One of the
 * same socket is no other: of two packets that race one is known already, and
 * conntrack makes one connection of them if all is equal (nf_ct_resolve_clash()).
 */
static bool nat_is_free(struct k8snet_net *kn, const struct nf_conn *ct,
			const struct k8snet_addr *addr, u32 port)
{
	struct nf_conntrack_tuple reply = ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	struct nf_conntrack_tuple_hash *h;
	struct nf_conn *other;
	bool same;

	if (addr->family == AF_INET)
		reply.dst.u3.ip = addr->ip;
	else
		reply.dst.u3.in6 = addr->ip6;
	reply.dst.u.all = htons(port);
	h = nf_conntrack_find_get(kn->net, nf_ct_zone(ct), &reply);
	if (!h)
		return true;
	other = nf_ct_tuplehash_to_ctrack(h);
	same = nf_ct_tuple_equal(&other->tuplehash[IP_CT_DIR_ORIGINAL].tuple,
				 &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple);
	nf_ct_put(other);
	return same;
}

/* The port that is looked at in the n-th attempt. */
static u32 nat_candidate(u32 port, u32 hash, u32 n)
{
	u32 span = U16_MAX + 1 - NAT_PORT_MIN;

	if (port < NAT_PORT_MIN && n < NAT_ATTEMPTS / 2)
		return 1 + ((hash % (NAT_PORT_MIN - 1)) + n * NAT_STEP) %
			   (NAT_PORT_MIN - 1);
	return NAT_PORT_MIN + ((hash % span) + n * NAT_STEP) % span;
}

/*
 * The port that this one becomes: itself if that may be and is free, else one of
 * all the others. Where the search begins depends on nothing but the connection:
 * two packets of one socket that race find the same, and many clients that have
 * one port are spread. 0 if none was found.
 */
static u32 nat_port(struct k8snet_net *kn, const struct nf_conn *ct,
		    const struct k8snet_addr *addr, u32 port)
{
	const struct k8snet_config *config = rcu_dereference(kn->config);
	const struct taken taken = {
		.min = config->nodeports_min,
		.max = config->nodeports_max,
		.nodeports = rcu_dereference(kn->services.nodeports),
		.reserved = READ_ONCE(kn->net->ipv4.sysctl_local_reserved_ports),
	};
	u32 hash, n;

	if (!taken_has(&taken, port) && nat_is_free(kn, ct, addr, port))
		return port;
	hash = k8snet_backends_hash(&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple,
				    &config->key);
	for (n = 0; n < NAT_ATTEMPTS; n++) {
		u32 candidate = nat_candidate(port, hash, n);

		if (!taken_has(&taken, candidate) &&
		    nat_is_free(kn, ct, addr, candidate))
			return candidate;
	}
	return 0;
}

static bool has_ports(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP;
}

static unsigned int nat_source(struct k8snet_net *kn, struct nf_conn *ct,
			       const struct k8snet_addr *addr)
{
	u32 port = ntohs(ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u.all);
	struct nf_nat_range2 range = {};

	nat_range(&range, addr);
	if (has_ports(nf_ct_protonum(ct)) && port) {
		port = nat_port(kn, ct, addr, port);
		if (!port)
			return nat_count(kn, NF_DROP);
		range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		range.min_proto.all = htons(port);
		range.max_proto.all = range.min_proto.all;
	}
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
 * nf_nat_masquerade_ipv4() and its twin, which take a range of ports and no
 * single one.
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
