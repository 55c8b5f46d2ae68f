// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the flow cache: entries come, are found, and go.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
#include <net/dst.h>
#include <net/netfilter/nf_conntrack.h>

#include "flow/flow.h"
#include "flow/table.h"
#include "netns.h"
#include "overlay/handover.h"

#define FLOW_GC_INTERVAL	HZ
/* Without a packet for that long, an entry makes room; it is soon learned again. */
#define FLOW_IDLE		(60 * HZ)

static struct kmem_cache *entry_cache;

struct k8snet_flow_entry *k8snet_flow_alloc(void)
{
	return kmem_cache_zalloc(entry_cache, GFP_ATOMIC | __GFP_NOWARN);
}

void k8snet_flow_free(struct k8snet_flow_entry *e)
{
	dst_release(e->memo.dst);
	dst_release(e->dst);
	nf_ct_put(e->ct);
	kmem_cache_free(entry_cache, e);
}

static void flow_free_rcu(struct rcu_head *rcu)
{
	k8snet_flow_free(container_of(rcu, struct k8snet_flow_entry, rcu));
}

static void flow_arm(struct k8snet_flows *flows)
{
	if (READ_ONCE(flows->armed) || READ_ONCE(flows->stopped))
		return;
	WRITE_ONCE(flows->armed, true);
	schedule_delayed_work(&flows->gc, FLOW_GC_INTERVAL);
}

/**
 * k8snet_flow_insert() - remember an entry
 * @flows: the table
 * @e: the entry; the table's on success
 *
 * Context: bottom halves off.
 * Return: 0; or -EEXIST, or -ENOMEM, or what else the hash table refuses with.
 */
int k8snet_flow_insert(struct k8snet_flows *flows, struct k8snet_flow_entry *e)
{
	int err;

	err = rhashtable_lookup_insert_key(&flows->table, &e->key, &e->head,
					   k8snet_flow_params);
	if (!err)
		flow_arm(flows);
	return err;
}

/**
 * k8snet_flow_remove() - forget an entry
 * @flows: the table
 * @e: the entry, found under the same RCU read side
 * @why: what it is counted as, if nobody was faster
 *
 * Context: any.
 */
void k8snet_flow_remove(struct k8snet_flows *flows, struct k8snet_flow_entry *e,
			enum k8snet_flow_counter why)
{
	if (rhashtable_remove_fast(&flows->table, &e->head, k8snet_flow_params))
		return;
	k8snet_flow_count(flows, why);
	call_rcu(&e->rcu, flow_free_rcu);
}

static bool flow_is_idle(const struct k8snet_flow_entry *e)
{
	return time_after(jiffies, READ_ONCE(e->used) + FLOW_IDLE);
}

/* As k8snet_flow_fault(), of one that is not used any more as well. */
static enum k8snet_flow_counter flow_age(struct k8snet_net *kn,
					 const struct k8snet_flow_entry *e)
{
	enum k8snet_flow_counter why = k8snet_flow_fault(kn, e);

	if (why == K8SNET_FLOW_COUNTER_HIT && flow_is_idle(e))
		return K8SNET_FLOW_COUNTER_EVICT_IDLE;
	return why;
}

/* Was it learned before a flush? */
static enum k8snet_flow_counter flow_flush(struct k8snet_net *kn,
					   const struct k8snet_flow_entry *e)
{
	return e->generation != atomic_read(&kn->flows.generation) ?
	       K8SNET_FLOW_COUNTER_EVICT_FLUSH : K8SNET_FLOW_COUNTER_HIT;
}

/*
 * The walk lets others run at an entry, not behind one that has just been
 * removed: from there rhashtable_walk_start() finds its place by the number of
 * entries it has passed in the bucket, and leaves out as many that it has not.
 * When somebody else removes just that entry, it still may: the next sweep has
 * them.
 *
 * Return: how many have been removed.
 */
