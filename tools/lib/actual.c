// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the state that the kernel has, list by list.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actual.h"
#include "array.h"
#include "config.h"
#include "egress.h"
#include "flow.h"
#include "endpoint.h"
#include "link.h"
#include "list.h"
#include "node.h"
#include "service.h"

/* How often services and endpoints are listed until they belong together. */
#define TRIES	5

struct reader {
	struct k8snet_nl *nl;
	struct k8snet_state *state;
	/* Of endpoints: */
	struct k8snet_arena names;
	struct k8snet_state_service *last;
	size_t endpoints;
};

static int fail(struct reader *reader, int code)
{
	reader->nl->refusal = (struct k8snet_refusal){ .code = code };
	return -1;
}

static char *keep_text(struct reader *reader, const char *text)
{
	return k8snet_arena_strdup(&reader->state->arena, text);
}

/* Lists are freed with the messages that they came from. Returns 0 or ENOMEM. */
static int keep_prefixes(struct reader *reader, struct k8snet_prefixes *to,
			 const struct k8snet_prefixes *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (k8snet_prefixes_add(to, &reader->state->arena, &from->prefix[i]))
			return ENOMEM;
	return 0;
}

static int take_config(struct reader *reader, const void *item)
{
	struct k8snet_state_config *to = &reader->state->config;
	const struct k8snet_config *from = item;

	reader->state->has_config = true;
	memcpy(to->seed, from->seed, sizeof(to->seed));
	to->nodeports_min = from->nodeports_min;
	to->nodeports_max = from->nodeports_max;
	to->vip_ping = from->vip_ping;
	return keep_prefixes(reader, &to->pods, &from->pods) ?:
	       keep_prefixes(reader, &to->services, &from->services) ?:
	       keep_prefixes(reader, &to->nodeport_addresses, &from->nodeport_addresses);
}

static int take_egress(struct reader *reader, const void *item)
{
	struct k8snet_state_egress *to = &reader->state->egress;
	const struct k8snet_egress *from = item;

	reader->state->has_egress = true;
	to->enabled = from->enabled;
	to->source = from->source4;
	to->source_ipv6 = from->source6;
	return keep_prefixes(reader, &to->exclude, &from->exclude);
}

static int take_flow(struct reader *reader, const void *item)
{
	const struct k8snet_flow_cache *from = item;

	reader->state->has_flow = true;
	reader->state->flow.enabled = from->enabled;
	reader->state->flow.limit = from->limit;
	reader->state->flow.peer = from->peer;
	reader->state->flow.ingress = from->ingress;
	reader->state->flow.early = from->early;
	return 0;
}

static int take_link(struct reader *reader, const void *item)
{
	struct k8snet_state_link *to = k8snet_state_add_link(reader->state);
	const struct k8snet_link *from = item;

	if (!to)
		return ENOMEM;
	*to = (struct k8snet_state_link){
		.name = keep_text(reader, from->ifname),
		.format = from->format,
		.id = from->id,
		.port = from->port,
		.strict = from->strict,
		.cross_subnet = from->cross_subnet,
		.mtu = from->mtu_auto ? 0 : from->mtu,
		.ttl = from->ttl,
		.dscp = from->dscp,
		.df = from->df,
	};
	if (from->local.s_addr)
		to->local = (struct k8snet_address){ AF_INET, .ipv4 = from->local };
	if (!IN6_IS_ADDR_UNSPECIFIED(&from->local6))
		to->local_ipv6 = (struct k8snet_address){ AF_INET6, .ipv6 = from->local6 };
	memcpy(to->mac, from->mac, sizeof(to->mac));
	return to->name ? 0 : ENOMEM;
}

