/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How an entry of the flow cache is found, and when it holds: asked for each
 * packet, and so without a call.
 */
#ifndef K8SNET_FLOW_TABLE_H
#define K8SNET_FLOW_TABLE_H

#include <net/dst.h>
#include <net/netfilter/nf_conntrack.h>

#include "flow/flow.h"
#include "hash.h"
#include "netns.h"
#include "route.h"

static __always_inline u32 k8snet_flow_hash(const void *data, u32 len, u32 seed)
{
	const struct k8snet_flow_key *key = data;
	const u32 *saddr = key->saddr.all, *daddr = key->daddr.all;
	u64 sum;

	sum = k8snet_hash_word(0, (__force u32)key->sport << 16 |
				  (__force u32)key->dport) +
	      k8snet_hash_word(1, key->iif << 8 ^ key->protocol) +
	      k8snet_hash_word(2, saddr[0]) + k8snet_hash_word(3, daddr[0]);
	if (key->family == AF_INET6)
		sum += k8snet_hash_word(4, saddr[1]) +
		       k8snet_hash_word(5, saddr[2]) +
		       k8snet_hash_word(6, saddr[3]) +
		       k8snet_hash_word(7, daddr[1]) +
		       k8snet_hash_word(8, daddr[2]) +
		       k8snet_hash_word(9, daddr[3]);
	return k8snet_hash_end(sum, seed);
}

static inline u32 k8snet_flow_hash_entry(const void *data, u32 len, u32 seed)
{
	const struct k8snet_flow_entry *e = data;

	return k8snet_flow_hash(&e->key, len, seed);
}

static __always_inline int k8snet_flow_cmp(struct rhashtable_compare_arg *arg,
					   const void *obj)
{
	const struct k8snet_flow_entry *e = obj;
	const struct k8snet_flow_key *a = arg->key, *b = &e->key;

	if (a->sport != b->sport || a->dport != b->dport || a->iif != b->iif ||
	    a->family != b->family || a->protocol != b->protocol)
		return 1;
	if (a->family == AF_INET)
		return a->saddr.ip != b->saddr.ip || a->daddr.ip != b->daddr.ip;
	return !ipv6_addr_equal(&a->saddr.in6, &b->saddr.in6) ||
	       !ipv6_addr_equal(&a->daddr.in6, &b->daddr.in6);
}

static const struct rhashtable_params k8snet_flow_params = {
	.head_offset = offsetof(struct k8snet_flow_entry, head),
	.key_offset = offsetof(struct k8snet_flow_entry, key),
	.key_len = sizeof_field(struct k8snet_flow_entry, key),
	.hashfn = k8snet_flow_hash,
	.obj_hashfn = k8snet_flow_hash_entry,
	.obj_cmpfn = k8snet_flow_cmp,
	.automatic_shrinking = true,
};

/**
 * k8snet_flow_find() - the entry that a packet has
 * @flows: the table
 * @key: what the packet looks like
 *
 * Context: RCU read side.
 * Return: the entry, which may not hold any more, or NULL.
 */
static __always_inline struct k8snet_flow_entry *
k8snet_flow_find(struct k8snet_flows *flows, const struct k8snet_flow_key *key)
{
	return rhashtable_lookup(&flows->table, key, k8snet_flow_params);
}

static __always_inline bool
k8snet_flow_has_route(struct net *net, const struct k8snet_flow_entry *e)
{
	if (e->key.family == AF_INET ?
	    !k8snet_route_holds4(net, e->dst) :
	    !k8snet_route_holds6(net, e->dst, e->genid, e->cookie))
		return false;
	/* An overlay over IPv4, whatever goes through it. */
	return !e->memo.dst || likely(k8snet_route_holds4(net, e->memo.dst));
}

/**
 * k8snet_flow_fault() - does what was decided for a flow still hold?
 * @kn: the namespace
 * @e: the entry
 *
 * Context: RCU read side.
 * Return: what it is counted as when it goes (K8SNET_FLOW_COUNTER_EVICT_*), or
 *	K8SNET_FLOW_COUNTER_HIT if it holds.
 */
static __always_inline enum k8snet_flow_counter
k8snet_flow_fault(struct k8snet_net *kn, const struct k8snet_flow_entry *e)
{
	if (unlikely(e->generation != atomic_read(&kn->flows.generation)))
		return K8SNET_FLOW_COUNTER_EVICT_CHANGED;
	/* Such an entry of conntrack is found by no packet again. */
	if (unlikely(nf_ct_is_dying(e->ct) || nf_ct_is_expired(e->ct)))
		return K8SNET_FLOW_COUNTER_EVICT_CONNECTION;
	if (e->key.protocol == IPPROTO_TCP &&
	    unlikely(READ_ONCE(e->ct->proto.tcp.state) !=
		     TCP_CONNTRACK_ESTABLISHED))
		return K8SNET_FLOW_COUNTER_EVICT_CLOSING;
	if (unlikely(!k8snet_flow_has_route(kn->net, e)))
		return K8SNET_FLOW_COUNTER_EVICT_ROUTE;
	return K8SNET_FLOW_COUNTER_HIT;
}

#endif /* K8SNET_FLOW_TABLE_H */
