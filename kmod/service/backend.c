// SPDX-License-Identifier: GPL-2.0
/*
 * The endpoints of a service, and which one a new connection gets.
 *
 * The default selection is Maglev (Eisenbud et al., NSDI 2016, section 3.4):
 * every endpoint fills the free slots of a table in an order of its own,
 * taking turns. The order depends on nothing but the endpoint's address and
 * port, and turns go by address, so all nodes of a cluster have the same
 * table; the hash of a connection is keyed with the cluster's seed.
 */
#include <linux/bitmap.h>
#include <linux/gcd.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include <uapi/linux/k8snet.h>

#include "service/backend.h"
#include "service/service.h"

static struct kmem_cache *endpoint_cache;

/* The record of no endpoints, which every service of one family has. */
static struct k8snet_backends none;

/*
 * So many endpoints of equal weight need no table: each one has a score for the
 * connection, and the highest one wins (rendezvous hashing; D. Thaler, C.
 * Ravishankar, 1996). When one goes, only its own connections move, as with a
 * table, and most services have no more.
 */
#define SCORES_MAX	8

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

static u32 table_get(const struct k8snet_set *set, u32 slot)
{
	return set->wide ? ((const u16 *)set->table)[slot] :
			   ((const u8 *)set->table)[slot];
}

static void table_put(const struct k8snet_set *set, u32 slot, u32 i)
{
	if (set->wide)
		((u16 *)set->table)[slot] = i;
	else
		((u8 *)set->table)[slot] = i;
}

/* Where an endpoint is in its own order of the slots. */
struct turn {
	u32 slot;
	u32 skip;
	u32 picks;			/* slots to take in each round */
};

static u64 endpoint_hash(const struct k8snet_endpoint *e)
{
	/* Any constant key will do: what must stay secret is the flow's hash. */
	static const siphash_key_t key = { { 0x6b38736e6574, 0x6d61676c6576 } };
	struct {
		struct in6_addr addr;
		__be16 port;
	} __packed six;

	if (e->addr.family == AF_INET)
		return siphash_2u32(ntohl(e->addr.ip), ntohs(e->port), &key);
	six.addr = e->addr.ip6;
	six.port = e->port;
	return siphash(&six, sizeof(six), &key);
}

static void turn_start(struct turn *turn, const struct k8snet_endpoint *e,
		       u32 size)
{
	u64 hash = endpoint_hash(e);

	turn->slot = (u32)hash % size;
	turn->skip = (u32)(hash >> 32) % (size - 1) + 1;
}

static const struct k8snet_backend *set_member(const struct k8snet_backends *b,
					       const struct k8snet_set *set,
					       u32 i)
{
	return &b->a[set->members ? set->members[i] : i];
}

static u32 set_divisor(const struct k8snet_backends *b,
		       const struct k8snet_set *set)
{
	unsigned long div = 0;
	u32 i;

	for (i = 0; i < set->n; i++)
		div = gcd(div, set_member(b, set, i)->weight);
	return div;
}

/* Every bit of the result depends on all of @hash and @key (Murmur3). */
static u32 backend_score(u32 hash, u32 key)
{
	u32 x = hash ^ key;

	x ^= x >> 16;
	x *= 0x85ebca6b;
	x ^= x >> 13;
	x *= 0xc2b2ae35;
	return x ^ x >> 16;
}

/* Of two with one key the second would never win. */
static void backends_set_keys(struct k8snet_backends *b)
{
	int i, j;

	for (i = 0; i < b->n; i++) {
		b->a[i].key = endpoint_hash(b->a[i].endpoint);
		for (j = 0; j < i; j++) {
			if (b->a[j].key != b->a[i].key)
				continue;
			b->a[i].key++;
			j = -1;
		}
	}
}

static bool set_is_scored(const struct k8snet_backends *b,
			  const struct k8snet_set *set)
{
	u32 i;

	if (b->n > SCORES_MAX)
		return false;
	for (i = 1; i < set->n; i++)
		if (set_member(b, set, i)->weight != set_member(b, set, 0)->weight)
			return false;
	return true;
}

