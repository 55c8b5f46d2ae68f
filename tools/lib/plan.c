// SPDX-License-Identifier: GPL-2.0
/*
 * What has to change so that one state becomes another. Both are sorted, so
 * that each pair of lists is walked through once.
 */
#include <errno.h>
#include <string.h>

#include "plan.h"

static bool same_array(const void *a, size_t a_count, const void *b, size_t b_count, size_t size,
		       int (*compare)(const void *x, const void *y))
{
	const char *p = a, *q = b;

	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++, p += size, q += size)
		if (compare(p, q))
			return false;
	return true;
}

static bool same_prefixes(const struct k8snet_prefixes *a, const struct k8snet_prefixes *b)
{
	return same_array(a->prefix, a->count, b->prefix, b->count, sizeof(*a->prefix),
			  k8snet_state_compare_prefix);
}

static uint32_t compare_configs(const struct k8snet_state_config *a,
				const struct k8snet_state_config *b)
{
	uint32_t changed = 0;

	if (!same_prefixes(&a->pods, &b->pods))
		changed |= K8SNET_PLAN_CONFIG_PODS;
	if (!same_prefixes(&a->services, &b->services))
		changed |= K8SNET_PLAN_CONFIG_SERVICES;
	if (memcmp(a->seed, b->seed, sizeof(a->seed)))
		changed |= K8SNET_PLAN_CONFIG_SEED;
	if (!same_prefixes(&a->nodeport_addresses, &b->nodeport_addresses))
		changed |= K8SNET_PLAN_CONFIG_NODEPORT_ADDRESSES;
	if (a->nodeports_min != b->nodeports_min || a->nodeports_max != b->nodeports_max)
		changed |= K8SNET_PLAN_CONFIG_NODEPORTS;
	if (a->vip_ping != b->vip_ping)
		changed |= K8SNET_PLAN_CONFIG_VIP_PING;
	return changed;
}

static uint32_t compare_egresses(const struct k8snet_state_egress *a,
				 const struct k8snet_state_egress *b)
{
	uint32_t changed = 0;

	if (a->enabled != b->enabled)
		changed |= K8SNET_PLAN_EGRESS_ENABLED;
	if (k8snet_state_compare_address(&a->source, &b->source))
		changed |= K8SNET_PLAN_EGRESS_SOURCE;
	if (k8snet_state_compare_address(&a->source_ipv6, &b->source_ipv6))
		changed |= K8SNET_PLAN_EGRESS_SOURCE_IPV6;
	if (!same_prefixes(&a->exclude, &b->exclude))
		changed |= K8SNET_PLAN_EGRESS_EXCLUDE;
	return changed;
}

static uint32_t compare_flows(const struct k8snet_state_flow *a, const struct k8snet_state_flow *b)
{
	uint32_t changed = 0;

	if (a->enabled != b->enabled)
		changed |= K8SNET_PLAN_FLOW_ENABLED;
	if (a->limit != b->limit)
		changed |= K8SNET_PLAN_FLOW_LIMIT;
	if (a->peer != b->peer)
		changed |= K8SNET_PLAN_FLOW_PEER;
	if (a->ingress != b->ingress)
		changed |= K8SNET_PLAN_FLOW_INGRESS;
	if (a->early != b->early)
		changed |= K8SNET_PLAN_FLOW_EARLY;
	return changed;
}

static uint32_t compare_links(const struct k8snet_state_link *a, const struct k8snet_state_link *b)
{
	uint32_t changed = 0;

	if (a->format != b->format)
		changed |= K8SNET_PLAN_LINK_FORMAT;
	if (a->id != b->id)
		changed |= K8SNET_PLAN_LINK_ID;
	if (a->port != b->port)
		changed |= K8SNET_PLAN_LINK_PORT;
	if (k8snet_state_compare_address(&a->local, &b->local))
		changed |= K8SNET_PLAN_LINK_LOCAL;
	if (k8snet_state_compare_address(&a->local_ipv6, &b->local_ipv6))
		changed |= K8SNET_PLAN_LINK_LOCAL_IPV6;
	if (a->strict != b->strict)
		changed |= K8SNET_PLAN_LINK_STRICT;
	if (a->cross_subnet != b->cross_subnet)
		changed |= K8SNET_PLAN_LINK_CROSS_SUBNET;
	if (a->mtu != b->mtu)
		changed |= K8SNET_PLAN_LINK_MTU;
	if (a->ttl != b->ttl)
		changed |= K8SNET_PLAN_LINK_TTL;
	if (a->dscp != b->dscp)
		changed |= K8SNET_PLAN_LINK_DSCP;
	if (a->df != b->df)
		changed |= K8SNET_PLAN_LINK_DF;
	if (memcmp(a->mac, b->mac, sizeof(a->mac)))
		changed |= K8SNET_PLAN_LINK_MAC;
	return changed;
}

static int compare_addresses(const void *a, const void *b)
{
	return k8snet_state_compare_address(a, b);
}

