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

#include <uapi/linux/k8snet.h>

#include "addr.h"

struct k8snet_service;
struct nf_conntrack_tuple;

/* What the user says of an endpoint. */
struct k8snet_endpoint_conf {
	struct k8snet_addr addr;
	__be16 port;
	u16 weight;
	u32 flags;			/* enum k8snet_endpoint_flag */
	u32 index;			/* where in the request it was */
};

/* Packets and bytes of connections, from clients and to them. */
struct k8snet_tally {
	atomic64_t packets[2];		/* by enum ip_conntrack_dir */
	atomic64_t bytes[2];
};

/*
 * An endpoint, shared by the successive records of its service and by the
 * accounts of its connections. It is counted on with each new connection only,
 * so one word for all CPUs will do: there can be half a million endpoints.
 */
struct k8snet_endpoint {
	struct k8snet_addr addr;
	__be16 port;
	bool leaving;			/* account.lock: takes no connections */
	refcount_t refs;
	struct k8snet_service *service;	/* a reference */
	atomic_long_t new;
	atomic_t active;
	struct k8snet_tally tally;
};

struct k8snet_backend {
	struct k8snet_endpoint *endpoint;
	u16 weight;
	u16 flags;
	u32 key;			/* another one for each of a record */
};

/* Those of the endpoints that connections of one kind can get. */
struct k8snet_set {
	u32 size;			/* of the Maglev table; 0 if there is none */
	u32 total;			/* of the weights, without their common divisor */
	u32 stride;			/* from turn to turn */
	u16 n;
	bool wide;			/* the table's slots are u16, not u8 */
	void *table;			/* slots to members */
	u16 *members;			/* positions in the record; NULL for all */
	u32 *sums;			/* of weights up to each; NULL if all are equal */
};

/*
 * All endpoints of a service that have addresses of one family, ordered by
 * address and port, and the sets. Never changed once readers can see it.
 */
struct k8snet_backends {
	struct rcu_head rcu;
	u32 n;
	u32 algorithm;			/* enum k8snet_algorithm */
	struct k8snet_set cluster;
	struct k8snet_set local;
	struct k8snet_backend a[];
};

struct k8snet_backends *
k8snet_backends_build(struct k8snet_service *service,
		      const struct k8snet_endpoint_conf *conf, unsigned int n,
		      u32 algorithm, const struct k8snet_backends *old);
void k8snet_backends_free(struct k8snet_backends *backends);
void k8snet_backends_free_rcu(struct k8snet_backends *backends);
int k8snet_backends_find(const struct k8snet_backends *backends,
			 const struct k8snet_addr *addr, __be16 port);

/* Does a connection's hash choose for it? */
static inline bool k8snet_backends_want_hash(const struct k8snet_backends *backends,
					     const struct k8snet_set *set)
{
	return backends->algorithm == K8SNET_ALGORITHM_MAGLEV && set->n > 1;
}

u32 k8snet_backends_hash(const struct nf_conntrack_tuple *tuple,
			 const siphash_key_t *key);
struct k8snet_endpoint *k8snet_backends_pick(const struct k8snet_backends *backends,
					     const struct k8snet_set *set,
					     u32 hash, atomic_t *turn);
void k8snet_endpoint_put(struct k8snet_endpoint *e);

int k8snet_backend_cache_create(void);
void k8snet_backend_cache_destroy(void);

#endif /* K8SNET_SERVICE_BACKEND_H */
