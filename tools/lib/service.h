/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One port of a Kubernetes service.
 */
#ifndef K8SNET_SERVICE_H
#define K8SNET_SERVICE_H

#include <netinet/in.h>

#include "arena.h"
#include "endpoint.h"
#include "msg.h"

struct k8snet_frontend {
	uint32_t type;
	struct in_addr addr;
	uint16_t port;
};

struct k8snet_service {
	uint64_t has;			/* bit K8SNET_A_SERVICE_* of every field that is there */
	const char *name;
	uint32_t protocol;
	struct k8snet_frontend *frontend;
	size_t frontend_count;
	uint32_t algorithm;
	struct k8snet_endpoint *endpoint;	/* in requests */
	size_t endpoint_count;
	uint32_t endpoints;			/* how many, in replies */
	uint64_t new;
	uint64_t rejected;
};

int k8snet_service_add_frontend(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_frontend *frontend);
int k8snet_service_add_endpoint(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_endpoint *endpoint);
void k8snet_service_encode(const struct k8snet_service *service, struct k8snet_msg *msg);
int k8snet_service_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_SERVICE_H */
