// SPDX-License-Identifier: GPL-2.0
/*
 * Where in the kernel's NAT services and egress are decided. The only file
 * that names hook points.
 *
 * nf_nat asks its lookup functions once for each connection and direction of
 * translation, with the first packet (nf_nat_inet_fn()). Ours come before
 * those of users' rules, so that a service costs one hash lookup however many
 * of them there are.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "netns.h"
#include "service/account.h"
#include "service/affinity.h"
#include "service/backend.h"
#include "service/decide.h"
#include "service/egress.h"
#include "service/hook.h"
#include "service/local.h"
#include "service/nat.h"
#include "service/service.h"
#include "service/verdict.h"

/* The first packet of a new connection on its way to a service. */
struct opening {
	struct k8snet_opening it;
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	struct nf_conn *ct;
	const struct nf_conntrack_tuple *tuple;
};

static struct k8snet_frontend *
hook_frontend(struct k8snet_net *kn, const struct nf_conntrack_tuple *tuple)
{
	const struct k8snet_frontend_key key = {
		.addr = k8snet_addr_inet(tuple->src.l3num, &tuple->dst.u3),
		.port = tuple->dst.u.all,
		.protocol = tuple->dst.protonum,
	};

	return k8snet_service_lookup(kn, &key);
}

static bool hook_is_ping(const struct nf_conntrack_tuple *tuple)
{
	return (tuple->dst.protonum == IPPROTO_ICMP &&
		tuple->dst.u.icmp.type == ICMP_ECHO) ||
	       (tuple->dst.protonum == IPPROTO_ICMPV6 &&
		tuple->dst.u.icmp.type == ICMPV6_ECHO_REQUEST);
}

/* The node itself answers for the address. */
static unsigned int hook_ping(struct k8snet_net *kn, struct nf_conn *ct,
			      const struct nf_hook_state *state)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct k8snet_addr client =
		k8snet_addr_inet(tuple->src.l3num, &tuple->src.u3);
	struct k8snet_addr addr;

	if (!state->in)
		addr = client;
	else if (!k8snet_local_select(kn->net, state->in, &client, &addr))
		return NF_ACCEPT;
	return k8snet_nat_address(kn, ct, &addr);
}

/* Not a service port. Is it at least a service's address? */
static unsigned int hook_miss(struct k8snet_net *kn, struct sk_buff *skb,
			      struct nf_conn *ct,
			      const struct nf_hook_state *state)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct k8snet_addr addr =
		k8snet_addr_inet(tuple->src.l3num, &tuple->dst.u3);
	struct k8snet_decision d;

	k8snet_decide_miss(kn, &addr, hook_is_ping(tuple), &d);
	switch (d.verdict) {
	case K8SNET_VERDICT_PING:
		return hook_ping(kn, ct, state);
	case K8SNET_VERDICT_REJECT:
		return k8snet_verdict_reject(kn, skb, state, tuple->dst.protonum,
					     d.why);
	case K8SNET_VERDICT_DROP:
		return k8snet_verdict_drop(kn, d.why);
	}
	return NF_ACCEPT;
}

/* Counts the connection as tracked, unless there are as many as may be. */
static bool hook_within_limit(const struct opening *o)
{
	struct k8snet_service *service = o->it.frontend->service;
	u32 limit = o->it.rules->limit;

	if (likely(!limit)) {
		atomic_inc(&service->tracked);
		return true;
	}
	if ((u32)atomic_inc_return(&service->tracked) <= limit)
		return true;
	atomic_dec(&service->tracked);
	return false;
}

static struct k8snet_endpoint *hook_choose(const struct opening *o,
					   const struct k8snet_backends *backends,
					   const struct k8snet_set *set)
{
	struct k8snet_service *service = o->it.frontend->service;
	const struct k8snet_config *config = rcu_dereference(o->it.kn->config);
	struct k8snet_affinity *affinity = rcu_dereference(service->affinity);
	struct k8snet_endpoint *endpoint;
	u32 hash = 0;

	if (affinity) {
		endpoint = k8snet_affinity_get(affinity, &o->it.client, backends,
					       set == &backends->local ?
					       K8SNET_ENDPOINT_FLAG_LOCAL :
					       K8SNET_ENDPOINT_FLAG_CLUSTER,
					       o->it.rules->affinity);
		if (endpoint)
			return endpoint;
	}
	if (k8snet_backends_want_hash(backends, set))
		hash = k8snet_backends_hash(o->tuple, &config->key);
	endpoint = k8snet_backends_pick(backends, set, hash, &service->turn);
	if (affinity)
		k8snet_affinity_put(affinity, &o->it.client, endpoint,
				    o->it.rules->affinity);
	return endpoint;
}

static unsigned int hook_reject(const struct opening *o,
				enum k8snet_drop_reason why)
{
	this_cpu_inc(o->it.frontend->service->stats->rejected);
	return k8snet_verdict_reject(o->it.kn, o->skb, o->state,
				     o->tuple->dst.protonum, why);
}

