// SPDX-License-Identifier: GPL-2.0
/*
 * Reads k8snet's own format of a state. A field that is not known is a mistake,
 * and is said to be one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field_net.h"
#include "generated/names.h"
#include "native.h"

/* The one there is so far. */
#define VERSION			1

static const char *const node_fields[] = {
	"ifname", "name", "via", "also", "format", "port", "mac", "pods", NULL,
};

static const char *const link_fields[] = {
	"ifname", "format", "id", "port", "local", "local_ipv6", "strict", "cross_subnet", "mtu",
	"ttl", "dscp", "df", "mac", NULL,
};

static const char *const service_fields[] = {
	"name", "protocol", "frontends", "internal_policy", "external_policy", "ranges",
	"ranges_on", "affinity", "algorithm", "on_remove", "limit", "endpoints", NULL,
};

static const char *const config_fields[] = {
	"pods", "services", "seed", "nodeport_addresses", "nodeports_min", "nodeports_max",
	"vip_ping", NULL,
};

static const char *const egress_fields[] = {
	"enabled", "source", "source_ipv6", "exclude", NULL,
};

static const char *const flow_fields[] = { "enabled", "limit", "peer", "ingress", "early", NULL };
static const char *const frontend_fields[] = { "type", "address", "port", NULL };
static const char *const endpoint_fields[] = { "address", "port", "weight", "flags", NULL };

/* Flags of an endpoint, by the bits here. */
static const char *const endpoint_flags[] = { "cluster", "local", "on-node", "serving", NULL };

#define FLAG_CLUSTER		1
#define FLAG_LOCAL		2
#define FLAG_ON_NODE		4
#define FLAG_SERVING		8

static void require(const struct k8snet_field *field)
{
	if (!k8snet_field_is_set(field))
		k8snet_field_problem(field, "is missing");
}

static const char *read_name(const struct k8snet_field *object, const char *kind, size_t max)
{
	struct k8snet_field field = k8snet_field_get(object, "name");
	const char *name = k8snet_field_string(&field);
	struct k8snet_reader *reader = object->reader;

	require(&field);
	if (!name)
		return "";
	snprintf(reader->subject, sizeof(reader->subject), "%s %s", kind, name);
	if (!*name || strlen(name) > max)
		k8snet_field_problem(&field, "is not 1 to %zu bytes long", max);
	return name;
}

static uint16_t read_port(const struct k8snet_field *object)
{
	struct k8snet_field field = k8snet_field_get(object, "port");

	require(&field);
	return k8snet_field_number(&field, 1, UINT16_MAX, 0);
}

static void read_address(const struct k8snet_field *object, const char *key,
			 struct k8snet_address *addr)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	require(&field);
	k8snet_field_address(&field, addr);
}

/* One of the specification's names, the first one if there is none. */
static uint32_t read_enum(const struct k8snet_field *field, const struct k8snet_spec_enum *e)
{
	const char *names[16] = { NULL };

	for (unsigned int i = 0; i < e->count && i < 15; i++)
		names[i] = e->values[i].name;
	return e->values[k8snet_field_choice(field, names, 0)].value;
}

static void read_also(struct k8snet_state_node *node, const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "also");
	size_t count = k8snet_field_count(&list);

	if (count > K8SNET_ALSO_MAX)
		k8snet_field_problem(&list, "has more than %d addresses", K8SNET_ALSO_MAX);
	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_address addr = { 0 };

		require(&element);
		k8snet_field_address(&element, &addr);
		if (addr.family && k8snet_addresses_add(&node->also, object->reader->arena, &addr))
			object->reader->problems->failed = ENOMEM;
	}
}

static void read_source(const struct k8snet_field *object, const char *key, int family,
			struct k8snet_address *addr)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	k8snet_field_address(&field, addr);
	if (addr->family && addr->family != family)
		k8snet_field_problem(&field, "is not an %s address",
				     family == AF_INET ? "IPv4" : "IPv6");
}

static uint32_t read_number(const struct k8snet_field *object, const char *key, uint32_t max,
			    uint32_t otherwise)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	return k8snet_field_number(&field, 0, max, otherwise);
}

