// SPDX-License-Identifier: GPL-2.0
/*
 * The services of a namespace, found by frontend or by name.
 *
 * Writers hold k8snet_net.lock, the packet path RCU.
 */
#include <linux/bitmap.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "name.h"
#include "netns.h"
#include "service/account.h"
#include "service/affinity.h"
#include "service/evict.h"
#include "service/hook.h"
#include "service/local.h"
#include "service/service.h"

static struct kmem_cache *service_cache;
static struct kmem_cache *frontend_cache;

static const struct rhashtable_params by_frontend = {
	.head_offset = offsetof(struct k8snet_frontend, head),
	.key_offset = offsetof(struct k8snet_frontend, key),
	.key_len = sizeof_field(struct k8snet_frontend, key),
	.automatic_shrinking = true,
};

static u32 service_hash(const void *obj, u32 len, u32 seed)
{
	const struct k8snet_service *service = obj;

	return k8snet_name_hash(service->name, len, seed);
}

static int service_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct k8snet_service *service = obj;

	return strcmp(arg->key, service->name);
}

static const struct rhashtable_params by_name = {
	.head_offset = offsetof(struct k8snet_service, by_name),
	.hashfn = k8snet_name_hash,
	.obj_hashfn = service_hash,
	.obj_cmpfn = service_cmp,
	.automatic_shrinking = true,
};

static struct k8snet_frontend *
frontend_find(struct k8snet_net *kn, const struct k8snet_frontend_key *key)
{
	return rhashtable_lookup_fast(&kn->services.frontends, key,
				      by_frontend);
}

/* Does the node answer node ports on that address? */
static bool nodeport_answers(struct k8snet_net *kn,
			     const struct k8snet_addr *addr)
{
	const struct k8snet_config *config = rcu_dereference(kn->config);

	if (k8snet_prefixes_have_family(&config->nodeport_addrs, addr->family))
		return k8snet_prefixes_have(&config->nodeport_addrs, addr) &&
		       k8snet_local_has(kn->net, addr);
	/* A list of the other family only: none of this one. */
	if (config->nodeport_addrs.n)
		return false;
	return !k8snet_addr_is_loopback(addr) && k8snet_local_has(kn->net, addr);
}

/**
 * k8snet_service_lookup() - the frontend that a packet is addressed to
 * @kn: the namespace
 * @key: its destination
 *
 * One lookup; a second one for the node ports only if some service has that
 * port and the address is one of this node.
 *
 * Context: RCU read side.
 * Return: the frontend, or NULL.
 */
struct k8snet_frontend *
k8snet_service_lookup(struct k8snet_net *kn,
		      const struct k8snet_frontend_key *key)
{
	struct k8snet_frontend_key any = {
		.addr.family = key->addr.family,
		.port = key->port,
		.protocol = key->protocol,
	};
	const unsigned long *nodeports;
	struct k8snet_frontend *f;

	f = rhashtable_lookup(&kn->services.frontends, key, by_frontend);
	if (f)
		return f;
	nodeports = rcu_dereference(kn->services.nodeports);
	if (!nodeports || !test_bit(ntohs(key->port), nodeports))
		return NULL;
	f = rhashtable_lookup(&kn->services.frontends, &any, by_frontend);
	return f && nodeport_answers(kn, &key->addr) ? f : NULL;
}

/**
 * k8snet_service_is_local() - must the endpoint be one of this node?
 * @kn: the namespace
 * @frontend: where the client has come to
 * @from_node: the client is a process of the node
 * @client: its address
 *
 * External policy local is for those outside; pods of the cluster and processes
 * of the node take the short way to any endpoint, as with kube-proxy.
 *
 * Context: RCU read side, or k8snet_net.lock.
 */
