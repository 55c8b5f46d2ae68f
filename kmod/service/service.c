// SPDX-License-Identifier: GPL-2.0
/*
 * The services of a namespace, found by frontend or by name.
 *
 * Writers hold k8snet_net.lock, the packet path RCU.
 */
#include <linux/bitmap.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "hash.h"
#include "name.h"
#include "netns.h"
#include "service/change.h"
#include "service/commit.h"
#include "service/local.h"
#include "service/service.h"

static struct kmem_cache *service_cache;
static struct kmem_cache *frontend_cache;

/* An IPv4 frontend is two words: cheap to hash and to compare. */
static __always_inline u32 frontend_hash(const void *data, u32 len, u32 seed)
{
	const struct k8snet_frontend_key *key = data;
	u32 port = key->protocol << 16 | (__force u16)key->port;

	if (key->addr.family == AF_INET)
		return k8snet_hash_2words((__force u32)key->addr.ip, port,
					  seed);
	return jhash2((__force const u32 *)key->addr.ip6.s6_addr32, 4,
		      port ^ seed);
}

static u32 frontend_hash_obj(const void *obj, u32 len, u32 seed)
{
	const struct k8snet_frontend *f = obj;

	return frontend_hash(&f->key, len, seed);
}

static __always_inline int frontend_cmp(struct rhashtable_compare_arg *arg,
					const void *obj)
{
	const struct k8snet_frontend *f = obj;
	const struct k8snet_frontend_key *a = arg->key, *b = &f->key;

	return a->port != b->port || a->protocol != b->protocol ||
	       !k8snet_addr_equal(&a->addr, &b->addr);
}