static bool read_bool(const struct k8snet_field *object, const char *key, bool otherwise)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	return k8snet_field_bool(&field, otherwise);
}

#define VNI_MAX		0xffffff
#define MTU_MIN		576
#define MTU_MAX		65485

static void read_mtu(struct k8snet_state_link *link, const struct k8snet_field *object)
{
	struct k8snet_field field = k8snet_field_get(object, "mtu");

	link->mtu = k8snet_field_number(&field, 0, MTU_MAX, 0);
	if (link->mtu && link->mtu < MTU_MIN)
		k8snet_field_problem(&field, "is neither 0 (automatic) nor from %d to %d", MTU_MIN,
				     MTU_MAX);
}

static void take_link(struct k8snet_state *state, const struct k8snet_field *object,
		      const char *device)
{
	struct k8snet_state_link *link = k8snet_state_add_link(state);
	struct k8snet_field field;
	bool has_mac;

	if (!link) {
		object->reader->problems->failed = ENOMEM;
		return;
	}
	*link = (struct k8snet_state_link){ .origin = object->reader->origin };
	field = k8snet_field_get(object, "ifname");
	link->name = k8snet_field_string(&field);
	if (!link->name)
		link->name = device;
	snprintf(object->reader->subject, sizeof(object->reader->subject), "link %.64s",
		 link->name);
	k8snet_field_only(object, link_fields);
	field = k8snet_field_get(object, "format");
	link->format = read_enum(&field, &k8snet_spec_format);
	link->id = read_number(object, "id", VNI_MAX, K8SNET_STATE_LINK_ID);
	field = k8snet_field_get(object, "port");
	link->port = k8snet_field_number(&field, 1, UINT16_MAX, K8SNET_STATE_LINK_PORT);
	read_source(object, "local", AF_INET, &link->local);
	read_source(object, "local_ipv6", AF_INET6, &link->local_ipv6);
	link->strict = read_bool(object, "strict", true);
	link->cross_subnet = read_bool(object, "cross_subnet", false);
	read_mtu(link, object);
	link->ttl = read_number(object, "ttl", UINT8_MAX, K8SNET_STATE_LINK_TTL);
	link->dscp = read_number(object, "dscp", K8SNET_STATE_DSCP_INHERIT, 0);
	field = k8snet_field_get(object, "df");
	link->df = read_enum(&field, &k8snet_spec_df);
	field = k8snet_field_get(object, "mac");
	k8snet_field_mac(&field, link->mac, &has_mac);
}

static void take_node(struct k8snet_state *state, const struct k8snet_field *object,
		      const char *device)
{
	struct k8snet_state_node *node = k8snet_state_add_node(state);
	struct k8snet_field field;

	if (!node) {
		object->reader->problems->failed = ENOMEM;
		return;
	}
	*node = (struct k8snet_state_node){ .origin = object->reader->origin };
	node->name = read_name(object, "node", K8SNET_NAME_MAX);
	k8snet_field_only(object, node_fields);
	field = k8snet_field_get(object, "ifname");
	node->device = k8snet_field_string(&field);
	if (!node->device)
		node->device = device;
	read_address(object, "via", &node->via);
	read_also(node, object);
	field = k8snet_field_get(object, "format");
	node->has_format = k8snet_field_is_set(&field);
	node->format = read_enum(&field, &k8snet_spec_format);
	field = k8snet_field_get(object, "port");
	node->port = k8snet_field_number(&field, 1, UINT16_MAX, 0);
	field = k8snet_field_get(object, "mac");
	k8snet_field_mac(&field, node->mac, &node->has_mac);
	field = k8snet_field_get(object, "pods");
	require(&field);
	k8snet_field_prefixes(&field, &node->pods);
}

static void take_frontends(struct k8snet_state_service *service, struct k8snet_state *state,
			   const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "frontends");
	size_t count = k8snet_field_count(&list);

	if (!count)
		k8snet_field_problem(&list, "has no frontend");
	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field type = k8snet_field_get(&element, "type");
		struct k8snet_state_frontend *frontend;

		frontend = k8snet_state_add_frontend(service, &state->arena);
		if (!frontend) {
			object->reader->problems->failed = ENOMEM;
			return;
		}
		*frontend = (struct k8snet_state_frontend){ 0 };
		k8snet_field_only(&element, frontend_fields);
		frontend->type = k8snet_field_choice(&type, k8snet_state_frontend_types,
						     K8SNET_STATE_CLUSTER_IP);
		read_address(&element, "address", &frontend->addr);
		frontend->port = read_port(&element);
	}
}