static unsigned int flow_sweep(struct k8snet_net *kn,
			       enum k8snet_flow_counter
			       (*fault)(struct k8snet_net *kn,
					const struct k8snet_flow_entry *e))
{
	struct k8snet_flows *flows = &kn->flows;
	unsigned int n = 0, removed = 0;
	enum k8snet_flow_counter why;
	struct rhashtable_iter iter;
	struct k8snet_flow_entry *e;

	rhashtable_walk_enter(&flows->table, &iter);
	rhashtable_walk_start(&iter);
	while ((e = rhashtable_walk_next(&iter))) {
		if (++n % 1024 == 0) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
			e = rhashtable_walk_peek(&iter);
			if (!e)
				break;
		}
		/* The table is being resized: some are seen twice, none missed. */
		if (IS_ERR(e))
			continue;
		why = fault(kn, e);
		if (why == K8SNET_FLOW_COUNTER_HIT)
			continue;
		k8snet_flow_remove(flows, e, why);
		removed++;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return removed;
}

static void flow_gc(struct work_struct *work)
{
	struct k8snet_flows *flows = container_of(to_delayed_work(work),
						  struct k8snet_flows, gc);

	/* Who comes after this arms it again. */
	xchg(&flows->armed, false);
	flow_sweep(container_of(flows, struct k8snet_net, flows), flow_age);
	/* Entries of conntrack that are held still count for nf_conntrack_max. */
	if (atomic_read(&flows->table.nelems))
		flow_arm(flows);
}

/**
 * k8snet_flow_invalidate() - nodes or devices have changed
 * @kn: the namespace
 *
 * Called when the change can be seen, before anything is freed: a packet that
 * still finds the old number has started before a grace period from now.
 *
 * Context: any.
 */
void k8snet_flow_invalidate(struct k8snet_net *kn)
{
	/*
	 * Writers hold different locks, and none of them may set the number back:
	 * what was learned before, and not found since, would hold again. With
	 * the order that this has, the change is seen before the number, and the
	 * number before whatever the caller does next.
	 */
	atomic_inc_return(&kn->flows.generation);
}

/**
 * k8snet_flow_flush() - forget all flows
 * @kn: the namespace
 *
 * Context: process. Flows that are used are learned again at once.
 */
void k8snet_flow_flush(struct k8snet_net *kn)
{
	k8snet_flow_invalidate(kn);
	while (flow_sweep(kn, flow_flush))
		;
}

/**
 * k8snet_flow_set() - switch the cache or its short ways on or off, or set its size
 * @kn: the namespace
 * @settings: what is to be
 *
 * Context: process, k8snet_net.lock. When it returns, no packet is on its way
 * past the stack that should not be.
 */
void k8snet_flow_set(struct k8snet_net *kn,
		     const struct k8snet_flow_settings *settings)
{
	struct k8snet_flows *flows = &kn->flows;

	lockdep_assert_held(&kn->lock);
	WRITE_ONCE(flows->settings.max, settings->max);
	WRITE_ONCE(flows->settings.on, settings->on);
	WRITE_ONCE(flows->settings.peer, settings->peer);
	WRITE_ONCE(flows->settings.early, settings->early);
	if (settings->ingress != flows->settings.ingress)
		k8snet_ingress_set(kn, settings->ingress);
	if (settings->on)
		return;
	synchronize_net();
	k8snet_flow_flush(kn);
}

/**
 * k8snet_flow_state() - what the cache has of some packets
 * @kn: the namespace
 * @key: what they look like
 *
 * Context: RCU read side.
 */
enum k8snet_flow_state k8snet_flow_state(struct k8snet_net *kn,
					 const struct k8snet_flow_key *key)
{
	const struct k8snet_flow_entry *e;

	if (!key->iif || (key->protocol != IPPROTO_TCP &&
			  key->protocol != IPPROTO_UDP))
		return K8SNET_FLOW_STATE_NONE;
	if (!k8snet_flow_is_on(&kn->flows))
		return K8SNET_FLOW_STATE_OFF;
	e = k8snet_flow_find(&kn->flows, key);
	if (!e)
		return K8SNET_FLOW_STATE_UNKNOWN;
	return k8snet_flow_fault(kn, e) == K8SNET_FLOW_COUNTER_HIT ?
	       K8SNET_FLOW_STATE_KNOWN : K8SNET_FLOW_STATE_STALE;
}

