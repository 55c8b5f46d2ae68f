// SPDX-License-Identifier: GPL-2.0
/*
 * The messages that carry out a plan, in an order in which the kernel accepts
 * each: settings, nodes, services, and of each kind first what goes,
 * then what gives something up that another one gets, then all else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/k8snet.h>

#include "array.h"
#include "change.h"
#include "config.h"
#include "egress.h"
#include "flow.h"
#include "endpoint.h"
#include "link.h"
#include "node.h"
#include "service.h"

struct sender {
	const struct k8snet_plan *plan;
	k8snet_change_fn *send;
	void *arg;
	struct k8snet_arena arena;	/* for one message */
};

static int finish(struct sender *sender, struct k8snet_msg *msg, const char *object,
		  const char *name, const struct k8snet_origin *origin)
{
	struct k8snet_change change = { msg, object, name, origin };
	int err = sender->send(&change, sender->arg);

	k8snet_msg_free(msg);
	k8snet_arena_reset(&sender->arena);
	return err;
}

/* --- settings --- */

static void put_list(struct k8snet_config *config, struct k8snet_prefixes *to,
		     const struct k8snet_prefixes *from, uint32_t field)
{
	if (from->count)
		*to = *from;
	else
		config->clear |= field;
}

static int send_config(struct sender *sender)
{
	const struct k8snet_state_config *desired = &sender->plan->desired->config;
	uint32_t changed = sender->plan->config_changed;
	struct k8snet_config config = { 0 };
	struct k8snet_msg msg;

	if (!changed)
		return 0;
	if (changed & K8SNET_PLAN_CONFIG_PODS)
		put_list(&config, &config.pods, &desired->pods, K8SNET_CONFIG_FIELD_PODS);
	if (changed & K8SNET_PLAN_CONFIG_SERVICES)
		put_list(&config, &config.services, &desired->services,
			 K8SNET_CONFIG_FIELD_SERVICES);
	if (changed & K8SNET_PLAN_CONFIG_NODEPORT_ADDRESSES)
		put_list(&config, &config.nodeport_addresses, &desired->nodeport_addresses,
			 K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS);
	if (changed & K8SNET_PLAN_CONFIG_SEED) {
		config.has_seed = true;
		memcpy(config.seed, desired->seed, sizeof(config.seed));
	}
	if (changed & K8SNET_PLAN_CONFIG_NODEPORTS) {
		config.has_nodeports = true;
		config.nodeports_min = desired->nodeports_min;
		config.nodeports_max = desired->nodeports_max;
	}
	if (changed & K8SNET_PLAN_CONFIG_VIP_PING) {
		config.has_vip_ping = true;
		config.vip_ping = desired->vip_ping;
	}
	k8snet_msg_init(&msg, K8SNET_CMD_CONFIG_SET);
	k8snet_config_encode(&config, &msg);
	return finish(sender, &msg, "config", NULL, &desired->origin);
}

/* The message has all of it: what is absent is default. */
static int send_egress(struct sender *sender)
{
	const struct k8snet_state_egress *desired = &sender->plan->desired->egress;
	struct k8snet_egress egress = {
		.enabled = desired->enabled,
		.source4 = desired->source,
		.source6 = desired->source_ipv6,
		.exclude = desired->exclude,
	};
	struct k8snet_msg msg;

	if (!sender->plan->egress_changed)
		return 0;
	k8snet_msg_init(&msg, K8SNET_CMD_EGRESS_SET);
	k8snet_egress_encode(&egress, &msg);
	return finish(sender, &msg, "egress", NULL, &desired->origin);
}

static int send_flow(struct sender *sender)
{
	const struct k8snet_state_flow *desired = &sender->plan->desired->flow;
	struct k8snet_flow_cache cache = {
		.has_enabled = true,
		.enabled = desired->enabled,
		.has_limit = true,
		.limit = desired->limit,
		.has_peer = true,
		.peer = desired->peer,
		.has_ingress = true,
		.ingress = desired->ingress,
		.has_early = true,
		.early = desired->early,
	};
	struct k8snet_msg msg;

	if (!sender->plan->flow_changed)
		return 0;
	k8snet_msg_init(&msg, K8SNET_CMD_FLOW_CACHE_SET);
	k8snet_flow_cache_encode(&cache, &msg);
	return finish(sender, &msg, "flow", NULL, &desired->origin);
}

/* Egress needs pod ranges as long as it is on. */
static int send_settings(struct sender *sender)
{
	if (sender->plan->desired->egress.enabled)
		return send_flow(sender) ?: send_config(sender) ?: send_egress(sender);
	return send_flow(sender) ?: send_egress(sender) ?: send_config(sender);
}

