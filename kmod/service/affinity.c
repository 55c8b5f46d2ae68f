// SPDX-License-Identifier: GPL-2.0
/*
 * Which endpoint a client of a service had last: one table for each service
 * that wants it, whichever frontend the client came by.
 *
 * Every new connection of a client changes the table, so readers and writers
 * take its lock. A client is forgotten when its time is over and another one
 * needs the place, at the latest when the table is full: the one that was
 * away longest.
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "service/affinity.h"
#include "service/backend.h"

#define AFFINITY_CLIENTS_MAX	65536

struct client {
	struct rhash_head head;
	struct k8snet_addr key;
	/* By address: an endpoint that is gone need not be held for this. */
	struct k8snet_addr addr;
	__be16 port;
	unsigned long until;
	struct list_head list;		/* by last use */
	struct rcu_head rcu;
};

struct k8snet_affinity {
	spinlock_t lock;		/* of all below */
	struct rhashtable clients;
	struct list_head list;
	unsigned int n;
	struct rcu_work free;
};

static struct kmem_cache *client_cache;
/* Frees tables. What it does must be done before the module goes. */
static struct workqueue_struct *affinity_wq;

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct client, head),
	.key_offset = offsetof(struct client, key),
	.key_len = sizeof_field(struct client, key),
	.automatic_shrinking = true,
};

static void client_free(void *ptr, void *unused)
{
	kmem_cache_free(client_cache, ptr);
}

/* A table that is resized lets its buckets go in process context only. */
static void affinity_free(struct work_struct *work)
{
	struct k8snet_affinity *affinity =
		container_of(to_rcu_work(work), struct k8snet_affinity, free);

	rhashtable_free_and_destroy(&affinity->clients, client_free, NULL);
	kfree(affinity);
}

/**
 * k8snet_affinity_create() - make an empty table
 *
 * Return: the table, or NULL without memory.
 */
struct k8snet_affinity *k8snet_affinity_create(void)
{
	struct k8snet_affinity *affinity;

	affinity = kzalloc(sizeof(*affinity), GFP_KERNEL_ACCOUNT);
	if (!affinity)
		return NULL;
	spin_lock_init(&affinity->lock);
	INIT_LIST_HEAD(&affinity->list);
	INIT_RCU_WORK(&affinity->free, affinity_free);
	if (!rhashtable_init(&affinity->clients, &params))
		return affinity;
	kfree(affinity);
	return NULL;
}

/**
 * k8snet_affinity_free_rcu() - free a table once its readers have left
 * @affinity: the table, or NULL
 */
void k8snet_affinity_free_rcu(struct k8snet_affinity *affinity)
{
	if (affinity)
		queue_rcu_work(affinity_wq, &affinity->free);
}

static void client_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(client_cache, container_of(rcu, struct client, rcu));
}

static void client_forget(struct k8snet_affinity *affinity, struct client *c)
{
	rhashtable_remove_fast(&affinity->clients, &c->head, params);
	list_del(&c->list);
	affinity->n--;
	/* The table's own worker may look at it, with RCU alone. */
	call_rcu(&c->rcu, client_free_rcu);
}

/* That client was here now, and goes where it went. */
static void client_touch(struct k8snet_affinity *affinity, struct client *c,
			 unsigned int seconds)
{
	c->until = jiffies + seconds * HZ;
	list_move_tail(&c->list, &affinity->list);
}

/**
 * k8snet_affinity_get() - the endpoint that a client has to go to again
 * @affinity: the table of the service
 * @client: the client
 * @backends: the service's endpoints
 * @flag: the set that the endpoint must be in, enum k8snet_endpoint_flag
 * @seconds: for how long it stays so from now on
 *
 * Context: softirq or bottom halves off, RCU read side.
 * Return: the endpoint, or NULL if the client may get any.
 */
