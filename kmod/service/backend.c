// SPDX-License-Identifier: GPL-2.0
/*
 * The endpoints of a service, and which one a new connection gets.
 *
 * Selection is Maglev (Eisenbud et al., NSDI 2016, section 3.4): every
 * endpoint fills the free slots of a table in an order of its own, taking
 * turns. The order depends on nothing but the endpoint's address and port,
 * and turns go by address, so all nodes of a cluster have the same table; the
 * hash of a connection is keyed with the cluster's seed.
 */
#include <linux/bitmap.h>
#include <linux/gcd.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include <uapi/linux/k8snet.h>

#include "service/backend.h"

static struct kmem_cache *endpoint_cache;

/*
 * Primes, a hundred slots or more for each endpoint: then no endpoint has
 * over a percent more than its share, and when one goes, about a percent of
 * the flows of the others move. Steps are wide since with another size
 * every flow may move.
 */
static const u32 table_sizes[] = { 509, 4093, 32749, 262139, 524287 };

static_assert(K8SNET_ENDPOINTS_MAX * 100 <= 524287);
static_assert(K8SNET_ENDPOINTS_MAX <= U16_MAX);

static u32 table_size(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table_sizes) - 1; i++)
		if (n * 100 <= table_sizes[i])
			break;
	return table_sizes[i];
}

static u32 table_get(const struct k8snet_backends *b, u32 slot)
{
	return b->wide ? ((const u16 *)b->table)[slot] :
			 ((const u8 *)b->table)[slot];
}

static void table_put(const struct k8snet_backends *b, u32 slot, u32 i)
{
	if (b->wide)
		((u16 *)b->table)[slot] = i;
	else
		((u8 *)b->table)[slot] = i;
}

/* Where an endpoint is in its own order of the slots. */
struct turn {
	u32 slot;
	u32 skip;
	u32 picks;			/* slots to take in each round */
};

static void turn_start(struct turn *turn, const struct k8snet_backend *b,
		       u32 size)
{
	/* Any constant key will do: what must stay secret is the flow's hash. */
	static const siphash_key_t key = { { 0x6b38736e6574, 0x6d61676c6576 } };
	u64 hash = siphash_2u32(ntohl(b->endpoint->addr),
				ntohs(b->endpoint->port), &key);

	turn->slot = (u32)hash % size;
	turn->skip = (u32)(hash >> 32) % (size - 1) + 1;
}

static int table_fill(struct k8snet_backends *b)
{
	unsigned int i, div = 0;
	unsigned long *taken;
	struct turn *turns;
	u32 left = b->size;
	int err = -ENOMEM;
	u32 picks;

	turns = kvmalloc_array(b->n, sizeof(*turns), GFP_KERNEL_ACCOUNT);
	taken = kvcalloc(BITS_TO_LONGS(b->size), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!turns || !taken)
		goto out;
	for (i = 0; i < b->n; i++)
		div = gcd(div, b->a[i].weight);
	for (i = 0; i < b->n; i++) {
		turn_start(&turns[i], &b->a[i], b->size);
		turns[i].picks = b->a[i].weight / div;
	}
	while (left) {
		for (i = 0; i < b->n && left; i++) {
			struct turn *t = &turns[i];

			for (picks = t->picks; picks && left; picks--) {
				while (__test_and_set_bit(t->slot, taken)) {
					t->slot += t->skip;
					if (t->slot >= b->size)
						t->slot -= b->size;
				}
				table_put(b, t->slot, i);
				left--;
			}
		}
		cond_resched();
	}
	err = 0;
out:
	kvfree(taken);
	kvfree(turns);
	return err;
}

static int endpoint_cmp(const struct k8snet_endpoint *e, __be32 addr,
			__be16 port)
{
	u64 a = (u64)ntohl(e->addr) << 16 | ntohs(e->port);
	u64 b = (u64)ntohl(addr) << 16 | ntohs(port);

	return a < b ? -1 : a > b;
}

/**
 * k8snet_backends_find() - find an endpoint of a service
 * @backends: the endpoints
 * @addr: its address
 * @port: its port
 *
 * Return: its index, or -ENOENT.
 */
int k8snet_backends_find(const struct k8snet_backends *backends, __be32 addr,
			 __be16 port)
{
	unsigned int lo = 0, hi = backends->n;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;
		int cmp = endpoint_cmp(backends->a[mid].endpoint, addr, port);

		if (!cmp)
			return mid;
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -ENOENT;
}