/* --- devices --- */

static int send_link(struct sender *sender, const struct k8snet_state_link *desired,
		     uint32_t changed, const struct k8snet_origin *origin)
{
	static const struct {
		uint32_t changed;
		unsigned int attr;
	} fields[] = {
		{ K8SNET_PLAN_LINK_FORMAT, K8SNET_A_LINK_FORMAT },
		{ K8SNET_PLAN_LINK_ID, K8SNET_A_LINK_ID },
		{ K8SNET_PLAN_LINK_PORT, K8SNET_A_LINK_PORT },
		{ K8SNET_PLAN_LINK_LOCAL, K8SNET_A_LINK_LOCAL_IPV4 },
		{ K8SNET_PLAN_LINK_LOCAL_IPV6, K8SNET_A_LINK_LOCAL_IPV6 },
		{ K8SNET_PLAN_LINK_STRICT, K8SNET_A_LINK_STRICT },
		{ K8SNET_PLAN_LINK_CROSS_SUBNET, K8SNET_A_LINK_CROSS_SUBNET },
		{ K8SNET_PLAN_LINK_MTU, K8SNET_A_LINK_MTU },
		{ K8SNET_PLAN_LINK_TTL, K8SNET_A_LINK_TTL },
		{ K8SNET_PLAN_LINK_DSCP, K8SNET_A_LINK_DSCP },
		{ K8SNET_PLAN_LINK_DF, K8SNET_A_LINK_DF },
		{ K8SNET_PLAN_LINK_MAC, K8SNET_A_LINK_MAC },
	};
	struct k8snet_link link = {
		.has = 1ULL << K8SNET_A_LINK_IFNAME,
		.format = desired->format,
		.id = desired->id,
		.port = desired->port,
		.strict = desired->strict,
		.cross_subnet = desired->cross_subnet,
		.mtu = desired->mtu,
		.ttl = desired->ttl,
		.dscp = desired->dscp,
		.df = desired->df,
	};
	struct k8snet_msg msg;

	snprintf(link.ifname, sizeof(link.ifname), "%s", desired->name);
	if (desired->local.family)
		link.local = desired->local.ipv4;
	if (desired->local_ipv6.family)
		link.local6 = desired->local_ipv6.ipv6;
	memcpy(link.mac, desired->mac, sizeof(link.mac));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (changed & fields[i].changed)
			link.has |= 1ULL << fields[i].attr;
	k8snet_msg_init(&msg, K8SNET_CMD_LINK_SET);
	k8snet_link_encode(&link, &msg);
	return finish(sender, &msg, "link", desired->name, origin);
}

int k8snet_change_links(const struct k8snet_plan *plan, k8snet_change_fn *send, void *arg)
{
	struct sender sender = { .plan = plan, .send = send, .arg = arg };
	int err = 0;

	for (size_t i = 0; !err && i < plan->link_count; i++)
		err = send_link(&sender, plan->link[i].desired, plan->link[i].changed,
				&plan->link[i].desired->origin);
	k8snet_arena_free(&sender.arena);
	return err;
}

int k8snet_change_links_back(const struct k8snet_plan *plan, size_t count,
			     k8snet_change_fn *send, void *arg)
{
	struct sender sender = { .plan = plan, .send = send, .arg = arg };
	int err = 0;

	while (!err && count--)
		err = send_link(&sender, plan->link[count].current, plan->link[count].changed,
				NULL);
	k8snet_arena_free(&sender.arena);
	return err;
}

/* --- nodes --- */

static void name_node(struct k8snet_node *node, const struct k8snet_state_node *state)
{
	node->has = 1ULL << K8SNET_A_NODE_IFNAME | 1ULL << K8SNET_A_NODE_NAME;
	snprintf(node->ifname, sizeof(node->ifname), "%s", state->device);
	node->name = state->name;
}

static int send_node_del(struct sender *sender, const struct k8snet_state_node *state,
			 const struct k8snet_origin *origin)
{
	struct k8snet_node node = { 0 };
	struct k8snet_msg msg;

	name_node(&node, state);
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_DEL);
	k8snet_node_encode(&node, &msg);
	return finish(sender, &msg, "node", state->name, origin);
}

