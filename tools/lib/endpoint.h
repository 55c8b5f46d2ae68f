/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server behind a service.
 */
#ifndef K8SNET_ENDPOINT_H
#define K8SNET_ENDPOINT_H

#include <stdbool.h>

#include "address.h"
#include "arena.h"
#include "msg.h"
#include "tally.h"

/* "[", an IPv6 address, "]:65535" and its end. */
#define K8SNET_ENDPOINT_STRLEN	(K8SNET_ADDRESS_STRLEN + 8)

struct k8snet_endpoint {
	const char *service;
	struct k8snet_address addr;
	uint16_t port;
	bool has_weight;	/* otherwise the default */
	uint32_t weight;
	/* What Kubernetes says of it, in requests; all false is a ready one elsewhere. */
	bool local;		/* on this node */
	bool terminating;
	bool notready;		/* and not serving either */
	uint32_t flags;		/* K8SNET_ENDPOINT_FLAG_* */
	uint32_t protocol;	/* in replies and events */
	uint64_t new;
	struct k8snet_tally tally;
};

/* What an endpoint is in if nobody says anything. */
#define K8SNET_ENDPOINT_FLAGS_DEFAULT \
	(K8SNET_ENDPOINT_FLAG_CLUSTER | K8SNET_ENDPOINT_FLAG_SERVING)

struct nlmsghdr;

int k8snet_endpoint_compare(const struct k8snet_endpoint *a, const struct k8snet_endpoint *b);
const char *k8snet_endpoint_print(const struct k8snet_address *addr, uint16_t port, char *buf);
void k8snet_endpoint_flags(struct k8snet_endpoint *endpoint);
int k8snet_endpoint_sets(struct k8snet_endpoint *endpoint, size_t count);
void k8snet_endpoint_encode(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg);
int k8snet_endpoint_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_ENDPOINT_H */