/**
 * k8snet_flow_counter() - read a counter
 * @kn: the namespace
 * @which: the counter
 */
u64 k8snet_flow_counter(struct k8snet_net *kn, enum k8snet_flow_counter which)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(kn->flows.counters, cpu)->n[which]);
	return sum;
}

/* Past all of the stack, and when all rules for what is forwarded have agreed. */
static const struct nf_hook_ops flow_ops[] = {
	{
		.hook		= k8snet_flow_prerouting,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= k8snet_flow_forward,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_LAST,
	},
};

/**
 * k8snet_flow_start() - begin to learn flows
 * @kn: the namespace, which has conntrack by now
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno.
 */
int k8snet_flow_start(struct k8snet_net *kn)
{
	struct nf_hook_ops *ops;
	unsigned int i;
	int err;

	if (kn->flows.ops)
		return 0;
	/* The first packets of a flow must not be overtaken by the others. */
	err = k8snet_handover_start(kn);
	if (err)
		return err;
	ops = kmemdup(flow_ops, sizeof(flow_ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(flow_ops); i++)
		ops[i].priv = kn;
	err = nf_register_net_hooks(kn->net, ops, ARRAY_SIZE(flow_ops));
	if (err) {
		synchronize_rcu();
		kfree(ops);
		return err;
	}
	kn->flows.ops = ops;
	return 0;
}

/**
 * k8snet_flow_stop() - learn no more flows, and use none
 * @kn: the namespace, about to go
 */
void k8snet_flow_stop(struct k8snet_net *kn)
{
	struct k8snet_flows *flows = &kn->flows;

	WRITE_ONCE(flows->settings.on, false);
	if (flows->ops) {
		nf_unregister_net_hooks(kn->net, flows->ops,
					ARRAY_SIZE(flow_ops));
		synchronize_rcu();
		kfree(flows->ops);
		flows->ops = NULL;
	}
	WRITE_ONCE(flows->stopped, true);
	cancel_delayed_work_sync(&flows->gc);
}

int k8snet_flows_init(struct k8snet_net *kn)
{
	struct k8snet_flows *flows = &kn->flows;
	int err;

	flows->counters = alloc_percpu(struct k8snet_flow_counters);
	if (!flows->counters)
		return -ENOMEM;
	err = rhashtable_init(&flows->table, &k8snet_flow_params);
	if (err) {
		free_percpu(flows->counters);
		return err;
	}
	INIT_DELAYED_WORK(&flows->gc, flow_gc);
	flows->settings.max = K8SNET_FLOW_MAX;
	flows->settings.on = true;
	flows->settings.peer = true;
	flows->settings.ingress = true;
	flows->settings.early = true;
	k8snet_ingress_init(kn);
	return 0;
}

static void flow_free_last(void *ptr, void *arg)
{
	k8snet_flow_free(ptr);
}

/**
 * k8snet_flows_destroy() - free a table that no packet can see any more
 * @kn: the namespace
 *
 * A conntrack entry that is held would keep the namespace from its end: it is
 * here that all are let go of, before conntrack waits for them.
 */
void k8snet_flows_destroy(struct k8snet_net *kn)
{
	/* As in netns_exit(). */
	cancel_delayed_work_sync(&kn->flows.hook_work);
	rhashtable_free_and_destroy(&kn->flows.table, flow_free_last, NULL);
	free_percpu(kn->flows.counters);
}

int k8snet_flow_cache_create(void)
{
	entry_cache = kmem_cache_create("k8snet_flow_entry",
					sizeof(struct k8snet_flow_entry), 0,
					SLAB_HWCACHE_ALIGN, NULL);
	return entry_cache ? 0 : -ENOMEM;
}

void k8snet_flow_cache_destroy(void)
{
	kmem_cache_destroy(entry_cache);
}
