// SPDX-License-Identifier: GPL-2.0
/*
 * What the connections of services are and carry: how many there are, their
 * packets and bytes, and when the last one of an endpoint has ended.
 *
 * Conntrack has no room for a module's own data in its entries and tells no
 * module of their end (nf_conntrack_extend.h, nf_conntrack_register_notifier()).
 * So a record is made for each connection, and a work looks at all records once
 * a second: it finds the conntrack entry of a new record by its tuple and
 * holds it from then on, until it sees that the entry is dying. An entry must
 * not be held before it is confirmed: nfnetlink_queue drops packets whose
 * unconfirmed entry has two users (nf_ct_drop_unconfirmed()), and the first
 * packet may yet be dropped.
 *
 * Packets and bytes are those of conntrack's accounting extension, which every
 * connection of a service gets whether the sysctl is on or not.
 */
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_tuple.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "event.h"
#include "netns.h"
#include "service/account.h"

#define ACCOUNT_INTERVAL	HZ
/* Records that one run of the work looks at. */
#define ACCOUNT_BATCH		65536
/* After that time a first packet was dropped, and no longer in some queue. */
#define ACCOUNT_PATIENCE	(5 * HZ)

struct flow {
	union {
		struct llist_node fresh;
		struct list_head list;
	};
	struct nf_conn *ct;		/* a reference; NULL until it is found */
	struct k8snet_endpoint *endpoint;	/* a reference */
	union {
		/* Until then */
		struct {
			struct nf_conntrack_tuple tuple;
			struct nf_conntrack_zone zone;
			unsigned long born;
		};
		/* From then on; what of its packets was counted already */
		struct {
			struct rhash_head by_ct;
			u64 packets[IP_CT_DIR_MAX];
			u64 bytes[IP_CT_DIR_MAX];
		};
	};
	bool ended;			/* not active any more */
};

static struct kmem_cache *flow_cache;

static const struct rhashtable_params by_ct = {
	.head_offset = offsetof(struct flow, by_ct),
	.key_offset = offsetof(struct flow, ct),
	.key_len = sizeof_field(struct flow, ct),
	.automatic_shrinking = true,
};

static void account_arm(struct k8snet_account *account, unsigned long delay)
{
	if (READ_ONCE(account->armed) || READ_ONCE(account->stopped))
		return;
	WRITE_ONCE(account->armed, true);
	schedule_delayed_work(&account->work, delay);
}

/*
 * There is one record for each connection that conntrack has, and some whose
 * packet was dropped on its way or that have just ended. Whoever floods a
 * service behind a firewall must not make any number of them.
 */
static bool account_is_full(struct k8snet_account *account)
{
	unsigned int max = READ_ONCE(nf_conntrack_max);

	return max && atomic_read(&account->n) / 2 >= max;
}

/* Conntrack has counted this packet already if the sysctl is on. */
static void account_extend(struct nf_conn *ct, const struct sk_buff *skb)
{
	struct nf_conn_acct *acct;

	if (nf_conn_acct_find(ct))
		return;
	acct = nf_ct_ext_add(ct, NF_CT_EXT_ACCT, GFP_ATOMIC);
	if (!acct)
		return;
	atomic64_set(&acct->counter[IP_CT_DIR_ORIGINAL].packets, 1);
	atomic64_set(&acct->counter[IP_CT_DIR_ORIGINAL].bytes, skb->len);
}

/**
 * k8snet_account_new() - a connection to an endpoint begins
 * @kn: the namespace
 * @ct: the connection, not confirmed yet
 * @endpoint: the endpoint
 * @skb: its first packet
 *
 * The service has counted it as tracked. Without memory, or with twice as many
 * records as conntrack may have entries, it is not accounted.
 *
 * Context: softirq or bottom halves off, RCU read side.
 */
void k8snet_account_new(struct k8snet_net *kn, struct nf_conn *ct,
			struct k8snet_endpoint *endpoint,
			const struct sk_buff *skb)
{
	struct k8snet_account *account = &kn->account;
	struct flow *flow = NULL;

	if (likely(!account_is_full(account)))
		flow = kmem_cache_alloc(flow_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!flow)) {
		atomic_dec(&endpoint->service->tracked);
		return;
	}
	account_extend(ct, skb);
	flow->ct = NULL;
	flow->ended = false;
	flow->tuple = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	flow->zone = *nf_ct_zone(ct);
	flow->born = jiffies;
	flow->endpoint = endpoint;
	atomic_inc(&account->n);
	refcount_inc(&endpoint->refs);
	atomic_inc(&endpoint->active);
	/* Any list does: what a process sends can be preempted here. */
	llist_add(&flow->fresh, raw_cpu_ptr(account->fresh));
	account_arm(account, ACCOUNT_INTERVAL);
}

static void tally_add(struct k8snet_tally *tally, int dir, u64 packets,
		      u64 bytes)
{
	atomic64_add(packets, &tally->packets[dir]);
	atomic64_add(bytes, &tally->bytes[dir]);
}

