// SPDX-License-Identifier: GPL-2.0
/*
 * The services of a namespace of its own, which no packet enters, against lists
 * that are walked to their end; changes come in transactions.
 */
#ifdef DEBUG

#include "selftest/selftest.h"
#include "service/change.h"
#include "service/commit.h"

#define SERVICE_NAMES		48
#define SERVICE_FRONTENDS	6
#define SERVICE_ENDPOINTS	8

struct service_twin {
	bool there;
	u8 protocol;
	unsigned int n_frontends;
	struct k8snet_frontend_conf frontends[SERVICE_FRONTENDS];
	unsigned int n_endpoints;
	struct k8snet_endpoint_conf endpoints[SERVICE_ENDPOINTS];
};

struct service_test {
	struct k8snet_net *kn;
	struct k8snet_service_conf *conf;
	struct k8snet_changes changes;
	struct service_twin twin[SERVICE_NAMES];
	struct service_twin before[SERVICE_NAMES];
	struct service_twin want;
	struct rnd_state rnd;
	unsigned int written;
};

static struct k8snet_addr selftest_vip(struct rnd_state *rnd)
{
	struct k8snet_addr addr = { .family = AF_INET6 };
	u32 i = selftest_random(rnd, 12);

	if (selftest_random(rnd, 2))
		return k8snet_addr4(htonl(0x0a600000 + i));
	addr.ip6.s6_addr32[0] = htonl(0xfd000000);
	addr.ip6.s6_addr32[3] = htonl(i);
	return addr;
}

static u8 selftest_protocol(struct rnd_state *rnd)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

	return protocols[selftest_random(rnd, ARRAY_SIZE(protocols))];
}

static void selftest_frontend(struct k8snet_frontend_conf *f,
			      struct rnd_state *rnd)
{
	f->addr = selftest_vip(rnd);
	f->port = htons(80 + selftest_random(rnd, 8));
	f->type = selftest_random(rnd, K8SNET_FRONTEND_TYPE_EXTERNAL + 1);
	if (f->type == K8SNET_FRONTEND_TYPE_NODE_PORT)
		f->addr = (struct k8snet_addr) { .family = f->addr.family };
}

static bool twin_has(const struct service_twin *s, u8 protocol,
		     const struct k8snet_addr *addr, __be16 port)
{
	unsigned int i;

	for (i = 0; s->there && i < s->n_frontends; i++)
		if (s->protocol == protocol && s->frontends[i].port == port &&
		    s->frontends[i].addr.family == addr->family &&
		    !memcmp(&s->frontends[i].addr.ip6, &addr->ip6,
			    sizeof(addr->ip6)))
			return true;
	return false;
}

/* Is this a list that may be written? */
static bool twin_takes(const struct service_test *t, unsigned int name,
		       const struct service_twin *want)
{
	unsigned int i, j;

	for (i = 0; i < want->n_frontends; i++) {
		const struct k8snet_frontend_conf *f = &want->frontends[i];

		for (j = 0; j < SERVICE_NAMES; j++)
			if (j != name && twin_has(&t->twin[j], want->protocol,
						  &f->addr, f->port))
				return false;
		for (j = 0; j < i; j++)
			if (want->frontends[j].port == f->port &&
			    k8snet_addr_equal(&want->frontends[j].addr, &f->addr))
				return false;
	}
	for (i = 0; i < want->n_endpoints; i++)
		for (j = 0; j < i; j++)
			if (want->endpoints[i].port == want->endpoints[j].port &&
			    k8snet_addr_equal(&want->endpoints[i].addr,
					      &want->endpoints[j].addr))
				return false;
	return true;
}

static void selftest_want(struct service_twin *want, struct rnd_state *rnd)
{
	unsigned int i;

	memset(want, 0, sizeof(*want));
	want->there = true;
	want->protocol = selftest_protocol(rnd);
	want->n_frontends = 1 + selftest_random(rnd, SERVICE_FRONTENDS);
	for (i = 0; i < want->n_frontends; i++)
		selftest_frontend(&want->frontends[i], rnd);
	want->n_endpoints = selftest_random(rnd, SERVICE_ENDPOINTS + 1);
	for (i = 0; i < want->n_endpoints; i++) {
		want->endpoints[i].addr = selftest_vip(rnd);
		want->endpoints[i].port = htons(8000 + selftest_random(rnd, 16));
		want->endpoints[i].weight = 1 + selftest_random(rnd, 100);
		want->endpoints[i].flags = selftest_random(rnd, 16);
	}
}