static int take_node(struct reader *reader, const void *item)
{
	struct k8snet_state_node *to = k8snet_state_add_node(reader->state);
	const struct k8snet_node *from = item;

	if (!to)
		return ENOMEM;
	*to = (struct k8snet_state_node){
		.device = keep_text(reader, from->ifname),
		.name = keep_text(reader, from->name),
		.via = from->via,
		.has_format = true,
		.format = from->format,
		.port = from->port,
		.has_mac = true,
	};
	memcpy(to->mac, from->mac, sizeof(to->mac));
	for (size_t i = 0; i < from->also.count; i++)
		if (k8snet_addresses_add(&to->also, &reader->state->arena,
					 &from->also.address[i]))
			return ENOMEM;
	if (!to->device || !to->name)
		return ENOMEM;
	return keep_prefixes(reader, &to->pods, &from->pods);
}

static int take_service(struct reader *reader, const void *item)
{
	struct k8snet_state_service *to = k8snet_state_add_service(reader->state);
	const struct k8snet_service *from = item;

	if (!to)
		return ENOMEM;
	*to = (struct k8snet_state_service){
		.name = keep_text(reader, from->name),
		.protocol = from->protocol,
		.internal_local = from->internal_policy == K8SNET_POLICY_LOCAL,
		.external_local = from->external_policy == K8SNET_POLICY_LOCAL,
		.range_scope = from->range_scope,
		.affinity = from->affinity,
		.algorithm = from->algorithm,
		.on_remove = from->on_remove,
		.limit = from->limit,
	};
	for (size_t i = 0; i < from->frontend_count; i++) {
		struct k8snet_state_frontend *frontend;

		frontend = k8snet_state_add_frontend(to, &reader->state->arena);
		if (!frontend)
			return ENOMEM;
		*frontend = (struct k8snet_state_frontend){
			.type = (enum k8snet_state_frontend_type)from->frontend[i].type,
			.addr = from->frontend[i].addr,
			.port = from->frontend[i].port,
		};
	}
	return to->name ? keep_prefixes(reader, &to->ranges, &from->ranges) : ENOMEM;
}

/* One kind of objects: how they are asked for, and what becomes of each. */
struct kind {
	uint8_t cmd;
	bool dumps;
	size_t size;
	k8snet_decode_fn *decode;
	int (*take)(struct reader *reader, const void *item);
};

static int list(struct reader *reader, const struct kind *kind, struct k8snet_list *list)
{
	struct k8snet_msg msg;
	int err;

	k8snet_list_init(list, kind->size, kind->decode);
	k8snet_msg_init(&msg, kind->cmd);
	err = kind->dumps ? k8snet_list_dump(list, reader->nl, &msg) :
	      k8snet_list_get(list, reader->nl, &msg);
	k8snet_msg_free(&msg);
	return err;
}

static int read_kind(struct reader *reader, const struct kind *kind)
{
	struct k8snet_list items;
	int err = list(reader, kind, &items), code = 0;

	for (size_t i = 0; !err && !code && i < items.count; i++)
		code = kind->take(reader, (const char *)items.items + i * kind->size);
	k8snet_list_free(&items);
	return code ? fail(reader, code) : err;
}

static const struct kind kinds[] = {
	{ K8SNET_CMD_CONFIG_GET, false, sizeof(struct k8snet_config), k8snet_config_decode,
	  take_config },
	{ K8SNET_CMD_EGRESS_GET, false, sizeof(struct k8snet_egress), k8snet_egress_decode,
	  take_egress },
	{ K8SNET_CMD_FLOW_CACHE_GET, false, sizeof(struct k8snet_flow_cache),
	  k8snet_flow_cache_decode, take_flow },
	{ K8SNET_CMD_LINK_GET, true, sizeof(struct k8snet_link), k8snet_link_decode, take_link },
	{ K8SNET_CMD_NODE_GET, true, sizeof(struct k8snet_node), k8snet_node_decode, take_node },
};

static const struct kind services = {
	K8SNET_CMD_SERVICE_GET, true, sizeof(struct k8snet_service), k8snet_service_decode,
	take_service,
};

static int compare_name(const void *name, const void *service)
{
	return strcmp(name, ((const struct k8snet_state_service *)service)->name);
}

/* Endpoints come service by service. EAGAIN is that there is none of that name. */
static int find_service(struct reader *reader, const char *name,
			struct k8snet_state_service **service)
{
	struct k8snet_state *state = reader->state;