/* What is the device's default is left to it, so that it stays so. */
static int send_node(struct sender *sender, const struct k8snet_state_node *desired)
{
	struct k8snet_node node = {
		.via = desired->via,
		.also = desired->also,
		.port = desired->port,
		.format = desired->format,
		.pods = desired->pods,
		.move = 1,
	};
	struct k8snet_msg msg;

	name_node(&node, desired);
	/* Those of another node that is to have others, or none: only the order differs. */
	node.has |= 1ULL << K8SNET_A_NODE_MOVE;
	if (desired->has_format && !(desired->defaults & K8SNET_STATE_DEFAULT_FORMAT))
		node.has |= 1ULL << K8SNET_A_NODE_FORMAT;
	if (desired->port && !(desired->defaults & K8SNET_STATE_DEFAULT_PORT))
		node.has |= 1ULL << K8SNET_A_NODE_PORT;
	if (desired->has_mac && !(desired->defaults & K8SNET_STATE_DEFAULT_MAC))
		node.has |= 1ULL << K8SNET_A_NODE_MAC;
	memcpy(node.mac, desired->mac, sizeof(node.mac));
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_REPLACE);
	k8snet_node_encode(&node, &msg);
	return finish(sender, &msg, "node", desired->name, &desired->origin);
}

static bool has_address(const struct k8snet_state_node *node, const struct k8snet_address *addr)
{
	if (!k8snet_state_compare_address(&node->via, addr))
		return true;
	for (size_t i = 0; i < node->also.count; i++)
		if (!k8snet_state_compare_address(&node->also.address[i], addr))
			return true;
	return false;
}

static bool shares_address(const struct k8snet_state_node *a, const struct k8snet_state_node *b)
{
	if (has_address(a, &b->via))
		return true;
	for (size_t i = 0; i < b->also.count; i++)
		if (has_address(a, &b->also.address[i]))
			return true;
	return false;
}

/* Whether what it has now is to be another one's, so that it must go first. */
static bool is_in_the_way(const struct k8snet_plan *plan, const struct k8snet_plan_node *step)
{
	if (step->action != K8SNET_PLAN_CHANGE ||
	    !(step->changed & (K8SNET_PLAN_NODE_VIA | K8SNET_PLAN_NODE_ALSO)))
		return false;
	for (size_t i = 0; i < plan->node_count; i++) {
		const struct k8snet_state_node *other = plan->node[i].desired;

		if (other && &plan->node[i] != step &&
		    !strcmp(other->device, step->current->device) &&
		    shares_address(step->current, other))
			return true;
	}
	return false;
}

static int send_nodes(struct sender *sender)
{
	const struct k8snet_plan *plan = sender->plan;
	int err = 0;

	for (size_t i = 0; !err && i < plan->node_count; i++)
		if (plan->node[i].action == K8SNET_PLAN_REMOVE ||
		    is_in_the_way(plan, &plan->node[i]))
			err = send_node_del(sender, plan->node[i].current,
					    plan->node[i].desired ?
					    &plan->node[i].desired->origin : NULL);
	for (size_t i = 0; !err && i < plan->node_count; i++)
		if (plan->node[i].desired)
			err = send_node(sender, plan->node[i].desired);
	return err;
}

/* --- services --- */

static uint32_t endpoint_flags(const struct k8snet_state_endpoint *state)
{
	return (state->in_cluster_set ? K8SNET_ENDPOINT_FLAG_CLUSTER : 0) |
	       (state->in_local_set ? K8SNET_ENDPOINT_FLAG_LOCAL : 0) |
	       (state->on_node ? K8SNET_ENDPOINT_FLAG_ON_NODE : 0) |
	       (state->serving ? K8SNET_ENDPOINT_FLAG_SERVING : 0);
}

static void fill_endpoint(struct k8snet_endpoint *endpoint,
			  const struct k8snet_state_endpoint *state)
{
	*endpoint = (struct k8snet_endpoint){
		.addr = state->addr,
		.port = state->port,
		.has_weight = state->weight != 1,
		.weight = state->weight,
		.flags = endpoint_flags(state),
	};
}

static int send_service_del(struct sender *sender, const char *name,
			    const struct k8snet_origin *origin)
{
	struct k8snet_service service = { .has = 1ULL << K8SNET_A_SERVICE_NAME, .name = name };
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_SERVICE_DEL);
	k8snet_service_encode(&service, &msg);
	return finish(sender, &msg, "service", name, origin);
}

