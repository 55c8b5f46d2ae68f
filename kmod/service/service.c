// SPDX-License-Identifier: GPL-2.0
/*
 * The services of a namespace, found by frontend or by name.
 *
 * Writers hold k8snet_net.lock, the packet path RCU.
 */
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "name.h"
#include "netns.h"
#include "service/hook.h"
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

/**
 * k8snet_service_lookup() - the frontend that a packet is addressed to
 * @services: the services of a namespace
 * @key: its destination
 *
 * Context: RCU read side.
 * Return: the frontend, or NULL.
 */
struct k8snet_frontend *
k8snet_service_lookup(struct k8snet_services *services,
		      const struct k8snet_frontend_key *key)
{
	return rhashtable_lookup(&services->frontends, key, by_frontend);
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
						struct k8snet_service *service)
{
	return rcu_dereference_protected(service->backends,
					 lockdep_is_held(&kn->lock));
}

static bool is_host_address(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_multicast(addr) &&
	       !ipv4_is_lbcast(addr) && !ipv4_is_loopback(addr);
}

static int conf_cmp(const void *pa, const void *pb)
{
	const struct k8snet_endpoint_conf *a = pa, *b = pb;

	if (a->addr != b->addr)
		return ntohl(a->addr) < ntohl(b->addr) ? -1 : 1;
	return (int)ntohs(a->port) - (int)ntohs(b->port);
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
		if (!is_host_address(e[i].addr))
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

static struct k8snet_frontend_key
frontend_key(const struct k8snet_service_conf *conf, unsigned int i)
{
	return (struct k8snet_frontend_key) {
		.addr = conf->frontends[i].addr,
		.port = conf->frontends[i].port,
		.protocol = conf->protocol,
	};
}

static struct k8snet_frontend *
frontend_find(struct k8snet_net *kn, const struct k8snet_frontend_key *key)
{
	return rhashtable_lookup_fast(&kn->services.frontends, key,
				      by_frontend);
}

static int service_check_frontends(struct k8snet_net *kn,
				   const struct k8snet_service_conf *conf,
				   const struct k8snet_service *old,
				   struct k8snet_refusal *refusal)
{
	const struct k8snet_frontend_conf *f = conf->frontends;
	struct k8snet_frontend *other;
	unsigned int i, j;

	if (!conf->n_frontends)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NONE, 0,
				     "a service needs at least one frontend");
	for (i = 0; i < conf->n_frontends; i++) {
		struct k8snet_frontend_key key = frontend_key(conf, i);

		if (!is_host_address(f[i].addr))
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_FRONTEND, i,
					     "the address of a frontend must be a unicast address");
		if (!f[i].port)
			return k8snet_refuse(refusal, -EINVAL,
					     K8SNET_FIELD_FRONTEND, i,
					     "the port of a frontend must be 1 to 65535");
		for (j = 0; j < i; j++)
			if (f[j].addr == f[i].addr && f[j].port == f[i].port)
				return k8snet_refuse(refusal, -EEXIST,
						     K8SNET_FIELD_FRONTEND, i,
						     "the service has this frontend twice");
		other = frontend_find(kn, &key);
		if (other && other->service != old)
			return k8snet_refuse(refusal, -EADDRINUSE,
					     K8SNET_FIELD_FRONTEND, i,
					     "another service has this frontend");
	}
	return 0;
}

static void frontend_free(struct rcu_head *rcu)
{
	kmem_cache_free(frontend_cache,
			container_of(rcu, struct k8snet_frontend, rcu));
}