	if (!reader->last || strcmp(reader->last->name, name))
		reader->last = state->service_count ?
			       bsearch(name, state->service, state->service_count,
				       sizeof(*state->service), compare_name) : NULL;
	*service = reader->last;
	return reader->last ? 0 : EAGAIN;
}

static int add_endpoint(struct reader *reader, const struct k8snet_endpoint *from)
{
	struct k8snet_state_service *service;
	struct k8snet_state_endpoint *to;
	int err = find_service(reader, from->service, &service);

	if (err)
		return err;
	to = k8snet_state_add_endpoint(service, &reader->state->arena);
	if (!to)
		return ENOMEM;
	*to = (struct k8snet_state_endpoint){
		.addr = from->addr,
		.port = from->port,
		.weight = from->weight,
		.in_cluster_set = from->flags & K8SNET_ENDPOINT_FLAG_CLUSTER,
		.in_local_set = from->flags & K8SNET_ENDPOINT_FLAG_LOCAL,
		.on_node = from->flags & K8SNET_ENDPOINT_FLAG_ON_NODE,
		.serving = from->flags & K8SNET_ENDPOINT_FLAG_SERVING,
	};
	reader->endpoints++;
	return 0;
}

/* There can be very many, so they are not collected first. */
static int take_endpoint(const struct nlmsghdr *reply, void *arg)
{
	struct k8snet_endpoint endpoint = { 0 };
	struct reader *reader = arg;
	int err;

	if (!reply) {
		for (size_t i = 0; i < reader->state->service_count; i++)
			reader->state->service[i].endpoint_count = 0;
		reader->endpoints = 0;
		return 0;
	}
	err = k8snet_endpoint_decode(reply, &reader->names, &endpoint);
	if (!err)
		err = add_endpoint(reader, &endpoint);
	k8snet_arena_reset(&reader->names);
	return err;
}

/* Returns 0, EAGAIN, or -1. */
static int read_endpoints(struct reader *reader)
{
	struct k8snet_msg msg;
	int err;

	reader->last = NULL;
	k8snet_msg_init(&msg, K8SNET_CMD_ENDPOINT_GET);
	err = k8snet_nl_dump(reader->nl, &msg, take_endpoint, reader);
	k8snet_msg_free(&msg);
	k8snet_arena_free(&reader->names);
	if (err && reader->nl->refusal.code == EAGAIN)
		return EAGAIN;
	return err;
}

/* One try; EAGAIN is that they changed between the two lists. */
static int read_services_once(struct reader *reader)
{
	struct k8snet_state *state = reader->state;
	struct k8snet_list items;
	int err = list(reader, &services, &items);
	size_t want = 0;

	state->service_count = 0;
	for (size_t i = 0; !err && i < items.count; i++) {
		const struct k8snet_service *service = items.items;

		want += service[i].endpoints;
		err = take_service(reader, &service[i]);
	}
	k8snet_list_free(&items);
	if (err)
		return err;
	if (state->service_count)
		qsort(state->service, state->service_count, sizeof(*state->service),
		      k8snet_state_compare_service);
	err = read_endpoints(reader);
	return !err && want != reader->endpoints ? EAGAIN : err;
}

static int read_services(struct reader *reader)
{
	int err = EAGAIN;

	for (int i = 0; i < TRIES && err == EAGAIN; i++)
		err = read_services_once(reader);
	reader->state->has_services = !err;
	if (err == EAGAIN)
		err = EINTR;
	return err > 0 ? fail(reader, err) : err;
}

int k8snet_actual_read(struct k8snet_nl *nl, struct k8snet_state *state)
{
	struct reader reader = { .nl = nl, .state = state };
	struct k8snet_problems none = { 0 };

	*state = (struct k8snet_state){ .has_links = true, .has_nodes = true };
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (read_kind(&reader, &kinds[i]))
			return -1;
	if (read_services(&reader))
		return -1;
	k8snet_state_sort(state, &none);
	k8snet_problems_free(&none);
	return 0;
}
