// SPDX-License-Identifier: GPL-2.0
/*
 * An IP address of either family, to and from text and netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <linux/k8snet.h>

#include "address.h"
#include "generated/names.h"

/* Returns 0 or EINVAL. */
int k8snet_address_parse(struct k8snet_address *addr, const char *text)
{
	static const int families[] = { AF_INET, AF_INET6 };

	for (int i = 0; i < 2; i++) {
		addr->family = families[i];
		if (inet_pton(addr->family, text, &addr->ipv6) == 1)
			return 0;
	}
	addr->family = 0;
	return EINVAL;
}

/* buf has K8SNET_ADDRESS_STRLEN bytes; empty for none. */
const char *k8snet_address_print(const struct k8snet_address *addr, char *buf)
{
	buf[0] = 0;
	if (addr->family)
		inet_ntop(addr->family, &addr->ipv6, buf, K8SNET_ADDRESS_STRLEN);
	return buf;
}

/* Puts the address as the attribute of its family, if there is one. */
void k8snet_address_encode(const struct k8snet_address *addr, struct k8snet_msg *msg,
			   uint16_t type4, uint16_t type6)
{
	if (addr->family == AF_INET)
		k8snet_msg_put_ipv4(msg, type4, addr->ipv4);
	else if (addr->family == AF_INET6)
		k8snet_msg_put_ipv6(msg, type6, &addr->ipv6);
}

/* The attribute must be valid, and of that family. */
void k8snet_address_decode(struct k8snet_address *addr, int family, const struct nlattr *attr)
{
	addr->family = family;
	memcpy(&addr->ipv6, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

/* Returns 0 or ENOMEM. */
int k8snet_addresses_add(struct k8snet_addresses *list, struct k8snet_arena *arena,
			 const struct k8snet_address *addr)
{
	struct k8snet_address *bigger;

	bigger = k8snet_arena_grow(arena, list->address, list->count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	list->address = bigger;
	list->address[list->count++] = *addr;
	return 0;
}

/* Puts every address as an attribute of this type. */
void k8snet_addresses_encode(const struct k8snet_addresses *list, struct k8snet_msg *msg,
			     uint16_t type)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t nest = k8snet_msg_nest_start(msg, type);

		k8snet_address_encode(&list->address[i], msg, K8SNET_A_ADDRESS_IPV4,
				      K8SNET_A_ADDRESS_IPV6);
		k8snet_msg_nest_end(msg, nest);
	}
}

/* Adds the address that a nest holds. */
int k8snet_addresses_decode(struct k8snet_addresses *list, struct k8snet_arena *arena,
			    const struct nlattr *nest)
{
	struct k8snet_address addr = { 0 };
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_address_set, attr))
			return EBADMSG;
		if (mnl_attr_get_type(attr) == K8SNET_A_ADDRESS_IPV4)
			k8snet_address_decode(&addr, AF_INET, attr);
		else if (mnl_attr_get_type(attr) == K8SNET_A_ADDRESS_IPV6)
			k8snet_address_decode(&addr, AF_INET6, attr);
	}
	return k8snet_addresses_add(list, arena, &addr);
}