/* Without any said, an endpoint serves and is in the cluster set. */
static unsigned int read_flags(const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "flags");
	size_t count = k8snet_field_count(&list);
	unsigned int flags = 0;

	if (!k8snet_field_is_set(&list))
		return FLAG_CLUSTER | FLAG_SERVING;
	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);

		require(&element);
		flags |= 1 << k8snet_field_choice(&element, endpoint_flags, 0);
	}
	return flags;
}

static void take_endpoints(struct k8snet_state_service *service, struct k8snet_state *state,
			   const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "endpoints");
	size_t count = k8snet_field_count(&list);

	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field weight = k8snet_field_get(&element, "weight");
		struct k8snet_state_endpoint *endpoint;
		unsigned int flags;

		endpoint = k8snet_state_add_endpoint(service, &state->arena);
		if (!endpoint) {
			object->reader->problems->failed = ENOMEM;
			return;
		}
		*endpoint = (struct k8snet_state_endpoint){ 0 };
		k8snet_field_only(&element, endpoint_fields);
		read_address(&element, "address", &endpoint->addr);
		endpoint->port = read_port(&element);
		endpoint->weight = k8snet_field_number(&weight, 1, K8SNET_WEIGHT_MAX, 1);
		flags = read_flags(&element);
		endpoint->in_cluster_set = flags & FLAG_CLUSTER;
		endpoint->in_local_set = flags & FLAG_LOCAL;
		endpoint->on_node = flags & FLAG_ON_NODE;
		endpoint->serving = flags & FLAG_SERVING;
	}
}

static uint32_t read_choice(const struct k8snet_field *object, const char *key,
			    const char *const *words)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	return k8snet_field_choice(&field, words, 0);
}

static void take_service(struct k8snet_state *state, const struct k8snet_field *object)
{
	struct k8snet_state_service *service = k8snet_state_add_service(state);
	struct k8snet_field field;

	if (!service) {
		object->reader->problems->failed = ENOMEM;
		return;
	}
	*service = (struct k8snet_state_service){ .origin = object->reader->origin };
	service->name = read_name(object, "service", K8SNET_SERVICE_NAME_MAX);
	k8snet_field_only(object, service_fields);
	field = k8snet_field_get(object, "protocol");
	require(&field);
	service->protocol = k8snet_state_protocol(read_choice(object, "protocol",
							      k8snet_state_protocols));
	take_frontends(service, state, object);
	service->internal_local = read_choice(object, "internal_policy", k8snet_state_policies);
	service->external_local = read_choice(object, "external_policy", k8snet_state_policies);
	field = k8snet_field_get(object, "ranges");
	k8snet_field_prefixes(&field, &service->ranges);
	service->range_scope = read_choice(object, "ranges_on", k8snet_state_range_scopes);
	field = k8snet_field_get(object, "affinity");
	service->affinity = k8snet_field_number(&field, 0, K8SNET_STATE_AFFINITY_MAX, 0);
	service->algorithm = read_choice(object, "algorithm", k8snet_state_algorithms);
	service->on_remove = read_choice(object, "on_remove", k8snet_state_on_removes);
	field = k8snet_field_get(object, "limit");
	service->limit = k8snet_field_number(&field, 0, UINT32_MAX, 0);
	take_endpoints(service, state, object);
}

static void read_prefixes(const struct k8snet_field *object, const char *key,
			  struct k8snet_prefixes *list)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	k8snet_field_prefixes(&field, list);
}

