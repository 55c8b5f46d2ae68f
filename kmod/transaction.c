// SPDX-License-Identifier: GPL-2.0
/*
 * Changes that a socket collects and makes all together.
 *
 * A transaction has the changes prepared and checked against the tables as they
 * were when it began. As long as the generation is the same these are the tables
 * that are, so what was checked holds, and nothing but memory can be wanting when
 * the changes are made.
 */
#include <linux/slab.h>

#include "event.h"
#include "netns.h"
#include "refusal.h"
#include "service/commit.h"
#include "transaction.h"

/* What is collected is charged to its writer; this bounds how much is checked. */
#define TRANSACTIONS_MAX	64

static struct k8snet_transaction *transaction_find(struct k8snet_net *kn,
						   u32 portid)
{
	struct k8snet_transaction *t;

	lockdep_assert_held(&kn->transactions_lock);
	list_for_each_entry(t, &kn->transactions, list)
		if (t->portid == portid)
			return t;
	return NULL;
}

static struct k8snet_transaction *transaction_alloc(struct k8snet_net *kn,
						    u32 portid)
{
	struct k8snet_transaction *t;

	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return NULL;
	if (k8snet_changes_init(&t->changes, true))
		goto err_free;
	if (k8snet_pending_init(&t->nodes, true))
		goto err_changes;
	t->portid = portid;
	t->generation = k8snet_netns_generation(kn);
	refcount_set(&t->refs, 1);
	mutex_init(&t->lock);
	return t;

err_changes:
	k8snet_changes_free(&t->changes);
err_free:
	kfree(t);
	return NULL;
}

static void transaction_free(struct k8snet_transaction *t)
{
	k8snet_changes_free(&t->changes);
	k8snet_node_changes_free(&t->nodes);
	mutex_destroy(&t->lock);
	kfree(t);
}

static void transaction_drop(struct k8snet_transaction *t)
{
	if (refcount_dec_and_test(&t->refs))
		transaction_free(t);
}

/**
 * k8snet_transaction_begin() - start to collect changes for a socket
 * @kn: the namespace
 * @portid: the socket
 * @generation: where that of the tables goes
 * @refusal: where the reason goes
 *
 * Return: 0, or a negative errno.
 */
int k8snet_transaction_begin(struct k8snet_net *kn, u32 portid,
			     u32 *generation, struct k8snet_refusal *refusal)
{
	struct k8snet_transaction *t;
	int err = 0;

	t = transaction_alloc(kn, portid);
	if (!t)
		return -ENOMEM;
	*generation = t->generation;
	spin_lock(&kn->transactions_lock);
	if (transaction_find(kn, portid)) {
		err = k8snet_refuse(refusal, -EBUSY, K8SNET_FIELD_NONE, 0,
				    "this socket has a transaction already; commit or abort it first");
	} else if (kn->n_transactions == TRANSACTIONS_MAX) {
		err = k8snet_refuse(refusal, -ENOSPC, K8SNET_FIELD_NONE, 0,
				    "the namespace has 64 open transactions, and can have no more");
	} else {
		kn->n_transactions++;
		list_add_tail(&t->list, &kn->transactions);
	}
	spin_unlock(&kn->transactions_lock);
	if (err)
		transaction_free(t);
	return err;
}

/**
 * k8snet_transaction_get() - the transaction of a socket
 * @kn: the namespace
 * @portid: the socket
 *
 * Return: the transaction, locked, to be given to k8snet_transaction_put(); or
 * NULL if there is none.
 */
struct k8snet_transaction *k8snet_transaction_get(struct k8snet_net *kn,
						  u32 portid)
{
	struct k8snet_transaction *t;

	if (list_empty(&kn->transactions))
		return NULL;
	spin_lock(&kn->transactions_lock);
	t = transaction_find(kn, portid);
	if (t)
		refcount_inc(&t->refs);
	spin_unlock(&kn->transactions_lock);
	if (!t)
		return NULL;
	mutex_lock(&t->lock);
	if (!t->ended)
		return t;
	k8snet_transaction_put(t);
	return NULL;
}