static bool selftest_write(struct service_test *t, unsigned int name,
			   const char *text)
{
	struct k8snet_service_conf *conf = t->conf;
	bool replace = selftest_random(&t->rnd, 2);
	struct k8snet_refusal refusal = {};
	struct service_twin *want = &t->want;
	bool may;
	int err;

	selftest_want(want, &t->rnd);
	may = (replace || !t->twin[name].there) && twin_takes(t, name, want);
	memset(conf, 0, sizeof(*conf));
	conf->name = text;
	conf->protocol = want->protocol;
	conf->rules.algorithm = selftest_random(&t->rnd, K8SNET_ALGORITHM_LC + 1);
	conf->rules.affinity = selftest_random(&t->rnd, 2) * 60;
	conf->rules.on_remove = selftest_random(&t->rnd, 2);
	conf->n_frontends = want->n_frontends;
	memcpy(conf->frontends, want->frontends, sizeof(want->frontends));
	conf->n_endpoints = want->n_endpoints;
	conf->endpoints = want->endpoints;
	err = k8snet_change_write(t->kn, &t->changes, conf, replace, &refusal);
	if (!err != may)
		return selftest_fail("service %u: %d (%s)", name, err,
				     refusal.text ?: "-");
	if (may) {
		t->twin[name] = *want;
		t->written++;
	}
	return true;
}

static int twin_endpoint(const struct service_twin *s,
			 const struct k8snet_addr *addr, __be16 port)
{
	unsigned int i;

	for (i = 0; i < s->n_endpoints; i++)
		if (s->endpoints[i].port == port &&
		    k8snet_addr_equal(&s->endpoints[i].addr, addr))
			return i;
	return -1;
}

static bool selftest_endpoint(struct service_test *t, unsigned int name,
			      const char *text)
{
	struct service_twin *s = &t->twin[name];
	struct k8snet_refusal refusal = {};
	struct k8snet_endpoint_conf e;
	bool may, replace;
	int i, err;

	selftest_want(&t->want, &t->rnd);
	e = t->want.endpoints[0];
	if (!t->want.n_endpoints || s->n_endpoints == SERVICE_ENDPOINTS)
		return true;
	i = twin_endpoint(s, &e.addr, e.port);
	if (i < 0 && s->n_endpoints && selftest_random(&t->rnd, 2)) {
		/* One that is there goes. */
		i = selftest_random(&t->rnd, s->n_endpoints);
		err = k8snet_change_del_endpoint(t->kn, &t->changes, text,
						 &s->endpoints[i].addr,
						 s->endpoints[i].port, &refusal);
		s->endpoints[i] = s->endpoints[--s->n_endpoints];
		return !err || selftest_fail("service %u: an endpoint does not go: %d",
					     name, err);
	}
	replace = selftest_random(&t->rnd, 2);
	may = replace || i < 0;
	err = k8snet_change_add_endpoint(t->kn, &t->changes, text, &e, replace,
					 &refusal);
	if (!err != may)
		return selftest_fail("service %u: an endpoint: %d", name, err);
	if (may)
		s->endpoints[i < 0 ? s->n_endpoints++ : i] = e;
	return true;
}

static bool selftest_change(struct service_test *t)
{
	unsigned int name = selftest_random(&t->rnd, SERVICE_NAMES);
	struct k8snet_refusal refusal = {};
	char text[16];
	int err;

	snprintf(text, sizeof(text), "test/%u", name);
	switch (selftest_random(&t->rnd, 4)) {
	case 0:
		err = k8snet_change_del(t->kn, &t->changes, text, &refusal);
		if (!err != t->twin[name].there)
			return selftest_fail("service %u does not go: %d", name, err);
		t->twin[name].there = false;
		return true;
	case 1:
		if (t->twin[name].there)
			return selftest_endpoint(t, name, text);
		fallthrough;
	default:
		return selftest_write(t, name, text);
	}
}

/* Has a service what its twin has? */
static bool selftest_same(struct service_test *t, unsigned int name)
{
	const struct service_twin *twin = &t->twin[name];
	const struct k8snet_backends *b[2];
	struct k8snet_service *service;
	unsigned int i, family;
	char text[16];
	int at;

	snprintf(text, sizeof(text), "test/%u", name);
	service = k8snet_service_by_name(t->kn, text);
	if (!service != !twin->there)
		return selftest_fail("service %u is%s there", name,
				     service ? "" : " not");
	if (!service)
		return true;
	for (family = 0; family < 2; family++)
		b[family] = rcu_dereference_protected(service->backends[family],
						      lockdep_is_held(&t->kn->lock));
	if (b[0]->n + b[1]->n != twin->n_endpoints)
		return selftest_fail("service %u has %u endpoints, not %u", name,
				     b[0]->n + b[1]->n, twin->n_endpoints);
	for (i = 0; i < twin->n_endpoints; i++) {
		const struct k8snet_endpoint_conf *e = &twin->endpoints[i];

		family = k8snet_service_family(e->addr.family);
		at = k8snet_backends_find(b[family], &e->addr, e->port);
		if (at < 0 || b[family]->a[at].weight != e->weight ||
		    b[family]->a[at].flags != e->flags)
			return selftest_fail("service %u: an endpoint is another",
					     name);
	}
	return true;
}

