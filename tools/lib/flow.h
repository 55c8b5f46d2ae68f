/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flow cache: its settings and counters, and the flows that are in it.
 */
#ifndef K8SNET_FLOW_H
#define K8SNET_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "arena.h"
#include "msg.h"

struct k8snet_flow_count {
	uint32_t counter;
	uint64_t value;
};

struct k8snet_flow_cache {
	bool has_enabled;
	uint32_t enabled;
	bool has_limit;
	uint32_t limit;
	bool has_peer;
	uint32_t peer;
	bool has_ingress;
	uint32_t ingress;
	bool has_early;
	uint32_t early;
	uint32_t flows;
	struct k8snet_flow_count *count;
	size_t count_count;
};

/* Source and destination, as the packets of a flow come in or go out. */
struct k8snet_flow_ends {
	struct k8snet_address source;
	uint16_t source_port;
	struct k8snet_address dest;
	uint16_t dest_port;
};

struct k8snet_flow {
	uint32_t protocol;
	struct k8snet_flow_ends in;
	struct k8snet_flow_ends out;
	uint32_t iif;
	uint32_t oif;
	const char *node;	/* NULL: not through the overlay */
	uint64_t packets;
	uint64_t bytes;
	uint32_t age;		/* milliseconds */
	uint32_t idle;		/* likewise */
};

void k8snet_flow_cache_encode(const struct k8snet_flow_cache *cache, struct k8snet_msg *msg);
int k8snet_flow_cache_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena,
			     void *item);
int k8snet_flow_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_FLOW_H */