/**
 * k8snet_transaction_put() - let go of a transaction
 * @t: the transaction, or NULL
 */
void k8snet_transaction_put(struct k8snet_transaction *t)
{
	if (!t)
		return;
	mutex_unlock(&t->lock);
	transaction_drop(t);
}

/**
 * k8snet_transaction_check() - is it still about the tables as they are?
 * @kn: the namespace
 * @t: the transaction
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or -ESTALE.
 */
int k8snet_transaction_check(struct k8snet_net *kn,
			     const struct k8snet_transaction *t,
			     struct k8snet_refusal *refusal)
{
	if (t->generation == k8snet_netns_generation(kn))
		return 0;
	return k8snet_refuse(refusal, -ESTALE, K8SNET_FIELD_NONE, 0,
			     "somebody else has changed the tables since the transaction began; begin again");
}

static int transaction_make(struct k8snet_net *kn, struct k8snet_transaction *t,
			    bool with_nodes, struct k8snet_refusal *refusal)
{
	int err;

	err = k8snet_commit_reserve(kn, &t->changes);
	if (err)
		return err;
	if (with_nodes)
		err = k8snet_node_reserve(&t->nodes, kn->net, refusal);
	if (err) {
		k8snet_commit_unreserve(kn, &t->changes);
		return err;
	}
	/* Nothing fails from here on. A service needs the way to its servers. */
	if (with_nodes)
		k8snet_node_apply(&t->nodes);
	k8snet_commit_apply(kn, &t->changes);
	k8snet_netns_changed(kn);
	k8snet_event_changed(kn, t->messages);
	return 0;
}

/**
 * k8snet_transaction_commit() - make all that was collected, or nothing of it
 * @kn: the namespace
 * @t: the transaction, which is of no more use
 * @refusal: where the reason goes
 *
 * Context: process.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_transaction_commit(struct k8snet_net *kn,
			      struct k8snet_transaction *t,
			      struct k8snet_refusal *refusal)
{
	bool with_nodes = !list_empty(&t->nodes.list);
	int err;

	lockdep_assert_held(&t->lock);
	if (with_nodes)
		rtnl_lock();
	mutex_lock(&kn->lock);
	err = k8snet_transaction_check(kn, t, refusal);
	if (!err && t->messages)
		err = transaction_make(kn, t, with_nodes, refusal);
	if (!err)
		t->generation = k8snet_netns_generation(kn);
	mutex_unlock(&kn->lock);
	if (with_nodes) {
		if (!err)
			k8snet_node_settle(&t->nodes);
		rtnl_unlock();
	}
	return err;
}

/**
 * k8snet_transaction_end() - forget a transaction
 * @kn: the namespace
 * @t: the transaction, locked; k8snet_transaction_put() must follow
 */
void k8snet_transaction_end(struct k8snet_net *kn, struct k8snet_transaction *t)
{
	lockdep_assert_held(&t->lock);
	t->ended = true;
	spin_lock(&kn->transactions_lock);
	list_del(&t->list);
	kn->n_transactions--;
	spin_unlock(&kn->transactions_lock);
	/* The caller has another one. */
	transaction_drop(t);
}

/**
 * k8snet_transaction_forget() - a socket is gone, and its transaction with it
 * @kn: the namespace
 * @portid: the socket
 */
void k8snet_transaction_forget(struct k8snet_net *kn, u32 portid)
{
	struct k8snet_transaction *t = k8snet_transaction_get(kn, portid);

	if (!t)
		return;
	k8snet_transaction_end(kn, t);
	k8snet_transaction_put(t);
}

/**
 * k8snet_transaction_forget_all() - the namespace goes, or the module
 * @kn: the namespace, which nobody configures any more
 */
void k8snet_transaction_forget_all(struct k8snet_net *kn)
{
	struct k8snet_transaction *t, *next;

	list_for_each_entry_safe(t, next, &kn->transactions, list) {
		list_del(&t->list);
		transaction_drop(t);
	}
	kn->n_transactions = 0;
}
