/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IP address of either family.
 */
#ifndef K8SNET_ADDRESS_H
#define K8SNET_ADDRESS_H

#include <netinet/in.h>

#include <libmnl/libmnl.h>

#include "msg.h"

#define K8SNET_ADDRESS_STRLEN	INET6_ADDRSTRLEN

struct k8snet_address {
	int family;		/* AF_INET, AF_INET6, or 0 for none */
	union {
		struct in_addr ipv4;
		struct in6_addr ipv6;
	};
};

int k8snet_address_parse(struct k8snet_address *addr, const char *text);
const char *k8snet_address_print(const struct k8snet_address *addr, char *buf);
void k8snet_address_encode(const struct k8snet_address *addr, struct k8snet_msg *msg,
			   uint16_t type4, uint16_t type6);
void k8snet_address_decode(struct k8snet_address *addr, int family, const struct nlattr *attr);

#endif /* K8SNET_ADDRESS_H */
