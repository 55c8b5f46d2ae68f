// SPDX-License-Identifier: GPL-2.0
/*
 * Makes prepared changes of services, settings, egress and the
 * flow cache, all together.
 *
 * Two steps. The first one does all that can fail: new frontends go into the
 * table, where readers take no notice of them yet; if anything fails, they are
 * taken out again. The second one cannot fail: it stores pointers. A new
 * service is seen, on all of its frontends, with the one store of its rules; a
 * frontend that passes from one service to another always has one of them; what
 * is removed goes last. UDP flows without a server end in one pass over
 * conntrack, however many services there were.
 */
#include <linux/bitmap.h>
#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "netns.h"
#include "service/account.h"
#include "service/affinity.h"
#include "service/change.h"
#include "service/commit.h"
#include "service/evict.h"
#include "service/hook.h"

/* Is this port that of any node port, of any protocol and family? */
static bool nodeport_used(struct k8snet_net *kn, __be16 port)
{
	static const u16 families[] = { AF_INET, AF_INET6 };
	static const u16 protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct k8snet_frontend_key key = { .port = port };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (j = 0; j < ARRAY_SIZE(protocols); j++) {
			key.addr.family = families[i];
			key.protocol = protocols[j];
			if (k8snet_frontend_find(kn, &key))
				return true;
		}
	}
	return false;
}

static unsigned long *nodeports(struct k8snet_net *kn)
{
	return rcu_dereference_protected(kn->services.nodeports,
					 lockdep_is_held(&kn->lock));
}

static int nodeports_need(struct k8snet_net *kn)
{
	unsigned long *bits;

	if (nodeports(kn))
		return 0;
	bits = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	rcu_assign_pointer(kn->services.nodeports, bits);
	return 0;
}

