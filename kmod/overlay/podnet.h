/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The longest-prefix map of one device, pod prefix to node.
 */
#ifndef K8SNET_OVERLAY_PODNET_H
#define K8SNET_OVERLAY_PODNET_H

#include <linux/rhashtable.h>

#include "addr.h"
#include "prefix.h"

struct k8snet_node;

struct k8snet_podnet_lens;

/* The prefixes of one family. */
struct k8snet_podnet_family {
	struct rhashtable table;
	struct k8snet_podnet_lens __rcu *lens;
	unsigned int users[129];	/* prefixes of each length */
};

struct k8snet_podnet {
	struct k8snet_podnet_family ip4;
	struct k8snet_podnet_family ip6;
};

int k8snet_podnet_init(struct k8snet_podnet *podnet);
void k8snet_podnet_destroy(struct k8snet_podnet *podnet);
struct k8snet_node *k8snet_podnet_lookup4(struct k8snet_podnet *podnet,
					  __be32 addr);
struct k8snet_node *k8snet_podnet_lookup6(struct k8snet_podnet *podnet,
					  const struct in6_addr *addr);

/* The node that an address belongs to, or NULL. */
static inline struct k8snet_node *
k8snet_podnet_lookup(struct k8snet_podnet *podnet,
		     const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return k8snet_podnet_lookup4(podnet, addr->ip);
	return k8snet_podnet_lookup6(podnet, &addr->ip6);
}

struct k8snet_node *k8snet_podnet_find(struct k8snet_podnet *podnet,
				       const struct k8snet_prefix *prefix);
int k8snet_podnet_reserve(struct k8snet_podnet *podnet,
			  const struct k8snet_prefix *prefix);
void k8snet_podnet_unreserve(struct k8snet_podnet *podnet,
			     const struct k8snet_prefix *prefix);
void k8snet_podnet_move(struct k8snet_podnet *podnet,
			const struct k8snet_prefix *prefix,
			struct k8snet_node *node);
void k8snet_podnet_del(struct k8snet_podnet *podnet,
		       const struct k8snet_prefix *prefix);

int k8snet_podnet_cache_create(void);
void k8snet_podnet_cache_destroy(void);

#endif /* K8SNET_OVERLAY_PODNET_H */