static struct k8snet_endpoint *endpoint_get(const struct k8snet_endpoint_conf *conf,
					    const struct k8snet_backends *old)
{
	struct k8snet_endpoint *e;
	int i;

	i = old ? k8snet_backends_find(old, conf->addr, conf->port) : -ENOENT;
	if (i >= 0) {
		e = old->a[i].endpoint;
		refcount_inc(&e->refs);
		return e;
	}
	e = kmem_cache_zalloc(endpoint_cache, GFP_KERNEL_ACCOUNT);
	if (!e)
		return NULL;
	e->addr = conf->addr;
	e->port = conf->port;
	refcount_set(&e->refs, 1);
	return e;
}

/**
 * k8snet_backends_build() - make the record of a service's endpoints
 * @conf: the endpoints, ordered by address and port, each one once
 * @n: how many
 * @old: the record that it will replace; endpoints that stay keep their
 *	counters. Or NULL.
 *
 * Return: the record, or NULL without memory.
 */
struct k8snet_backends *
k8snet_backends_build(const struct k8snet_endpoint_conf *conf, unsigned int n,
		      const struct k8snet_backends *old)
{
	struct k8snet_backends *b;
	unsigned int i;

	b = kvzalloc(struct_size(b, a, n), GFP_KERNEL_ACCOUNT);
	if (!b)
		return NULL;
	for (i = 0; i < n; i++) {
		b->a[i].endpoint = endpoint_get(&conf[i], old);
		if (!b->a[i].endpoint)
			goto err_free;
		b->a[i].weight = conf[i].weight;
		b->n++;
	}
	if (n < 2)
		return b;
	b->size = table_size(n);
	b->wide = n > U8_MAX + 1;
	b->table = kvmalloc_array(b->size, b->wide ? 2 : 1, GFP_KERNEL_ACCOUNT);
	if (!b->table || table_fill(b))
		goto err_free;
	return b;

err_free:
	k8snet_backends_free(b);
	return NULL;
}

/**
 * k8snet_backends_free() - free a record that no reader can see
 * @backends: the record
 */
void k8snet_backends_free(struct k8snet_backends *backends)
{
	unsigned int i;

	for (i = 0; i < backends->n; i++) {
		struct k8snet_endpoint *e = backends->a[i].endpoint;

		if (refcount_dec_and_test(&e->refs))
			kmem_cache_free(endpoint_cache, e);
	}
	kvfree(backends->table);
	kvfree(backends);
}

static void backends_free(struct rcu_head *rcu)
{
	k8snet_backends_free(container_of(rcu, struct k8snet_backends, rcu));
}

/**
 * k8snet_backends_free_rcu() - free a record once its readers have left
 * @backends: the record
 */
void k8snet_backends_free_rcu(struct k8snet_backends *backends)
{
	call_rcu(&backends->rcu, backends_free);
}

/**
 * k8snet_backends_hash() - the hash that chooses for a connection
 * @tuple: the connection as the client opened it
 * @key: the cluster's key
 *
 * Return: the same on every machine of the cluster.
 */
u32 k8snet_backends_hash(const struct nf_conntrack_tuple *tuple,
			 const siphash_key_t *key)
{
	u64 addrs = (u64)ntohl(tuple->src.u3.ip) << 32 |
		    ntohl(tuple->dst.u3.ip);
	u64 rest = (u64)ntohs(tuple->src.u.all) << 32 |
		   (u64)ntohs(tuple->dst.u.all) << 16 | tuple->dst.protonum;

	return siphash_2u64(addrs, rest, key);
}

/**
 * k8snet_backends_pick() - choose the endpoint of a connection
 * @backends: the endpoints, at least one
 * @hash: of the connection
 *
 * Context: RCU read side.
 */
struct k8snet_endpoint *k8snet_backends_pick(const struct k8snet_backends *backends,
					     u32 hash)
{
	u32 i = 0;

	if (backends->size)
		i = table_get(backends, reciprocal_scale(hash, backends->size));
	return backends->a[i].endpoint;
}

int k8snet_backend_cache_create(void)
{
	endpoint_cache = kmem_cache_create("k8snet_endpoint",
					   sizeof(struct k8snet_endpoint), 0,
					   SLAB_ACCOUNT, NULL);
	return endpoint_cache ? 0 : -ENOMEM;
}

void k8snet_backend_cache_destroy(void)
{
	kmem_cache_destroy(endpoint_cache);
}
