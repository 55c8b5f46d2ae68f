// SPDX-License-Identifier: GPL-2.0
/*
 * Which flows are remembered: a packet of an established connection that the
 * whole stack has agreed to forward shows how those that follow can go.
 */
#include <linux/etherdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_synproxy.h>
#include <net/netfilter/nf_conntrack_timeout.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/route.h>

#include "flow/flow.h"
#include "flow/peer.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/headroom.h"
#include "overlay/node.h"
#include "overlay/send.h"
#include "route.h"

/*
 * Both ends have agreed to talk: for TCP the handshake is over; UDP is a stream,
 * which conntrack says after two seconds (nf_conntrack_udp_packet()). What is
 * shorter would cost more to remember than it saves.
 */
static bool learn_is_settled(const struct nf_conn *ct)
{
	return test_bit(IPS_ASSURED_BIT, &ct->status) &&
	       (nf_ct_protonum(ct) == IPPROTO_UDP ||
		(nf_ct_protonum(ct) == IPPROTO_TCP &&
		 READ_ONCE(ct->proto.tcp.state) == TCP_CONNTRACK_ESTABLISHED));
}

/* What the entry of conntrack lives on after a packet. */
static u32 learn_timeout(struct net *net, const struct nf_conn *ct)
{
	const unsigned int *timeouts = nf_ct_timeout_lookup(ct);

	if (nf_ct_protonum(ct) == IPPROTO_TCP) {
		timeouts = timeouts ?: nf_tcp_pernet(net)->timeouts;
		return READ_ONCE(timeouts[TCP_CONNTRACK_ESTABLISHED]);
	}
	timeouts = timeouts ?: nf_udp_pernet(net)->timeouts;
	return READ_ONCE(timeouts[UDP_CT_REPLIED]);
}

/* Somebody has to see each of its packets. */
static bool learn_is_watched(const struct nf_conn *ct)
{
	return nfct_help(ct) || nfct_seqadj(ct) || nfct_synproxy(ct) ||
	       test_bit(IPS_OFFLOAD_BIT, &ct->status) ||
	       nf_ct_zone(ct)->id != NF_CT_DEFAULT_ZONE_ID;
}

/* A route that a packet of any other kind could take as well. */
static bool learn_is_plain(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct rtable *rt;

	if (!dst || dst->error || dst->obsolete > 0 || dst_xfrm(dst) ||
	    dst->lwtstate || skb_sec_path(skb))
		return false;
	if (skb->protocol != htons(ETH_P_IP))
		return !(container_of(dst, struct rt6_info, dst)->rt6i_flags &
			 (RTF_REJECT | RTF_LOCAL | RTF_ANYCAST));
	rt = container_of(dst, struct rtable, dst);
	return rt->rt_type == RTN_UNICAST &&
	       !(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL |
				 RTCF_DOREDIRECT));
}

/* A packet between two devices that are no part of another one. */
static bool learn_is_between(const struct net_device *in,
			     const struct net_device *out)
{
	return in != out && !(in->flags & IFF_LOOPBACK) &&
	       !(out->flags & IFF_LOOPBACK) &&
	       !netif_is_l3_slave(in) && !netif_is_l3_slave(out) &&
	       !netif_is_l3_master(in) && !netif_is_l3_master(out);
}

static u8 learn_dscp(const struct sk_buff *skb)
{
	return (skb->protocol == htons(ETH_P_IP) ?
		ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb))) & 0xfc;
}

/* What the family does not use is zero. */
static __wsum learn_sum(const union nf_inet_addr *saddr,
			const union nf_inet_addr *daddr)
{
	return csum_partial(saddr, sizeof(*saddr),
			    csum_partial(daddr, sizeof(*daddr), 0));
}

static __wsum learn_sum_ports(__be16 sport, __be16 dport)
{
	return csum_add((__force __wsum)sport, (__force __wsum)dport);
}

static void learn_addresses(struct k8snet_flow_entry *e, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *was = &ct->tuplehash[e->dir].tuple;
	/* What the answer looks like, turned around. */
	const struct nf_conntrack_tuple *becomes = &ct->tuplehash[!e->dir].tuple;

	e->key.family = was->src.l3num;
	e->key.protocol = was->dst.protonum;
	e->key.saddr = was->src.u3;
	e->key.daddr = was->dst.u3;
	e->key.sport = was->src.u.all;
	e->key.dport = was->dst.u.all;
	e->saddr = becomes->dst.u3;
	e->daddr = becomes->src.u3;
	e->sport = becomes->dst.u.all;
	e->dport = becomes->src.u.all;
	e->addr_diff = csum_sub(learn_sum(&e->saddr, &e->daddr),
				learn_sum(&e->key.saddr, &e->key.daddr));
	e->ip_diff = csum_sub(e->addr_diff, (__force __wsum)htons(0x0100));
	e->port_diff = csum_sub(learn_sum_ports(e->sport, e->dport),
				learn_sum_ports(e->key.sport, e->key.dport));
	e->l4 = e->key.family == AF_INET ? sizeof(struct iphdr) :
					   sizeof(struct ipv6hdr);
	e->hlen = e->l4 + (e->key.protocol == IPPROTO_TCP ?
			   sizeof(struct tcphdr) : sizeof(struct udphdr));
	e->translated = !nf_inet_addr_cmp(&e->saddr, &e->key.saddr) ||
			!nf_inet_addr_cmp(&e->daddr, &e->key.daddr) ||
			e->sport != e->key.sport || e->dport != e->key.dport;
}

/* Extensions of a confirmed entry stay where they are (nf_ct_ext_add()). */
static struct nf_conn_counter *learn_counter(const struct nf_conn *ct, u8 dir)
{
	struct nf_conn_acct *acct = nf_conn_acct_find(ct);

