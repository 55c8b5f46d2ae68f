/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which endpoint a client of a service had last.
 */
#ifndef K8SNET_SERVICE_AFFINITY_H
#define K8SNET_SERVICE_AFFINITY_H

#include "addr.h"

struct k8snet_affinity;
struct k8snet_backends;
struct k8snet_endpoint;

struct k8snet_affinity *k8snet_affinity_create(void);
void k8snet_affinity_free_rcu(struct k8snet_affinity *affinity);
struct k8snet_endpoint *
k8snet_affinity_get(struct k8snet_affinity *affinity,
		    const struct k8snet_addr *client,
		    const struct k8snet_backends *backends, u32 flag,
		    unsigned int seconds);
struct k8snet_endpoint *
k8snet_affinity_peek(struct k8snet_affinity *affinity,
		     const struct k8snet_addr *client,
		     const struct k8snet_backends *backends, u32 flag);
void k8snet_affinity_put(struct k8snet_affinity *affinity,
			 const struct k8snet_addr *client,
			 const struct k8snet_endpoint *endpoint,
			 unsigned int seconds);

int k8snet_affinity_cache_create(void);
void k8snet_affinity_cache_destroy(void);

#endif /* K8SNET_SERVICE_AFFINITY_H */