struct k8snet_endpoint *
k8snet_affinity_get(struct k8snet_affinity *affinity,
		    const struct k8snet_addr *client,
		    const struct k8snet_backends *backends, u32 flag,
		    unsigned int seconds)
{
	struct k8snet_endpoint *endpoint = NULL;
	struct client *c;
	int i;

	spin_lock_bh(&affinity->lock);
	c = rhashtable_lookup_fast(&affinity->clients, client, params);
	if (!c)
		goto out;
	i = k8snet_backends_find(backends, &c->addr, c->port);
	if (time_after(jiffies, c->until) || i < 0 ||
	    !(backends->a[i].flags & flag)) {
		client_forget(affinity, c);
		goto out;
	}
	endpoint = backends->a[i].endpoint;
	client_touch(affinity, c, seconds);
out:
	spin_unlock_bh(&affinity->lock);
	return endpoint;
}

/**
 * k8snet_affinity_peek() - k8snet_affinity_get(), and nothing is changed by it
 * @affinity: the table of the service
 * @client: the client
 * @backends: the service's endpoints
 * @flag: the set that the endpoint must be in, enum k8snet_endpoint_flag
 *
 * Context: RCU read side.
 * Return: the endpoint, or NULL if the client may get any.
 */
struct k8snet_endpoint *
k8snet_affinity_peek(struct k8snet_affinity *affinity,
		     const struct k8snet_addr *client,
		     const struct k8snet_backends *backends, u32 flag)
{
	struct k8snet_endpoint *endpoint = NULL;
	struct client *c;
	int i;

	spin_lock_bh(&affinity->lock);
	c = rhashtable_lookup_fast(&affinity->clients, client, params);
	if (c && !time_after(jiffies, c->until)) {
		i = k8snet_backends_find(backends, &c->addr, c->port);
		if (i >= 0 && backends->a[i].flags & flag)
			endpoint = backends->a[i].endpoint;
	}
	spin_unlock_bh(&affinity->lock);
	return endpoint;
}

/**
 * k8snet_affinity_put() - remember where a client went
 * @affinity: the table of the service
 * @client: the client
 * @endpoint: the endpoint that was chosen for it
 * @seconds: for how long it has to go there again
 *
 * Two connections of one client may come here at once: the first one stays, and
 * the client has both endpoints until its next connection. Without memory the
 * client is not remembered.
 *
 * Context: softirq or bottom halves off.
 */
void k8snet_affinity_put(struct k8snet_affinity *affinity,
			 const struct k8snet_addr *client,
			 const struct k8snet_endpoint *endpoint,
			 unsigned int seconds)
{
	struct client *c;

	c = kmem_cache_zalloc(client_cache, GFP_ATOMIC);
	if (!c)
		return;
	c->key = *client;
	c->addr = endpoint->addr;
	c->port = endpoint->port;
	spin_lock_bh(&affinity->lock);
	if (affinity->n == AFFINITY_CLIENTS_MAX)
		client_forget(affinity, list_first_entry(&affinity->list,
							 struct client, list));
	if (rhashtable_lookup_insert_fast(&affinity->clients, &c->head, params)) {
		kmem_cache_free(client_cache, c);
	} else {
		list_add_tail(&c->list, &affinity->list);
		affinity->n++;
		client_touch(affinity, c, seconds);
	}
	spin_unlock_bh(&affinity->lock);
}

int k8snet_affinity_cache_create(void)
{
	client_cache = kmem_cache_create("k8snet_client", sizeof(struct client),
					 0, 0, NULL);
	if (!client_cache)
		return -ENOMEM;
	affinity_wq = alloc_workqueue("k8snet_affinity", WQ_UNBOUND, 0);
	if (affinity_wq)
		return 0;
	kmem_cache_destroy(client_cache);
	return -ENOMEM;
}

/* After a rcu_barrier(): all tables that go are in the queue. */
void k8snet_affinity_cache_destroy(void)
{
	destroy_workqueue(affinity_wq);
	kmem_cache_destroy(client_cache);
}

#include "selftest/affinity.c"