bool k8snet_service_is_local(struct k8snet_net *kn,
			     const struct k8snet_frontend *frontend,
			     bool from_node, const struct k8snet_addr *client)
{
	const struct k8snet_rules *rules =
		rcu_dereference_check(frontend->service->rules,
				      lockdep_is_held(&kn->lock));
	const struct k8snet_config *config =
		rcu_dereference_check(kn->config, lockdep_is_held(&kn->lock));

	if (frontend->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		return rules->internal == K8SNET_POLICY_LOCAL;
	return rules->external == K8SNET_POLICY_LOCAL && !from_node &&
	       !k8snet_prefixes_have(&config->pods, client);
}

/**
 * k8snet_service_by_name() - find a service port by its name
 * @kn: the namespace
 * @name: the name
 *
 * Context: k8snet_net.lock.
 * Return: the service, or NULL.
 */
struct k8snet_service *k8snet_service_by_name(struct k8snet_net *kn,
					      const char *name)
{
	lockdep_assert_held(&kn->lock);
	return rhashtable_lookup_fast(&kn->services.by_name, name, by_name);
}

static struct k8snet_backends *service_backends(struct k8snet_net *kn,
						struct k8snet_service *service,
						unsigned int family)
{
	return rcu_dereference_protected(service->backends[family],
					 lockdep_is_held(&kn->lock));
}

static struct k8snet_rules *service_rules(struct k8snet_net *kn,
					  struct k8snet_service *service)
{
	return rcu_dereference_protected(service->rules,
					 lockdep_is_held(&kn->lock));
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

static int service_check_frontend(struct k8snet_net *kn,
				  const struct k8snet_service_conf *conf,
				  const struct k8snet_service *old,
				  unsigned int i, struct k8snet_refusal *refusal)
{
	struct k8snet_frontend_key key = frontend_key(conf, i), before;
	struct k8snet_frontend *other;
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
	other = frontend_find(kn, &key);
	if (other && other->service != old)
		return k8snet_refuse(refusal, -EADDRINUSE,
				     K8SNET_FIELD_FRONTEND, i,
				     "another service has this frontend");
	return 0;
}

static int service_check(struct k8snet_net *kn, struct k8snet_service_conf *conf,
			 const struct k8snet_service *old,
			 struct k8snet_refusal *refusal)
{
	unsigned int i;
	int err;

	if (!conf->n_frontends)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NONE, 0,
				     "a service needs at least one frontend");
	for (i = 0; i < conf->n_frontends; i++) {
		err = service_check_frontend(kn, conf, old, i, refusal);
		if (err)
			return err;
	}
	return service_check_endpoints(conf->endpoints, conf->n_endpoints,
				       refusal);
}

/* Is this port that of any node port, of any protocol and family? */
static bool nodeport_used(struct k8snet_net *kn, __be16 port)
{
	static const u16 families[] = { AF_INET, AF_INET6 };
	static const u16 protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct k8snet_frontend_key key = { .port = port };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (j = 0; j < ARRAY_SIZE(protocols); j++) {
			key.addr.family = families[i];
			key.protocol = protocols[j];
			if (frontend_find(kn, &key))
				return true;
		}
	}
	return false;
}

static unsigned long *nodeports(struct k8snet_net *kn)
{
	return rcu_dereference_protected(kn->services.nodeports,
					 lockdep_is_held(&kn->lock));
}

static int nodeports_need(struct k8snet_net *kn)
{
	unsigned long *bits;

	if (nodeports(kn))
		return 0;
	bits = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	rcu_assign_pointer(kn->services.nodeports, bits);
	return 0;
}

static void frontend_free(struct rcu_head *rcu)
{
	kmem_cache_free(frontend_cache,
			container_of(rcu, struct k8snet_frontend, rcu));
}

/* What there is besides the frontend itself. */
static int frontend_add_extra(struct k8snet_net *kn,
			      const struct k8snet_frontend *f)
{
	switch (f->type) {
	case K8SNET_FRONTEND_TYPE_CLUSTER_IP:
		return k8snet_addrset_add(&kn->services.cluster_ips,
					  &f->key.addr);
	case K8SNET_FRONTEND_TYPE_NODE_PORT:
		return nodeports_need(kn);
	}
	return 0;
}