	return acct ? &acct->counter[dir] : NULL;
}

/* Through which node, if it is through the overlay? */
static bool learn_node(struct k8snet_net *kn, struct k8snet_flow_entry *e,
		       const struct net_device *out)
{
	struct k8snet_addr to = k8snet_addr_inet(e->key.family, &e->daddr);
	struct k8snet_dev *kdev;

	if (!k8snet_device_is(out))
		return true;
	kdev = netdev_priv(out);
	if (READ_ONCE(kdev->kn) != kn)
		return false;
	e->kdev = kdev;
	e->node = k8snet_podnet_lookup(&kdev->nodes.podnet, &to);
	return e->node;
}

/*
 * The windows that conntrack keeps of both ends are not followed any more: when
 * packets come back to it, it must take them as they are.
 */
static void learn_loosen(struct nf_conn *ct)
{
	if (nf_ct_protonum(ct) != IPPROTO_TCP)
		return;
	spin_lock_bh(&ct->lock);
	ct->proto.tcp.seen[0].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	ct->proto.tcp.seen[1].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

static struct k8snet_flow_entry *
learn_entry(struct k8snet_net *kn, struct sk_buff *skb,
	    const struct nf_hook_state *state, struct nf_conn *ct, u8 dir,
	    enum k8snet_flow_counter *why)
{
	struct k8snet_flow_entry *e;

	*why = K8SNET_FLOW_COUNTER_REFUSE_MEMORY;
	e = k8snet_flow_alloc();
	if (!e)
		return NULL;
	e->dir = dir;
	e->generation = atomic_read(&kn->flows.generation);
	e->genid = rt_genid_ipv6(kn->net);
	/* Before anything that it stands for is looked at. */
	smp_rmb();
	learn_addresses(e, ct);
	e->key.iif = state->in->ifindex;
	e->dscp = learn_dscp(skb);
	e->timeout = learn_timeout(kn->net, ct);
	e->hash = k8snet_send_hash((unsigned long)ct);
	e->born = jiffies;
	e->used = e->born;
	e->asked = e->born - 1;
	refcount_inc(&ct->ct_general.use);
	e->ct = ct;
	e->acct = learn_counter(ct, dir);
	*why = K8SNET_FLOW_COUNTER_REFUSE_ROUTE;
	if (e->key.family == AF_INET6 &&
	    !k8snet_route_is_chosen6(kn->net, skb))
		goto err;
	e->dst = skb_dst(skb);
	if (!dst_hold_safe(e->dst)) {
		e->dst = NULL;
		goto err;
	}
	if (e->key.family == AF_INET6)
		e->cookie = rt6_get_cookie(container_of(e->dst, struct rt6_info,
							dst));
	*why = K8SNET_FLOW_COUNTER_REFUSE_DEVICE;
	if (!learn_node(kn, e, state->out))
		goto err;
	e->to_veth = k8snet_flow_peer_is(state->out);
	if (e->kdev) {
		k8snet_send_remember(&e->memo, e->kdev, e->node, e->hash,
				     skb->protocol);
		k8snet_headroom_want(kn, e->kdev, state->in);
	}
	return e;

err:
	k8snet_flow_free(e);
	return NULL;
}

static bool learn_may(struct k8snet_net *kn, const struct sk_buff *skb,
		      const struct nf_hook_state *state,
		      const struct nf_conn *ct, enum k8snet_flow_counter *why)
{
	*why = K8SNET_FLOW_COUNTER_REFUSE_MARK;
	if (skb->mark)
		return false;
	*why = K8SNET_FLOW_COUNTER_REFUSE_WATCHED;
	if (learn_is_watched(ct))
		return false;
	*why = K8SNET_FLOW_COUNTER_REFUSE_ROUTE;
	if (!learn_is_plain(skb))
		return false;
	*why = K8SNET_FLOW_COUNTER_REFUSE_DEVICE;
	if (!learn_is_between(state->in, state->out))
		return false;
	*why = K8SNET_FLOW_COUNTER_REFUSE_FULL;
	return atomic_read(&kn->flows.table.nelems) < READ_ONCE(kn->flows.settings.max);
}

/* Apart from the hook, which nearly always has nothing to learn. */
static noinline void learn(struct k8snet_net *kn, struct sk_buff *skb,
			   const struct nf_hook_state *state,
			   struct nf_conn *ct, u8 dir)
{
	enum k8snet_flow_counter why;
	struct k8snet_flow_entry *e;

	if (!learn_may(kn, skb, state, ct, &why))
		goto refuse;
	e = learn_entry(kn, skb, state, ct, dir, &why);
	if (!e)
		goto refuse;
	/* It may be there already: this packet was one that goes no short way. */
	if (k8snet_flow_insert(&kn->flows, e)) {
		k8snet_flow_free(e);
		return;
	}
	learn_loosen(ct);
	k8snet_flow_count(&kn->flows, K8SNET_FLOW_COUNTER_LEARNED);
	return;

refuse:
	k8snet_flow_count(&kn->flows, why);
}

/**
 * k8snet_flow_forward() - see what the stack has decided for a packet
 * @priv: the namespace
 * @skb: a packet that is about to be forwarded
 * @state: the forward hook, behind everybody else
 *
 * Return: NF_ACCEPT.
 */
unsigned int k8snet_flow_forward(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct k8snet_net *kn = priv;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || !learn_is_settled(ct) ||
	    (ctinfo != IP_CT_ESTABLISHED && ctinfo != IP_CT_ESTABLISHED_REPLY) ||
	    !k8snet_flow_is_on(&kn->flows))
		return NF_ACCEPT;
	learn(kn, skb, state, ct, CTINFO2DIR(ctinfo));
	return NF_ACCEPT;
}
