// SPDX-License-Identifier: GPL-2.0
/*
 * Prepares changes of services: each one is checked against the tables as the
 * changes before it will leave them, and all that it needs is allocated. Nothing
 * that a reader can see is touched; see commit.c for that.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "name.h"
#include "netns.h"
#include "service/affinity.h"
#include "service/change.h"

static struct k8snet_backends *service_backends(struct k8snet_net *kn,
						struct k8snet_service *service,
						unsigned int family)
{
	return rcu_dereference_protected(service->backends[family],
					 lockdep_is_held(&kn->lock));
}

/**
 * k8snet_changes_init() - begin with no changes
 * @changes: the changes
 * @indexed: there will be more than one
 *
 * Return: 0, or -ENOMEM if @indexed.
 */
int k8snet_changes_init(struct k8snet_changes *changes, bool indexed)
{
	memset(changes, 0, sizeof(*changes));
	return k8snet_pending_init(&changes->pending, indexed);
}

/**
 * k8snet_changes_are_none() - is there nothing to do?
 * @changes: the changes
 */
bool k8snet_changes_are_none(const struct k8snet_changes *changes)
{
	return list_empty(&changes->pending.list) && !changes->config &&
	       !changes->has_egress && !changes->has_flows;
}

static void change_free(struct k8snet_change *change)
{
	unsigned int i;

	for (i = 0; i < change->n_claims; i++)
		k8snet_frontend_free(change->claims[i].frontend);
	kfree(change->claims);
	kfree(change->rules);
	k8snet_affinity_free_rcu(change->affinity);
	k8snet_backends_free(change->backends[0]);
	k8snet_backends_free(change->backends[1]);
	if (change->created) {
		/* It has its parts already, see change_move_parts(). */
		k8snet_affinity_free_rcu(rcu_dereference_protected(change->service->affinity,
								   1));
		k8snet_service_free_rcu(change->service);
	} else {
		k8snet_service_put(change->service);
	}
	kfree(change);
}

/**
 * k8snet_changes_free() - forget changes that were not made, or are made
 * @changes: the changes
 *
 * Context: process.
 */
void k8snet_changes_free(struct k8snet_changes *changes)
{
	struct k8snet_change *change, *next;

	list_for_each_entry_safe(change, next, &changes->pending.list,
				 pending.list) {
		change_free(change);
		cond_resched();
	}
	k8snet_pending_destroy(&changes->pending);
	kfree(changes->config);
	kfree(changes->egress);
}

static u32 key_hash(const struct k8snet_frontend_key *key)
{
	return jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), 0);
}

static u32 name_hash(const char *name)
{
	return k8snet_name_hash(name, 0, 0);
}

static struct k8snet_change *change_find(const struct k8snet_changes *changes,
					 const char *name)
{
	struct k8snet_change *change;

	if (!changes->pending.indexed)
		return NULL;
	k8snet_index_for_each(&changes->pending.by_name, change, pending.by_name,
			      name_hash(name))
		if (!strcmp(change->service->name, name))
			return change;
	return NULL;
}

static struct k8snet_claim *claim_find(const struct k8snet_changes *changes,
				       const struct k8snet_frontend_key *key)
{
	struct k8snet_claim *claim;

	if (!changes->pending.indexed)
		return NULL;
	k8snet_index_for_each(&changes->pending.by_key, claim, pending.by_key,
			      key_hash(key))
		if (!memcmp(&claim->key, key, sizeof(*key)))
			return claim;
	return NULL;
}

/* Takes the place of an earlier change of the service, if there is one. */
static void change_link(struct k8snet_changes *changes,
			struct k8snet_change *change, struct k8snet_change *old)
{
	if (old) {
		k8snet_pending_unlink(&changes->pending, &old->pending);
		change_free(old);
	}
	k8snet_pending_link(&changes->pending, &change->pending,
			    name_hash(change->service->name));
}

/* A service as the changes so far will leave it. */
struct view {
	struct k8snet_service *service;	/* also one that is to be removed */
	struct k8snet_change *change;
	bool exists;
};

