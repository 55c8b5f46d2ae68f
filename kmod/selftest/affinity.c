// SPDX-License-Identifier: GPL-2.0
/*
 * What clients are remembered against an array with a line for each client.
 */
#ifdef DEBUG

#include "selftest/selftest.h"

#include "service/service.h"

#define AFFINITY_SERVERS	16
/* More than may be remembered. */
#define AFFINITY_UNIVERSE	(AFFINITY_CLIENTS_MAX + 4000)
#define AFFINITY_SECONDS	86400

struct affinity_twin {
	u8 server;			/* where it goes, + 1; 0 for anywhere */
	u32 used;			/* when it was here last */
};

static struct k8snet_addr selftest_client(u32 i)
{
	struct k8snet_addr addr = k8snet_addr4(htonl(0x0b000000 + i));

	if (i & 1) {
		addr = (struct k8snet_addr) { .family = AF_INET6 };
		addr.ip6.s6_addr32[0] = htonl(0xfd000000);
		addr.ip6.s6_addr32[3] = htonl(i);
	}
	return addr;
}

/* The one that was away longest goes when there is no room. */
static void twin_evict(struct affinity_twin *twin)
{
	u32 i, oldest = U32_MAX, at = 0;

	for (i = 0; i < AFFINITY_UNIVERSE; i++) {
		if (!twin[i].server || twin[i].used >= oldest)
			continue;
		oldest = twin[i].used;
		at = i;
	}
	twin[at].server = 0;
}

static struct k8snet_backends *selftest_servers(struct k8snet_service *service,
						unsigned int without)
{
	struct k8snet_endpoint_conf conf[AFFINITY_SERVERS] = {};
	unsigned int i;

	for (i = 0; i < AFFINITY_SERVERS; i++) {
		conf[i].addr = k8snet_addr4(htonl(0x0af40000 + i));
		conf[i].port = htons(80);
		conf[i].weight = 1;
		if (i != without)
			conf[i].flags = K8SNET_ENDPOINT_FLAG_CLUSTER;
	}
	return k8snet_backends_build(service, conf, AFFINITY_SERVERS,
				     K8SNET_ALGORITHM_RANDOM, NULL);
}

struct affinity_test {
	struct k8snet_affinity *affinity;
	struct k8snet_backends *servers[AFFINITY_SERVERS + 1];
	struct affinity_twin *twin;
	u32 n;				/* clients in the twin */
	u32 clock;
	struct rnd_state rnd;
};

static void selftest_expire(struct affinity_test *t, u32 i)
{
	const struct k8snet_addr addr = selftest_client(i);
	struct client *c;

	spin_lock_bh(&t->affinity->lock);
	c = rhashtable_lookup_fast(&t->affinity->clients, &addr, params);
	if (c)
		c->until = jiffies - 1;
	spin_unlock_bh(&t->affinity->lock);
}

/* A connection of a client, with all servers but one in the set. */
static bool selftest_connect(struct affinity_test *t, u32 i, u32 without)
{
	const struct k8snet_addr addr = selftest_client(i);
	const struct k8snet_backends *servers = t->servers[without];
	struct k8snet_endpoint *e, *want = NULL;
	u32 server;

	if (t->twin[i].server && t->twin[i].server - 1 != without)
		want = servers->a[t->twin[i].server - 1].endpoint;
	rcu_read_lock();
	e = k8snet_affinity_get(t->affinity, &addr, servers,
				K8SNET_ENDPOINT_FLAG_CLUSTER, AFFINITY_SECONDS);
	rcu_read_unlock();
	if (e != want)
		return selftest_fail("client %u is%s sent to server %u", i,
				     e ? "" : " not", t->twin[i].server);
	t->clock++;
	if (want) {
		t->twin[i].used = t->clock;
		return true;
	}
	if (t->twin[i].server) {
		t->twin[i].server = 0;
		t->n--;
	}
	server = selftest_random(&t->rnd, AFFINITY_SERVERS);
	if (t->n == AFFINITY_CLIENTS_MAX)
		twin_evict(t->twin);
	else
		t->n++;
	k8snet_affinity_put(t->affinity, &addr, servers->a[server].endpoint,
			    AFFINITY_SECONDS);
	t->twin[i].server = server + 1;
	t->twin[i].used = t->clock;
	return true;
}

static bool selftest_clients(struct affinity_test *t)
{
	u32 n, i;

	for (n = 0; n < SELFTEST_OPS; n++) {
		/* At the end all clients come, and there is no room for all. */
		i = n < SELFTEST_OPS - AFFINITY_UNIVERSE ?
		    selftest_random(&t->rnd, AFFINITY_CLIENTS_MAX / 2) :
		    n - (SELFTEST_OPS - AFFINITY_UNIVERSE);
		if (!selftest_random(&t->rnd, 50)) {
			selftest_expire(t, i);
			if (t->twin[i].server) {
				t->twin[i].server = AFFINITY_SERVERS + 1;
				if (!selftest_connect(t, i, AFFINITY_SERVERS))
					return false;
				continue;
			}
		}
		if (!selftest_connect(t, i, selftest_random(&t->rnd, 4) ?
					    AFFINITY_SERVERS :
					    selftest_random(&t->rnd, AFFINITY_SERVERS)))
			return false;
		if (t->affinity->n != t->n)
			return selftest_fail("%u clients, not %u", t->affinity->n,
					     t->n);
		if (!(n % 64))
			cond_resched();
	}
	return true;
}

bool k8snet_affinity_selftest(void)
{
	struct k8snet_service *service;
	struct affinity_test *t;
	bool ok = false;
	unsigned int i;

	t = kzalloc(sizeof(*t), GFP_KERNEL);
	service = kzalloc(sizeof(*service), GFP_KERNEL);
	if (!t || !service)
		goto out;
	prandom_seed_state(&t->rnd, 4);
	refcount_set(&service->refs, 1);
	t->affinity = k8snet_affinity_create();
	t->twin = kvcalloc(AFFINITY_UNIVERSE, sizeof(*t->twin), GFP_KERNEL);
	ok = t->affinity && t->twin;
	for (i = 0; i <= AFFINITY_SERVERS; i++) {
		t->servers[i] = selftest_servers(service, i);
		ok = ok && t->servers[i];
	}
	ok = ok ? selftest_clients(t) : selftest_fail("no memory");
	for (i = 0; i <= AFFINITY_SERVERS; i++)
		k8snet_backends_free(t->servers[i]);
	k8snet_affinity_free_rcu(t->affinity);
	kvfree(t->twin);
out:
	kfree(service);
	kfree(t);
	return ok;
}

#endif