static unsigned int hook_drop(const struct opening *o,
			      enum k8snet_drop_reason why)
{
	this_cpu_inc(o->it.frontend->service->stats->rejected);
	return k8snet_verdict_drop(o->it.kn, why);
}

static unsigned int hook_translate(const struct opening *o,
				   struct k8snet_endpoint *endpoint)
{
	struct k8snet_service *service = o->it.frontend->service;
	unsigned int verdict;

	verdict = k8snet_nat_destination(o->it.kn, o->ct, &endpoint->addr,
					 endpoint->port);
	if (unlikely(verdict != NF_ACCEPT)) {
		atomic_dec(&service->tracked);
		return verdict;
	}
	this_cpu_inc(service->stats->new);
	atomic_long_inc(&endpoint->new);
	k8snet_account_new(o->it.kn, o->ct, endpoint, o->skb);
	return NF_ACCEPT;
}

/* Refuses the connection, or sends it to an endpoint. */
static unsigned int hook_open(const struct opening *o)
{
	struct k8snet_decision d;

	k8snet_decide(&o->it, &d);
	if (unlikely(d.verdict == K8SNET_VERDICT_DROP))
		return hook_drop(o, d.why);
	if (unlikely(d.verdict == K8SNET_VERDICT_REJECT))
		return hook_reject(o, d.why);
	if (unlikely(!hook_within_limit(o)))
		return hook_reject(o, K8SNET_DROP_REASON_SERVICE_LIMIT);
	return hook_translate(o, hook_choose(o, d.backends, d.set));
}

static unsigned int hook_destination(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	/* Not cleared: all of it is written. */
	struct opening o __uninitialized;
	enum ip_conntrack_info ctinfo;

	o.it.kn = priv;
	o.skb = skb;
	o.state = state;
	o.ct = nf_ct_get(skb, &ctinfo);
	/*
	 * What belongs to another connection follows that one; one that was
	 * there before these hooks cannot be translated any more.
	 */
	if (ctinfo != IP_CT_NEW || nf_ct_is_confirmed(o.ct))
		return NF_ACCEPT;
	o.tuple = &o.ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	o.it.frontend = hook_frontend(o.it.kn, o.tuple);
	if (!o.it.frontend)
		return hook_miss(o.it.kn, skb, o.ct, state);
	o.it.rules = rcu_dereference(o.it.frontend->service->rules);
	o.it.client = k8snet_addr_inet(o.tuple->src.l3num, &o.tuple->src.u3);
	o.it.dest = k8snet_addr_inet(o.tuple->src.l3num, &o.tuple->dst.u3);
	/* A packet that came from nowhere is one of the node's own. */
	o.it.from_node = !state->in;
	return hook_open(&o);
}

static bool hook_wants_masquerade(struct k8snet_net *kn,
				  const struct k8snet_frontend *frontend,
				  const struct nf_conn *ct)
{
	const struct k8snet_addr client =
		k8snet_addr_inet(nf_ct_l3num(ct),
				 &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3);
	const struct k8snet_addr server =
		k8snet_addr_inet(nf_ct_l3num(ct),
				 &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3);

	return k8snet_decide_masquerade(kn, frontend, &client, &server);
}

static unsigned int hook_source(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	const struct k8snet_frontend *frontend;
	enum ip_conntrack_info ctinfo;
	struct k8snet_net *kn = priv;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (ctinfo != IP_CT_NEW || nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	if (ct->status & IPS_DST_NAT) {
		frontend = hook_frontend(kn, &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple);
		if (frontend && hook_wants_masquerade(kn, frontend, ct))
			return k8snet_nat_masquerade(kn, skb, state);
	}
	/* Also of services: an endpoint can be outside of the cluster. */
	return k8snet_egress_postrouting(kn, skb, state);
}

/* The service's connection that a packet without one belongs to, if any. */
static bool hook_is_of_service(struct k8snet_net *kn, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct nf_conntrack_tuple_hash *h;
	struct nf_conntrack_tuple tuple;
	struct nf_conn *ct;
	bool ours;

	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb), state->pf, kn->net,
			       &tuple) ||
	    tuple.dst.protonum != IPPROTO_TCP)
		return false;
	h = nf_conntrack_find_get(kn->net, &nf_ct_zone_dflt, &tuple);
	if (!h)
		return false;
	ct = nf_ct_tuplehash_to_ctrack(h);
	ours = READ_ONCE(ct->status) & IPS_DST_NAT &&
	       hook_frontend(kn, &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple);
	nf_ct_put(ct);
	return ours;
}

/*
 * A TCP packet that conntrack finds invalid, out of its connection's window
 * say, is not translated. It must not get to a client from an address that the
 * client knows nothing of, nor to a socket of this node: either would answer
 * with a reset, which ends a connection that is well (kubernetes#74839).
 * kube-proxy's iptables mode drops all invalid packets that are forwarded; here
 * it is those of services' connections, wherever they go.
 */