/* Some changes that are made together, or forgotten. */
static bool selftest_transaction(struct service_test *t)
{
	unsigned int n = 1 + selftest_random(&t->rnd, 6);
	bool forget = !selftest_random(&t->rnd, 4);
	bool ok = true;

	memcpy(t->before, t->twin, sizeof(t->twin));
	if (k8snet_changes_init(&t->changes, true))
		return selftest_fail("no memory");
	while (ok && n--)
		ok = selftest_change(t);
	if (ok && forget)
		memcpy(t->twin, t->before, sizeof(t->twin));
	else if (ok && k8snet_commit(t->kn, &t->changes))
		ok = selftest_fail("%u services cannot be changed", n);
	k8snet_changes_free(&t->changes);
	for (n = 0; ok && n < SERVICE_NAMES; n++)
		ok = selftest_same(t, n);
	return ok;
}

static int twin_lookup(const struct service_test *t,
		       const struct k8snet_frontend_key *key)
{
	const struct k8snet_addr any = { .family = key->addr.family };
	unsigned int i;

	for (i = 0; i < SERVICE_NAMES; i++)
		if (twin_has(&t->twin[i], key->protocol, &key->addr, key->port))
			return i;
	if (key->addr.family != AF_INET || key->addr.ip != htonl(INADDR_LOOPBACK))
		return -1;
	for (i = 0; i < SERVICE_NAMES; i++)
		if (twin_has(&t->twin[i], key->protocol, &any, key->port))
			return i;
	return -1;
}

static bool selftest_lookup(struct service_test *t)
{
	struct k8snet_frontend_key key = {
		.addr = selftest_vip(&t->rnd),
		.port = htons(80 + selftest_random(&t->rnd, 9)),
		.protocol = selftest_protocol(&t->rnd),
	};
	const struct k8snet_frontend *f;
	char text[16] = "";
	bool ok;
	int i;

	/* The address that the node ports of the test are at. */
	if (!selftest_random(&t->rnd, 4))
		key.addr = k8snet_addr4(htonl(INADDR_LOOPBACK));
	i = twin_lookup(t, &key);
	if (i >= 0)
		snprintf(text, sizeof(text), "test/%d", i);
	rcu_read_lock();
	f = k8snet_service_lookup(t->kn, &key);
	ok = !strcmp(f ? f->service->name : "", text);
	rcu_read_unlock();
	return ok ? true : selftest_fail("%pI4 port %u is%s of service %d",
				   &key.addr.ip, ntohs(key.port),
				   f ? "" : " not", i);
}

static bool selftest_services(struct service_test *t)
{
	unsigned int n;
	bool ok = true;

	for (n = 0; ok && n < SELFTEST_OPS; n++) {
		if (n % 64) {
			ok = selftest_lookup(t);
			continue;
		}
		mutex_lock(&t->kn->lock);
		ok = selftest_transaction(t);
		mutex_unlock(&t->kn->lock);
		cond_resched();
	}
	if (ok && t->written < SELFTEST_OPS / 64 / 20)
		ok = selftest_fail("%u services were written", t->written);
	return ok;
}

/* Node ports answer at 127.0.0.1, which is there while lo is up. */
static void selftest_config(struct k8snet_net *kn)
{
	struct k8snet_config *config = rcu_dereference_protected(kn->config, 1);

	config->nodeport_addrs.n = 1;
	config->nodeport_addrs.a[0] = (struct k8snet_prefix) {
		.family = AF_INET,
		.len = 8,
		.ip = htonl(0x7f000000),
	};
}

bool k8snet_service_selftest(void)
{
	struct service_test *t;
	struct k8snet_net *kn;
	bool ok = false;

	t = kvzalloc(sizeof(*t), GFP_KERNEL);
	kn = kzalloc(sizeof(*kn), GFP_KERNEL);
	if (!t || !kn)
		goto out;
	t->conf = kzalloc(sizeof(*t->conf), GFP_KERNEL);
	if (!t->conf)
		goto out;
	t->kn = kn;
	prandom_seed_state(&t->rnd, 5);
	kn->net = &init_net;
	mutex_init(&kn->lock);
	atomic_set(&kn->generation, 1);
	if (k8snet_config_init(kn))
		goto out;
	if (k8snet_services_init(&kn->services))
		goto out_config;
	if (k8snet_account_init(kn))
		goto out_services;
	/* As if it had its hooks. */
	kn->hooks = (struct k8snet_hooks *)kn;
	selftest_config(kn);
	ok = selftest_services(t);
	k8snet_account_stop(kn);
	k8snet_account_destroy(kn);
out_services:
	k8snet_services_destroy(kn);
out_config:
	k8snet_config_destroy(kn);
out:
	if (t)
		kfree(t->conf);
	kfree(kn);
	kvfree(t);
	return ok ? true : selftest_fail("services");
}

#endif
