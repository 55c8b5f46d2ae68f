/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 prefixes, and short lists of them that packets are checked against.
 */
#ifndef K8SNET_PREFIX_H
#define K8SNET_PREFIX_H

#include <linux/inetdevice.h>
#include <linux/minmax.h>

#include <uapi/linux/k8snet.h>

struct k8snet_prefix {
	__be32 addr;
	u32 len;
};

/* A list that an operator writes: a handful, at most K8SNET_PREFIXES_MAX. */
struct k8snet_prefixes {
	unsigned int n;
	struct k8snet_prefix a[K8SNET_PREFIXES_MAX];
};

static inline bool k8snet_prefix_overlaps(const struct k8snet_prefix *a,
					  const struct k8snet_prefix *b)
{
	return !((a->addr ^ b->addr) & inet_make_mask(min(a->len, b->len)));
}

static inline bool k8snet_prefixes_have(const struct k8snet_prefixes *list,
					__be32 addr)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (!((list->a[i].addr ^ addr) & inet_make_mask(list->a[i].len)))
			return true;
	return false;
}

#endif /* K8SNET_PREFIX_H */
