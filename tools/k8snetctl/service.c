// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl service: the service ports.
 */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "fetch.h"
#include "lib/generated/names.h"
#include "server.h"
#include "show.h"
#include "usage.h"
#include "value.h"

static void has(struct request *rq, unsigned int attr)
{
	rq->service.has |= 1ULL << attr;
}

static int parse_name(struct request *rq, const char *text)
{
	rq->service.name = text;
	has(rq, K8SNET_A_SERVICE_NAME);
	return 0;
}

static int parse_protocol(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_PROTOCOL);
	if (!strcmp(text, "tcp"))
		rq->service.protocol = IPPROTO_TCP;
	else if (!strcmp(text, "udp"))
		rq->service.protocol = IPPROTO_UDP;
	else if (!strcmp(text, "sctp"))
		rq->service.protocol = IPPROTO_SCTP;
	else
		return request_fail(rq, "\"%s\" is none of tcp, udp, sctp", text);
	return 0;
}

static int add_frontend(struct request *rq, const struct k8snet_frontend *frontend)
{
	if (k8snet_service_add_frontend(&rq->service, &rq->arena, frontend))
		return request_fail(rq, "%s", strerror(ENOMEM));
	return 0;
}

/* ADDR:PORT[,ADDR:PORT...]|none */
static int parse_frontends(struct request *rq, const char *text)
{
	char *copy = k8snet_arena_strdup(&rq->arena, text), *one;
	struct k8snet_frontend frontend = { .type = K8SNET_FRONTEND_TYPE_CLUSTER_IP };

	if (!copy)
		return request_fail(rq, "%s", strerror(ENOMEM));
	if (!strcmp(text, "none"))
		return 0;
	while ((one = strsep(&copy, ","))) {
		if (value_address_port(rq, one, &frontend.addr, &frontend.port) ||
		    add_frontend(rq, &frontend))
			return -1;
	}
	return 0;
}

static int parse_nodeport(struct request *rq, const char *text)
{
	struct k8snet_frontend frontend = { .type = K8SNET_FRONTEND_TYPE_NODE_PORT };

	if (value_port(rq, text, &frontend.port))
		return -1;
	return add_frontend(rq, &frontend);
}

/* ADDR[,ADDR...]; the port is the service's, or ADDR:PORT has it */
static int parse_addresses(struct request *rq, const char *text, uint32_t type)
{
	char *copy = k8snet_arena_strdup(&rq->arena, text), *one;

	if (!copy)
		return request_fail(rq, "%s", strerror(ENOMEM));
	while ((one = strsep(&copy, ","))) {
		struct k8snet_frontend frontend = { .type = type };

		frontend.port_of_first = !k8snet_address_parse(&frontend.addr, one);
		if (frontend.port_of_first && !rq->service.frontend_count)
			return request_fail(rq, "\"%s\" has no port, nor has the service", one);
		if (!frontend.port_of_first &&
		    value_address_port(rq, one, &frontend.addr, &frontend.port))
			return -1;
		if (add_frontend(rq, &frontend))
			return -1;
	}
	return 0;
}

static int parse_external(struct request *rq, const char *text)
{
	return parse_addresses(rq, text, K8SNET_FRONTEND_TYPE_EXTERNAL);
}

static int parse_loadbalancer(struct request *rq, const char *text)
{
	return parse_addresses(rq, text, K8SNET_FRONTEND_TYPE_LOAD_BALANCER);
}

static int parse_internal(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_INTERNAL_POLICY);
	return value_enum(rq, text, &k8snet_spec_policy, &rq->service.internal_policy);
}

static int parse_external_policy(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_EXTERNAL_POLICY);
	return value_enum(rq, text, &k8snet_spec_policy, &rq->service.external_policy);
}

static int parse_ranges(struct request *rq, const char *text)
{
	return value_prefixes(rq, text, &rq->service.ranges);
}

static int parse_ranges_on(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_RANGE_SCOPE);
	return value_enum(rq, text, &k8snet_spec_range_scope, &rq->service.range_scope);
}

static int parse_on_remove(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_ON_REMOVE);
	return value_enum(rq, text, &k8snet_spec_on_remove, &rq->service.on_remove);
}

static int parse_limit(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_LIMIT);
	return value_number(rq, text, &rq->service.limit);
}

static int parse_affinity(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_AFFINITY);
	if (!strcmp(text, "off"))
		return 0;
	return value_number(rq, text, &rq->service.affinity);
}

static int parse_endpoint(struct request *rq, const char *text)
{
	struct k8snet_endpoint endpoint = { 0 };

	if (server_parse(rq, text, &endpoint))
		return -1;
	if (k8snet_service_add_endpoint(&rq->service, &rq->arena, &endpoint))
		return request_fail(rq, "%s", strerror(ENOMEM));
	return 0;
}

static int parse_algorithm(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_SERVICE_ALGORITHM);
	return value_enum(rq, text, &k8snet_spec_algorithm, &rq->service.algorithm);
}