static int set_fill_table(const struct k8snet_backends *b,
			  struct k8snet_set *set)
{
	u32 div = set_divisor(b, set), size = table_size(set->n);
	unsigned long *taken;
	struct turn *turns;
	int err = -ENOMEM;
	u32 left = size;
	u32 i, picks;

	set->wide = set->n > U8_MAX + 1;
	set->table = kvmalloc_array(size, set->wide ? 2 : 1, GFP_KERNEL_ACCOUNT);
	turns = kvmalloc_array(set->n, sizeof(*turns), GFP_KERNEL_ACCOUNT);
	taken = kvcalloc(BITS_TO_LONGS(size), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!set->table || !turns || !taken)
		goto out;
	set->size = size;
	for (i = 0; i < set->n; i++) {
		turn_start(&turns[i], set_member(b, set, i)->endpoint, size);
		turns[i].picks = set_member(b, set, i)->weight / div;
	}
	while (left) {
		for (i = 0; i < set->n && left; i++) {
			struct turn *t = &turns[i];

			for (picks = t->picks; picks && left; picks--) {
				while (__test_and_set_bit(t->slot, taken)) {
					t->slot += t->skip;
					if (t->slot >= size)
						t->slot -= size;
				}
				table_put(set, t->slot, i);
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

/*
 * Turns are positions on the line of all weights. Endpoints of different
 * weight must not get theirs in a row: steps of about the golden section of
 * the line spread them, and meet every position if they share no divisor with
 * its length.
 */
static u32 set_stride(u32 total)
{
	u32 stride = max_t(u32, (u64)total * 618 / 1000, 1);

	while (gcd(stride, total) != 1)
		stride++;
	return stride;
}

static int set_fill_sums(const struct k8snet_backends *b,
			 struct k8snet_set *set)
{
	u32 div = set_divisor(b, set), i;

	for (i = 0; i < set->n; i++)
		set->total += set_member(b, set, i)->weight / div;
	set->stride = 1;
	if (set->total == set->n)
		return 0;
	set->stride = set_stride(set->total);
	set->sums = kvmalloc_array(set->n, sizeof(*set->sums), GFP_KERNEL_ACCOUNT);
	if (!set->sums)
		return -ENOMEM;
	for (i = 0; i < set->n; i++)
		set->sums[i] = (i ? set->sums[i - 1] : 0) +
			       set_member(b, set, i)->weight / div;
	return 0;
}

static int set_build(const struct k8snet_backends *b, struct k8snet_set *set,
		     u32 flag)
{
	u32 i, n = 0;

	for (i = 0; i < b->n; i++)
		n += !!(b->a[i].flags & flag);
	if (n && n < b->n) {
		set->members = kvmalloc_array(n, sizeof(*set->members),
					      GFP_KERNEL_ACCOUNT);
		if (!set->members)
			return -ENOMEM;
		for (i = 0, n = 0; i < b->n; i++)
			if (b->a[i].flags & flag)
				set->members[n++] = i;
	}
	set->n = n;
	if (n < 2)
		return 0;
	if (b->algorithm == K8SNET_ALGORITHM_MAGLEV)
		return set_is_scored(b, set) ? 0 : set_fill_table(b, set);
	return set_fill_sums(b, set);
}

static void set_free(const struct k8snet_set *set)
{
	kvfree(set->table);
	kvfree(set->members);
	kvfree(set->sums);
}

static int endpoint_cmp(const struct k8snet_endpoint *e,
			const struct k8snet_addr *addr, __be16 port)
{
	int cmp = k8snet_addr_cmp(&e->addr, addr);

	return cmp ?: (int)ntohs(e->port) - (int)ntohs(port);
}

/**
 * k8snet_backends_find() - find an endpoint of a service
 * @backends: the endpoints
 * @addr: its address
 * @port: its port
 *
 * Return: its index, or -ENOENT.
 */
int k8snet_backends_find(const struct k8snet_backends *backends,
			 const struct k8snet_addr *addr, __be16 port)
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

static struct k8snet_endpoint *endpoint_get(struct k8snet_service *service,
					    const struct k8snet_endpoint_conf *conf,
					    const struct k8snet_backends *old)
{
	struct k8snet_endpoint *e;
	int i;

	i = old ? k8snet_backends_find(old, &conf->addr, conf->port) : -ENOENT;
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
	e->service = service;
	refcount_inc(&service->refs);
	refcount_set(&e->refs, 1);
	return e;
}

/**
 * k8snet_endpoint_put() - let go of an endpoint
 * @e: the endpoint, which no reader can come by through this reference
 */
void k8snet_endpoint_put(struct k8snet_endpoint *e)
{
	if (!refcount_dec_and_test(&e->refs))
		return;
	k8snet_service_put(e->service);
	kmem_cache_free(endpoint_cache, e);
}

/**
 * k8snet_backends_build() - make the record of a service's endpoints
 * @service: the service
 * @conf: endpoints of one family, ordered by address and port, each one once
 * @n: how many
 * @algorithm: how one of them will be chosen
 * @old: the record that it will replace; endpoints that stay keep their
 *	counters. Or NULL.
 *
 * Return: the record, or NULL without memory.
 */
struct k8snet_backends *
k8snet_backends_build(struct k8snet_service *service,
		      const struct k8snet_endpoint_conf *conf, unsigned int n,
		      u32 algorithm, const struct k8snet_backends *old)
{
	struct k8snet_backends *b;
	unsigned int i;

	if (!n)
		return &none;
	b = kvzalloc(struct_size(b, a, n), GFP_KERNEL_ACCOUNT);
	if (!b)
		return NULL;
	b->algorithm = algorithm;
	for (i = 0; i < n; i++) {
		struct k8snet_endpoint *e = endpoint_get(service, &conf[i], old);

		if (!e)
			goto err_free;
		b->n++;
		b->a[i].endpoint = e;
		b->a[i].weight = conf[i].weight;
		b->a[i].flags = conf[i].flags;
	}
	if (n <= SCORES_MAX)
		backends_set_keys(b);
	if (set_build(b, &b->cluster, K8SNET_ENDPOINT_FLAG_CLUSTER) ||
	    set_build(b, &b->local, K8SNET_ENDPOINT_FLAG_LOCAL))
		goto err_free;
	return b;

err_free:
	k8snet_backends_free(b);
	return NULL;
}

/**
 * k8snet_backends_free() - free a record that no reader can see
 * @backends: the record, or NULL
 */
void k8snet_backends_free(struct k8snet_backends *backends)
{
	unsigned int i;

	if (!backends || backends == &none)
		return;
	for (i = 0; i < backends->n; i++)
		k8snet_endpoint_put(backends->a[i].endpoint);
	set_free(&backends->cluster);
	set_free(&backends->local);
	kvfree(backends);
}

static void backends_free(struct rcu_head *rcu)
{
	k8snet_backends_free(container_of(rcu, struct k8snet_backends, rcu));
}

/**
 * k8snet_backends_free_rcu() - free a record once its readers have left
 * @backends: the record, or NULL
 */
void k8snet_backends_free_rcu(struct k8snet_backends *backends)
{
	if (backends && backends != &none)
		call_rcu(&backends->rcu, backends_free);
}

/*
 * SipHash-1-3: that of hsiphash() where a machine has words of 64 bits, and the
 * same on all others of the cluster.
 */
static __always_inline u32 backends_siphash(const u64 *words, unsigned int n,
					    const siphash_key_t *key)
{
	u64 v0 = SIPHASH_CONST_0 ^ key->key[0];
	u64 v1 = SIPHASH_CONST_1 ^ key->key[1];
	u64 v2 = SIPHASH_CONST_2 ^ key->key[0];
	u64 v3 = SIPHASH_CONST_3 ^ key->key[1];
	u64 end = (u64)(n * sizeof(*words)) << 56;
	unsigned int i;

	for (i = 0; i < n; i++) {
		v3 ^= words[i];
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
		v0 ^= words[i];
	}
	v3 ^= end;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	v0 ^= end;
	v2 ^= 0xff;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

static __always_inline u64 backends_word(__be32 high, __be32 low)
{
	return (u64)ntohl(high) << 32 | ntohl(low);
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
	const __be32 *src = tuple->src.u3.ip6, *dst = tuple->dst.u3.ip6;
	u64 rest = (u64)ntohs(tuple->src.u.all) << 32 |
		   (u64)ntohs(tuple->dst.u.all) << 16 | tuple->dst.protonum;
	u64 words[5];

	if (tuple->src.l3num == AF_INET) {
		words[0] = backends_word(src[0], dst[0]);
		words[1] = rest;
		return backends_siphash(words, 2, key);
	}
	words[0] = backends_word(src[0], src[1]);
	words[1] = backends_word(src[2], src[3]);
	words[2] = backends_word(dst[0], dst[1]);
	words[3] = backends_word(dst[2], dst[3]);
	words[4] = rest;
	return backends_siphash(words, 5, key);
}

/* The member at a position on the line of all weights. */
static u32 set_at(const struct k8snet_set *set, u32 position)
{
	u32 lo = 0, hi = set->n - 1;

	if (!set->sums)
		return position;
	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (set->sums[mid] > position)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/*
 * The power of two choices: nearly as even as asking all of them, and no two
 * CPUs agree on one idle endpoint.
 */
static u32 set_less_busy(const struct k8snet_backends *b,
			 const struct k8snet_set *set)
{
	u32 i = reciprocal_scale(get_random_u32(), set->n);
	u32 j = reciprocal_scale(get_random_u32(), set->n - 1);
	const struct k8snet_backend *x, *y;

	j += j >= i;
	x = set_member(b, set, i);
	y = set_member(b, set, j);
	/* Were each to get this connection, which one had more for its weight? */
	if ((u64)(atomic_read(&x->endpoint->active) + 1) * y->weight >
	    (u64)(atomic_read(&y->endpoint->active) + 1) * x->weight)
		return j;
	return i;
}

static u32 set_best(const struct k8snet_backends *b,
		    const struct k8snet_set *set, u32 hash)
{
	u32 i, score, best = 0, at = 0;

	for (i = 0; i < set->n; i++) {
		score = backend_score(hash, set_member(b, set, i)->key);
		if (score >= best) {
			best = score;
			at = i;
		}
	}
	return at;
}

/**
 * k8snet_backends_pick() - choose the endpoint of a connection
 * @backends: the endpoints
 * @set: the one of their sets to choose from, not empty
 * @hash: of the connection, if k8snet_backends_want_hash()
 * @turn: whose turn it is in the service
 *
 * Context: RCU read side.
 */
struct k8snet_endpoint *k8snet_backends_pick(const struct k8snet_backends *backends,
					     const struct k8snet_set *set,
					     u32 hash, atomic_t *turn)
{
	u32 i = 0;

	if (set->n == 1)
		goto out;
	switch (backends->algorithm) {
	case K8SNET_ALGORITHM_MAGLEV:
		i = set->size ?
		    table_get(set, reciprocal_scale(hash, set->size)) :
		    set_best(backends, set, hash);
		break;
	case K8SNET_ALGORITHM_RANDOM:
		i = set_at(set, reciprocal_scale(get_random_u32(), set->total));
		break;
	case K8SNET_ALGORITHM_RR:
		i = (u32)atomic_inc_return(turn) % set->total;
		i = set_at(set, (u64)i * set->stride % set->total);
		break;
	case K8SNET_ALGORITHM_LC:
		i = set_less_busy(backends, set);
		break;
	}
out:
	return set_member(backends, set, i)->endpoint;
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

#include "selftest/backend.c"