static uint32_t compare_nodes(const struct k8snet_state_node *a, const struct k8snet_state_node *b)
{
	uint32_t changed = 0;

	if (k8snet_state_compare_address(&a->via, &b->via))
		changed |= K8SNET_PLAN_NODE_VIA;
	if (!same_array(a->also.address, a->also.count, b->also.address, b->also.count,
			sizeof(*a->also.address), compare_addresses))
		changed |= K8SNET_PLAN_NODE_ALSO;
	if (a->has_format != b->has_format || (a->has_format && a->format != b->format))
		changed |= K8SNET_PLAN_NODE_FORMAT;
	if (a->port != b->port)
		changed |= K8SNET_PLAN_NODE_PORT;
	if (a->has_mac != b->has_mac || (a->has_mac && memcmp(a->mac, b->mac, sizeof(a->mac))))
		changed |= K8SNET_PLAN_NODE_MAC;
	if (!same_prefixes(&a->pods, &b->pods))
		changed |= K8SNET_PLAN_NODE_PODS;
	return changed;
}

/* But for the endpoints. */
static uint32_t compare_services(const struct k8snet_state_service *a,
				 const struct k8snet_state_service *b)
{
	uint32_t changed = 0;

	if (a->protocol != b->protocol)
		changed |= K8SNET_PLAN_SERVICE_PROTOCOL;
	if (!same_array(a->frontend, a->frontend_count, b->frontend, b->frontend_count,
			sizeof(*a->frontend), k8snet_state_compare_frontend))
		changed |= K8SNET_PLAN_SERVICE_FRONTENDS;
	if (a->internal_local != b->internal_local)
		changed |= K8SNET_PLAN_SERVICE_INTERNAL;
	if (a->external_local != b->external_local)
		changed |= K8SNET_PLAN_SERVICE_EXTERNAL;
	if (!same_prefixes(&a->ranges, &b->ranges))
		changed |= K8SNET_PLAN_SERVICE_RANGES;
	if (a->range_scope != b->range_scope)
		changed |= K8SNET_PLAN_SERVICE_RANGE_SCOPE;
	if (a->affinity != b->affinity)
		changed |= K8SNET_PLAN_SERVICE_AFFINITY;
	if (a->algorithm != b->algorithm)
		changed |= K8SNET_PLAN_SERVICE_ALGORITHM;
	if (a->on_remove != b->on_remove)
		changed |= K8SNET_PLAN_SERVICE_ON_REMOVE;
	if (a->limit != b->limit)
		changed |= K8SNET_PLAN_SERVICE_LIMIT;
	return changed;
}

/* What the walk through two lists does. */
struct walk {
	const void *desired;
	size_t desired_count;
	const void *current;
	size_t current_count;
	size_t size;
	int (*compare)(const void *a, const void *b);
	/* desired or current is NULL where there is no counterpart; returns an errno */
	int (*visit)(void *arg, const void *desired, const void *current);
	void *arg;
};

static int walk(const struct walk *walk)
{
	const char *desired = walk->desired, *current = walk->current;
	size_t i = 0, j = 0;

	while (i < walk->desired_count || j < walk->current_count) {
		const void *x = i < walk->desired_count ? desired + i * walk->size : NULL;
		const void *y = j < walk->current_count ? current + j * walk->size : NULL;
		int order = !x ? 1 : !y ? -1 : walk->compare(x, y), err;

		err = walk->visit(walk->arg, order <= 0 ? x : NULL, order >= 0 ? y : NULL);
		if (err)
			return err;
		i += order <= 0;
		j += order >= 0;
	}
	return 0;
}

static enum k8snet_plan_action action_of(const void *desired, const void *current)
{
	if (!current)
		return K8SNET_PLAN_ADD;
	return desired ? K8SNET_PLAN_CHANGE : K8SNET_PLAN_REMOVE;
}

struct context {
	struct k8snet_plan *plan;
	struct k8snet_plan_service *service;
	bool prune;
};

