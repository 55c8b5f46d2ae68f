// SPDX-License-Identifier: GPL-2.0
/*
 * Ends the connections that a change of a service leaves without a server.
 *
 * A UDP client that sends on from one port has no other way to get to a new
 * endpoint: conntrack keeps the old one as long as packets come. TCP clients
 * notice themselves, so TCP connections are left alone unless the service says
 * otherwise. One pass over the table for each commit, in the kernel: nothing is
 * dumped.
 */
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "netns.h"
#include "service/change.h"
#include "service/commit.h"
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
	const struct k8snet_changes *changes;
	struct list_head victims;
};

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

	backends = k8snet_service_backends(frontend->service, server.family);
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

/* Where a connection went to: a frontend that is, or one that is just gone. */
struct destination {
	const struct k8snet_frontend *frontend;	/* NULL if there is none */
	bool gone;
};

static struct destination evict_look_up(const struct evict *ev,
					const struct k8snet_frontend_key *key)
{
	struct destination d = {
		.frontend = k8snet_commit_gone(ev->changes, key),
		.gone = true,
	};

	if (d.frontend)
		return d;
	d.frontend = k8snet_frontend_find(ev->kn, key);
	d.gone = false;
	return d;
}

static struct destination evict_destination(const struct evict *ev,
					    const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct k8snet_frontend_key key = {
		.addr = k8snet_addr_inet(nf_ct_l3num(ct), &tuple->dst.u3),
		.port = tuple->dst.u.all,
		.protocol = tuple->dst.protonum,
	};
	const struct k8snet_frontend_key any = {
		.addr.family = key.addr.family,
		.port = key.port,
		.protocol = key.protocol,
	};
	struct destination d;

	d = evict_look_up(ev, &key);
	if (d.frontend)
		return d;
	d = evict_look_up(ev, &any);
	/* Not what is on its way to the same port of another machine. */
	if (d.frontend && !(ct->status & IPS_DST_NAT) &&
	    !k8snet_local_has(ev->kn->net, &key.addr))
		d.frontend = NULL;
	return d;
}

static bool evict_is_stale(const struct evict *ev, const struct nf_conn *ct)
{
	const struct destination d = evict_destination(ev, ct);
	bool translated = ct->status & IPS_DST_NAT;

	if (!d.frontend)
		return false;
	if (nf_ct_protonum(ct) == IPPROTO_UDP ? !d.frontend->service->evict :
						!d.frontend->service->reset)
		return false;
	if (d.gone)
		return translated;
	return !translated || !evict_may_stay(ev, d.frontend, ct);
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
	    (!ev->changes->reset || !(ct->status & IPS_DST_NAT)))
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
 * @changes: what is committed; the services are changed, and marked, already
 *
 * Those that were there before a service, and are not translated for it, end
 * as well: their next packet is one of the service.
 *
 * Context: process, k8snet_net.lock.
 */
void k8snet_evict(struct k8snet_net *kn, const struct k8snet_changes *changes)
{
	struct evict ev = {
		.kn = kn,
		.changes = changes,
		.victims = LIST_HEAD_INIT(ev.victims),
	};
	struct nf_ct_iter_data iter = { .net = kn->net, .data = &ev };
	struct victim *victim, *next;

	lockdep_assert_held(&kn->lock);
	nf_ct_iterate_cleanup_net(evict_look, &iter);
	list_for_each_entry_safe(victim, next, &ev.victims, list) {
		k8snet_reset_both(kn->net, victim->ct);
		nf_ct_put(victim->ct);
		kfree(victim);
	}
	k8snet_account_hurry(kn);
}
