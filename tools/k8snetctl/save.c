// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl save: the state as JSON that can be applied, which lib/native.c reads.
 */
#include <string.h>

#include "command.h"
#include "lib/actual.h"
#include "lib/generated/names.h"
#include "save.h"
#include "show.h"

static void save_link(struct json *json, const struct k8snet_state_link *link)
{
	static const uint8_t no_mac[K8SNET_MAC_LEN];
	char mac[MAC_STRLEN];

	json_open(json, NULL, '{');
	json_string(json, "ifname", link->name);
	json_string(json, "format", k8snet_spec_value_name(&k8snet_spec_format, link->format));
	json_number(json, "id", link->id);
	json_number(json, "port", link->port);
	show_json_address(json, "local", &link->local);
	show_json_address(json, "local_ipv6", &link->local_ipv6);
	json_bool(json, "strict", link->strict);
	json_bool(json, "cross_subnet", link->cross_subnet);
	json_number(json, "mtu", link->mtu);
	json_number(json, "ttl", link->ttl);
	json_number(json, "dscp", link->dscp);
	json_string(json, "df", k8snet_spec_value_name(&k8snet_spec_df, link->df));
	if (memcmp(link->mac, no_mac, sizeof(no_mac)))
		json_string(json, "mac", show_mac(link->mac, mac));
	json_close(json, '}');
}

static void save_node(struct json *json, const struct k8snet_state_node *node)
{
	char mac[MAC_STRLEN];

	json_open(json, NULL, '{');
	json_string(json, "ifname", node->device);
	json_string(json, "name", node->name);
	show_json_address(json, "via", &node->via);
	if (node->also.count)
		show_json_addresses(json, "also", &node->also);
	if (node->has_format)
		json_string(json, "format",
			    k8snet_spec_value_name(&k8snet_spec_format, node->format));
	if (node->port)
		json_number(json, "port", node->port);
	if (node->has_mac)
		json_string(json, "mac", show_mac(node->mac, mac));
	show_json_prefixes(json, "pods", &node->pods);
	json_close(json, '}');
}

static void save_frontends(struct json *json, const struct k8snet_state_service *service)
{
	json_open(json, "frontends", '[');
	for (size_t i = 0; i < service->frontend_count; i++) {
		const struct k8snet_state_frontend *frontend = &service->frontend[i];

		json_open(json, NULL, '{');
		json_string(json, "type", k8snet_state_frontend_types[frontend->type]);
		show_json_address(json, "address", &frontend->addr);
		json_number(json, "port", frontend->port);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void save_endpoints(struct json *json, const struct k8snet_state_service *service)
{
	json_open(json, "endpoints", '[');
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct k8snet_state_endpoint *endpoint = &service->endpoint[i];

		json_open(json, NULL, '{');
		show_json_address(json, "address", &endpoint->addr);
		json_number(json, "port", endpoint->port);
		json_number(json, "weight", endpoint->weight);
		json_open(json, "flags", '[');
		if (endpoint->in_cluster_set)
			json_string(json, NULL, "cluster");
		if (endpoint->in_local_set)
			json_string(json, NULL, "local");
		if (endpoint->on_node)
			json_string(json, NULL, "on-node");
		if (endpoint->serving)
			json_string(json, NULL, "serving");
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void save_service(struct json *json, const struct k8snet_state_service *service)
{
	json_open(json, NULL, '{');
	json_string(json, "name", service->name);
	json_string(json, "protocol", k8snet_state_protocol_name(service->protocol));
	save_frontends(json, service);
	json_string(json, "internal_policy", k8snet_state_policies[service->internal_local]);
	json_string(json, "external_policy", k8snet_state_policies[service->external_local]);
	show_json_prefixes(json, "ranges", &service->ranges);
	json_string(json, "ranges_on", k8snet_state_range_scopes[service->range_scope]);
	json_number(json, "affinity", service->affinity);
	json_string(json, "algorithm", k8snet_state_algorithms[service->algorithm]);
	json_string(json, "on_remove", k8snet_state_on_removes[service->on_remove]);
	json_number(json, "limit", service->limit);
	save_endpoints(json, service);
	json_close(json, '}');
}

static void save_config(struct json *json, const struct k8snet_state_config *config)
{
	char seed[2 * K8SNET_SEED_LEN + 1];

	for (size_t i = 0; i < sizeof(config->seed); i++)
		sprintf(seed + 2 * i, "%02x", config->seed[i]);
	json_open(json, "config", '{');
	show_json_prefixes(json, "pods", &config->pods);
	show_json_prefixes(json, "services", &config->services);
	json_string(json, "seed", seed);
	show_json_prefixes(json, "nodeport_addresses", &config->nodeport_addresses);
	json_number(json, "nodeports_min", config->nodeports_min);
	json_number(json, "nodeports_max", config->nodeports_max);
	json_bool(json, "vip_ping", config->vip_ping);
	json_close(json, '}');
}

static void save_egress(struct json *json, const struct k8snet_state_egress *egress)
{
	json_open(json, "egress", '{');
	json_bool(json, "enabled", egress->enabled);
	show_json_address(json, "source", &egress->source);
	show_json_address(json, "source_ipv6", &egress->source_ipv6);
	show_json_prefixes(json, "exclude", &egress->exclude);
	json_close(json, '}');
}

static void save_flow(struct json *json, const struct k8snet_state_flow *flow)
{
	json_open(json, "flow", '{');
	json_bool(json, "enabled", flow->enabled);
	json_number(json, "limit", flow->limit);
	json_bool(json, "peer", flow->peer);
	json_bool(json, "ingress", flow->ingress);
	json_bool(json, "early", flow->early);
	json_close(json, '}');
}

/* A section that the state does not have is not written: applying leaves it alone. */
void save_json(struct json *json, const struct k8snet_state *state)
{
	json_open(json, NULL, '{');
	json_number(json, "version", 1);
	if (state->has_config)
		save_config(json, &state->config);
	if (state->has_egress)
		save_egress(json, &state->egress);
	if (state->has_flow)
		save_flow(json, &state->flow);
	if (state->has_links) {
		json_open(json, "links", '[');
		for (size_t i = 0; i < state->link_count; i++)
			save_link(json, &state->link[i]);
		json_close(json, ']');
	}
	if (state->has_nodes) {
		json_open(json, "nodes", '[');
		for (size_t i = 0; i < state->node_count; i++)
			save_node(json, &state->node[i]);
		json_close(json, ']');
	}
	if (state->has_services) {
		json_open(json, "services", '[');
		for (size_t i = 0; i < state->service_count; i++)
			save_service(json, &state->service[i]);
		json_close(json, ']');
	}
	json_close(json, '}');
}

/* For people to read and to compare unless JSON was asked for. */
static int run(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_state state = { 0 };
	int status = tool_connect(tool);
	struct json json;

	if (status)
		return status;
	if (k8snet_actual_read(&tool->nl, &state)) {
		status = tool_refused(tool, NULL, "save", NULL);
	} else {
		k8snet_state_simplify(&state, state.link, state.link_count);
		json_start(&json, stdout, tool->pretty || !tool->json);
		save_json(&json, &state);
		json_end(&json);
	}
	k8snet_state_free(&state);
	return status;
}

static const struct command commands[] = {
	{
		.help = "print all settings, devices, nodes and services, for apply",
		.run = run,
	},
};

const struct object object_save = {
	.name = "save",
	.help = "print the whole configuration of the namespace, to be applied again",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
