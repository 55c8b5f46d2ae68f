/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP prefixes and lists of them.
 */
#ifndef K8SNET_PREFIX_H
#define K8SNET_PREFIX_H

#include "address.h"
#include "arena.h"
#include "generated/names.h"
#include "msg.h"

/* An address, "/128" and the end; lengths that are no lengths fit as well. */
#define K8SNET_PREFIX_STRLEN	(K8SNET_ADDRESS_STRLEN + 11)

struct k8snet_prefix {
	struct k8snet_address addr;
	uint32_t length;
};

struct k8snet_prefixes {
	struct k8snet_prefix *prefix;
	size_t count;
};

const char *k8snet_prefix_print(const struct k8snet_prefix *prefix, char *buf);
int k8snet_prefixes_add(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			const struct k8snet_prefix *prefix);
int k8snet_prefixes_decode(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			   const struct nlattr *nest);
void k8snet_prefixes_encode(const struct k8snet_prefixes *list, struct k8snet_msg *msg,
			    uint16_t type);

#endif /* K8SNET_PREFIX_H */