static int fill_service(struct sender *sender, struct k8snet_service *service,
			const struct k8snet_state_service *state)
{
	*service = (struct k8snet_service){
		.has = 1ULL << K8SNET_A_SERVICE_NAME | 1ULL << K8SNET_A_SERVICE_PROTOCOL,
		.name = state->name,
		.protocol = state->protocol,
		.algorithm = state->algorithm,
		.internal_policy = state->internal_local ? K8SNET_POLICY_LOCAL : 0,
		.external_policy = state->external_local ? K8SNET_POLICY_LOCAL : 0,
		.range_scope = state->range_scope,
		.on_remove = state->on_remove,
		.limit = state->limit,
		.affinity = state->affinity,
		.ranges = state->ranges,
	};
	/* What is absent is default. */
	service->has |= (state->algorithm ? 1ULL << K8SNET_A_SERVICE_ALGORITHM : 0) |
			(state->internal_local ? 1ULL << K8SNET_A_SERVICE_INTERNAL_POLICY : 0) |
			(state->external_local ? 1ULL << K8SNET_A_SERVICE_EXTERNAL_POLICY : 0) |
			(state->range_scope ? 1ULL << K8SNET_A_SERVICE_RANGE_SCOPE : 0) |
			(state->on_remove ? 1ULL << K8SNET_A_SERVICE_ON_REMOVE : 0) |
			(state->limit ? 1ULL << K8SNET_A_SERVICE_LIMIT : 0) |
			(state->affinity ? 1ULL << K8SNET_A_SERVICE_AFFINITY : 0);
	for (size_t i = 0; i < state->frontend_count; i++) {
		struct k8snet_frontend frontend = {
			.type = state->frontend[i].type,
			.addr = state->frontend[i].addr,
			.port = state->frontend[i].port,
		};

		if (k8snet_service_add_frontend(service, &sender->arena, &frontend))
			return ENOMEM;
	}
	for (size_t i = 0; i < state->endpoint_count; i++) {
		struct k8snet_endpoint endpoint;

		fill_endpoint(&endpoint, &state->endpoint[i]);
		if (k8snet_service_add_endpoint(service, &sender->arena, &endpoint))
			return ENOMEM;
	}
	return 0;
}

static int send_service(struct sender *sender, const struct k8snet_state_service *state,
			const struct k8snet_origin *origin)
{
	struct k8snet_service service;
	struct k8snet_msg msg;

	if (fill_service(sender, &service, state))
		return ENOMEM;
	k8snet_msg_init(&msg, K8SNET_CMD_SERVICE_REPLACE);
	k8snet_service_encode(&service, &msg);
	return finish(sender, &msg, "service", state->name, origin);
}

static int send_endpoint(struct sender *sender, const struct k8snet_plan_service *step,
			 const struct k8snet_plan_endpoint *change)
{
	bool gone = change->action == K8SNET_PLAN_REMOVE;
	struct k8snet_endpoint endpoint;
	struct k8snet_msg msg;

	fill_endpoint(&endpoint, gone ? change->current : change->desired);
	endpoint.service = step->desired->name;
	if (gone) {
		endpoint.has_weight = false;
		endpoint.flags = K8SNET_ENDPOINT_FLAGS_DEFAULT;
	}
	k8snet_msg_init(&msg, gone ? K8SNET_CMD_ENDPOINT_DEL : K8SNET_CMD_ENDPOINT_REPLACE);
	k8snet_endpoint_encode(&endpoint, &msg);
	return finish(sender, &msg, "service", step->desired->name, &step->desired->origin);
}

/*
 * Endpoints one by one cost a new table each; from a few on the whole service is
 * cheaper. One change alone is the usual one.
 */
#define ENDPOINTS_ALONE_MAX	1

static bool goes_one_by_one(const struct k8snet_plan_service *step)
{
	return step->action == K8SNET_PLAN_CHANGE &&
	       step->changed == K8SNET_PLAN_SERVICE_ENDPOINTS &&
	       step->endpoint_count <= ENDPOINTS_ALONE_MAX;
}

static int send_service_step(struct sender *sender, const struct k8snet_plan_service *step)
{
	int err = 0;

	if (!goes_one_by_one(step))
		return send_service(sender, step->desired, &step->desired->origin);
	for (size_t i = 0; !err && i < step->endpoint_count; i++)
		err = send_endpoint(sender, step, &step->endpoint[i]);
	return err;
}

/* An address and port of a protocol that a service is to get. */
struct claim {
	uint32_t protocol;
	struct k8snet_state_frontend frontend;
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = k8snet_state_compare_address(&x->frontend.addr, &y->frontend.addr);

	if (!order)
		order = (x->frontend.port > y->frontend.port) -
			(x->frontend.port < y->frontend.port);
	if (!order)
		order = (x->protocol > y->protocol) - (x->protocol < y->protocol);
	return order;
}

