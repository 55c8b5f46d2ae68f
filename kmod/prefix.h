/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP prefixes, and short lists of them that packets are checked against.
 */
#ifndef K8SNET_PREFIX_H
#define K8SNET_PREFIX_H

#include <linux/inetdevice.h>
#include <linux/minmax.h>

#include <uapi/linux/k8snet.h>

#include "addr.h"

/* Laid out as struct k8snet_addr; bits beyond the length are zero. */
struct k8snet_prefix {
	u16 family;
	u16 len;
	union {
		__be32 ip;
		struct in6_addr ip6;
	};
};

static_assert(sizeof(struct k8snet_prefix) == sizeof(struct k8snet_addr));

/* A list that an operator writes: a handful, at most K8SNET_PREFIXES_MAX. */
struct k8snet_prefixes {
	unsigned int n;
	struct k8snet_prefix a[K8SNET_PREFIXES_MAX];
};

static inline unsigned int k8snet_prefix_max(u16 family)
{
	return family == AF_INET ? 32 : 128;
}

static inline bool k8snet_prefix_equal(const struct k8snet_prefix *a,
				       const struct k8snet_prefix *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool k8snet_prefix_overlaps(const struct k8snet_prefix *a,
					  const struct k8snet_prefix *b)
{
	unsigned int len = min(a->len, b->len);

	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return !((a->ip ^ b->ip) & inet_make_mask(len));
	return ipv6_prefix_equal(&a->ip6, &b->ip6, len);
}

static inline bool k8snet_prefix_has(const struct k8snet_prefix *prefix,
				     const struct k8snet_addr *addr)
{
	if (prefix->family != addr->family)
		return false;
	if (addr->family == AF_INET)
		return !((prefix->ip ^ addr->ip) & inet_make_mask(prefix->len));
	return ipv6_prefix_equal(&prefix->ip6, &addr->ip6, prefix->len);
}

static inline bool k8snet_prefixes_have(const struct k8snet_prefixes *list,
					const struct k8snet_addr *addr)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (k8snet_prefix_has(&list->a[i], addr))
			return true;
	return false;
}

static inline bool k8snet_prefixes_have_family(const struct k8snet_prefixes *list,
					       u16 family)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (list->a[i].family == family)
			return true;
	return false;
}

#endif /* K8SNET_PREFIX_H */
