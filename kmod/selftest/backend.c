// SPDX-License-Identifier: GPL-2.0
/*
 * The Maglev table against the one that the paper's text makes, with all
 * permutations written out; scores and the other algorithms against plain
 * counting.
 */
#ifdef DEBUG

#include "selftest/selftest.h"

#define BACKEND_ENDPOINTS	40
#define BACKEND_ROUNDS		40

/* Ordered by address and port, as k8snet_backends_build() wants them. */
static void selftest_endpoints(struct k8snet_endpoint_conf *conf, u32 n,
			       bool six, struct rnd_state *rnd)
{
	u32 i;

	memset(conf, 0, n * sizeof(*conf));
	for (i = 0; i < n; i++) {
		conf[i].addr = k8snet_addr4(htonl(0x0af40000 + i * 7));
		if (six) {
			conf[i].addr = (struct k8snet_addr) { .family = AF_INET6 };
			conf[i].addr.ip6.s6_addr32[0] = htonl(0xfd000000);
			conf[i].addr.ip6.s6_addr32[3] = htonl(i * 7);
		}
		conf[i].port = htons(1 + selftest_random(rnd, 60000));
		conf[i].weight = n > SCORES_MAX || n % 2 ?
				 1 + selftest_random(rnd, 100) : 1;
		conf[i].flags = K8SNET_ENDPOINT_FLAG_CLUSTER;
		if (selftest_random(rnd, 3))
			conf[i].flags |= K8SNET_ENDPOINT_FLAG_LOCAL;
	}
}

static u32 selftest_divisor(const u32 *weight, u32 n)
{
	u32 div, i;

	for (div = weight[0]; div > 1; div--) {
		for (i = 0; i < n && !(weight[i] % div); i++)
			;
		if (i == n)
			break;
	}
	return div;
}

/* The lines of the paper's figure: permutation, next, entry. */
static bool selftest_maglev(const struct k8snet_backends *b,
			    const struct k8snet_set *set, s16 *entry)
{
	u32 weight[BACKEND_ENDPOINTS], size = set->size, filled = 0, i, j, k;
	u32 *permutation, next[BACKEND_ENDPOINTS] = {};
	u64 hash;

	permutation = kvmalloc_array(set->n, size * sizeof(u32), GFP_KERNEL);
	if (!permutation)
		return selftest_fail("no memory");
	for (i = 0; i < set->n; i++) {
		weight[i] = set_member(b, set, i)->weight;
		hash = endpoint_hash(set_member(b, set, i)->endpoint);
		for (j = 0; j < size; j++)
			permutation[i * size + j] =
				((u32)hash % size +
				 j * (u64)((u32)(hash >> 32) % (size - 1) + 1)) %
				size;
	}
	for (j = 0; j < size; j++)
		entry[j] = -1;
	while (filled < size) {
		for (i = 0; i < set->n; i++) {
			k = weight[i] / selftest_divisor(weight, set->n);
			for (; k && filled < size; k--) {
				while (entry[permutation[i * size + next[i]]] >= 0)
					next[i]++;
				entry[permutation[i * size + next[i]]] = i;
				filled++;
			}
		}
	}
	kvfree(permutation);
	return true;
}

/* Each has its share of many hashes. */
static bool selftest_scores(const struct k8snet_backends *b,
			    const struct k8snet_set *set, unsigned int ops,
			    struct rnd_state *rnd)
{
	u32 i, k, hash, got[SCORES_MAX] = {};
	const struct k8snet_endpoint *e;
	atomic_t turn = ATOMIC_INIT(0);

	for (k = 0; k < ops; k++) {
		hash = prandom_u32_state(rnd);
		e = k8snet_backends_pick(b, set, hash, &turn);
		for (i = 0; i < set->n; i++)
			got[i] += set_member(b, set, i)->endpoint == e;
	}
	for (i = 0; ops > 8192 && i < set->n; i++)
		if (got[i] < ops / set->n * 8 / 10 ||
		    got[i] > ops / set->n * 12 / 10)
			return selftest_fail("of %u connections %u are of one endpoint of %u",
					     ops, got[i], set->n);
	return true;
}

static bool selftest_set_maglev(const struct k8snet_backends *b,
				const struct k8snet_set *set, unsigned int ops,
				struct rnd_state *rnd)
{
	const struct k8snet_endpoint *e;
	atomic_t turn = ATOMIC_INIT(0);
	bool ok = true;
	s16 *entry;
	u32 hash;