static int frontend_add(struct k8snet_net *kn, struct k8snet_service *service,
			const struct k8snet_frontend_key *key, u32 type)
{
	const struct k8snet_addr addr = k8snet_addr4(key->addr);
	struct k8snet_frontend *f;
	int err;

	f = kmem_cache_zalloc(frontend_cache, GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->key = *key;
	f->type = type;
	f->service = service;
	err = k8snet_addrset_add(&kn->services.cluster_ips, &addr);
	if (err)
		goto err_free;
	err = rhashtable_insert_fast(&kn->services.frontends, &f->head,
				     by_frontend);
	if (err)
		goto err_addr;
	list_add_tail(&f->list, &service->frontends);
	return 0;

err_addr:
	k8snet_addrset_del(&kn->services.cluster_ips, &addr);
err_free:
	kmem_cache_free(frontend_cache, f);
	return err;
}

static void frontend_del(struct k8snet_net *kn, struct k8snet_frontend *f)
{
	const struct k8snet_addr addr = k8snet_addr4(f->key.addr);

	rhashtable_remove_fast(&kn->services.frontends, &f->head, by_frontend);
	k8snet_addrset_del(&kn->services.cluster_ips, &addr);
	list_del(&f->list);
	call_rcu(&f->rcu, frontend_free);
}

/* Which frontends of the service are not among those wanted? */
static void service_drop_frontends(struct k8snet_net *kn,
				   struct k8snet_service *service,
				   const struct k8snet_service_conf *conf)
{
	struct k8snet_frontend *f, *next;
	unsigned int i;

	list_for_each_entry_safe(f, next, &service->frontends, list) {
		for (i = 0; i < conf->n_frontends; i++)
			if (f->key.addr == conf->frontends[i].addr &&
			    f->key.port == conf->frontends[i].port &&
			    f->key.protocol == conf->protocol)
				break;
		if (i == conf->n_frontends)
			frontend_del(kn, f);
	}
}

static void service_free(struct k8snet_service *service)
{
	free_percpu(service->stats);
	kfree(service->name);
	kmem_cache_free(service_cache, service);
}

static void service_free_rcu(struct rcu_head *rcu)
{
	struct k8snet_service *service =
		container_of(rcu, struct k8snet_service, rcu);

	k8snet_backends_free(rcu_dereference_protected(service->backends, 1));
	service_free(service);
}

static struct k8snet_service *service_alloc(const struct k8snet_service_conf *conf)
{
	struct k8snet_service *service;

	service = kmem_cache_zalloc(service_cache, GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;
	INIT_LIST_HEAD(&service->frontends);
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
	struct k8snet_backends *backends, *old_backends = NULL;
	struct k8snet_frontend *added, *next;
	struct k8snet_service *service;
	unsigned int i, kept = 0;
	struct k8snet_frontend *f;
	bool fresh;
	int err;

	if (!*conf->name)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NAME, 0,
				     "the name of a service must not be empty");
	service = k8snet_service_by_name(kn, conf->name);
	if (service && !replace)
		return k8snet_refuse(refusal, -EEXIST, K8SNET_FIELD_NAME, 0,
				     "there is a service of this name; replace changes it");
	err = service_check_frontends(kn, conf, service, refusal);
	if (err)
		return err;
	err = service_check_endpoints(conf->endpoints, conf->n_endpoints,
				      refusal);
	if (err)
		return err;
	err = k8snet_hook_start(kn);
	if (err)
		return err;

	fresh = !service;
	if (fresh) {
		service = service_alloc(conf);
		if (!service)
			return -ENOMEM;
	} else {
		old_backends = service_backends(kn, service);
	}
	backends = k8snet_backends_build(conf->endpoints, conf->n_endpoints,
					 old_backends);
	if (!backends) {
		err = -ENOMEM;
		goto err_service;
	}
	if (fresh) {
		err = service_publish(kn, service);
		if (err)
			goto err_backends;
		rcu_assign_pointer(service->backends, backends);
	}
	/* New frontends go to the end of the list, behind those kept. */
	list_for_each_entry(f, &service->frontends, list)
		kept++;
	for (i = 0; i < conf->n_frontends; i++) {
		struct k8snet_frontend_key key = frontend_key(conf, i);

		if (frontend_find(kn, &key))
			continue;
		err = frontend_add(kn, service, &key, conf->frontends[i].type);
		if (err)
			goto err_frontends;
	}

	/* Nothing fails from here on. */
	if (!fresh) {
		rcu_assign_pointer(service->backends, backends);
		k8snet_backends_free_rcu(old_backends);
	}
	service_drop_frontends(kn, service, conf);
	service->protocol = conf->protocol;
	service->algorithm = conf->algorithm;
	k8snet_netns_changed(kn);
	return 0;

err_frontends:
	list_for_each_entry_safe(added, next, &service->frontends, list) {
		if (kept) {
			kept--;
			continue;
		}
		frontend_del(kn, added);
	}
	if (fresh) {
		service_unpublish(kn, service);
		/* Readers may have come by a frontend that was there. */
		call_rcu(&service->rcu, service_free_rcu);
		return err;
	}
err_backends:
	k8snet_backends_free(backends);
err_service:
	if (fresh)
		service_free(service);
	return err;
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
	struct k8snet_frontend *f, *next;

	lockdep_assert_held(&kn->lock);
	list_for_each_entry_safe(f, next, &service->frontends, list)
		frontend_del(kn, f);
	service_unpublish(kn, service);
	call_rcu(&service->rcu, service_free_rcu);
	k8snet_netns_changed(kn);
}

/* The endpoints of a service as a user would write them, and room for one. */
static struct k8snet_endpoint_conf *
service_list_endpoints(const struct k8snet_backends *backends)
{
	struct k8snet_endpoint_conf *list;
	unsigned int i;

	list = kvmalloc_array(backends->n + 1, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return NULL;
	for (i = 0; i < backends->n; i++) {
		const struct k8snet_backend *b = &backends->a[i];

		list[i] = (struct k8snet_endpoint_conf) {
			.addr = b->endpoint->addr,
			.port = b->endpoint->port,
			.weight = b->weight,
		};
	}
	return list;
}

static int service_swap_backends(struct k8snet_net *kn,
				 struct k8snet_service *service,
				 const struct k8snet_endpoint_conf *list,
				 unsigned int n)
{
	struct k8snet_backends *old = service_backends(kn, service);
	struct k8snet_backends *backends;

	backends = k8snet_backends_build(list, n, old);
	if (!backends)
		return -ENOMEM;
	rcu_assign_pointer(service->backends, backends);
	k8snet_backends_free_rcu(old);
	k8snet_netns_changed(kn);
	return 0;
}

/**
 * k8snet_service_add_endpoint() - add one endpoint to a service port
 * @kn: the namespace
 * @service: the service
 * @endpoint: the endpoint
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_service_add_endpoint(struct k8snet_net *kn,
				struct k8snet_service *service,
				const struct k8snet_endpoint_conf *endpoint,
				struct k8snet_refusal *refusal)
{
	struct k8snet_backends *old = service_backends(kn, service);
	struct k8snet_endpoint_conf *list;
	int err;

	list = service_list_endpoints(old);
	if (!list)
		return -ENOMEM;
	list[old->n] = *endpoint;
	err = service_check_endpoints(list, old->n + 1, refusal);
	if (!err)
		err = service_swap_backends(kn, service, list, old->n + 1);
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
				struct k8snet_service *service, __be32 addr,
				__be16 port, struct k8snet_refusal *refusal)
{
	struct k8snet_backends *old = service_backends(kn, service);
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
	err = service_swap_backends(kn, service, list, old->n - 1);
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
 */
void k8snet_services_destroy(struct k8snet_net *kn)
{
	struct k8snet_services *services = &kn->services;
	struct k8snet_service *service;
	unsigned long id;

	mutex_lock(&kn->lock);
	xa_for_each(&services->by_id, id, service)
		k8snet_service_del(kn, service);
	mutex_unlock(&kn->lock);
	k8snet_addrset_destroy(&services->cluster_ips);
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
