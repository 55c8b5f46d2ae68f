/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IP address of either family.
 */
#ifndef K8SNET_ADDRESS_H
#define K8SNET_ADDRESS_H

#include <netinet/in.h>

#include <libmnl/libmnl.h>

#include "arena.h"
#include "msg.h"

#define K8SNET_ADDRESS_STRLEN	INET6_ADDRSTRLEN

struct k8snet_address {
	int family;		/* AF_INET, AF_INET6, or 0 for none */
	union {
		struct in_addr ipv4;
		struct in6_addr ipv6;
	};
};

struct k8snet_addresses {
	struct k8snet_address *address;
	size_t count;
};

int k8snet_address_parse(struct k8snet_address *addr, const char *text);
const char *k8snet_address_print(const struct k8snet_address *addr, char *buf);
void k8snet_address_encode(const struct k8snet_address *addr, struct k8snet_msg *msg,
			   uint16_t type4, uint16_t type6);
void k8snet_address_decode(struct k8snet_address *addr, int family, const struct nlattr *attr);

int k8snet_addresses_add(struct k8snet_addresses *list, struct k8snet_arena *arena,
			 const struct k8snet_address *addr);
void k8snet_addresses_encode(const struct k8snet_addresses *list, struct k8snet_msg *msg,
			     uint16_t type);
int k8snet_addresses_decode(struct k8snet_addresses *list, struct k8snet_arena *arena,
			    const struct nlattr *nest);

#endif /* K8SNET_ADDRESS_H */
