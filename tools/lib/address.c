// SPDX-License-Identifier: GPL-2.0
/*
 * An IP address of either family, to and from text and netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "address.h"

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
