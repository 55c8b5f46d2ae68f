/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP prefixes and lists of them.
 */
#ifndef K8SNET_PREFIX_H
#define K8SNET_PREFIX_H

#include <netinet/in.h>

#include "arena.h"
#include "generated/names.h"
#include "msg.h"

/* "255.255.255.255/32" and its end; lengths that are no lengths fit as well. */
#define K8SNET_PREFIX_STRLEN	32

struct k8snet_prefix {
	struct in_addr addr;
	uint32_t length;
};

struct k8snet_prefixes {
	struct k8snet_prefix *prefix;
	size_t count;
};

int k8snet_prefix_compare(const struct k8snet_prefix *a, const struct k8snet_prefix *b);
const char *k8snet_prefix_print(const struct k8snet_prefix *prefix, char *buf);
int k8snet_prefixes_add(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			const struct k8snet_prefix *prefix);
int k8snet_prefixes_decode(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			   const struct nlattr *nest);
void k8snet_prefixes_encode(const struct k8snet_prefixes *list, struct k8snet_msg *msg,
			    uint16_t type);

#endif /* K8SNET_PREFIX_H */
