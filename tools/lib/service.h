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
#include "prefix.h"
#include "tally.h"

struct k8snet_frontend {
	uint32_t type;
	struct k8snet_address addr;	/* unspecified for a node port */
	uint16_t port;
	bool port_of_first;		/* in requests: the service's first port */
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
	uint32_t internal_policy;
	uint32_t external_policy;
	struct k8snet_prefixes ranges;
	uint32_t range_scope;
	uint32_t on_remove;
	uint32_t limit;
	uint32_t affinity;
	uint64_t new;
	uint64_t rejected;
	struct k8snet_tally tally;
};

int k8snet_service_add_frontend(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_frontend *frontend);
int k8snet_service_add_endpoint(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_endpoint *endpoint);
int k8snet_service_complete(struct k8snet_service *service, struct k8snet_arena *arena);
int k8snet_frontend_decode(struct k8snet_frontend *frontend, const struct nlattr *nest);
void k8snet_service_encode(const struct k8snet_service *service, struct k8snet_msg *msg);
int k8snet_service_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_SERVICE_H */
