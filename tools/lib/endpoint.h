/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server behind a service.
 */
#ifndef K8SNET_ENDPOINT_H
#define K8SNET_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>

#include "arena.h"
#include "msg.h"

/* "255.255.255.255:65535" and its end. */
#define K8SNET_ENDPOINT_STRLEN	24

struct k8snet_endpoint {
	const char *service;
	struct in_addr addr;
	uint16_t port;
	bool has_weight;	/* otherwise the default */
	uint32_t weight;
	uint64_t new;
};

struct nlmsghdr;

int k8snet_endpoint_compare(const struct k8snet_endpoint *a, const struct k8snet_endpoint *b);
const char *k8snet_endpoint_print(struct in_addr addr, uint16_t port, char *buf);
void k8snet_endpoint_encode(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg);
int k8snet_endpoint_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_ENDPOINT_H */
