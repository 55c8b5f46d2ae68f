// SPDX-License-Identifier: GPL-2.0
/*
 * The longest-prefix map against a list that is walked to its end.
 */
#ifdef DEBUG

#include "selftest/selftest.h"

#define PODNET_PREFIXES	256

struct podnet_twin {
	unsigned int n;
	struct {
		struct k8snet_prefix prefix;
		struct k8snet_node *node;
	} a[PODNET_PREFIXES];
};

/* A node is no more than a pointer here. */
static struct k8snet_node *selftest_node(struct rnd_state *rnd)
{
	return (struct k8snet_node *)(8ul * (1 + selftest_random(rnd, 50)));
}

/* Few addresses, so that prefixes nest and lookups hit. */
static struct k8snet_addr selftest_pod(struct rnd_state *rnd)
{
	struct k8snet_addr addr = { .family = AF_INET6 };
	u32 bits = prandom_u32_state(rnd) & prandom_u32_state(rnd);

	if (selftest_random(rnd, 2))
		return k8snet_addr4(htonl(bits & 0xf00f0f0f));
	addr.ip6.s6_addr32[0] = htonl(0xfd000000);
	addr.ip6.s6_addr32[1] = htonl(bits & 0x0f0f000f);
	addr.ip6.s6_addr32[3] = htonl(selftest_random(rnd, 4));
	return addr;
}

static struct k8snet_prefix selftest_prefix(struct rnd_state *rnd)
{
	struct k8snet_addr addr = selftest_pod(rnd);
	struct k8snet_prefix p = { .family = addr.family };

	p.len = selftest_random(rnd, k8snet_prefix_max(p.family) + 1);
	if (p.family == AF_INET)
		p.ip = addr.ip & inet_make_mask(p.len);
	else
		ipv6_addr_prefix(&p.ip6, &addr.ip6, p.len);
	return p;
}

static int twin_find(const struct podnet_twin *twin,
		     const struct k8snet_prefix *prefix)
{
	unsigned int i;

	for (i = 0; i < twin->n; i++)
		if (!memcmp(&twin->a[i].prefix, prefix, sizeof(*prefix)))
			return i;
	return -1;
}

/* Bit by bit, with none of the code that is tested. */
static bool twin_holds(const struct k8snet_prefix *prefix,
		       const struct k8snet_addr *addr)
{
	const u8 *a = (const u8 *)&prefix->ip6, *b = (const u8 *)&addr->ip6;
	unsigned int i;

	if (prefix->family != addr->family)
		return false;
	for (i = 0; i < prefix->len; i++)
		if ((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static struct k8snet_node *twin_lookup(const struct podnet_twin *twin,
				       const struct k8snet_addr *addr)
{
	struct k8snet_node *node = NULL;
	unsigned int i;
	int len = -1;

	for (i = 0; i < twin->n; i++) {
		if (twin->a[i].prefix.len <= len ||
		    !twin_holds(&twin->a[i].prefix, addr))
			continue;
		node = twin->a[i].node;
		len = twin->a[i].prefix.len;
	}
	return node;
}

static bool selftest_lookup(struct k8snet_podnet *podnet,
			    const struct podnet_twin *twin,
			    struct rnd_state *rnd)
{
	const struct k8snet_addr addr = selftest_pod(rnd);
	struct k8snet_node *node;

	rcu_read_lock();
	node = k8snet_podnet_lookup(podnet, &addr);
	rcu_read_unlock();
	if (node == twin_lookup(twin, &addr))
		return true;
	return selftest_fail("%pI4 (%pI6c) belongs to another node", &addr.ip,
			     &addr.ip6);
}

static bool selftest_change(struct k8snet_podnet *podnet,
			    struct podnet_twin *twin, struct rnd_state *rnd)
{
	struct k8snet_prefix prefix = selftest_prefix(rnd);
	struct k8snet_node *node = selftest_node(rnd);
	int i = twin_find(twin, &prefix);

	if (k8snet_podnet_find(podnet, &prefix) !=
	    (i < 0 ? NULL : twin->a[i].node))
		return selftest_fail("a prefix of length %u is another's",
				     prefix.len);
	if (i >= 0) {
		k8snet_podnet_move(podnet, &prefix, node);
		twin->a[i].node = node;
		return true;
	}
	if (twin->n < PODNET_PREFIXES && selftest_random(rnd, 2)) {
		if (k8snet_podnet_reserve(podnet, &prefix))
			return selftest_fail("no memory");
		/* Nobody must notice before it has a node. */
		for (i = 0; i < 4; i++)
			if (!selftest_lookup(podnet, twin, rnd))
				return false;
		if (!selftest_random(rnd, 4)) {
			k8snet_podnet_unreserve(podnet, &prefix);
			return true;
		}
		k8snet_podnet_move(podnet, &prefix, node);
		twin->a[twin->n].prefix = prefix;
		twin->a[twin->n++].node = node;
	} else if (twin->n) {
		i = selftest_random(rnd, twin->n);
		k8snet_podnet_del(podnet, &twin->a[i].prefix);
		twin->a[i] = twin->a[--twin->n];
	}
	return true;
}

bool k8snet_podnet_selftest(void)
{
	static struct k8snet_podnet podnet;
	static struct podnet_twin twin;
	struct rnd_state rnd;
	unsigned int n;
	bool ok = true;

	twin.n = 0;
	prandom_seed_state(&rnd, 2);
	if (k8snet_podnet_init(&podnet))
		return selftest_fail("no memory");
	for (n = 0; ok && n < SELFTEST_OPS; n += 64) {
		unsigned int i;

		rtnl_lock();
		for (i = 0; ok && i < 64; i++)
			ok = selftest_random(&rnd, 8) ?
			     selftest_lookup(&podnet, &twin, &rnd) :
			     selftest_change(&podnet, &twin, &rnd);
		rtnl_unlock();
		cond_resched();
	}
	k8snet_podnet_destroy(&podnet);
	return ok;
}

#endif