	if (set->n < 2)
		return true;
	if (!set->size)
		return selftest_scores(b, set, ops, rnd);
	entry = kvmalloc_array(set->size, sizeof(*entry), GFP_KERNEL);
	ok = entry && selftest_maglev(b, set, entry);
	while (ok && ops--) {
		hash = prandom_u32_state(rnd);
		rcu_read_lock();
		e = k8snet_backends_pick(b, set, hash, &turn);
		rcu_read_unlock();
		if (e != set_member(b, set, entry[(u64)hash * set->size >> 32])->endpoint)
			ok = selftest_fail("hash %#x of %u endpoints goes astray",
					   hash, set->n);
		if (!(ops % 256))
			cond_resched();
	}
	kvfree(entry);
	return ok;
}

/* In turn: each one its share, to the connection, in every full round. */
static bool selftest_set_rr(const struct k8snet_backends *b,
			    const struct k8snet_set *set)
{
	u32 weight[BACKEND_ENDPOINTS], got[BACKEND_ENDPOINTS] = {};
	const struct k8snet_endpoint *e;
	atomic_t turn = ATOMIC_INIT(0);
	u32 i, n, total = 0, div;

	if (!set->n)
		return true;
	for (i = 0; i < set->n; i++) {
		weight[i] = set_member(b, set, i)->weight;
		total += weight[i];
	}
	div = selftest_divisor(weight, set->n);
	for (n = 0; n < 3 * total / div; n++) {
		e = k8snet_backends_pick(b, set, 0, &turn);
		for (i = 0; i < set->n; i++)
			got[i] += set_member(b, set, i)->endpoint == e;
	}
	for (i = 0; i < set->n; i++)
		if (got[i] != 3 * weight[i] / div && set->n > 1)
			return selftest_fail("of %u turns %u are of one with weight %u",
					     n, got[i], weight[i]);
	return true;
}

/* At random: never one that is not in the set. */
static bool selftest_set_any(const struct k8snet_backends *b,
			     const struct k8snet_set *set, unsigned int ops,
			     u32 flag)
{
	const struct k8snet_endpoint *e;
	atomic_t turn = ATOMIC_INIT(0);
	u32 i;

	while (set->n && ops--) {
		e = k8snet_backends_pick(b, set, 0, &turn);
		for (i = 0; i < b->n && b->a[i].endpoint != e; i++)
			;
		if (i == b->n || !(b->a[i].flags & flag))
			return selftest_fail("an endpoint that is not in the set");
	}
	return true;
}

static bool selftest_find(const struct k8snet_backends *b,
			  const struct k8snet_endpoint_conf *conf,
			  struct rnd_state *rnd)
{
	struct k8snet_addr addr;
	__be16 port;
	u32 i;
	int at;

	for (i = 0; i < b->n; i++) {
		if (k8snet_backends_find(b, &conf[i].addr, conf[i].port) != i)
			return selftest_fail("endpoint %u is not found", i);
		addr = conf[i].addr;
		if (addr.family == AF_INET)
			addr.ip ^= htonl(1 << selftest_random(rnd, 32));
		port = conf[i].port;
		if (addr.family == AF_INET6)
			port ^= htons(1 << selftest_random(rnd, 16));
		at = k8snet_backends_find(b, &addr, port);
		if (at >= 0 && (!k8snet_addr_equal(&conf[at].addr, &addr) ||
				conf[at].port != port))
			return selftest_fail("what is not there is found");
	}
	return true;
}

static __le64 selftest_word(const __be32 *at)
{
	return cpu_to_le64((u64)ntohl(at[0]) << 32 | ntohl(at[1]));
}