static const struct rhashtable_params by_frontend = {
	.head_offset = offsetof(struct k8snet_frontend, head),
	.key_offset = offsetof(struct k8snet_frontend, key),
	.key_len = sizeof_field(struct k8snet_frontend, key),
	.hashfn = frontend_hash,
	.obj_hashfn = frontend_hash_obj,
	.obj_cmpfn = frontend_cmp,
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
 * k8snet_frontend_find() - find a frontend, also one that readers cannot see yet
 * @kn: the namespace
 * @key: its key
 *
 * Context: k8snet_net.lock, or RCU read side.
 * Return: the frontend, or NULL.
 */
struct k8snet_frontend *
k8snet_frontend_find(struct k8snet_net *kn,
		     const struct k8snet_frontend_key *key)
{
	return rhashtable_lookup_fast(&kn->services.frontends, key,
				      by_frontend);
}

/*
 * What a commit has put into the table and not made yet has no service, or one
 * without rules. A service that has them has all else.
 */
static struct k8snet_frontend *frontend_seen(struct k8snet_frontend *f)
{
	const struct k8snet_service *service;

	if (!f)
		return NULL;
	service = READ_ONCE(f->service);
	return likely(service && rcu_access_pointer(service->rules)) ? f : NULL;
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

static noinline struct k8snet_frontend *
service_lookup_nodeport(struct k8snet_net *kn,
			const struct k8snet_frontend_key *key)
{
	const struct k8snet_frontend_key any = {
		.addr.family = key->addr.family,
		.port = key->port,
		.protocol = key->protocol,
	};
	struct k8snet_frontend *f;

	f = frontend_seen(rhashtable_lookup(&kn->services.frontends, &any,
					    by_frontend));
	return f && nodeport_answers(kn, &key->addr) ? f : NULL;
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
	const unsigned long *nodeports;
	struct k8snet_frontend *f;

	f = frontend_seen(rhashtable_lookup(&kn->services.frontends, key,
					    by_frontend));
	if (f)
		return f;
	nodeports = rcu_dereference(kn->services.nodeports);
	if (!nodeports || !test_bit(ntohs(key->port), nodeports))
		return NULL;
	return service_lookup_nodeport(kn, key);
}

/**
 * k8snet_service_is_local() - must the endpoint be one of this node?
 * @kn: the namespace
 * @frontend: where the client has come to
 * @from_node: the client is a process of the node
 * @client: its address
 *
 * External policy local is for those outside; pods and processes of the node
 * take the short way to any endpoint, as with kube-proxy. A pod of another node
 * does not: its own node is the one that the answer would pass.
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
	       !(k8snet_prefixes_have(&config->pods, client) &&
		 k8snet_local_hosts(kn->net, client));
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

/**
 * k8snet_frontend_alloc() - make a frontend that is in no table yet
 * @key: its key
 * @type: enum k8snet_frontend_type
 *
 * Return: the frontend, or NULL without memory.
 */
struct k8snet_frontend *
k8snet_frontend_alloc(const struct k8snet_frontend_key *key, u32 type)
{
	struct k8snet_frontend *f;

	f = kmem_cache_zalloc(frontend_cache, GFP_KERNEL_ACCOUNT);
	if (!f)
		return NULL;
	f->key = *key;
	f->type = type;
	return f;
}

/**
 * k8snet_frontend_free() - free a frontend that was in no table
 * @f: the frontend, or NULL
 */
void k8snet_frontend_free(struct k8snet_frontend *f)
{
	if (f)
		kmem_cache_free(frontend_cache, f);
}

static void frontend_free(struct rcu_head *rcu)
{
	k8snet_frontend_free(container_of(rcu, struct k8snet_frontend, rcu));
}

/**
 * k8snet_frontend_free_rcu() - free a frontend once its readers have left
 * @f: the frontend, which is in no table any more
 */
void k8snet_frontend_free_rcu(struct k8snet_frontend *f)
{
	call_rcu(&f->rcu, frontend_free);
}

/**
 * k8snet_frontend_insert() - put a frontend into the table
 * @kn: the namespace
 * @f: the frontend, whose key nobody has
 *
 * Context: k8snet_net.lock.
 * Return: 0, or what the hash table refuses with.
 */
int k8snet_frontend_insert(struct k8snet_net *kn, struct k8snet_frontend *f)
{
	return rhashtable_insert_fast(&kn->services.frontends, &f->head,
				      by_frontend);
}

/**
 * k8snet_frontend_replace() - put a frontend into the place of another one
 * @kn: the namespace
 * @old: the one that is in the table
 * @f: the one of the same key that is not
 *
 * Readers see the one or the other. Cannot fail.
 *
 * Context: k8snet_net.lock.
 */
void k8snet_frontend_replace(struct k8snet_net *kn, struct k8snet_frontend *old,
			     struct k8snet_frontend *f)
{
	WARN_ON_ONCE(rhashtable_replace_fast(&kn->services.frontends,
					     &old->head, &f->head,
					     by_frontend));
}

/**
 * k8snet_frontend_remove() - take a frontend out of the table
 * @kn: the namespace
 * @f: the frontend
 *
 * Context: k8snet_net.lock.
 */
void k8snet_frontend_remove(struct k8snet_net *kn, struct k8snet_frontend *f)
{
	rhashtable_remove_fast(&kn->services.frontends, &f->head, by_frontend);
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

/**
 * k8snet_service_free_rcu() - free a service once its readers have left
 * @service: the service, which is in no table any more; with its parts
 */
void k8snet_service_free_rcu(struct k8snet_service *service)
{
	call_rcu(&service->rcu, service_free_rcu);
}

/**
 * k8snet_service_alloc() - make a service that is in no table yet
 * @name: its name
 * @protocol: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 *
 * Return: the service, or NULL without memory.
 */
struct k8snet_service *k8snet_service_alloc(const char *name, u8 protocol)
{
	struct k8snet_service *service;

	service = kmem_cache_zalloc(service_cache, GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;
	INIT_LIST_HEAD(&service->frontends);
	refcount_set(&service->refs, 1);
	service->protocol = protocol;
	service->name = kstrdup(name, GFP_KERNEL_ACCOUNT);
	service->stats = alloc_percpu_gfp(struct k8snet_service_stats,
					  GFP_KERNEL_ACCOUNT);
	if (service->name && service->stats)
		return service;
	service_free(service);
	return NULL;
}

/**
 * k8snet_service_publish() - let writers and dumps find a service
 * @kn: the namespace
 * @service: the service
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno.
 */
int k8snet_service_publish(struct k8snet_net *kn,
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

/**
 * k8snet_service_unpublish() - let nobody but readers find a service any more
 * @kn: the namespace
 * @service: the service
 *
 * Context: k8snet_net.lock.
 */
void k8snet_service_unpublish(struct k8snet_net *kn,
			      struct k8snet_service *service)
{
	rhashtable_remove_fast(&kn->services.by_name, &service->by_name,
			       by_name);
	xa_erase(&kn->services.by_id, service->id);
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
	struct k8snet_services *services = &kn->services;
	struct k8snet_service *service;
	unsigned long id;

	mutex_lock(&kn->lock);
	xa_for_each(&services->by_id, id, service) {
		k8snet_commit_take_out(kn, service);
		k8snet_service_free_rcu(service);
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
