// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl endpoint: the endpoints of service ports, one by one.
 */
#define _GNU_SOURCE
#include <string.h>

#include <linux/k8snet.h>

#include "command.h"
#include "lib/generated/names.h"
#include "server.h"
#include "show.h"
#include "value.h"

static int parse_service(struct request *rq, const char *text)
{
	rq->endpoint.service = text;
	return 0;
}

static int parse_server(struct request *rq, const char *text)
{
	return server_parse(rq, text, &rq->endpoint);
}

static int parse_address(struct request *rq, const char *text)
{
	return value_address_port(rq, text, &rq->endpoint.addr, &rq->endpoint.port);
}

static int parse_weight(struct request *rq, const char *text)
{
	if (rq->endpoint.has_weight)
		return request_fail(rq, "given twice");
	rq->endpoint.has_weight = true;
	return value_number(rq, text, &rq->endpoint.weight);
}

static int change(struct tool *tool, struct request *rq, uint8_t cmd)
{
	char name[K8SNET_ENDPOINT_STRLEN];
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, cmd);
	k8snet_endpoint_encode(&rq->endpoint, &msg);
	k8snet_endpoint_print(&rq->endpoint.addr, rq->endpoint.port, name);
	return tool_change(tool, &msg, "endpoint", name);
}

static int add(struct tool *tool, struct request *rq)
{
	k8snet_endpoint_flags(&rq->endpoint);
	return change(tool, rq, K8SNET_CMD_ENDPOINT_NEW);
}

static int replace(struct tool *tool, struct request *rq)
{
	k8snet_endpoint_flags(&rq->endpoint);
	return change(tool, rq, K8SNET_CMD_ENDPOINT_REPLACE);
}

static int del(struct tool *tool, struct request *rq)
{
	rq->endpoint.flags = K8SNET_ENDPOINT_FLAGS_DEFAULT;
	return change(tool, rq, K8SNET_CMD_ENDPOINT_DEL);
}

static int compare(const void *a, const void *b)
{
	const struct k8snet_endpoint *x = a, *y = b;
	int order = strverscmp(x->service, y->service);

	return order ? order : k8snet_endpoint_compare(x, y);
}

static void print_json(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_endpoint *endpoint = list->items;
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, endpoint++) {
		json_open(&json, NULL, '{');
		json_string(&json, "service", endpoint->service);
		show_json_address(&json, "address", &endpoint->addr);
		json_number(&json, "port", endpoint->port);
		json_number(&json, "weight", endpoint->weight);
		json_open(&json, "flags", '[');
		for (unsigned int f = 0; f < k8snet_spec_endpoint_flag.count; f++)
			if (endpoint->flags & k8snet_spec_endpoint_flag.values[f].value)
				json_string(&json, NULL,
					    k8snet_spec_endpoint_flag.values[f].name);
		json_close(&json, ']');
		json_number(&json, "new", endpoint->new);
		show_json_tally(&json, &endpoint->tally);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

/* What it does: the sets that it is in, or what is left to it. */
static const char *sets_text(const struct k8snet_endpoint *endpoint)
{
	bool cluster = endpoint->flags & K8SNET_ENDPOINT_FLAG_CLUSTER;
	bool local = endpoint->flags & K8SNET_ENDPOINT_FLAG_LOCAL;

	if (cluster && local)
		return "cluster,local";
	if (cluster || local)
		return cluster ? "cluster" : "local";
	return endpoint->flags & K8SNET_ENDPOINT_FLAG_SERVING ? "draining" : "notready";
}

static void print_table(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_endpoint *endpoint = list->items;
	char text[K8SNET_ENDPOINT_STRLEN];
	struct table table = { 0 };

	table_column(&table, "SERVICE", false);
	table_column(&table, "ENDPOINT", false);
	table_column(&table, "WEIGHT", true);
	table_column(&table, "SETS", false);
	if (tool->stats) {
		table_column(&table, "NEW", true);
		show_tally_columns(&table);
	}
	for (size_t i = 0; i < list->count; i++, endpoint++) {
		table_cell(&table, "%s", endpoint->service);
		table_cell(&table, "%s",
			   k8snet_endpoint_print(&endpoint->addr, endpoint->port, text));
		table_cell(&table, "%u", endpoint->weight);
		table_cell(&table, "%s", sets_text(endpoint));
		if (tool->stats) {
			table_count(&table, endpoint->new);
			show_tally_cells(&table, &endpoint->tally);
		}
	}
	show_table(&table);
}

static int show(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_endpoint), k8snet_endpoint_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_ENDPOINT_GET);
	if (rq->endpoint.service)
		k8snet_msg_put_string(&msg, K8SNET_A_ENDPOINT_SERVICE, rq->endpoint.service);
	status = tool_dump(tool, &msg, "endpoint", NULL, &list);
	k8snet_list_sort(&list, compare);
	if (!status && tool->json)
		print_json(tool, &list);
	else if (!status)
		print_table(tool, &list);
	k8snet_list_free(&list);
	return status;
}

static const struct arg add_args[] = {
	{ .value = "SERVICE", .names = NAMES_SERVICE, .required = true, .parse = parse_service },
	{ .value = SERVER_USAGE, .required = true, .parse = parse_server },
	{ "weight", .value = "N", .parse = parse_weight },
};

static const struct arg del_args[] = {
	{ .value = "SERVICE", .names = NAMES_SERVICE, .required = true, .parse = parse_service },
	{ .value = "ADDR:PORT", .required = true, .parse = parse_address },
};

static const struct arg show_args[] = {
	{ .value = "SERVICE", .names = NAMES_SERVICE, .parse = parse_service },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "list endpoints, of one service port or of all",
		.args = show_args,
		.arg_count = ARRAY_SIZE(show_args),
		.run = show,
	},
	{
		.verb = "add",
		.help = "add an endpoint to a service port",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = add,
	},
	{
		.verb = "replace",
		.help = "add an endpoint, or give it this weight and these conditions",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = replace,
	},
	{
		.verb = "del",
		.also = "delete",
		.help = "remove an endpoint from a service port",
		.args = del_args,
		.arg_count = ARRAY_SIZE(del_args),
		.run = del,
	},
};

const struct object object_endpoint = {
	.name = "endpoint",
	.help = "endpoints of service ports, one by one",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