static unsigned int hook_invalid(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;

	/* Neither of a connection, nor untracked. */
	if (likely(skb->_nfct) || !hook_is_of_service(kn, skb, state))
		return NF_ACCEPT;
	return k8snet_verdict_drop(kn, K8SNET_DROP_REASON_SERVICE_INVALID);
}

static const struct nf_hook_ops nat_ops[] = {
	{
		.hook		= hook_destination,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_NAT_DST - 10,
	},
	{
		.hook		= hook_destination,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_NAT_DST - 10,
	},
	{
		.hook		= hook_source,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC - 10,
	},
};

static const struct nf_hook_ops filter_ops[] = {
	{
		.hook		= hook_invalid,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_FILTER - 10,
	},
	{
		.hook		= hook_invalid,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC - 10,
	},
	{
		.hook		= hook_invalid,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP6_PRI_FILTER - 10,
	},
	{
		.hook		= hook_invalid,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP6_PRI_NAT_SRC - 10,
	},
};

/* All hooks of a namespace; each has the namespace for its argument. */
struct k8snet_hooks {
	struct nf_hook_ops nat[ARRAY_SIZE(nat_ops)];
	struct nf_hook_ops filter[ARRAY_SIZE(filter_ops)];
};

static struct k8snet_hooks *hooks_alloc(struct k8snet_net *kn)
{
	struct k8snet_hooks *hooks;
	unsigned int i;

	hooks = kmalloc(sizeof(*hooks), GFP_KERNEL);
	if (!hooks)
		return NULL;
	memcpy(hooks->nat, nat_ops, sizeof(nat_ops));
	memcpy(hooks->filter, filter_ops, sizeof(filter_ops));
	for (i = 0; i < ARRAY_SIZE(nat_ops); i++)
		hooks->nat[i].priv = kn;
	for (i = 0; i < ARRAY_SIZE(filter_ops); i++)
		hooks->filter[i].priv = kn;
	return hooks;
}

/**
 * k8snet_hook_start() - take part in a namespace's NAT
 * @kn: the namespace
 *
 * A namespace without services and egress pays nothing: conntrack comes with
 * the first need, and stays until the namespace or the module goes.
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno.
 */
int k8snet_hook_start(struct k8snet_net *kn)
{
	struct k8snet_hooks *hooks;
	unsigned int i;
	int err;

	lockdep_assert_held(&kn->lock);
	if (kn->hooks)
		return 0;
	hooks = hooks_alloc(kn);
	if (!hooks)
		return -ENOMEM;
	err = nf_ct_netns_get(kn->net, NFPROTO_INET);
	if (err)
		goto err_hooks;
	err = nf_register_net_hooks(kn->net, hooks->filter,
				    ARRAY_SIZE(hooks->filter));
	if (err)
		goto err_conntrack;
	for (i = 0; i < ARRAY_SIZE(hooks->nat); i++) {
		err = nf_nat_inet_register_fn(kn->net, &hooks->nat[i]);
		if (err)
			goto err_nat;
	}
	err = k8snet_flow_start(kn);
	if (err)
		goto err_nat;
	kn->hooks = hooks;
	return 0;

err_nat:
	while (i--)
		nf_nat_inet_unregister_fn(kn->net, &hooks->nat[i]);
	nf_unregister_net_hooks(kn->net, hooks->filter,
				ARRAY_SIZE(hooks->filter));
err_conntrack:
	/* A packet may be in a hook that was there for a moment. */
	synchronize_rcu();
	nf_ct_netns_put(kn->net, NFPROTO_INET);
err_hooks:
	kfree(hooks);
	return err;
}

/**
 * k8snet_hook_stop() - leave a namespace's NAT
 * @kn: the namespace, about to go
 *
 * Connections stay in conntrack, translated.
 */
void k8snet_hook_stop(struct k8snet_net *kn)
{
	struct k8snet_hooks *hooks = kn->hooks;
	unsigned int i;

	if (!hooks)
		return;
	for (i = 0; i < ARRAY_SIZE(hooks->nat); i++)
		nf_nat_inet_unregister_fn(kn->net, &hooks->nat[i]);
	nf_unregister_net_hooks(kn->net, hooks->filter,
				ARRAY_SIZE(hooks->filter));
	nf_ct_netns_put(kn->net, NFPROTO_INET);
	synchronize_rcu();
	kfree(hooks);
	kn->hooks = NULL;
}

/*
 * The watchers of addresses and devices that masquerading needs. They cannot
 * come and go with a namespace, whose end holds the lock that they take.
 */
int k8snet_hook_init(void)
{
	return nf_nat_masquerade_inet_register_notifiers();
}

void k8snet_hook_exit(void)
{
	nf_nat_masquerade_inet_unregister_notifiers();
}