/* Against the kernel's SipHash-1-3, of the same words. */
static bool selftest_connection(u16 family, struct rnd_state *rnd)
{
	struct nf_conntrack_tuple tuple = { .src.l3num = family };
	unsigned int n = family == AF_INET ? 1 : 4, i;
	siphash_key_t key;
	__le64 words[5];
	u64 rest;

	prandom_bytes_state(rnd, &key, sizeof(key));
	prandom_bytes_state(rnd, tuple.src.u3.ip6, n * sizeof(u32));
	prandom_bytes_state(rnd, tuple.dst.u3.ip6, n * sizeof(u32));
	tuple.src.u.all = htons(selftest_random(rnd, 65536));
	tuple.dst.u.all = htons(selftest_random(rnd, 65536));
	tuple.dst.protonum = selftest_random(rnd, 256);
	rest = (u64)ntohs(tuple.src.u.all) << 32 |
	       (u64)ntohs(tuple.dst.u.all) << 16 | tuple.dst.protonum;
	if (family == AF_INET) {
		words[0] = cpu_to_le64((u64)ntohl(tuple.src.u3.ip) << 32 |
				       ntohl(tuple.dst.u3.ip));
		words[1] = cpu_to_le64(rest);
	} else {
		for (i = 0; i < 2; i++) {
			words[i] = selftest_word(&tuple.src.u3.ip6[i * 2]);
			words[i + 2] = selftest_word(&tuple.dst.u3.ip6[i * 2]);
		}
		words[4] = cpu_to_le64(rest);
	}
	return BITS_PER_LONG != 64 ||
	       k8snet_backends_hash(&tuple, &key) ==
	       hsiphash(words, family == AF_INET ? 16 : 40,
			(const hsiphash_key_t *)&key) ||
	       selftest_fail("another hash");
}

static bool selftest_round(struct k8snet_service *service, u32 algorithm,
			   unsigned int ops, struct rnd_state *rnd)
{
	struct k8snet_endpoint_conf conf[BACKEND_ENDPOINTS];
	u32 n = selftest_random(rnd, BACKEND_ENDPOINTS + 1);
	struct k8snet_backends *b, *again;
	bool ok;

	selftest_endpoints(conf, n, selftest_random(rnd, 2), rnd);
	b = k8snet_backends_build(service, conf, n, algorithm, NULL);
	if (!b)
		return selftest_fail("no memory");
	ok = selftest_find(b, conf, rnd);
	if (ok && algorithm == K8SNET_ALGORITHM_MAGLEV)
		ok = selftest_set_maglev(b, &b->cluster, ops / 2, rnd) &&
		     selftest_set_maglev(b, &b->local, ops / 2, rnd);
	else if (ok && algorithm == K8SNET_ALGORITHM_RR)
		ok = selftest_set_rr(b, &b->cluster) &&
		     selftest_set_rr(b, &b->local);
	ok = ok && selftest_set_any(b, &b->cluster, 500,
				    K8SNET_ENDPOINT_FLAG_CLUSTER) &&
	     selftest_set_any(b, &b->local, 500, K8SNET_ENDPOINT_FLAG_LOCAL);
	/* Endpoints that stay are the same ones in the next record. */
	again = k8snet_backends_build(service, conf, n, algorithm, b);
	if (!again)
		ok = selftest_fail("no memory");
	else if (n && again->a[n / 2].endpoint != b->a[n / 2].endpoint)
		ok = selftest_fail("an endpoint has lost its counters");
	k8snet_backends_free(again);
	k8snet_backends_free(b);
	return ok;
}

bool k8snet_backend_selftest(void)
{
	struct k8snet_service *service;
	struct rnd_state rnd;
	unsigned int n;
	bool ok = true;

	prandom_seed_state(&rnd, 3);
	service = kzalloc(sizeof(*service), GFP_KERNEL);
	if (!service)
		return selftest_fail("no memory");
	refcount_set(&service->refs, 1);
	for (n = 0; ok && n < SELFTEST_OPS / 100; n++)
		ok = selftest_connection(AF_INET, &rnd) &&
		     selftest_connection(AF_INET6, &rnd);
	for (n = 0; ok && n < BACKEND_ROUNDS; n++)
		ok = selftest_round(service, K8SNET_ALGORITHM_MAGLEV,
				    SELFTEST_OPS / BACKEND_ROUNDS, &rnd) &&
		     selftest_round(service, K8SNET_ALGORITHM_RR, 0, &rnd) &&
		     selftest_round(service, K8SNET_ALGORITHM_RANDOM, 0, &rnd) &&
		     selftest_round(service, K8SNET_ALGORITHM_LC, 0, &rnd);
	if (ok && refcount_read(&service->refs) != 1)
		ok = selftest_fail("%u references to the service are left",
				   refcount_read(&service->refs) - 1);
	kfree(service);
	return ok;
}

#endif
