// SPDX-License-Identifier: GPL-2.0
/*
 * IP prefixes and lists of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <linux/k8snet.h>

#include "prefix.h"

int k8snet_prefix_compare(const struct k8snet_prefix *a, const struct k8snet_prefix *b)
{
	uint32_t x = ntohl(a->addr.s_addr), y = ntohl(b->addr.s_addr);

	if (x != y)
		return x < y ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

/* buf has K8SNET_PREFIX_STRLEN bytes. */
const char *k8snet_prefix_print(const struct k8snet_prefix *prefix, char *buf)
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &prefix->addr, addr, sizeof(addr));
	snprintf(buf, K8SNET_PREFIX_STRLEN, "%s/%u", addr, prefix->length);
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
			prefix.addr.s_addr = mnl_attr_get_u32(attr);
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

		k8snet_msg_put_ipv4(msg, K8SNET_A_PREFIX_IPV4, list->prefix[i].addr);
		k8snet_msg_put_u32(msg, K8SNET_A_PREFIX_LENGTH, list->prefix[i].length);
		k8snet_msg_nest_end(msg, nest);
	}
}