static void take_config(struct k8snet_state *state, const struct k8snet_field *object)
{
	struct k8snet_state_config *config = &state->config;
	struct k8snet_field field;

	if (state->has_config)
		k8snet_field_problem(object, "is there twice");
	state->has_config = true;
	*config = (struct k8snet_state_config){ .origin = object->reader->origin };
	k8snet_field_only(object, config_fields);
	read_prefixes(object, "pods", &config->pods);
	read_prefixes(object, "services", &config->services);
	field = k8snet_field_get(object, "seed");
	k8snet_field_bytes(&field, config->seed, sizeof(config->seed));
	read_prefixes(object, "nodeport_addresses", &config->nodeport_addresses);
	field = k8snet_field_get(object, "nodeports_min");
	config->nodeports_min = k8snet_field_number(&field, 1, UINT16_MAX,
						    K8SNET_STATE_NODEPORTS_MIN);
	field = k8snet_field_get(object, "nodeports_max");
	config->nodeports_max = k8snet_field_number(&field, config->nodeports_min, UINT16_MAX,
						    K8SNET_STATE_NODEPORTS_MAX);
	field = k8snet_field_get(object, "vip_ping");
	config->vip_ping = k8snet_field_bool(&field, false);
}

static void take_egress(struct k8snet_state *state, const struct k8snet_field *object)
{
	struct k8snet_state_egress *egress = &state->egress;
	struct k8snet_field field;

	if (state->has_egress)
		k8snet_field_problem(object, "is there twice");
	state->has_egress = true;
	*egress = (struct k8snet_state_egress){ .origin = object->reader->origin };
	k8snet_field_only(object, egress_fields);
	field = k8snet_field_get(object, "enabled");
	egress->enabled = k8snet_field_bool(&field, false);
	read_source(object, "source", AF_INET, &egress->source);
	read_source(object, "source_ipv6", AF_INET6, &egress->source_ipv6);
	read_prefixes(object, "exclude", &egress->exclude);
}

static void take_flow(struct k8snet_state *state, const struct k8snet_field *object)
{
	struct k8snet_state_flow *flow = &state->flow;
	struct k8snet_field field;

	if (state->has_flow)
		k8snet_field_problem(object, "is there twice");
	state->has_flow = true;
	*flow = (struct k8snet_state_flow){ .origin = object->reader->origin };
	k8snet_field_only(object, flow_fields);
	field = k8snet_field_get(object, "enabled");
	flow->enabled = k8snet_field_bool(&field, true);
	field = k8snet_field_get(object, "limit");
	flow->limit = k8snet_field_number(&field, 1, UINT32_MAX, K8SNET_STATE_FLOW_LIMIT);
	field = k8snet_field_get(object, "peer");
	flow->peer = k8snet_field_bool(&field, true);
	field = k8snet_field_get(object, "ingress");
	flow->ingress = k8snet_field_bool(&field, true);
	field = k8snet_field_get(object, "early");
	flow->early = k8snet_field_bool(&field, true);
}

void k8snet_native_take(struct k8snet_state *state, const struct k8snet_item *item,
			const char *device, struct k8snet_problems *problems)
{
	struct k8snet_reader reader = {
		.origin = item->origin,
		.problems = problems,
		.arena = &state->arena,
	};
	struct k8snet_field object = k8snet_field_object(&reader, item->object);

	if (!strcmp(item->section, "links")) {
		state->has_links = true;
		if (item->object)
			take_link(state, &object, device);
	} else if (!strcmp(item->section, "nodes")) {
		state->has_nodes = true;
		if (item->object)
			take_node(state, &object, device);
	} else if (!strcmp(item->section, "services")) {
		state->has_services = true;
		if (item->object)
			take_service(state, &object);
	} else if (!strcmp(item->section, "config")) {
		snprintf(reader.subject, sizeof(reader.subject), "config");
		take_config(state, &object);
	} else if (!strcmp(item->section, "egress")) {
		snprintf(reader.subject, sizeof(reader.subject), "egress");
		take_egress(state, &object);
	} else if (!strcmp(item->section, "flow")) {
		snprintf(reader.subject, sizeof(reader.subject), "flow");
		take_flow(state, &object);
	} else if (!strcmp(item->section, "version")) {
		k8snet_field_number(&object, VERSION, VERSION, VERSION);
	} else {
		k8snet_problems_add(problems, &item->origin,
				    "there is no section \"%.64s\" (config, egress, flow, links, nodes and services are; an object of Kubernetes has a kind)",
				    item->section);
	}
}
