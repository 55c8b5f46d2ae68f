/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The endpoints of a service, and which one a new connection gets.
 */
#ifndef K8SNET_SERVICE_BACKEND_H
#define K8SNET_SERVICE_BACKEND_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/types.h>

struct nf_conntrack_tuple;

/* What the user says of an endpoint. */
struct k8snet_endpoint_conf {
	__be32 addr;
	__be16 port;
	u16 weight;
	u32 index;			/* where in the request it was */
};

/*
 * An endpoint, shared by the successive records of its service. It is counted
 * on with each new connection only, so one word for all CPUs will do: there
 * can be half a million endpoints.
 */
struct k8snet_endpoint {
	__be32 addr;
	__be16 port;
	refcount_t refs;
	atomic_long_t new;
};

struct k8snet_backend {
	struct k8snet_endpoint *endpoint;
	u32 weight;
};

/*
 * All endpoints of a service, ordered by address and port, and the Maglev
 * table over them. Never changed once readers can see it.
 */
struct k8snet_backends {
	struct rcu_head rcu;
	unsigned int n;
	u32 size;			/* of the table; 0 for fewer than two */
	bool wide;			/* its slots are u16, not u8 */
	void *table;
	struct k8snet_backend a[];
};

struct k8snet_backends *
k8snet_backends_build(const struct k8snet_endpoint_conf *conf, unsigned int n,
		      const struct k8snet_backends *old);
void k8snet_backends_free(struct k8snet_backends *backends);
void k8snet_backends_free_rcu(struct k8snet_backends *backends);
int k8snet_backends_find(const struct k8snet_backends *backends, __be32 addr,
			 __be16 port);

u32 k8snet_backends_hash(const struct nf_conntrack_tuple *tuple,
			 const siphash_key_t *key);
struct k8snet_endpoint *k8snet_backends_pick(const struct k8snet_backends *backends,
					     u32 hash);

int k8snet_backend_cache_create(void);
void k8snet_backend_cache_destroy(void);

#endif /* K8SNET_SERVICE_BACKEND_H */
