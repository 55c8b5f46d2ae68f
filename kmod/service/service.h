/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The services of a namespace, found by frontend or by name.
 */
#ifndef K8SNET_SERVICE_SERVICE_H
#define K8SNET_SERVICE_SERVICE_H

#include <linux/rhashtable.h>
#include <linux/xarray.h>

#include "addrset.h"
#include "refusal.h"
#include "service/backend.h"

struct k8snet_net;

#define K8SNET_FRONTENDS_MAX	16

struct k8snet_frontend_key {
	__be32 addr;
	__be16 port;
	u16 protocol;
};

struct k8snet_frontend {
	struct rhash_head head;
	struct k8snet_frontend_key key;
	u32 type;			/* enum k8snet_frontend_type */
	struct k8snet_service *service;
	struct list_head list;		/* of its service; lock */
	struct rcu_head rcu;
};

struct k8snet_service_stats {
	unsigned long new;
	unsigned long rejected;
};

struct k8snet_service {
	struct k8snet_backends __rcu *backends;
	struct k8snet_service_stats __percpu *stats;

	/* lock */
	struct rhash_head by_name;
	struct list_head frontends;
	u32 id;				/* order of dumps */
	u32 algorithm;
	u8 protocol;
	char *name;
	struct rcu_head rcu;
};

struct k8snet_services {
	struct rhashtable frontends;
	struct rhashtable by_name;	/* lock */
	struct xarray by_id;		/* lock */
	struct k8snet_addrset cluster_ips;
	u32 next_id;
};

struct k8snet_frontend_conf {
	u32 type;
	__be32 addr;
	__be16 port;
};

/**
 * struct k8snet_service_conf - what the user says of a service port
 * @name: namespace/name:port, not empty
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @algorithm: enum k8snet_algorithm
 * @n_frontends: how many, at least one
 * @frontends: where it answers
 * @n_endpoints: how many
 * @endpoints: its servers, in any order
 */
struct k8snet_service_conf {
	const char *name;
	u8 protocol;
	u32 algorithm;
	unsigned int n_frontends;
	struct k8snet_frontend_conf frontends[K8SNET_FRONTENDS_MAX];
	unsigned int n_endpoints;
	struct k8snet_endpoint_conf *endpoints;
};

struct k8snet_frontend *
k8snet_service_lookup(struct k8snet_services *services,
		      const struct k8snet_frontend_key *key);
struct k8snet_service *k8snet_service_by_name(struct k8snet_net *kn,
					      const char *name);
int k8snet_service_write(struct k8snet_net *kn,
			 struct k8snet_service_conf *conf, bool replace,
			 struct k8snet_refusal *refusal);
void k8snet_service_del(struct k8snet_net *kn, struct k8snet_service *service);
int k8snet_service_add_endpoint(struct k8snet_net *kn,
				struct k8snet_service *service,
				const struct k8snet_endpoint_conf *endpoint,
				struct k8snet_refusal *refusal);
int k8snet_service_del_endpoint(struct k8snet_net *kn,
				struct k8snet_service *service, __be32 addr,
				__be16 port, struct k8snet_refusal *refusal);

int k8snet_services_init(struct k8snet_services *services);
void k8snet_services_destroy(struct k8snet_net *kn);

int k8snet_service_cache_create(void);
void k8snet_service_cache_destroy(void);

#endif /* K8SNET_SERVICE_SERVICE_H */