static int visit_endpoint(void *arg, const void *desired, const void *current)
{
	struct k8snet_plan_service *service = ((struct context *)arg)->service;
	struct k8snet_arena *arena = &((struct context *)arg)->plan->arena;
	struct k8snet_plan_endpoint *bigger;

	if (desired && current && k8snet_state_same_endpoint(desired, current))
		return 0;
	bigger = k8snet_arena_grow(arena, service->endpoint, service->endpoint_count,
				   sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	service->endpoint = bigger;
	service->endpoint[service->endpoint_count++] = (struct k8snet_plan_endpoint){
		action_of(desired, current), desired, current,
	};
	service->changed |= K8SNET_PLAN_SERVICE_ENDPOINTS;
	return 0;
}

static int walk_endpoints(struct context *context, const struct k8snet_state_service *desired,
			  const struct k8snet_state_service *current)
{
	struct walk endpoints = {
		.desired = desired->endpoint,
		.desired_count = desired->endpoint_count,
		.current = current->endpoint,
		.current_count = current->endpoint_count,
		.size = sizeof(*desired->endpoint),
		.compare = k8snet_state_compare_endpoint,
		.visit = visit_endpoint,
		.arg = context,
	};

	return walk(&endpoints);
}

static int visit_service(void *arg, const void *desired, const void *current)
{
	struct context *context = arg;
	struct k8snet_plan *plan = context->plan;
	struct k8snet_plan_service service = {
		.action = action_of(desired, current),
		.desired = desired,
		.current = current,
	}, *bigger;
	int err;

	if (desired && current) {
		context->service = &service;
		service.changed = compare_services(desired, current);
		err = walk_endpoints(context, desired, current);
		if (err)
			return err;
	}
	if ((service.action == K8SNET_PLAN_CHANGE && !service.changed) ||
	    (service.action == K8SNET_PLAN_REMOVE && !context->prune)) {
		plan->unchanged++;
		return 0;
	}
	bigger = k8snet_arena_grow(&plan->arena, plan->service, plan->service_count,
				   sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	plan->service = bigger;
	plan->service[plan->service_count++] = service;
	return 0;
}

static int visit_link(void *arg, const void *desired, const void *current)
{
	struct k8snet_plan *plan = ((struct context *)arg)->plan;
	struct k8snet_plan_link link = { desired, current, 0 }, *bigger;

	if (desired && current)
		link.changed = compare_links(desired, current);
	if (!link.changed) {
		plan->unchanged++;
		return 0;
	}
	bigger = k8snet_arena_grow(&plan->arena, plan->link, plan->link_count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	plan->link = bigger;
	plan->link[plan->link_count++] = link;
	return 0;
}

static int visit_node(void *arg, const void *desired, const void *current)
{
	struct context *context = arg;
	struct k8snet_plan *plan = context->plan;
	struct k8snet_plan_node node = {
		.action = action_of(desired, current),
		.desired = desired,
		.current = current,
	}, *bigger;

	if (desired && current)
		node.changed = compare_nodes(desired, current);
	if ((node.action == K8SNET_PLAN_CHANGE && !node.changed) ||
	    (node.action == K8SNET_PLAN_REMOVE && !context->prune)) {
		plan->unchanged++;
		return 0;
	}
	bigger = k8snet_arena_grow(&plan->arena, plan->node, plan->node_count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	plan->node = bigger;
	plan->node[plan->node_count++] = node;
	return 0;
}

int k8snet_plan_make(struct k8snet_plan *plan, const struct k8snet_state *desired,
		     const struct k8snet_state *current, bool prune)
{
	struct context context = { .plan = plan, .prune = prune };
	struct walk links = {
		.desired = desired->link,
		.desired_count = desired->link_count,
		.current = current->link,
		.current_count = current->link_count,
		.size = sizeof(*desired->link),
		.compare = k8snet_state_compare_link,
		.visit = visit_link,
		.arg = &context,
	};
	struct walk nodes = {
		.desired = desired->node,
		.desired_count = desired->node_count,
		.current = current->node,
		.current_count = current->node_count,
		.size = sizeof(*desired->node),
		.compare = k8snet_state_compare_node,
		.visit = visit_node,
		.arg = &context,
	};
	struct walk services = {
		.desired = desired->service,
		.desired_count = desired->service_count,
		.current = current->service,
		.current_count = current->service_count,
		.size = sizeof(*desired->service),
		.compare = k8snet_state_compare_service,
		.visit = visit_service,
		.arg = &context,
	};
	int err = 0;

	*plan = (struct k8snet_plan){ .desired = desired, .current = current };
	if (desired->has_config)
		plan->config_changed = compare_configs(&desired->config, &current->config);
	if (desired->has_egress)
		plan->egress_changed = compare_egresses(&desired->egress, &current->egress);
	if (desired->has_flow)
		plan->flow_changed = compare_flows(&desired->flow, &current->flow);
	plan->unchanged = (desired->has_config && !plan->config_changed) +
			  (desired->has_egress && !plan->egress_changed) +
			  (desired->has_flow && !plan->flow_changed);
	if (desired->has_links)
		err = walk(&links);
	if (!err && desired->has_nodes)
		err = walk(&nodes);
	if (!err && desired->has_services)
		err = walk(&services);
	return err;
}

/* How many objects are added, removed or changed. */
size_t k8snet_plan_count(const struct k8snet_plan *plan, enum k8snet_plan_action action)
{
	size_t count = 0;

	if (action == K8SNET_PLAN_CHANGE)
		count = !!plan->config_changed + !!plan->egress_changed + !!plan->flow_changed +
			plan->link_count;
	for (size_t i = 0; i < plan->node_count; i++)
		count += plan->node[i].action == action;
	for (size_t i = 0; i < plan->service_count; i++)
		count += plan->service[i].action == action;
	return count;
}

bool k8snet_plan_is_empty(const struct k8snet_plan *plan)
{
	return !plan->config_changed && !plan->egress_changed && !plan->flow_changed &&
	       !plan->link_count && !plan->node_count && !plan->service_count;
}

void k8snet_plan_free(struct k8snet_plan *plan)
{
	k8snet_arena_free(&plan->arena);
	*plan = (struct k8snet_plan){ 0 };
}
