/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The services of a namespace, found by frontend or by name.
 */
#ifndef K8SNET_SERVICE_SERVICE_H
#define K8SNET_SERVICE_SERVICE_H

#include <linux/rhashtable.h>
#include <linux/xarray.h>

#include "addrset.h"
#include "prefix.h"
#include "refusal.h"
#include "service/backend.h"

struct k8snet_affinity;
struct k8snet_net;

#define K8SNET_FRONTENDS_MAX	16

/* A node port has no address: that of its family which is all zeros. */
struct k8snet_frontend_key {
	struct k8snet_addr addr;
	__be16 port;
	u16 protocol;
};

static_assert(sizeof(struct k8snet_frontend_key) == 24);

static inline bool k8snet_frontend_is_any(const struct k8snet_frontend_key *key)
{
	return key->addr.family == AF_INET ? !key->addr.ip :
					     ipv6_addr_any(&key->addr.ip6);
}

struct k8snet_frontend {
	struct rhash_head head;
	struct k8snet_frontend_key key;
	u32 type;			/* enum k8snet_frontend_type */
	struct k8snet_service *service;	/* NULL while a commit prepares it */
	union {				/* lock */
		struct list_head list;	/* of its service */
		struct hlist_node gone;	/* of those that a commit removes */
	};
	struct rcu_head rcu;
};

struct k8snet_service_stats {
	unsigned long new;
	unsigned long rejected;
};

/* What a service wants of its connections. Replaced, never changed. */
struct k8snet_rules {
	struct rcu_head rcu;
	u32 algorithm;			/* enum k8snet_algorithm */
	u32 internal;			/* enum k8snet_policy */
	u32 external;			/* enum k8snet_policy */
	u32 range_scope;		/* enum k8snet_range_scope */
	u32 on_remove;			/* enum k8snet_on_remove */
	u32 limit;			/* 0 for none */
	u32 affinity;			/* seconds, 0 for off */
	unsigned int n_ranges;
	struct k8snet_prefix ranges[];
};

/*
 * The table has one reference, and each endpoint has one: connections are
 * accounted after the service has gone.
 */
struct k8snet_service {
	struct k8snet_rules __rcu *rules;
	struct k8snet_backends __rcu *backends[2];	/* IPv4, IPv6 */
	struct k8snet_affinity __rcu *affinity;		/* NULL while off */
	struct k8snet_service_stats __percpu *stats;
	refcount_t refs;
	atomic_t turn;
	atomic_t tracked;		/* in conntrack, about */
	struct k8snet_tally tally;
	u8 protocol;
	char *name;

	/* lock */
	struct rhash_head by_name;
	struct list_head frontends;
	u32 id;				/* order of dumps */
	bool evict;			/* a commit ends UDP flows of it */
	bool reset;			/* and all others */
	struct rcu_head rcu;
};

struct k8snet_services {
	struct rhashtable frontends;
	struct rhashtable by_name;	/* lock */
	struct xarray by_id;		/* lock */
	struct k8snet_addrset cluster_ips;
	/* Ports that node ports have, of any protocol; NULL until the first. */
	unsigned long __rcu *nodeports;
	u32 next_id;
};

struct k8snet_frontend_conf {
	u32 type;
	struct k8snet_addr addr;
	__be16 port;
};

/**
 * struct k8snet_service_conf - what the user says of a service port
 * @name: namespace/name:port, not empty
 * @protocol: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @rules: what it wants of its connections; the ranges are in @ranges
 * @ranges: source ranges
 * @n_frontends: how many, at least one
 * @frontends: where it answers
 * @n_endpoints: how many
 * @endpoints: its servers, in any order
 */
struct k8snet_service_conf {
	const char *name;
	u8 protocol;
	struct k8snet_rules rules;
	struct k8snet_prefixes *ranges;
	unsigned int n_frontends;
	struct k8snet_frontend_conf frontends[K8SNET_FRONTENDS_MAX];
	unsigned int n_endpoints;
	struct k8snet_endpoint_conf *endpoints;
};

static inline unsigned int k8snet_service_family(u16 family)
{
	return family == AF_INET6;
}

/* The caller has RCU, or the namespace's lock. */
static inline const struct k8snet_backends *
k8snet_service_backends(const struct k8snet_service *service, u16 family)
{
	return rcu_dereference_check(service->backends[k8snet_service_family(family)],
				     true);
}

struct k8snet_frontend *
k8snet_frontend_find(struct k8snet_net *kn,
		     const struct k8snet_frontend_key *key);
struct k8snet_frontend *
k8snet_frontend_alloc(const struct k8snet_frontend_key *key, u32 type);
int k8snet_frontend_insert(struct k8snet_net *kn, struct k8snet_frontend *f);
void k8snet_frontend_replace(struct k8snet_net *kn, struct k8snet_frontend *old,
			     struct k8snet_frontend *f);
void k8snet_frontend_remove(struct k8snet_net *kn, struct k8snet_frontend *f);
void k8snet_frontend_free(struct k8snet_frontend *f);
void k8snet_frontend_free_rcu(struct k8snet_frontend *f);

struct k8snet_frontend *
k8snet_service_lookup(struct k8snet_net *kn,
		      const struct k8snet_frontend_key *key);
bool k8snet_service_is_local(struct k8snet_net *kn,
			     const struct k8snet_frontend *frontend,
			     bool from_node, const struct k8snet_addr *client);
struct k8snet_service *k8snet_service_by_name(struct k8snet_net *kn,
					      const char *name);
struct k8snet_service *k8snet_service_alloc(const char *name, u8 protocol);
int k8snet_service_publish(struct k8snet_net *kn,
			   struct k8snet_service *service);
void k8snet_service_unpublish(struct k8snet_net *kn,
			      struct k8snet_service *service);
void k8snet_service_free_rcu(struct k8snet_service *service);
void k8snet_service_put(struct k8snet_service *service);

int k8snet_services_init(struct k8snet_services *services);
void k8snet_services_destroy(struct k8snet_net *kn);

int k8snet_service_cache_create(void);
void k8snet_service_cache_destroy(void);

#endif /* K8SNET_SERVICE_SERVICE_H */