static void frontend_del_extra(struct k8snet_net *kn,
			       const struct k8snet_frontend *f)
{
	if (f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		k8snet_addrset_del(&kn->services.cluster_ips, &f->key.addr);
	else if (f->type == K8SNET_FRONTEND_TYPE_NODE_PORT &&
		 !nodeport_used(kn, f->key.port))
		clear_bit(ntohs(f->key.port), nodeports(kn));
}

/* --- the first step ---------------------------------------------------- */

static int claim_reserve(struct k8snet_net *kn, struct k8snet_claim *claim)
{
	struct k8snet_frontend *f = claim->frontend;
	struct k8snet_change *change = claim->change;
	int err = 0;

	if (!f)
		return 0;
	if (f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		err = k8snet_addrset_reserve(&kn->services.cluster_ips,
					     &f->key.addr);
	else if (f->type == K8SNET_FRONTEND_TYPE_NODE_PORT)
		err = nodeports_need(kn);
	if (err)
		return err;
	claim->old = k8snet_frontend_find(kn, &f->key);
	if (!claim->old) {
		f->service = change->created ? change->service : NULL;
		err = k8snet_frontend_insert(kn, f);
	}
	if (err && f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		k8snet_addrset_del(&kn->services.cluster_ips, &f->key.addr);
	claim->reserved = !err;
	return err;
}

static void claim_unreserve(struct k8snet_net *kn, struct k8snet_claim *claim)
{
	struct k8snet_frontend *f = claim->frontend;

	if (!claim->reserved)
		return;
	claim->reserved = false;
	if (f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		k8snet_addrset_del(&kn->services.cluster_ips, &f->key.addr);
	if (claim->old)
		return;
	k8snet_frontend_remove(kn, f);
	k8snet_frontend_free_rcu(f);
	claim->frontend = NULL;
}

static int change_reserve(struct k8snet_net *kn, struct k8snet_change *change)
{
	unsigned int i;
	int err;

	if (change->created) {
		err = k8snet_service_publish(kn, change->service);
		if (err)
			return err;
		change->published = true;
	}
	for (i = 0; i < change->n_claims; i++) {
		err = claim_reserve(kn, &change->claims[i]);
		if (err)
			return err;
	}
	return 0;
}

static void change_unreserve(struct k8snet_net *kn, struct k8snet_change *change)
{
	unsigned int i;

	for (i = 0; i < change->n_claims; i++)
		claim_unreserve(kn, &change->claims[i]);
	if (change->published)
		k8snet_service_unpublish(kn, change->service);
	change->published = false;
}

/* Room to find the frontends that go in: as many buckets as there may be. */
static int gone_reserve(struct k8snet_changes *changes, unsigned int n)
{
	changes->gone = changes->few;
	changes->gone_bits = ilog2(K8SNET_CHANGES_FEW);
	memset(changes->few, 0, sizeof(changes->few));
	if (n <= K8SNET_CHANGES_FEW)
		return 0;
	changes->gone_bits = order_base_2(n);
	changes->gone = kvcalloc(1UL << changes->gone_bits,
				 sizeof(*changes->gone), GFP_KERNEL_ACCOUNT);
	return changes->gone ? 0 : -ENOMEM;
}

static void gone_release(struct k8snet_changes *changes)
{
	if (changes->gone != changes->few)
		kvfree(changes->gone);
	changes->gone = NULL;
}

static bool changes_need_hooks(const struct k8snet_changes *changes)
{
	const struct k8snet_change *change;

	if (changes->egress || (changes->config && changes->config->services.n))
		return true;
	list_for_each_entry(change, &changes->pending.list, pending.list)
		if (change->created)
			return true;
	return false;
}

/**
 * k8snet_commit_reserve() - do all of a commit that can fail
 * @kn: the namespace
 * @changes: the changes, prepared against the tables as they are
 *
 * Nothing that a reader takes notice of. k8snet_commit_apply() or
 * k8snet_commit_unreserve() must follow before the lock is dropped.
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing is left of it.
 */
int k8snet_commit_reserve(struct k8snet_net *kn, struct k8snet_changes *changes)
{
	const struct k8snet_frontend *f;
	struct k8snet_change *change;
	unsigned int n = 0;
	int err;

	lockdep_assert_held(&kn->lock);
	changes->gone = NULL;
	if (changes_need_hooks(changes)) {
		err = k8snet_hook_start(kn);
		if (err)
			return err;
	}
	list_for_each_entry(change, &changes->pending.list, pending.list) {
		if (change->created || !(change->removed || change->configured))
			continue;
		list_for_each_entry(f, &change->service->frontends, list)
			n++;
		cond_resched();
	}
	err = gone_reserve(changes, n);
	if (err)
		return err;
	list_for_each_entry(change, &changes->pending.list, pending.list) {
		err = change_reserve(kn, change);
		if (err) {
			k8snet_commit_unreserve(kn, changes);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * k8snet_commit_unreserve() - undo the first step of a commit
 * @kn: the namespace
 * @changes: the changes; of no more use than to be freed
 *
 * Context: k8snet_net.lock.
 */
void k8snet_commit_unreserve(struct k8snet_net *kn,
			     struct k8snet_changes *changes)
{
	struct k8snet_change *change;

	list_for_each_entry(change, &changes->pending.list, pending.list) {
		change_unreserve(kn, change);
		cond_resched();
	}
	gone_release(changes);
}

/* --- the second step --------------------------------------------------- */

static bool is_usable(u32 flags)
{
	return flags & (K8SNET_ENDPOINT_FLAG_CLUSTER | K8SNET_ENDPOINT_FLAG_LOCAL);
}

/* Does an endpoint that was there not serve what it did any more? */
static bool backend_lost(const struct k8snet_backend *was,
			 const struct k8snet_backends *now, int i)
{
	u32 mine = K8SNET_ENDPOINT_FLAG_LOCAL | K8SNET_ENDPOINT_FLAG_ON_NODE;
	u32 flags;

	if (i < 0)
		return true;
	flags = now->a[i].flags;
	if (!(flags & K8SNET_ENDPOINT_FLAG_SERVING) && !is_usable(flags))
		return true;
	return was->flags & mine && !(flags & mine);
}

/*
 * Puts a record of endpoints in place of the old one. True if a flow of one of
 * those may have to end.
 */
static bool backends_swap(struct k8snet_net *kn, struct k8snet_service *service,
			  unsigned int family, struct k8snet_backends *now)
{
	struct k8snet_backends *old;
	bool lost = false;
	unsigned int j;
	int i;

	if (!now)
		return false;
	old = rcu_replace_pointer(service->backends[family], now,
				  lockdep_is_held(&kn->lock));
	for (j = 0; j < old->n; j++) {
		struct k8snet_backend *was = &old->a[j];

		i = k8snet_backends_find(now, &was->endpoint->addr,
					 was->endpoint->port);
		lost |= backend_lost(was, now, i);
		if (i < 0 || !is_usable(now->a[i].flags)) {
			if (is_usable(was->flags))
				k8snet_account_leaving(kn, was->endpoint, true);
		} else if (!is_usable(was->flags)) {
			k8snet_account_leaving(kn, was->endpoint, false);
		}
	}
	k8snet_backends_free_rcu(old);
	return lost;
}

/* True if flows may have to end because of the policy. */
static bool rules_swap(struct k8snet_net *kn, struct k8snet_service *service,
		       struct k8snet_rules *now)
{
	struct k8snet_rules *old;
	bool stricter;

	old = rcu_replace_pointer(service->rules, now,
				  lockdep_is_held(&kn->lock));
	if (!old)
		return false;
	stricter = now->internal > old->internal || now->external > old->external;
	kfree_rcu(old, rcu);
	return stricter;
}

static void affinity_swap(struct k8snet_net *kn, struct k8snet_service *service,
			  struct k8snet_affinity *now, bool wanted)
{
	struct k8snet_affinity *old;

	if (wanted && !now)
		return;
	old = rcu_replace_pointer(service->affinity, now,
				  lockdep_is_held(&kn->lock));
	k8snet_affinity_free_rcu(old);
}

/*
 * Gives a service one of its frontends. The address and the port are marked
 * before the frontend takes the place of another one, whose marks then go.
 */
static void claim_apply(struct k8snet_net *kn, struct k8snet_claim *claim)
{
	struct k8snet_frontend *f = claim->frontend, *old = claim->old;
	struct k8snet_service *service = claim->change->service;

	if (!f)
		return;
	claim->frontend = NULL;
	if (f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		k8snet_addrset_use(&kn->services.cluster_ips, &f->key.addr);
	if (!old) {
		/* What a reader finds behind it was stored before. */
		smp_store_release(&f->service, service);
		list_add_tail(&f->list, &service->frontends);
		return;
	}
	f->service = service;
	k8snet_frontend_replace(kn, old, f);
	if (old->service == service) {
		list_replace(&old->list, &f->list);
	} else {
		list_del(&old->list);
		list_add_tail(&f->list, &service->frontends);
	}
	frontend_del_extra(kn, old);
	k8snet_frontend_free_rcu(old);
}

/* A port must be known to be a node port before it can be one. */
static void change_mark_ports(struct k8snet_net *kn, struct k8snet_change *change)
{
	unsigned int i;

	for (i = 0; i < change->n_claims; i++)
		if (change->claims[i].type == K8SNET_FRONTEND_TYPE_NODE_PORT)
			set_bit(ntohs(change->claims[i].key.port), nodeports(kn));
}

/* What a service gets; true if flows of endpoints that it had may have to end. */
static bool change_give(struct k8snet_net *kn, struct k8snet_change *change)
{
	struct k8snet_service *service = change->service;
	bool lost = false, added = false;
	unsigned int i;

	change_mark_ports(kn, change);
	if (change->configured) {
		service->protocol = change->protocol;
		if (!change->created)
			affinity_swap(kn, service, change->affinity,
				      change->rules->affinity);
		change->affinity = NULL;
		lost = rules_swap(kn, service, change->rules);
		change->rules = NULL;
	}
	for (i = 0; i < 2; i++) {
		lost |= backends_swap(kn, service, i, change->backends[i]);
		change->backends[i] = NULL;
	}
	for (i = 0; i < change->n_claims; i++) {
		struct k8snet_claim *claim = &change->claims[i];

		added |= claim->frontend && !(claim->old &&
					      claim->old->service == service);
		claim_apply(kn, claim);
	}
	service->evict |= added || lost;
	return lost;
}

static bool change_claims(const struct k8snet_change *change,
			  const struct k8snet_frontend_key *key)
{
	unsigned int i;

	for (i = 0; i < change->n_claims; i++)
		if (!memcmp(&change->claims[i].key, key, sizeof(*key)))
			return true;
	return false;
}

static struct hlist_head *gone_head(const struct k8snet_changes *changes,
				    const struct k8snet_frontend_key *key)
{
	u32 hash = jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), 0);

	return &changes->gone[hash >> (32 - changes->gone_bits)];
}

/* The frontends that a service has and should not; true if there were any. */
static bool change_take(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_change *change)
{
	struct k8snet_frontend *f, *next;
	bool gone = false;

	list_for_each_entry_safe(f, next, &change->service->frontends, list) {
		if (change_claims(change, &f->key))
			continue;
		gone = true;
		k8snet_frontend_remove(kn, f);
		frontend_del_extra(kn, f);
		list_del(&f->list);
		hlist_add_head(&f->gone, gone_head(changes, &f->key));
		changes->evict |= f->key.protocol == IPPROTO_UDP;
	}
	return gone;
}

static void service_leave(struct k8snet_net *kn, struct k8snet_service *service)
{
	const struct k8snet_backends *b;
	unsigned int family, i;

	for (family = 0; family < 2; family++) {
		b = rcu_dereference_protected(service->backends[family],
					      lockdep_is_held(&kn->lock));
		for (i = 0; i < b->n; i++)
			if (is_usable(b->a[i].flags))
				k8snet_account_leaving(kn, b->a[i].endpoint, true);
	}
}

static void change_mark(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_change *change, bool lost)
{
	struct k8snet_service *service = change->service;
	const struct k8snet_rules *rules =
		rcu_dereference_protected(service->rules,
					  lockdep_is_held(&kn->lock));

	service->evict |= lost;
	service->reset = lost && rules->on_remove == K8SNET_ON_REMOVE_RESET;
	changes->reset |= service->reset;
	changes->evict |= service->evict && service->protocol == IPPROTO_UDP;
}

static void changes_release_gone(struct k8snet_changes *changes)
{
	struct k8snet_frontend *f;
	struct hlist_node *next;
	unsigned long i;

	for (i = 0; i < 1UL << changes->gone_bits; i++) {
		hlist_for_each_entry_safe(f, next, &changes->gone[i], gone)
			k8snet_frontend_free_rcu(f);
		cond_resched();
	}
	gone_release(changes);
}

static void change_finish(struct k8snet_net *kn, struct k8snet_change *change)
{
	struct k8snet_service *service = change->service;

	service->evict = false;
	service->reset = false;
	/* The table has the reference of a new one. */
	if (change->created)
		refcount_inc(&service->refs);
	change->created = false;
	if (!change->removed)
		return;
	k8snet_service_unpublish(kn, service);
	affinity_swap(kn, service, NULL, false);
	service_leave(kn, service);
	k8snet_service_free_rcu(service);
}

static void settings_apply(struct k8snet_net *kn, struct k8snet_changes *changes)
{
	struct k8snet_egress *egress;
	struct k8snet_config *config;

	if (changes->config) {
		config = rcu_replace_pointer(kn->config, changes->config,
					     lockdep_is_held(&kn->lock));
		kfree_rcu(config, rcu);
		changes->config = NULL;
	}
	if (changes->has_flows)
		k8snet_flow_set(kn, &changes->flows);
	if (!changes->has_egress)
		return;
	egress = rcu_replace_pointer(kn->egress, changes->egress,
				     lockdep_is_held(&kn->lock));
	if (egress)
		kfree_rcu(egress, rcu);
	changes->egress = NULL;
	changes->has_egress = false;
}

/**
 * k8snet_commit_apply() - do the rest of a commit
 * @kn: the namespace
 * @changes: the changes, reserved; of no more use than to be freed
 *
 * Cannot fail.
 *
 * Context: k8snet_net.lock.
 */
void k8snet_commit_apply(struct k8snet_net *kn, struct k8snet_changes *changes)
{
	struct k8snet_change *change;
	bool lost;

	lockdep_assert_held(&kn->lock);
	settings_apply(kn, changes);
	list_for_each_entry(change, &changes->pending.list, pending.list) {
		change->lost = change_give(kn, change);
		cond_resched();
	}
	list_for_each_entry(change, &changes->pending.list, pending.list) {
		lost = change->lost;
		if (change->removed || change->configured)
			lost |= change_take(kn, changes, change);
		change_mark(kn, changes, change, lost);
		cond_resched();
	}
	if (changes->evict || changes->reset)
		k8snet_evict(kn, changes);
	changes_release_gone(changes);
	list_for_each_entry(change, &changes->pending.list, pending.list) {
		change_finish(kn, change);
		cond_resched();
	}
}

/**
 * k8snet_commit() - make changes, or none of them
 * @kn: the namespace
 * @changes: the changes, prepared against the tables as they are; of no more
 *	use than to be freed
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_commit(struct k8snet_net *kn, struct k8snet_changes *changes)
{
	int err = k8snet_commit_reserve(kn, changes);

	if (!err)
		k8snet_commit_apply(kn, changes);
	return err;
}

/**
 * k8snet_commit_gone() - a frontend that a commit has just taken away
 * @changes: what is committed
 * @key: its key
 *
 * Context: from k8snet_evict().
 * Return: the frontend, or NULL.
 */
const struct k8snet_frontend *
k8snet_commit_gone(const struct k8snet_changes *changes,
		   const struct k8snet_frontend_key *key)
{
	const struct k8snet_frontend *f;

	hlist_for_each_entry(f, gone_head(changes, key), gone)
		if (!memcmp(&f->key, key, sizeof(*key)))
			return f;
	return NULL;
}

/**
 * k8snet_commit_take_out() - take a service out of all tables
 * @kn: the namespace, out of the packet path
 * @service: the service
 *
 * Context: k8snet_net.lock.
 */
void k8snet_commit_take_out(struct k8snet_net *kn,
			    struct k8snet_service *service)
{
	struct k8snet_frontend *f, *next;

	lockdep_assert_held(&kn->lock);
	list_for_each_entry_safe(f, next, &service->frontends, list) {
		k8snet_frontend_remove(kn, f);
		frontend_del_extra(kn, f);
		list_del(&f->list);
		k8snet_frontend_free_rcu(f);
	}
	k8snet_service_unpublish(kn, service);
	affinity_swap(kn, service, NULL, false);
}