static struct view view_of(struct k8snet_net *kn,
			   const struct k8snet_changes *changes,
			   const char *name)
{
	struct view v = { .change = change_find(changes, name) };

	v.service = v.change ? v.change->service :
			       k8snet_service_by_name(kn, name);
	v.exists = v.service && !(v.change && v.change->removed);
	return v;
}

static struct k8snet_backends *view_backends(struct k8snet_net *kn,
					     const struct view *v,
					     unsigned int family)
{
	if (v->change && v->change->backends[family])
		return v->change->backends[family];
	return service_backends(kn, v->service, family);
}

static u32 view_algorithm(struct k8snet_net *kn, const struct view *v)
{
	const struct k8snet_rules *rules = v->change ? v->change->rules : NULL;

	if (!rules)
		rules = rcu_dereference_protected(v->service->rules,
						  lockdep_is_held(&kn->lock));
	return rules->algorithm;
}

static int conf_cmp(const void *pa, const void *pb)
{
	const struct k8snet_endpoint_conf *a = pa, *b = pb;
	int cmp = k8snet_addr_cmp(&a->addr, &b->addr);

	return cmp ?: (int)ntohs(a->port) - (int)ntohs(b->port);
}

/* Puts the endpoints in order, too: the second of two equal ones is named. */
static int service_check_endpoints(struct k8snet_endpoint_conf *e,
				   unsigned int n,
				   struct k8snet_refusal *refusal)
{
	unsigned int i;

	if (n > K8SNET_ENDPOINTS_MAX)
		return k8snet_refuse(refusal, -E2BIG, K8SNET_FIELD_ENDPOINT,
				     K8SNET_ENDPOINTS_MAX,
				     "a service has 4096 endpoints at most");
	for (i = 0; i < n; i++) {
		if (!k8snet_addr_is_host(&e[i].addr))
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_ENDPOINT, e[i].index,
					     "the address of an endpoint must be a unicast address");
		if (!e[i].port)
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_ENDPOINT_PORT,
					     e[i].index,
					     "the port of an endpoint must be 1 to 65535");
		if (!e[i].weight || e[i].weight > K8SNET_WEIGHT_MAX)
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_ENDPOINT_WEIGHT,
					     e[i].index,
					     "the weight of an endpoint must be 1 to 100");
	}
	sort(e, n, sizeof(*e), conf_cmp, NULL);
	for (i = 1; i < n; i++)
		if (!conf_cmp(&e[i - 1], &e[i]))
			return k8snet_refuse(refusal, -EEXIST,
					     K8SNET_FIELD_ENDPOINT,
					     max(e[i - 1].index, e[i].index),
					     "the service has this endpoint twice");
	return 0;
}

/* Those of IPv4 come first. */
static unsigned int count_ipv4(const struct k8snet_endpoint_conf *e,
			       unsigned int n)
{
	unsigned int i = 0;

	while (i < n && e[i].addr.family == AF_INET)
		i++;
	return i;
}

static struct k8snet_frontend_key
frontend_key(const struct k8snet_service_conf *conf, unsigned int i)
{
	return (struct k8snet_frontend_key) {
		.addr = conf->frontends[i].addr,
		.port = conf->frontends[i].port,
		.protocol = conf->protocol,
	};
}

static bool key_equal(const struct k8snet_frontend_key *a,
		      const struct k8snet_frontend_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Will another service have it? */
static bool frontend_is_taken(struct k8snet_net *kn,
			      const struct k8snet_changes *changes,
			      const struct k8snet_frontend_key *key,
			      const struct view *v)
{
	const struct k8snet_claim *claim = claim_find(changes, key);
	const struct k8snet_change *change;
	const struct k8snet_frontend *f;

	if (claim)
		return claim->change != v->change;
	f = k8snet_frontend_find(kn, key);
	if (!f || f->service == v->service)
		return false;
	/* One that is removed, or has got other frontends, claims it no more. */
	change = change_find(changes, f->service->name);
	return !change || !(change->removed || change->configured);
}

static int service_check_frontend(struct k8snet_net *kn,
				  const struct k8snet_changes *changes,
				  const struct k8snet_service_conf *conf,
				  const struct view *v,
				  unsigned int i, struct k8snet_refusal *refusal)
{
	struct k8snet_frontend_key key = frontend_key(conf, i), before;
	unsigned int j;

	if (conf->frontends[i].type == K8SNET_FRONTEND_TYPE_NODE_PORT) {
		if (!k8snet_frontend_is_any(&key))
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_FRONTEND, i,
					     "a node port has no address of its own; give 0.0.0.0 or ::");
	} else if (!k8snet_addr_is_host(&key.addr)) {
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_FRONTEND, i,
				     "the address of a frontend must be a unicast address");
	}
	if (!key.port)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_FRONTEND, i,
				     "the port of a frontend must be 1 to 65535");
	for (j = 0; j < i; j++) {
		before = frontend_key(conf, j);
		if (key_equal(&before, &key))
			return k8snet_refuse(refusal, -EEXIST,
					     K8SNET_FIELD_FRONTEND, i,
					     "the service has this frontend twice");
	}
	if (frontend_is_taken(kn, changes, &key, v))
		return k8snet_refuse(refusal, -EADDRINUSE,
				     K8SNET_FIELD_FRONTEND, i,
				     "another service has this frontend");
	return 0;
}

