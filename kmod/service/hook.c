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
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "netns.h"
#include "service/backend.h"
#include "service/egress.h"
#include "service/hook.h"
#include "service/nat.h"
#include "service/service.h"
#include "service/verdict.h"

static struct k8snet_frontend *
hook_frontend(struct k8snet_net *kn, const struct nf_conntrack_tuple *tuple)
{
	struct k8snet_frontend_key key = {
		.addr = tuple->dst.u3.ip,
		.port = tuple->dst.u.all,
		.protocol = tuple->dst.protonum,
	};

	return k8snet_service_lookup(&kn->services, &key);
}

/* Not a service port. Is it at least a service's address? */
static unsigned int hook_miss(struct k8snet_net *kn, struct sk_buff *skb,
			      const struct nf_hook_state *state, __be32 daddr)
{
	const struct k8snet_addr addr = k8snet_addr4(daddr);
	const struct k8snet_config *config;

	if (k8snet_addrset_has(&kn->services.cluster_ips, &addr))
		return k8snet_verdict_reject(kn, skb, state,
					     K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT);
	config = rcu_dereference(kn->config);
	if (k8snet_prefixes_have(&config->services, daddr))
		return k8snet_verdict_drop(kn,
					   K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS);
	return NF_ACCEPT;
}

static unsigned int hook_destination(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct nf_conntrack_tuple *tuple;
	const struct k8snet_backends *backends;
	struct k8snet_frontend *frontend;
	struct k8snet_endpoint *endpoint;
	const struct k8snet_config *config;
	struct k8snet_service *service;
	enum ip_conntrack_info ctinfo;
	struct k8snet_net *kn = priv;
	unsigned int verdict;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	/*
	 * What belongs to another connection follows that one; one that was
	 * there before these hooks cannot be translated any more.
	 */
	if (ctinfo != IP_CT_NEW || nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	tuple = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	frontend = hook_frontend(kn, tuple);
	if (!frontend)
		return hook_miss(kn, skb, state, tuple->dst.u3.ip);

	service = frontend->service;
	backends = rcu_dereference(service->backends);
	if (!backends->n) {
		this_cpu_inc(service->stats->rejected);
		return k8snet_verdict_reject(kn, skb, state,
					     K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT);
	}
	config = rcu_dereference(kn->config);
	endpoint = k8snet_backends_pick(backends,
					k8snet_backends_hash(tuple, &config->key));
	verdict = k8snet_nat_destination(kn, ct, endpoint->addr,
					 endpoint->port);
	if (likely(verdict == NF_ACCEPT)) {
		this_cpu_inc(service->stats->new);
		atomic_long_inc(&endpoint->new);
	}
	return verdict;
}

/*
 * Must the server answer to this node? When the client is the server itself,
 * which would see its own address, and when the client is no pod, to which
 * the server's answer might take another way: kube-proxy's rules with a
 * cluster CIDR. Without pod ranges at least the node's own connections are
 * known not to come from a pod.
 */
static bool hook_wants_masquerade(struct k8snet_net *kn,
				  const struct nf_conn *ct,
				  const struct nf_hook_state *state)
{
	__be32 client = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3.ip;
	__be32 server = ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3.ip;
	const struct k8snet_config *config = rcu_dereference(kn->config);

	if (client == server)
		return true;
	if (!config->pods.n)
		return !state->in;
	return !k8snet_prefixes_have(&config->pods, client);
}

static unsigned int hook_source(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct k8snet_net *kn = priv;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (ctinfo != IP_CT_NEW || nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	if (ct->status & IPS_DST_NAT &&
	    hook_frontend(kn, &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple) &&
	    hook_wants_masquerade(kn, ct, state))
		return k8snet_nat_masquerade(kn, skb, state);
	/* Also of services: an endpoint can be outside of the cluster. */
	return k8snet_egress_postrouting(kn, skb, state);
}

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook		= hook_destination,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_NAT_DST - 10,
	},
	{
		.hook		= hook_destination,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_NAT_DST - 10,
	},
	{
		.hook		= hook_source,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC - 10,
	},
};

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
	struct nf_hook_ops *ops;
	unsigned int i;
	int err;

	lockdep_assert_held(&kn->lock);
	if (kn->nat_ops)
		return 0;
	ops = kmemdup(hook_ops, sizeof(hook_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	err = nf_ct_netns_get(kn->net, NFPROTO_IPV4);
	if (err)
		goto err_ops;
	for (i = 0; i < ARRAY_SIZE(hook_ops); i++) {
		ops[i].priv = kn;
		err = nf_nat_ipv4_register_fn(kn->net, &ops[i]);
		if (err)
			goto err_hooks;
	}
	kn->nat_ops = ops;
	return 0;

err_hooks:
	while (i--)
		nf_nat_ipv4_unregister_fn(kn->net, &ops[i]);
	/* A packet may be in a hook that was there for a moment. */
	synchronize_rcu();
	nf_ct_netns_put(kn->net, NFPROTO_IPV4);
err_ops:
	kfree(ops);
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
	unsigned int i;

	if (!kn->nat_ops)
		return;
	for (i = 0; i < ARRAY_SIZE(hook_ops); i++)
		nf_nat_ipv4_unregister_fn(kn->net, &kn->nat_ops[i]);
	nf_ct_netns_put(kn->net, NFPROTO_IPV4);
	synchronize_rcu();
	kfree(kn->nat_ops);
	kn->nat_ops = NULL;
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
