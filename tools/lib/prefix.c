// SPDX-License-Identifier: GPL-2.0
/*
 * IP prefixes and lists of them.
 */
#include <errno.h>
#include <stdio.h>

#include <linux/k8snet.h>

#include "prefix.h"

/* buf has K8SNET_PREFIX_STRLEN bytes. */
const char *k8snet_prefix_print(const struct k8snet_prefix *prefix, char *buf)
{
	char addr[K8SNET_ADDRESS_STRLEN];

	snprintf(buf, K8SNET_PREFIX_STRLEN, "%s/%u",
		 k8snet_address_print(&prefix->addr, addr), prefix->length);
	return buf;
}

/* Returns 0 or ENOMEM. */
int k8snet_prefixes_add(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			const struct k8snet_prefix *prefix)
{
	struct k8snet_prefix *bigger;

	bigger = k8snet_arena_grow(arena, list->prefix, list->count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	list->prefix = bigger;
	list->prefix[list->count++] = *prefix;
	return 0;
}

/* Adds the prefix that a nest holds. */
int k8snet_prefixes_decode(struct k8snet_prefixes *list, struct k8snet_arena *arena,
			   const struct nlattr *nest)
{
	struct k8snet_prefix prefix = { 0 };
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_prefix_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_PREFIX_IPV4:
			k8snet_address_decode(&prefix.addr, AF_INET, attr);
			break;
		case K8SNET_A_PREFIX_IPV6:
			k8snet_address_decode(&prefix.addr, AF_INET6, attr);
			break;
		case K8SNET_A_PREFIX_LENGTH:
			prefix.length = mnl_attr_get_u32(attr);
			break;
		}
	}
	return k8snet_prefixes_add(list, arena, &prefix);
}

/* Puts every prefix as an attribute of this type. */
void k8snet_prefixes_encode(const struct k8snet_prefixes *list, struct k8snet_msg *msg,
			    uint16_t type)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t nest = k8snet_msg_nest_start(msg, type);

		k8snet_address_encode(&list->prefix[i].addr, msg, K8SNET_A_PREFIX_IPV4,
				      K8SNET_A_PREFIX_IPV6);
		k8snet_msg_put_u32(msg, K8SNET_A_PREFIX_LENGTH, list->prefix[i].length);
		k8snet_msg_nest_end(msg, nest);
	}
}