static bool has_frontend(const struct k8snet_state_service *service, uint32_t protocol,
			 const struct k8snet_state_frontend *frontend)
{
	struct claim want = { protocol, *frontend };

	for (size_t i = 0; service && i < service->frontend_count; i++) {
		struct claim have = { service->protocol, service->frontend[i] };

		if (!compare_claims(&want, &have))
			return true;
	}
	return false;
}

#define MOVES_FRONTENDS	(K8SNET_PLAN_SERVICE_FRONTENDS | K8SNET_PLAN_SERVICE_PROTOCOL)

static bool gains_frontends(const struct k8snet_plan_service *step)
{
	return step->action == K8SNET_PLAN_ADD ||
	       (step->action == K8SNET_PLAN_CHANGE && step->changed & MOVES_FRONTENDS);
}

/* All that is gained, sorted; *count is how much. The caller frees it. */
static struct claim *gained_claims(const struct k8snet_plan *plan, size_t *count)
{
	struct claim *claims;
	size_t max = 0;

	*count = 0;
	for (size_t i = 0; i < plan->service_count; i++)
		if (gains_frontends(&plan->service[i]))
			max += plan->service[i].desired->frontend_count;
	claims = calloc(max ? max : 1, sizeof(*claims));
	for (size_t i = 0; claims && i < plan->service_count; i++) {
		const struct k8snet_state_service *desired = plan->service[i].desired;

		if (!gains_frontends(&plan->service[i]))
			continue;
		for (size_t j = 0; j < desired->frontend_count; j++)
			if (!has_frontend(plan->service[i].current, desired->protocol,
					  &desired->frontend[j]))
				claims[(*count)++] = (struct claim){ desired->protocol,
								     desired->frontend[j] };
	}
	if (claims)
		qsort(claims, *count, sizeof(*claims), compare_claims);
	return claims;
}

/* Whether the service loses a frontend that another one gains. */
static bool must_yield(const struct k8snet_plan_service *step, const struct claim *claims,
		       size_t count)
{
	const struct k8snet_state_service *current = step->current;

	if (step->action != K8SNET_PLAN_CHANGE || !(step->changed & MOVES_FRONTENDS))
		return false;
	for (size_t i = 0; i < current->frontend_count; i++) {
		struct claim have = { current->protocol, current->frontend[i] };

		if (bsearch(&have, claims, count, sizeof(*claims), compare_claims))
			return true;
	}
	return false;
}

/* It keeps what it has now and shall have then; without any it has to go for a moment. */
static int send_yield(struct sender *sender, const struct k8snet_plan_service *step)
{
	struct k8snet_state_service kept = *step->current;
	int err;

	kept.frontend = calloc(kept.frontend_count, sizeof(*kept.frontend));
	if (!kept.frontend)
		return ENOMEM;
	kept.frontend_count = 0;
	for (size_t i = 0; i < step->current->frontend_count; i++)
		if (has_frontend(step->desired, step->current->protocol,
				 &step->current->frontend[i]))
			kept.frontend[kept.frontend_count++] = step->current->frontend[i];
	if (kept.frontend_count)
		err = send_service(sender, &kept, &step->desired->origin);
	else
		err = send_service_del(sender, kept.name, &step->desired->origin);
	free(kept.frontend);
	return err;
}

static int send_yields(struct sender *sender)
{
	const struct k8snet_plan *plan = sender->plan;
	size_t count;
	struct claim *claims = gained_claims(plan, &count);
	int err = claims ? 0 : ENOMEM;

	for (size_t i = 0; !err && count && i < plan->service_count; i++)
		if (must_yield(&plan->service[i], claims, count))
			err = send_yield(sender, &plan->service[i]);
	free(claims);
	return err;
}

static int send_services(struct sender *sender)
{
	const struct k8snet_plan *plan = sender->plan;
	int err = 0;

	for (size_t i = 0; !err && i < plan->service_count; i++)
		if (plan->service[i].action == K8SNET_PLAN_REMOVE)
			err = send_service_del(sender, plan->service[i].current->name, NULL);
	if (!err)
		err = send_yields(sender);
	for (size_t i = 0; !err && i < plan->service_count; i++)
		if (plan->service[i].desired)
			err = send_service_step(sender, &plan->service[i]);
	return err;
}

int k8snet_change_tables(const struct k8snet_plan *plan, k8snet_change_fn *send, void *arg)
{
	struct sender sender = { .plan = plan, .send = send, .arg = arg };
	int err;

	err = send_settings(&sender) ?: send_nodes(&sender) ?: send_services(&sender);
	k8snet_arena_free(&sender.arena);
	return err;
}
