/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has to change so that one state becomes another.
 */
#ifndef K8SNET_PLAN_H
#define K8SNET_PLAN_H

#include <stdint.h>
#include <stdio.h>

#include "state.h"

enum k8snet_plan_action {
	K8SNET_PLAN_ADD = '+',
	K8SNET_PLAN_REMOVE = '-',
	K8SNET_PLAN_CHANGE = '~',
};

/* What has changed of the settings, as bits. */
enum {
	K8SNET_PLAN_CONFIG_PODS = 1 << 0,
	K8SNET_PLAN_CONFIG_SERVICES = 1 << 1,
	K8SNET_PLAN_CONFIG_SEED = 1 << 2,
	K8SNET_PLAN_CONFIG_NODEPORT_ADDRESSES = 1 << 3,
	K8SNET_PLAN_CONFIG_NODEPORTS = 1 << 4,
	K8SNET_PLAN_CONFIG_VIP_PING = 1 << 5,
};

enum {
	K8SNET_PLAN_EGRESS_ENABLED = 1 << 0,
	K8SNET_PLAN_EGRESS_SOURCE = 1 << 1,
	K8SNET_PLAN_EGRESS_SOURCE_IPV6 = 1 << 2,
	K8SNET_PLAN_EGRESS_EXCLUDE = 1 << 3,
};

enum {
	K8SNET_PLAN_FLOW_ENABLED = 1 << 0,
	K8SNET_PLAN_FLOW_LIMIT = 1 << 1,
	K8SNET_PLAN_FLOW_PEER = 1 << 2,
	K8SNET_PLAN_FLOW_INGRESS = 1 << 3,
	K8SNET_PLAN_FLOW_EARLY = 1 << 4,
};

/* What has changed of a device, as bits. */
enum {
	K8SNET_PLAN_LINK_FORMAT = 1 << 0,
	K8SNET_PLAN_LINK_ID = 1 << 1,
	K8SNET_PLAN_LINK_PORT = 1 << 2,
	K8SNET_PLAN_LINK_LOCAL = 1 << 3,
	K8SNET_PLAN_LINK_LOCAL_IPV6 = 1 << 4,
	K8SNET_PLAN_LINK_STRICT = 1 << 5,
	K8SNET_PLAN_LINK_CROSS_SUBNET = 1 << 6,
	K8SNET_PLAN_LINK_MTU = 1 << 7,
	K8SNET_PLAN_LINK_TTL = 1 << 8,
	K8SNET_PLAN_LINK_DSCP = 1 << 9,
	K8SNET_PLAN_LINK_DF = 1 << 10,
	K8SNET_PLAN_LINK_MAC = 1 << 11,
};

/* What has changed of a node, as bits. */
enum {
	K8SNET_PLAN_NODE_VIA = 1 << 0,
	K8SNET_PLAN_NODE_FORMAT = 1 << 1,
	K8SNET_PLAN_NODE_PORT = 1 << 2,
	K8SNET_PLAN_NODE_MAC = 1 << 3,
	K8SNET_PLAN_NODE_PODS = 1 << 4,
	K8SNET_PLAN_NODE_ALSO = 1 << 5,
};

/* And of a service. If it is the endpoints alone, they can be changed one by one. */
enum {
	K8SNET_PLAN_SERVICE_PROTOCOL = 1 << 0,
	K8SNET_PLAN_SERVICE_FRONTENDS = 1 << 1,
	K8SNET_PLAN_SERVICE_INTERNAL = 1 << 2,
	K8SNET_PLAN_SERVICE_EXTERNAL = 1 << 3,
	K8SNET_PLAN_SERVICE_RANGES = 1 << 4,
	K8SNET_PLAN_SERVICE_RANGE_SCOPE = 1 << 5,
	K8SNET_PLAN_SERVICE_AFFINITY = 1 << 6,
	K8SNET_PLAN_SERVICE_ALGORITHM = 1 << 7,
	K8SNET_PLAN_SERVICE_ON_REMOVE = 1 << 8,
	K8SNET_PLAN_SERVICE_LIMIT = 1 << 9,
	K8SNET_PLAN_SERVICE_ENDPOINTS = 1 << 10,
};

/* Devices are changed, and neither made nor removed. */
struct k8snet_plan_link {
	const struct k8snet_state_link *desired;
	const struct k8snet_state_link *current;
	uint32_t changed;
};

/* What is desired is NULL if it goes, what is now if it comes. */
struct k8snet_plan_node {
	enum k8snet_plan_action action;
	const struct k8snet_state_node *desired;
	const struct k8snet_state_node *current;
	uint32_t changed;
};

struct k8snet_plan_endpoint {
	enum k8snet_plan_action action;
	const struct k8snet_state_endpoint *desired;
	const struct k8snet_state_endpoint *current;
};

/* The endpoints are those that change in a service that is there before and after. */
struct k8snet_plan_service {
	enum k8snet_plan_action action;
	const struct k8snet_state_service *desired;
	const struct k8snet_state_service *current;
	uint32_t changed;
	struct k8snet_plan_endpoint *endpoint;
	size_t endpoint_count;
};

/* In the order of the states, and holding on to them. */
struct k8snet_plan {
	struct k8snet_arena arena;
	const struct k8snet_state *desired;
	const struct k8snet_state *current;
	uint32_t config_changed;
	uint32_t egress_changed;
	uint32_t flow_changed;
	struct k8snet_plan_link *link;
	size_t link_count;
	struct k8snet_plan_node *node;
	size_t node_count;
	struct k8snet_plan_service *service;
	size_t service_count;
	size_t unchanged;
};

/*
 * Both states must be sorted, and complete if they have nodes. A device that is
 * desired must be there; one that is there alone is left as it is. Without prune
 * nothing is removed but endpoints. Returns 0 or ENOMEM; plan must be freed.
 */
int k8snet_plan_make(struct k8snet_plan *plan, const struct k8snet_state *desired,
		     const struct k8snet_state *current, bool prune);
size_t k8snet_plan_count(const struct k8snet_plan *plan, enum k8snet_plan_action action);
bool k8snet_plan_is_empty(const struct k8snet_plan *plan);
void k8snet_plan_print(const struct k8snet_plan *plan, FILE *out);
void k8snet_plan_print_steps(const struct k8snet_plan *plan, FILE *out);
void k8snet_plan_free(struct k8snet_plan *plan);

#endif /* K8SNET_PLAN_H */