static int service_check(struct k8snet_net *kn,
			 const struct k8snet_changes *changes,
			 struct k8snet_service_conf *conf, const struct view *v,
			 struct k8snet_refusal *refusal)
{
	unsigned int i;
	int err;

	if (!conf->n_frontends)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NONE, 0,
				     "a service needs at least one frontend");
	for (i = 0; i < conf->n_frontends; i++) {
		err = service_check_frontend(kn, changes, conf, v, i,
					     refusal);
		if (err)
			return err;
	}
	return service_check_endpoints(conf->endpoints, conf->n_endpoints,
				       refusal);
}

/* What a reader needs of a service, but for its frontends. */
static struct k8snet_rules *rules_build(const struct k8snet_service_conf *conf)
{
	unsigned int n = conf->ranges ? conf->ranges->n : 0;
	struct k8snet_rules *rules;

	rules = kzalloc(struct_size(rules, ranges, n), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return NULL;
	*rules = conf->rules;
	rules->n_ranges = n;
	if (n)
		memcpy(rules->ranges, conf->ranges->a,
		       flex_array_size(rules, ranges, n));
	return rules;
}

static int change_build_backends(struct k8snet_net *kn,
				 struct k8snet_change *change,
				 const struct k8snet_service_conf *conf,
				 const struct view *v)
{
	const struct k8snet_endpoint_conf *e = conf->endpoints;
	unsigned int split = count_ipv4(e, conf->n_endpoints);
	unsigned int family;

	for (family = 0; family < 2; family++) {
		change->backends[family] =
			k8snet_backends_build(change->service, e,
					      family ? conf->n_endpoints - split :
						       split,
					      conf->rules.algorithm,
					      change->created ? NULL :
					      view_backends(kn, v, family));
		if (!change->backends[family])
			return -ENOMEM;
		e += split;
	}
	return 0;
}

/* A frontend that is there as it should be stays where it is. */
static bool claim_is_served(struct k8snet_net *kn,
			    const struct k8snet_claim *claim)
{
	const struct k8snet_frontend *f = k8snet_frontend_find(kn, &claim->key);

	return f && f->service == claim->change->service &&
	       f->type == claim->type;
}

static int change_build_claims(struct k8snet_net *kn,
			       struct k8snet_change *change,
			       const struct k8snet_service_conf *conf)
{
	unsigned int i;

	change->claims = kcalloc(conf->n_frontends, sizeof(*change->claims),
				 GFP_KERNEL_ACCOUNT);
	if (!change->claims)
		return -ENOMEM;
	for (i = 0; i < conf->n_frontends; i++) {
		struct k8snet_claim *claim = &change->claims[i];

		claim->key = frontend_key(conf, i);
		claim->type = conf->frontends[i].type;
		claim->change = change;
		change->n_claims++;
		k8snet_pending_claim(&change->pending, &claim->pending,
				     key_hash(&claim->key));
		if (claim_is_served(kn, claim))
			continue;
		claim->frontend = k8snet_frontend_alloc(&claim->key, claim->type);
		if (!claim->frontend)
			return -ENOMEM;
	}
	return 0;
}

/* A service that no reader has seen has its parts at once, all but the rules. */
static void change_move_parts(struct k8snet_change *change)
{
	struct k8snet_service *service = change->service;

	RCU_INIT_POINTER(service->backends[0], change->backends[0]);
	RCU_INIT_POINTER(service->backends[1], change->backends[1]);
	RCU_INIT_POINTER(service->affinity, change->affinity);
	change->backends[0] = NULL;
	change->backends[1] = NULL;
	change->affinity = NULL;
}

static struct k8snet_change *change_alloc(const struct view *v,
					  const struct k8snet_service_conf *conf)
{
	struct k8snet_change *change;

	change = kzalloc(sizeof(*change), GFP_KERNEL_ACCOUNT);
	if (!change)
		return NULL;
	/* One that is in no table yet is made anew. */
	change->created = !v->service || (v->change && v->change->created);
	if (!change->created) {
		change->service = v->service;
		refcount_inc(&change->service->refs);
		return change;
	}
	change->service = k8snet_service_alloc(conf->name, conf->protocol);
	if (change->service)
		return change;
	kfree(change);
	return NULL;
}

static struct k8snet_change *
change_build(struct k8snet_net *kn, const struct view *v,
	     const struct k8snet_service_conf *conf)
{
	struct k8snet_change *change;

	change = change_alloc(v, conf);
	if (!change)
		return NULL;
	change->configured = true;
	change->protocol = conf->protocol;
	change->rules = rules_build(conf);
	if (!change->rules || change_build_claims(kn, change, conf) ||
	    change_build_backends(kn, change, conf, v))
		goto err_free;
	if (conf->rules.affinity &&
	    !rcu_access_pointer(change->service->affinity)) {
		change->affinity = k8snet_affinity_create();
		if (!change->affinity)
			goto err_free;
	}
	if (change->created)
		change_move_parts(change);
	return change;

err_free:
	change_free(change);
	return NULL;
}

/**
 * k8snet_change_write() - prepare to add a service port, or to change one
 * @kn: the namespace
 * @changes: where the change goes
 * @conf: the settings; the endpoints are put in order
 * @replace: false refuses a name that is there
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_change_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_service_conf *conf, bool replace,
			struct k8snet_refusal *refusal)
{
	struct k8snet_change *change;
	struct view v;
	int err;

	lockdep_assert_held(&kn->lock);
	if (!*conf->name)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a service must not be empty");
	if (!k8snet_name_is_text(conf->name))
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a service must be printable ASCII without spaces");
	v = view_of(kn, changes, conf->name);
	if (v.exists && !replace)
		return k8snet_refuse(refusal, -EEXIST, K8SNET_FIELD_NAME, 0,
				     "there is a service of this name; replace changes it");
	err = service_check(kn, changes, conf, &v, refusal);
	if (err)
		return err;
	change = change_build(kn, &v, conf);
	if (!change)
		return -ENOMEM;
	change_link(changes, change, v.change);
	return 0;
}

static int view_need(const struct view *v, struct k8snet_refusal *refusal)
{
	if (v->exists)
		return 0;
	return k8snet_refuse(refusal, -ENOENT, K8SNET_FIELD_NAME, 0,
			     "there is no service of this name");
}

/**
 * k8snet_change_del() - prepare to remove a service port
 * @kn: the namespace
 * @changes: where the change goes
 * @name: its name
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_change_del(struct k8snet_net *kn, struct k8snet_changes *changes,
		      const char *name, struct k8snet_refusal *refusal)
{
	struct view v = view_of(kn, changes, name);
	struct k8snet_change *change;
	int err;

	lockdep_assert_held(&kn->lock);
	err = view_need(&v, refusal);
	if (err)
		return err;
	if (v.change && v.change->created) {
		k8snet_pending_unlink(&changes->pending, &v.change->pending);
		change_free(v.change);
		return 0;
	}
	change = change_alloc(&v, NULL);
	if (!change)
		return -ENOMEM;
	change->removed = true;
	change_link(changes, change, v.change);
	return 0;
}

/* The endpoints of a service as a user would write them, and room for one. */
static struct k8snet_endpoint_conf *
endpoints_list(const struct k8snet_backends *backends)
{
	struct k8snet_endpoint_conf *list;
	unsigned int i;

	list = kvcalloc(backends->n + 1, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return NULL;
	for (i = 0; i < backends->n; i++) {
		const struct k8snet_backend *b = &backends->a[i];

		list[i] = (struct k8snet_endpoint_conf) {
			.addr = b->endpoint->addr,
			.port = b->endpoint->port,
			.weight = b->weight,
			.flags = b->flags,
		};
	}
	return list;
}

static int change_endpoints(struct k8snet_net *kn,
			    struct k8snet_changes *changes, struct view *v,
			    unsigned int family,
			    const struct k8snet_endpoint_conf *list,
			    unsigned int n)
{
	struct k8snet_backends *backends, *old = view_backends(kn, v, family);
	struct k8snet_change *change = v->change;

	backends = k8snet_backends_build(v->service, list, n,
					 view_algorithm(kn, v), old);
	if (!backends)
		return -ENOMEM;
	if (!change) {
		change = change_alloc(v, NULL);
		if (!change) {
			k8snet_backends_free(backends);
			return -ENOMEM;
		}
		change_link(changes, change, NULL);
	}
	if (change->created) {
		RCU_INIT_POINTER(change->service->backends[family], backends);
		k8snet_backends_free(old);
	} else {
		k8snet_backends_free(change->backends[family]);
		change->backends[family] = backends;
	}
	return 0;
}

/**
 * k8snet_change_add_endpoint() - prepare to add one endpoint to a service port
 * @kn: the namespace
 * @changes: where the change goes
 * @name: the service
 * @endpoint: the endpoint
 * @replace: false refuses one that is there
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_change_add_endpoint(struct k8snet_net *kn,
			       struct k8snet_changes *changes, const char *name,
			       const struct k8snet_endpoint_conf *endpoint,
			       bool replace, struct k8snet_refusal *refusal)
{
	unsigned int n, family = k8snet_service_family(endpoint->addr.family);
	struct view v = view_of(kn, changes, name);
	struct k8snet_endpoint_conf *list;
	struct k8snet_backends *old;
	int i = -ENOENT, err;

	lockdep_assert_held(&kn->lock);
	err = view_need(&v, refusal);
	if (err)
		return err;
	old = view_backends(kn, &v, family);
	n = old->n;
	list = endpoints_list(old);
	if (!list)
		return -ENOMEM;
	if (replace)
		i = k8snet_backends_find(old, &endpoint->addr, endpoint->port);
	list[i < 0 ? n++ : i] = *endpoint;
	err = service_check_endpoints(list, n, refusal);
	if (!err && n + view_backends(kn, &v, !family)->n > K8SNET_ENDPOINTS_MAX)
		err = k8snet_refuse(refusal, -E2BIG, K8SNET_FIELD_ENDPOINT, 0,
				    "a service has 4096 endpoints at most");
	if (!err)
		err = change_endpoints(kn, changes, &v, family, list, n);
	kvfree(list);
	return err;
}

/**
 * k8snet_change_del_endpoint() - prepare to remove one endpoint of a service port
 * @kn: the namespace
 * @changes: where the change goes
 * @name: the service
 * @addr: its address
 * @port: its port
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_change_del_endpoint(struct k8snet_net *kn,
			       struct k8snet_changes *changes, const char *name,
			       const struct k8snet_addr *addr, __be16 port,
			       struct k8snet_refusal *refusal)
{
	unsigned int family = k8snet_service_family(addr->family);
	struct view v = view_of(kn, changes, name);
	struct k8snet_endpoint_conf *list;
	struct k8snet_backends *old;
	int i, err;

	lockdep_assert_held(&kn->lock);
	err = view_need(&v, refusal);
	if (err)
		return err;
	old = view_backends(kn, &v, family);
	i = k8snet_backends_find(old, addr, port);
	if (i < 0)
		return k8snet_refuse(refusal, i, K8SNET_FIELD_ENDPOINT, 0,
				     "the service has no such endpoint");
	list = endpoints_list(old);
	if (!list)
		return -ENOMEM;
	memmove(&list[i], &list[i + 1], (old->n - i - 1) * sizeof(*list));
	err = change_endpoints(kn, changes, &v, family, list, old->n - 1);
	kvfree(list);
	return err;
}