/* Adds what the connection has carried since it was last asked. */
static void flow_count(struct flow *flow)
{
	const struct nf_conn_acct *acct = nf_conn_acct_find(flow->ct);
	int dir;

	if (!acct)
		return;
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
		u64 packets = atomic64_read(&acct->counter[dir].packets);
		u64 bytes = atomic64_read(&acct->counter[dir].bytes);
		u64 more_packets = packets - flow->packets[dir];
		u64 more_bytes = bytes - flow->bytes[dir];

		flow->packets[dir] = packets;
		flow->bytes[dir] = bytes;
		/* "conntrack -Z" sets them to zero. */
		if ((s64)more_packets < 0 || (s64)more_bytes < 0)
			continue;
		tally_add(&flow->endpoint->tally, dir, more_packets, more_bytes);
		tally_add(&flow->endpoint->service->tally, dir, more_packets,
			  more_bytes);
	}
}

static void account_tell(struct k8snet_net *kn, struct k8snet_endpoint *e)
{
	e->leaving = false;
	k8snet_event_drained(kn, e);
}

static void flow_end(struct k8snet_net *kn, struct flow *flow)
{
	struct k8snet_endpoint *e = flow->endpoint;

	if (flow->ended)
		return;
	flow->ended = true;
	if (atomic_dec_and_test(&e->active) && e->leaving &&
	    !READ_ONCE(kn->account.stopped))
		account_tell(kn, e);
}

static void flow_free(struct k8snet_net *kn, struct flow *flow)
{
	struct k8snet_account *account = &kn->account;

	flow_end(kn, flow);
	list_del(&flow->list);
	if (flow->ct) {
		rhashtable_remove_fast(&account->by_ct, &flow->by_ct, by_ct);
		nf_ct_put(flow->ct);
	}
	atomic_dec(&flow->endpoint->service->tracked);
	k8snet_endpoint_put(flow->endpoint);
	kmem_cache_free(flow_cache, flow);
	atomic_dec(&account->n);
}

/* Is that the connection which the record was made for? */
static bool flow_is(const struct flow *flow,
		    const struct nf_conntrack_tuple_hash *h,
		    const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct k8snet_endpoint *e = flow->endpoint;

	if (NF_CT_DIRECTION(h) != IP_CT_DIR_ORIGINAL ||
	    !(READ_ONCE(ct->status) & IPS_DST_NAT) || reply->src.u.all != e->port)
		return false;
	if (e->addr.family == AF_INET)
		return reply->src.u3.ip == e->addr.ip;
	return ipv6_addr_equal(&reply->src.u3.in6, &e->addr.ip6);
}

/* False if there is no such connection, and no hope. */
static bool flow_find(struct k8snet_net *kn, struct flow *flow)
{
	struct nf_conntrack_tuple_hash *h;
	struct nf_conn *ct;

	h = nf_conntrack_find_get(kn->net, &flow->zone, &flow->tuple);
	if (!h)
		return time_before(jiffies, flow->born + ACCOUNT_PATIENCE);
	ct = nf_ct_tuplehash_to_ctrack(h);
	if (!flow_is(flow, h, ct))
		goto err_ct;
	flow->ct = ct;
	/*
	 * A client whose first packet was dropped sends another one; so do the
	 * two that race (nf_ct_resolve_clash()). One record is enough.
	 */
	if (!rhashtable_lookup_insert_fast(&kn->account.by_ct, &flow->by_ct,
					   by_ct)) {
		memset(flow->packets, 0, sizeof(flow->packets));
		memset(flow->bytes, 0, sizeof(flow->bytes));
		return true;
	}
	flow->ct = NULL;
err_ct:
	nf_ct_put(ct);
	return false;
}

static bool flow_is_dead(const struct nf_conn *ct)
{
	/* What has expired is found by no packet again, only removed later. */
	return nf_ct_is_dying(ct) ||
	       (nf_ct_is_expired(ct) &&
		!test_bit(IPS_OFFLOAD_BIT, &ct->status));
}

/*
 * Both ends have closed. The entry stays for a while, and a new connection with
 * these ports gets a new one (nf_conntrack_tcp_packet()).
 */
static bool flow_has_closed(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP &&
	       READ_ONCE(ct->proto.tcp.state) >= TCP_CONNTRACK_TIME_WAIT &&
	       READ_ONCE(ct->proto.tcp.state) <= TCP_CONNTRACK_CLOSE;
}

static void flow_look(struct k8snet_net *kn, struct flow *flow)
{
	if (!flow->ct && !flow_find(kn, flow)) {
		flow_free(kn, flow);
		return;
	}
	if (!flow->ct)
		return;
	flow_count(flow);
	if (flow_is_dead(flow->ct))
		flow_free(kn, flow);
	else if (flow_has_closed(flow->ct))
		flow_end(kn, flow);
}

