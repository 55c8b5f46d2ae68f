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
	else
		return request_fail(rq, "\"%s\" is neither \"tcp\" nor \"udp\"", text);
	return 0;
}

/* ADDR:PORT[,ADDR:PORT...] */
static int parse_frontends(struct request *rq, const char *text)
{
	char *copy = k8snet_arena_strdup(&rq->arena, text), *one;
	struct k8snet_frontend frontend = { .type = K8SNET_FRONTEND_TYPE_CLUSTER_IP };

	if (!copy)
		return request_fail(rq, "%s", strerror(ENOMEM));
	while ((one = strsep(&copy, ","))) {
		if (value_address_port(rq, one, &frontend.addr, &frontend.port))
			return -1;
		if (k8snet_service_add_frontend(&rq->service, &rq->arena, &frontend))
			return request_fail(rq, "%s", strerror(ENOMEM));
	}
	return 0;
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

static int add(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_SERVICE_NEW);
}

static int replace(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_SERVICE_REPLACE);
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
		show_json_ipv4(json, "address", frontend->addr);
		json_number(json, "port", frontend->port);
		json_close(json, '}');
	}
	json_close(json, ']');
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
		json_number(&json, "endpoints", service->endpoints);
		json_number(&json, "new", service->new);
		json_number(&json, "rejected", service->rejected);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

/* All in one line; empty if there are none. */
static const char *frontends_text(const struct k8snet_service *service,
				  struct k8snet_arena *arena)
{
	char *text = k8snet_arena_alloc(arena,
					service->frontend_count * K8SNET_ENDPOINT_STRLEN + 1);
	char one[K8SNET_ENDPOINT_STRLEN], *p = text;

	if (!text)
		return "?";
	for (size_t i = 0; i < service->frontend_count; i++)
		p += sprintf(p, "%s%s", i ? "," : "",
			     k8snet_endpoint_print(service->frontend[i].addr,
						   service->frontend[i].port, one));
	return text;
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
	}
	for (size_t i = 0; i < list->count; i++, service++) {
		table_cell(&table, "%s", service->name);
		table_cell(&table, "%s", protocol_name(service->protocol, buf));
		table_cell(&table, "%s", frontends_text(service, &list->arena));
		table_cell(&table, "%s",
			   k8snet_spec_value_name(&k8snet_spec_algorithm, service->algorithm));
		table_count(&table, service->endpoints);
		if (tool->stats) {
			table_count(&table, service->new);
			table_count(&table, service->rejected);
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
	{ .value = "tcp|udp", .required = true, .parse = parse_protocol },
	{ .value = "ADDR:PORT[,ADDR:PORT...]", .required = true, .parse = parse_frontends },
	{ "endpoint", .value = "ADDR:PORT[,weight=N]", .repeats = true, .parse = parse_endpoint },
	{ "algorithm", .values = &k8snet_spec_algorithm, .parse = parse_algorithm },
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
