// SPDX-License-Identifier: GPL-2.0
/*
 * Ends the connections that a change of a service leaves without a server.
 *
 * A UDP client that sends on from one port has no other way to get to a new
 * endpoint: conntrack keeps the old one as long as packets come. TCP clients
 * notice themselves, so TCP connections are left alone unless the service says
 * otherwise. One pass over the table for each change, in the kernel: nothing is
 * dumped.
 */
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "netns.h"
#include "service/evict.h"
#include "service/local.h"
#include "service/reset.h"
#include "service/service.h"

/* A connection that will be reset. */
struct victim {
	struct list_head list;
	struct nf_conn *ct;
};

struct evict {
	struct k8snet_net *kn;
	const struct k8snet_service *service;
	const struct k8snet_frontend_key *gone;
	unsigned int n_gone;
	bool reset;
	struct list_head victims;
};

static bool key_matches(struct net *net, const struct k8snet_frontend_key *key,
			const struct k8snet_frontend_key *dest, bool translated)
{
	if (key->port != dest->port || key->protocol != dest->protocol ||
	    key->addr.family != dest->addr.family)
		return false;
	if (!k8snet_frontend_is_any(key))
		return k8snet_addr_equal(&key->addr, &dest->addr);
	/* Not what is on its way to the same port of another machine. */
	return translated || k8snet_local_has(net, &dest->addr);
}

/* Under the rules of now, may that client's flow stay where it is? */
static bool evict_may_stay(const struct evict *ev,
			   const struct k8snet_frontend *frontend,
			   const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct k8snet_addr client =
		k8snet_addr_inet(nf_ct_l3num(ct),
				 &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3);
	const struct k8snet_addr server =
		k8snet_addr_inet(nf_ct_l3num(ct), &reply->src.u3);
	const struct k8snet_backends *backends;
	u32 flags;
	int i;

	backends = k8snet_service_backends(ev->service, server.family);
	i = backends ? k8snet_backends_find(backends, &server,
					    reply->src.u.all) : -ENOENT;
	if (i < 0)
		return false;
	if (nf_ct_protonum(ct) != IPPROTO_UDP)
		return true;
	flags = backends->a[i].flags;
	if (!(flags & (K8SNET_ENDPOINT_FLAG_CLUSTER | K8SNET_ENDPOINT_FLAG_LOCAL |
		       K8SNET_ENDPOINT_FLAG_SERVING)))
		return false;
	if (flags & (K8SNET_ENDPOINT_FLAG_LOCAL | K8SNET_ENDPOINT_FLAG_ON_NODE))
		return true;
	return !k8snet_service_is_local(ev->kn, frontend,
					k8snet_local_has(ev->kn->net, &client),
					&client);
}

static bool evict_is_stale(const struct evict *ev, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct k8snet_frontend_key dest = {
		.addr = k8snet_addr_inet(nf_ct_l3num(ct), &tuple->dst.u3),
		.port = tuple->dst.u.all,
		.protocol = tuple->dst.protonum,
	};
	bool translated = ct->status & IPS_DST_NAT;
	const struct k8snet_frontend *f;
	unsigned int i;

	for (i = 0; i < ev->n_gone; i++)
		if (key_matches(ev->kn->net, &ev->gone[i], &dest, translated))
			return translated;
	list_for_each_entry(f, &ev->service->frontends, list)
		if (key_matches(ev->kn->net, &f->key, &dest, translated))
			return !translated || !evict_may_stay(ev, f, ct);
	return false;
}

/* Without memory for it the connection ends in silence. */
static void evict_note(struct evict *ev, struct nf_conn *ct)
{
	struct victim *victim;

	victim = kmalloc(sizeof(*victim), GFP_ATOMIC);
	if (!victim)
		return;
	nf_conntrack_get(&ct->ct_general);
	victim->ct = ct;
	list_add_tail(&victim->list, &ev->victims);
}

/* Called with the lock of the entry's bucket. */
static int evict_look(struct nf_conn *ct, void *data)
{
	struct evict *ev = data;

	if (nf_ct_protonum(ct) != IPPROTO_UDP &&
	    (!ev->reset || !(ct->status & IPS_DST_NAT)))
		return 0;
	if (!evict_is_stale(ev, ct))
		return 0;
	if (nf_ct_protonum(ct) == IPPROTO_TCP)
		evict_note(ev, ct);
	return 1;
}

/**
 * k8snet_evict() - end the connections that have no server any more
 * @kn: the namespace
 * @service: the service, changed already
 * @gone: frontends that it had
 * @n_gone: how many
 * @reset: also those that are not UDP
 *
 * Those that were there before the service, and are not translated for it, end
 * as well: their next packet is one of the service.
 *
 * Context: process, k8snet_net.lock.
 */
void k8snet_evict(struct k8snet_net *kn, const struct k8snet_service *service,
		  const struct k8snet_frontend_key *gone, unsigned int n_gone,
		  bool reset)
{
	struct evict ev = {
		.kn = kn,
		.service = service,
		.gone = gone,
		.n_gone = n_gone,
		.reset = reset,
		.victims = LIST_HEAD_INIT(ev.victims),
	};
	struct nf_ct_iter_data iter = { .net = kn->net, .data = &ev };
	struct victim *victim, *next;

	lockdep_assert_held(&kn->lock);
	if (!reset && service->protocol != IPPROTO_UDP &&
	    !(n_gone && gone->protocol == IPPROTO_UDP))
		return;
	nf_ct_iterate_cleanup_net(evict_look, &iter);
	list_for_each_entry_safe(victim, next, &ev.victims, list) {
		k8snet_reset_both(kn->net, victim->ct);
		nf_ct_put(victim->ct);
		kfree(victim);
	}
	k8snet_account_hurry(kn);
}