/* Newest first: of two with the same tuple the older one is a ghost. */
static void account_take_fresh(struct k8snet_account *account)
{
	struct llist_node *node, *next;
	struct flow *flow;
	int cpu;

	for_each_possible_cpu(cpu) {
		node = llist_del_all(per_cpu_ptr(account->fresh, cpu));
		llist_for_each_safe(node, next, node) {
			flow = llist_entry(node, struct flow, fresh);
			list_add_tail(&flow->list, &account->list);
		}
	}
}

/*
 * Looks at that many records, and takes up the next time where it ended. True
 * if those were all.
 */
static bool account_look(struct k8snet_net *kn, unsigned long budget)
{
	struct k8snet_account *account = &kn->account;
	struct flow *flow, *next;
	LIST_HEAD(todo);
	bool all;

	lockdep_assert_held(&account->lock);
	account_take_fresh(account);
	list_splice_init(&account->list, &todo);
	list_for_each_entry_safe(flow, next, &todo, list) {
		if (!budget--)
			break;
		list_move_tail(&flow->list, &account->list);
		flow_look(kn, flow);
		cond_resched();
	}
	all = list_empty(&todo);
	list_splice(&todo, &account->list);
	return all;
}

static void account_work(struct work_struct *work)
{
	struct k8snet_account *account =
		container_of(to_delayed_work(work), struct k8snet_account, work);
	struct k8snet_net *kn = container_of(account, struct k8snet_net, account);
	bool all, none;

	/* Who comes after this arms it again. */
	xchg(&account->armed, false);
	mutex_lock(&account->lock);
	all = account_look(kn, ACCOUNT_BATCH);
	none = list_empty(&account->list);
	mutex_unlock(&account->lock);
	/* Entries that are dead and held still count for nf_conntrack_max. */
	if (!none)
		account_arm(account, all ? ACCOUNT_INTERVAL : ACCOUNT_INTERVAL / 10);
}

/**
 * k8snet_account_collect() - bring all counters up to date
 * @kn: the namespace
 *
 * Context: process.
 */
void k8snet_account_collect(struct k8snet_net *kn)
{
	mutex_lock(&kn->account.lock);
	account_look(kn, ULONG_MAX);
	mutex_unlock(&kn->account.lock);
}

/**
 * k8snet_account_hurry() - look at the records soon, something has changed
 * @kn: the namespace
 */
void k8snet_account_hurry(struct k8snet_net *kn)
{
	struct k8snet_account *account = &kn->account;

	if (!READ_ONCE(account->stopped))
		mod_delayed_work(system_wq, &account->work, 0);
}

/**
 * k8snet_account_leaving() - an endpoint will get no more connections, or will
 * @kn: the namespace
 * @endpoint: the endpoint
 * @leaving: it takes none any more, and the end of the last one is to be told
 *
 * Context: process.
 */
void k8snet_account_leaving(struct k8snet_net *kn,
			    struct k8snet_endpoint *endpoint, bool leaving)
{
	mutex_lock(&kn->account.lock);
	endpoint->leaving = leaving;
	if (leaving && !atomic_read(&endpoint->active))
		account_tell(kn, endpoint);
	mutex_unlock(&kn->account.lock);
}

int k8snet_account_init(struct k8snet_net *kn)
{
	struct k8snet_account *account = &kn->account;
	int err;

	account->fresh = alloc_percpu(struct llist_head);
	if (!account->fresh)
		return -ENOMEM;
	err = rhashtable_init(&account->by_ct, &by_ct);
	if (err) {
		free_percpu(account->fresh);
		return err;
	}
	INIT_LIST_HEAD(&account->list);
	INIT_DELAYED_WORK(&account->work, account_work);
	mutex_init(&account->lock);
	return 0;
}

/**
 * k8snet_account_stop() - let go of all connections
 * @kn: the namespace, out of the packet path
 *
 * A conntrack entry that is held would keep the namespace from its end.
 */
void k8snet_account_stop(struct k8snet_net *kn)
{
	struct k8snet_account *account = &kn->account;
	struct flow *flow, *next;

	WRITE_ONCE(account->stopped, true);
	cancel_delayed_work_sync(&account->work);
	mutex_lock(&account->lock);
	account_take_fresh(account);
	list_for_each_entry_safe(flow, next, &account->list, list) {
		flow_free(kn, flow);
		cond_resched();
	}
	mutex_unlock(&account->lock);
}

void k8snet_account_destroy(struct k8snet_net *kn)
{
	rhashtable_destroy(&kn->account.by_ct);
	free_percpu(kn->account.fresh);
}

int k8snet_account_cache_create(void)
{
	flow_cache = kmem_cache_create("k8snet_flow", sizeof(struct flow), 0, 0,
				       NULL);
	return flow_cache ? 0 : -ENOMEM;
}

void k8snet_account_cache_destroy(void)
{
	kmem_cache_destroy(flow_cache);
}