static int change(struct tool *tool, struct request *rq, uint8_t cmd)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, cmd);
	k8snet_service_encode(&rq->service, &msg);
	return tool_change(tool, &msg, "service", rq->service.name);
}

static int write_whole(struct tool *tool, struct request *rq, uint8_t cmd)
{
	if (k8snet_service_complete(&rq->service, &rq->arena)) {
		complain("service: %s", strerror(ENOMEM));
		return EXIT_REFUSED;
	}
	return change(tool, rq, cmd);
}

static int add(struct tool *tool, struct request *rq)
{
	return write_whole(tool, rq, K8SNET_CMD_SERVICE_NEW);
}

static int replace(struct tool *tool, struct request *rq)
{
	return write_whole(tool, rq, K8SNET_CMD_SERVICE_REPLACE);
}

static int del(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_SERVICE_DEL);
}

/* buf has 16 bytes. */
static const char *protocol_name(uint32_t protocol, char *buf)
{
	if (protocol == IPPROTO_TCP)
		return "tcp";
	if (protocol == IPPROTO_UDP)
		return "udp";
	if (protocol == IPPROTO_SCTP)
		return "sctp";
	snprintf(buf, 16, "%u", protocol);
	return buf;
}

static void print_json_frontends(struct json *json, const struct k8snet_service *service)
{
	json_open(json, "frontend", '[');
	for (size_t i = 0; i < service->frontend_count; i++) {
		const struct k8snet_frontend *frontend = &service->frontend[i];

		json_open(json, NULL, '{');
		json_string(json, "type",
			    k8snet_spec_value_name(&k8snet_spec_frontend_type, frontend->type));
		show_json_address(json, "address", &frontend->addr);
		json_number(json, "port", frontend->port);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void print_json_rules(struct json *json, const struct k8snet_service *service)
{
	json_string(json, "internal_policy",
		    k8snet_spec_value_name(&k8snet_spec_policy, service->internal_policy));
	json_string(json, "external_policy",
		    k8snet_spec_value_name(&k8snet_spec_policy, service->external_policy));
	show_json_prefixes(json, "ranges", &service->ranges);
	json_string(json, "ranges_on",
		    k8snet_spec_value_name(&k8snet_spec_range_scope, service->range_scope));
	json_string(json, "on_remove",
		    k8snet_spec_value_name(&k8snet_spec_on_remove, service->on_remove));
	json_number(json, "limit", service->limit);
	json_number(json, "affinity", service->affinity);
}

static void print_json(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_service *service = list->items;
	struct json json;
	char buf[16];

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, service++) {
		json_open(&json, NULL, '{');
		json_string(&json, "name", service->name);
		json_string(&json, "protocol", protocol_name(service->protocol, buf));
		print_json_frontends(&json, service);
		json_string(&json, "algorithm",
			    k8snet_spec_value_name(&k8snet_spec_algorithm, service->algorithm));
		print_json_rules(&json, service);
		json_number(&json, "endpoints", service->endpoints);
		json_number(&json, "new", service->new);
		json_number(&json, "rejected", service->rejected);
		show_json_tally(&json, &service->tally);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

/* buf has K8SNET_ENDPOINT_STRLEN bytes. */
static const char *frontend_text(const struct k8snet_frontend *frontend, char *buf)
{
	if (frontend->type != K8SNET_FRONTEND_TYPE_NODE_PORT)
		return k8snet_endpoint_print(&frontend->addr, frontend->port, buf);
	snprintf(buf, K8SNET_ENDPOINT_STRLEN, frontend->addr.family == AF_INET6 ? "[*]:%u" : "*:%u",
		 frontend->port);
	return buf;
}

/* More would make the table too wide. */
#define FRONTENDS_SHOWN	2

/* In one line: all, or the first ones and how many more; empty if there are none. */
static const char *frontends_text(const struct k8snet_service *service, bool all,
				  struct k8snet_arena *arena)
{
	size_t size = service->frontend_count * K8SNET_ENDPOINT_STRLEN + 16, used = 0;
	size_t count = service->frontend_count;
	char one[K8SNET_ENDPOINT_STRLEN], *text = k8snet_arena_alloc(arena, size);

	if (!text)
		return "?";
	if (!all && count > FRONTENDS_SHOWN)
		count = FRONTENDS_SHOWN;
	for (size_t i = 0; i < count; i++)
		used += snprintf(text + used, size - used, "%s%s", i ? "," : "",
				 frontend_text(&service->frontend[i], one));
	if (count < service->frontend_count)
		snprintf(text + used, size - used, ",+%zu", service->frontend_count - count);
	return text;
}

/* What is not as it is by default, in the words of the command. */
static const char *rules_text(const struct k8snet_service *service, struct k8snet_arena *arena)
{
	const char *ranges = show_prefixes(&service->ranges, arena);
	size_t size = strlen(ranges) + 160;
	char *text = k8snet_arena_alloc(arena, size);
	size_t used = 0;

	if (!text)
		return "?";
	if (service->internal_policy)
		used += snprintf(text + used, size - used, " internal local");
	if (service->external_policy)
		used += snprintf(text + used, size - used, " external-policy local");
	if (*ranges)
		used += snprintf(text + used, size - used, " ranges %s", ranges);
	if (service->range_scope)
		used += snprintf(text + used, size - used, " ranges-on external");
	if (service->on_remove)
		used += snprintf(text + used, size - used, " on-remove reset");
	if (service->limit)
		used += snprintf(text + used, size - used, " limit %u", service->limit);
	if (service->affinity)
		snprintf(text + used, size - used, " affinity %u", service->affinity);
	return *text ? text + 1 : text;
}

static void print_table(const struct tool *tool, struct k8snet_list *list)
{
	const struct k8snet_service *service = list->items;
	struct table table = { 0 };
	char buf[16];

	table_column(&table, "NAME", false);
	table_column(&table, "PROTOCOL", false);
	table_column(&table, "FRONTEND", false);
	table_column(&table, "ALGORITHM", false);
	table_column(&table, "ENDPOINTS", true);
	if (tool->stats) {
		table_column(&table, "NEW", true);
		table_column(&table, "REJECTED", true);
		show_tally_columns(&table);
		table_column(&table, "SETTINGS", false);
	}
	for (size_t i = 0; i < list->count; i++, service++) {
		table_cell(&table, "%s", service->name);
		table_cell(&table, "%s", protocol_name(service->protocol, buf));
		table_cell(&table, "%s", frontends_text(service, tool->stats, &list->arena));
		table_cell(&table, "%s",
			   k8snet_spec_value_name(&k8snet_spec_algorithm, service->algorithm));
		table_count(&table, service->endpoints);
		if (tool->stats) {
			table_count(&table, service->new);
			table_count(&table, service->rejected);
			show_tally_cells(&table, &service->tally);
			table_cell(&table, "%s", rules_text(service, &list->arena));
		}
	}
	show_table(&table);
}

static int show(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	if (rq->service.name) {
		k8snet_list_init(&list, sizeof(struct k8snet_service), k8snet_service_decode);
		k8snet_msg_init(&msg, K8SNET_CMD_SERVICE_GET);
		k8snet_service_encode(&rq->service, &msg);
		status = tool_get(tool, &msg, "service", rq->service.name, &list);
	} else {
		status = fetch_services(tool, &list);
	}
	if (!status && tool->json)
		print_json(tool, &list);
	else if (!status)
		print_table(tool, &list);
	k8snet_list_free(&list);
	return status;
}

static const struct arg add_args[] = {
	{ .value = "NAME", .names = NAMES_SERVICE, .required = true, .parse = parse_name },
	{ .value = "tcp|udp|sctp", .required = true, .parse = parse_protocol },
	{ .value = "ADDR:PORT[,ADDR:PORT...]|none", .required = true, .parse = parse_frontends },
	{ "nodeport", .value = "PORT", .repeats = true, .parse = parse_nodeport },
	{ "external", .value = "ADDR[,ADDR...]", .repeats = true, .parse = parse_external },
	{ "loadbalancer", .value = "ADDR[,ADDR...]", .repeats = true, .parse = parse_loadbalancer },
	{ "endpoint", .value = SERVER_USAGE, .repeats = true, .parse = parse_endpoint },
	{ "algorithm", .values = &k8snet_spec_algorithm, .parse = parse_algorithm },
	{ "affinity", .value = "SECONDS|off", .parse = parse_affinity },
	{ "internal", .values = &k8snet_spec_policy, .parse = parse_internal },
	{ "external-policy", .values = &k8snet_spec_policy, .parse = parse_external_policy },
	{ "ranges", .value = "CIDR[,CIDR...]", .parse = parse_ranges },
	{ "ranges-on", .values = &k8snet_spec_range_scope, .parse = parse_ranges_on },
	{ "on-remove", .values = &k8snet_spec_on_remove, .parse = parse_on_remove },
	{ "limit", .value = "N", .parse = parse_limit },
};

static const struct arg del_args[] = {
	{ .value = "NAME", .names = NAMES_SERVICE, .required = true, .parse = parse_name },
};

static const struct arg show_args[] = {
	{ .value = "NAME", .names = NAMES_SERVICE, .parse = parse_name },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "list service ports, or show one",
		.args = show_args,
		.arg_count = ARRAY_SIZE(show_args),
		.run = show,
	},
	{
		.verb = "add",
		.help = "add a service port",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = add,
	},
	{
		.verb = "replace",
		.help = "add a service port, or give it new settings and endpoints",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = replace,
	},
	{
		.verb = "del",
		.also = "delete",
		.help = "remove a service port",
		.args = del_args,
		.arg_count = ARRAY_SIZE(del_args),
		.run = del,
	},
};

const struct object object_service = {
	.name = "service",
	.help = "service ports: an address and port, and the endpoints behind it",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