static void frontend_del_extra(struct k8snet_net *kn,
			       const struct k8snet_frontend *f)
{
	if (f->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		k8snet_addrset_del(&kn->services.cluster_ips, &f->key.addr);
	else if (f->type == K8SNET_FRONTEND_TYPE_NODE_PORT &&
		 !nodeport_used(kn, f->key.port))
		clear_bit(ntohs(f->key.port), nodeports(kn));
}

static int frontend_add(struct k8snet_net *kn, struct k8snet_service *service,
			const struct k8snet_frontend_key *key, u32 type)
{
	struct k8snet_frontend *f;
	int err;

	f = kmem_cache_zalloc(frontend_cache, GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->key = *key;
	f->type = type;
	f->service = service;
	err = frontend_add_extra(kn, f);
	if (err)
		goto err_free;
	err = rhashtable_insert_fast(&kn->services.frontends, &f->head,
				     by_frontend);
	if (err)
		goto err_extra;
	if (type == K8SNET_FRONTEND_TYPE_NODE_PORT)
		set_bit(ntohs(key->port), nodeports(kn));
	list_add_tail(&f->list, &service->frontends);
	return 0;

err_extra:
	frontend_del_extra(kn, f);
err_free:
	kmem_cache_free(frontend_cache, f);
	return err;
}

static void frontend_del(struct k8snet_net *kn, struct k8snet_frontend *f)
{
	rhashtable_remove_fast(&kn->services.frontends, &f->head, by_frontend);
	frontend_del_extra(kn, f);
	list_del(&f->list);
	call_rcu(&f->rcu, frontend_free);
}

/*
 * A frontend of this key that is of another type makes room for the new one:
 * readers see the one or the other.
 */
static int frontend_retype(struct k8snet_net *kn, struct k8snet_frontend *old,
			   u32 type)
{
	struct k8snet_frontend *f;
	int err;

	f = kmem_cache_zalloc(frontend_cache, GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->key = old->key;
	f->type = type;
	f->service = old->service;
	err = frontend_add_extra(kn, f);
	if (!err)
		err = rhashtable_replace_fast(&kn->services.frontends,
					      &old->head, &f->head, by_frontend);
	if (err) {
		kmem_cache_free(frontend_cache, f);
		return err;
	}
	list_replace(&old->list, &f->list);
	frontend_del_extra(kn, old);
	call_rcu(&old->rcu, frontend_free);
	return 0;
}

/* Takes away the frontends that are not among those wanted; notes their keys. */
static unsigned int service_drop_frontends(struct k8snet_net *kn,
					   struct k8snet_service *service,
					   const struct k8snet_service_conf *conf,
					   struct k8snet_frontend_key *gone)
{
	struct k8snet_frontend *f, *next;
	unsigned int i, n = 0;

	list_for_each_entry_safe(f, next, &service->frontends, list) {
		for (i = 0; conf && i < conf->n_frontends; i++) {
			struct k8snet_frontend_key key = frontend_key(conf, i);

			if (key_equal(&f->key, &key))
				break;
		}
		if (!conf || i == conf->n_frontends) {
			gone[n++] = f->key;
			frontend_del(kn, f);
		}
	}
	return n;
}

static void service_free(struct k8snet_service *service)
{
	free_percpu(service->stats);
	kfree(service->name);
	kmem_cache_free(service_cache, service);
}

/**
 * k8snet_service_put() - let go of a service
 * @service: the service, which no reader can come by through this reference
 */
void k8snet_service_put(struct k8snet_service *service)
{
	if (refcount_dec_and_test(&service->refs))
		service_free(service);
}

static void service_free_rcu(struct rcu_head *rcu)
{
	struct k8snet_service *service =
		container_of(rcu, struct k8snet_service, rcu);

	k8snet_backends_free(rcu_dereference_protected(service->backends[0], 1));
	k8snet_backends_free(rcu_dereference_protected(service->backends[1], 1));
	kfree(rcu_dereference_protected(service->rules, 1));
	k8snet_service_put(service);
}

static struct k8snet_service *service_alloc(const struct k8snet_service_conf *conf)
{
	struct k8snet_service *service;

	service = kmem_cache_zalloc(service_cache, GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;
	INIT_LIST_HEAD(&service->frontends);
	refcount_set(&service->refs, 1);
	service->protocol = conf->protocol;
	service->name = kstrdup(conf->name, GFP_KERNEL_ACCOUNT);
	service->stats = alloc_percpu_gfp(struct k8snet_service_stats,
					  GFP_KERNEL_ACCOUNT);
	if (service->name && service->stats)
		return service;
	service_free(service);
	return NULL;
}

static int service_publish(struct k8snet_net *kn,
			   struct k8snet_service *service)
{
	struct k8snet_services *services = &kn->services;
	int err;

	err = xa_alloc_cyclic(&services->by_id, &service->id, service,
			      xa_limit_32b, &services->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	err = rhashtable_insert_fast(&services->by_name, &service->by_name,
				     by_name);
	if (err)
		xa_erase(&services->by_id, service->id);
	return err;
}

static void service_unpublish(struct k8snet_net *kn,
			      struct k8snet_service *service)
{
	rhashtable_remove_fast(&kn->services.by_name, &service->by_name,
			       by_name);
	xa_erase(&kn->services.by_id, service->id);
}

/* What a write makes before it changes anything. */
struct service_parts {
	struct k8snet_rules *rules;
	struct k8snet_backends *backends[2];
	struct k8snet_affinity *affinity;	/* if there was none and will be */
};

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

static void parts_free(const struct service_parts *parts)
{
	kfree(parts->rules);
	k8snet_backends_free(parts->backends[0]);
	k8snet_backends_free(parts->backends[1]);
	k8snet_affinity_free_rcu(parts->affinity);
}

static int parts_build(struct k8snet_net *kn, struct k8snet_service *service,
		       const struct k8snet_service_conf *conf,
		       struct service_parts *parts)
{
	const struct k8snet_endpoint_conf *e = conf->endpoints;
	unsigned int split = count_ipv4(e, conf->n_endpoints);
	u32 algorithm = conf->rules.algorithm;

	memset(parts, 0, sizeof(*parts));
	parts->rules = rules_build(conf);
	parts->backends[0] = k8snet_backends_build(service, e, split, algorithm,
						   service_backends(kn, service, 0));
	parts->backends[1] = k8snet_backends_build(service, e + split,
						   conf->n_endpoints - split,
						   algorithm,
						   service_backends(kn, service, 1));
	if (!parts->rules || !parts->backends[0] || !parts->backends[1])
		return -ENOMEM;
	if (!conf->rules.affinity || rcu_access_pointer(service->affinity))
		return 0;
	parts->affinity = k8snet_affinity_create();
	return parts->affinity ? 0 : -ENOMEM;
}

static bool is_usable(u32 flags)
{
	return flags & (K8SNET_ENDPOINT_FLAG_CLUSTER | K8SNET_ENDPOINT_FLAG_LOCAL);
}

/* Does an endpoint that was there not serve what it did any more? */
static bool backend_lost(const struct k8snet_backend *was,
			 const struct k8snet_backends *now, int i)
{
	u32 mine = K8SNET_ENDPOINT_FLAG_LOCAL | K8SNET_ENDPOINT_FLAG_ON_NODE;
	u32 flags;

	if (i < 0)
		return true;
	flags = now->a[i].flags;
	if (!(flags & K8SNET_ENDPOINT_FLAG_SERVING) && !is_usable(flags))
		return true;
	return was->flags & mine && !(flags & mine);
}

/*
 * Puts a record of endpoints in place of the old one. True if a flow of one of
 * those may have to end.
 */
static bool backends_swap(struct k8snet_net *kn, struct k8snet_service *service,
			  unsigned int family, struct k8snet_backends *now)
{
	struct k8snet_backends *old = service_backends(kn, service, family);
	bool lost = false;
	unsigned int j;
	int i;

	rcu_assign_pointer(service->backends[family], now);
	for (j = 0; old && j < old->n; j++) {
		struct k8snet_backend *was = &old->a[j];

		i = k8snet_backends_find(now, &was->endpoint->addr,
					 was->endpoint->port);
		lost |= backend_lost(was, now, i);
		if (i < 0 || !is_usable(now->a[i].flags)) {
			if (is_usable(was->flags))
				k8snet_account_leaving(kn, was->endpoint, true);
		} else if (!is_usable(was->flags)) {
			k8snet_account_leaving(kn, was->endpoint, false);
		}
	}
	k8snet_backends_free_rcu(old);
	return lost;
}

/* True if flows may have to end because of the policy. */
static bool rules_swap(struct k8snet_net *kn, struct k8snet_service *service,
		       struct k8snet_rules *now)
{
	struct k8snet_rules *old;
	bool stricter;

	old = rcu_replace_pointer(service->rules, now,
				  lockdep_is_held(&kn->lock));
	if (!old)
		return false;
	stricter = now->internal > old->internal || now->external > old->external;
	kfree_rcu(old, rcu);
	return stricter;
}

static void affinity_swap(struct k8snet_net *kn, struct k8snet_service *service,
			  struct k8snet_affinity *now, bool wanted)
{
	struct k8snet_affinity *old;

	if (wanted && !now)
		return;
	old = rcu_replace_pointer(service->affinity, now,
				  lockdep_is_held(&kn->lock));
	k8snet_affinity_free_rcu(old);
}

/*
 * New frontends go to the end of the list, behind those kept; on an error those
 * that were added are taken away.
 */
static int service_add_frontends(struct k8snet_net *kn,
				 struct k8snet_service *service,
				 const struct k8snet_service_conf *conf,
				 unsigned int *added)
{
	struct k8snet_frontend *f, *next;
	unsigned int i, kept = 0;
	int err = 0;

	list_for_each_entry(f, &service->frontends, list)
		kept++;
	*added = 0;
	for (i = 0; i < conf->n_frontends && !err; i++) {
		struct k8snet_frontend_key key = frontend_key(conf, i);

		if (frontend_find(kn, &key))
			continue;
		err = frontend_add(kn, service, &key, conf->frontends[i].type);
		*added += !err;
	}
	if (!err)
		return 0;
	list_for_each_entry_safe(f, next, &service->frontends, list) {
		if (kept)
			kept--;
		else
			frontend_del(kn, f);
	}
	return err;
}

/* The old type is as good as the new one if there is no memory for it. */
static void service_retype_frontends(struct k8snet_net *kn,
				     const struct k8snet_service_conf *conf)
{
	struct k8snet_frontend *f;
	unsigned int i;

	for (i = 0; i < conf->n_frontends; i++) {
		struct k8snet_frontend_key key = frontend_key(conf, i);

		f = frontend_find(kn, &key);
		if (f && f->type != conf->frontends[i].type)
			frontend_retype(kn, f, conf->frontends[i].type);
	}
}

static int service_create(struct k8snet_net *kn,
			  struct k8snet_service_conf *conf)
{
	struct k8snet_service *service;
	struct service_parts parts;
	unsigned int added;
	int err = -ENOMEM;

	service = service_alloc(conf);
	if (!service)
		return -ENOMEM;
	err = parts_build(kn, service, conf, &parts);
	if (err)
		goto err_parts;
	err = service_publish(kn, service);
	if (err)
		goto err_parts;
	rcu_assign_pointer(service->rules, parts.rules);
	rcu_assign_pointer(service->backends[0], parts.backends[0]);
	rcu_assign_pointer(service->backends[1], parts.backends[1]);
	rcu_assign_pointer(service->affinity, parts.affinity);
	err = service_add_frontends(kn, service, conf, &added);
	if (err)
		goto err_publish;
	k8snet_evict(kn, service, NULL, 0, false);
	return 0;

err_publish:
	service_unpublish(kn, service);
	affinity_swap(kn, service, NULL, false);
	/* Readers may have come by a frontend that was there. */
	call_rcu(&service->rcu, service_free_rcu);
	return err;
err_parts:
	parts_free(&parts);
	k8snet_service_put(service);
	return err;
}

static int service_change(struct k8snet_net *kn, struct k8snet_service *service,
			  struct k8snet_service_conf *conf)
{
	struct k8snet_frontend_key gone[K8SNET_FRONTENDS_MAX];
	unsigned int added, n_gone;
	struct service_parts parts;
	bool lost;
	int err;

	err = parts_build(kn, service, conf, &parts);
	if (!err)
		err = service_add_frontends(kn, service, conf, &added);
	if (err) {
		parts_free(&parts);
		return err;
	}
	/* Nothing fails from here on. */
	service->protocol = conf->protocol;
	service_retype_frontends(kn, conf);
	affinity_swap(kn, service, parts.affinity, conf->rules.affinity);
	lost = rules_swap(kn, service, parts.rules);
	lost |= backends_swap(kn, service, 0, parts.backends[0]);
	lost |= backends_swap(kn, service, 1, parts.backends[1]);
	n_gone = service_drop_frontends(kn, service, conf, gone);
	if (lost || n_gone || added)
		k8snet_evict(kn, service, gone, n_gone, (lost || n_gone) &&
			     conf->rules.on_remove == K8SNET_ON_REMOVE_RESET);
	return 0;
}

/**
 * k8snet_service_write() - add a service port, or give one new settings
 * @kn: the namespace
 * @conf: the settings; the endpoints are put in order
 * @replace: false refuses a name that is there
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_service_write(struct k8snet_net *kn,
			 struct k8snet_service_conf *conf, bool replace,
			 struct k8snet_refusal *refusal)
{
	struct k8snet_service *service;
	int err;

	if (!*conf->name)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a service must not be empty");
	if (!k8snet_name_is_text(conf->name))
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a service must be printable ASCII without spaces");
	service = k8snet_service_by_name(kn, conf->name);
	if (service && !replace)
		return k8snet_refuse(refusal, -EEXIST, K8SNET_FIELD_NAME, 0,
				     "there is a service of this name; replace changes it");
	err = service_check(kn, conf, service, refusal);
	if (err)
		return err;
	err = k8snet_hook_start(kn);
	if (err)
		return err;
	err = service ? service_change(kn, service, conf) :
			service_create(kn, conf);
	if (!err)
		k8snet_netns_changed(kn);
	return err;
}

static void service_leave(struct k8snet_net *kn, struct k8snet_service *service)
{
	const struct k8snet_backends *b;
	unsigned int family, i;

	for (family = 0; family < 2; family++) {
		b = service_backends(kn, service, family);
		for (i = 0; i < b->n; i++)
			if (is_usable(b->a[i].flags))
				k8snet_account_leaving(kn, b->a[i].endpoint, true);
	}
}

/* Takes it out of all tables; returns how many frontends it had. */
static unsigned int service_take_out(struct k8snet_net *kn,
				     struct k8snet_service *service,
				     struct k8snet_frontend_key *gone)
{
	unsigned int n;

	lockdep_assert_held(&kn->lock);
	n = service_drop_frontends(kn, service, NULL, gone);
	service_unpublish(kn, service);
	affinity_swap(kn, service, NULL, false);
	return n;
}

/**
 * k8snet_service_del() - remove a service port
 * @kn: the namespace
 * @service: the service
 *
 * Context: k8snet_net.lock.
 */
void k8snet_service_del(struct k8snet_net *kn, struct k8snet_service *service)
{
	struct k8snet_frontend_key gone[K8SNET_FRONTENDS_MAX];
	unsigned int n;

	n = service_take_out(kn, service, gone);
	k8snet_evict(kn, service, gone, n, service_rules(kn, service)->on_remove ==
		     K8SNET_ON_REMOVE_RESET);
	service_leave(kn, service);
	call_rcu(&service->rcu, service_free_rcu);
	k8snet_netns_changed(kn);
}

/* The endpoints of a service as a user would write them, and room for one. */
static struct k8snet_endpoint_conf *
service_list_endpoints(const struct k8snet_backends *backends)
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

static int service_swap_backends(struct k8snet_net *kn,
				 struct k8snet_service *service,
				 unsigned int family,
				 const struct k8snet_endpoint_conf *list,
				 unsigned int n)
{
	const struct k8snet_rules *rules = service_rules(kn, service);
	struct k8snet_backends *backends;

	backends = k8snet_backends_build(service, list, n, rules->algorithm,
					 service_backends(kn, service, family));
	if (!backends)
		return -ENOMEM;
	if (backends_swap(kn, service, family, backends))
		k8snet_evict(kn, service, NULL, 0,
			     rules->on_remove == K8SNET_ON_REMOVE_RESET);
	k8snet_netns_changed(kn);
	return 0;
}

/**
 * k8snet_service_add_endpoint() - add one endpoint to a service port
 * @kn: the namespace
 * @service: the service
 * @endpoint: the endpoint
 * @replace: false refuses one that is there
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_service_add_endpoint(struct k8snet_net *kn,
				struct k8snet_service *service,
				const struct k8snet_endpoint_conf *endpoint,
				bool replace, struct k8snet_refusal *refusal)
{
	unsigned int family = k8snet_service_family(endpoint->addr.family);
	struct k8snet_backends *old = service_backends(kn, service, family);
	unsigned int other = service_backends(kn, service, !family)->n;
	struct k8snet_endpoint_conf *list;
	unsigned int n = old->n;
	int i = -ENOENT, err;

	list = service_list_endpoints(old);
	if (!list)
		return -ENOMEM;
	if (replace)
		i = k8snet_backends_find(old, &endpoint->addr, endpoint->port);
	list[i < 0 ? n++ : i] = *endpoint;
	err = service_check_endpoints(list, n, refusal);
	if (!err && n + other > K8SNET_ENDPOINTS_MAX)
		err = k8snet_refuse(refusal, -E2BIG, K8SNET_FIELD_ENDPOINT, 0,
				    "a service has 4096 endpoints at most");
	if (!err)
		err = service_swap_backends(kn, service, family, list, n);
	kvfree(list);
	return err;
}

/**
 * k8snet_service_del_endpoint() - remove one endpoint of a service port
 * @kn: the namespace
 * @service: the service
 * @addr: its address
 * @port: its port
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_service_del_endpoint(struct k8snet_net *kn,
				struct k8snet_service *service,
				const struct k8snet_addr *addr, __be16 port,
				struct k8snet_refusal *refusal)
{
	unsigned int family = k8snet_service_family(addr->family);
	struct k8snet_backends *old = service_backends(kn, service, family);
	struct k8snet_endpoint_conf *list;
	int i, err;

	i = k8snet_backends_find(old, addr, port);
	if (i < 0)
		return k8snet_refuse(refusal, i, K8SNET_FIELD_ENDPOINT, 0,
				     "the service has no such endpoint");
	list = service_list_endpoints(old);
	if (!list)
		return -ENOMEM;
	memmove(&list[i], &list[i + 1], (old->n - i - 1) * sizeof(*list));
	err = service_swap_backends(kn, service, family, list, old->n - 1);
	kvfree(list);
	return err;
}

/**
 * k8snet_services_init() - make the empty tables of a namespace
 * @services: the tables
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_services_init(struct k8snet_services *services)
{
	int err;

	xa_init_flags(&services->by_id, XA_FLAGS_ALLOC1);
	err = rhashtable_init(&services->frontends, &by_frontend);
	if (err)
		return err;
	err = rhashtable_init(&services->by_name, &by_name);
	if (err)
		goto err_frontends;
	err = k8snet_addrset_init(&services->cluster_ips);
	if (err)
		goto err_names;
	return 0;

err_names:
	rhashtable_destroy(&services->by_name);
err_frontends:
	rhashtable_destroy(&services->frontends);
	return err;
}

/**
 * k8snet_services_destroy() - free the services of a namespace that goes
 * @kn: the namespace, out of the packet path
 *
 * Or the module goes, and the namespace with its connections stays: they live
 * on, those of UDP as well.
 */
void k8snet_services_destroy(struct k8snet_net *kn)
{
	struct k8snet_frontend_key gone[K8SNET_FRONTENDS_MAX];
	struct k8snet_services *services = &kn->services;
	struct k8snet_service *service;
	unsigned long id;

	mutex_lock(&kn->lock);
	xa_for_each(&services->by_id, id, service) {
		service_take_out(kn, service, gone);
		call_rcu(&service->rcu, service_free_rcu);
	}
	mutex_unlock(&kn->lock);
	k8snet_addrset_destroy(&services->cluster_ips);
	bitmap_free(rcu_dereference_protected(services->nodeports, 1));
	rhashtable_destroy(&services->by_name);
	rhashtable_destroy(&services->frontends);
	xa_destroy(&services->by_id);
}

int k8snet_service_cache_create(void)
{
	service_cache = kmem_cache_create("k8snet_service",
					  sizeof(struct k8snet_service), 0, SLAB_ACCOUNT,
					  NULL);
	frontend_cache = kmem_cache_create("k8snet_frontend",
					   sizeof(struct k8snet_frontend), 0,
					   SLAB_ACCOUNT, NULL);
	if (service_cache && frontend_cache)
		return 0;
	k8snet_service_cache_destroy();
	return -ENOMEM;
}

void k8snet_service_cache_destroy(void)
{
	kmem_cache_destroy(frontend_cache);
	kmem_cache_destroy(service_cache);
}

#include "selftest/service.c"
