// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl node: the remote nodes of an overlay device.
 */
#include <string.h>

#include "command.h"
#include "fetch.h"
#include "lib/calico.h"
#include "lib/generated/names.h"
#include "show.h"
#include "usage.h"
#include "value.h"

static void has(struct request *rq, unsigned int attr)
{
	rq->node.has |= 1ULL << attr;
}

static int parse_name(struct request *rq, const char *text)
{
	rq->node.name = text;
	has(rq, K8SNET_A_NODE_NAME);
	return 0;
}

static int parse_device(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_NODE_IFNAME);
	return value_device(rq, text, rq->node.ifname);
}

static int parse_via(struct request *rq, const char *text)
{
	return value_address(rq, text, &rq->node.via);
}

static int parse_also(struct request *rq, const char *text)
{
	return value_addresses(rq, text, &rq->node.also);
}

static int parse_pods(struct request *rq, const char *text)
{
	return value_prefixes(rq, text, &rq->node.pods);
}

static int parse_format(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_NODE_FORMAT);
	return value_enum(rq, text, &k8snet_spec_format, &rq->node.format);
}

static int parse_port(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_NODE_PORT);
	return value_port(rq, text, &rq->node.port);
}

#define CALICO	"calico:"

static int parse_mac(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_NODE_MAC);
	if (!strcmp(text, "calico"))
		rq->calico = "";
	else if (!strncmp(text, CALICO, strlen(CALICO)) && text[strlen(CALICO)])
		rq->calico = text + strlen(CALICO);
	if (rq->calico)
		return 0;
	return value_bytes(rq, text, "a MAC address", ':', rq->node.mac, sizeof(rq->node.mac));
}

static int parse_move(struct request *rq, const char *text)
{
	(void)text;
	rq->node.move = 1;
	has(rq, K8SNET_A_NODE_MOVE);
	return 0;
}

/* The only device there is, if none was named. */
static int choose_device(struct tool *tool, struct request *rq)
{
	const struct k8snet_link *link;
	char names[256] = "";
	struct k8snet_list list;
	size_t used = 0;
	int status;

	if (rq->node.has & 1ULL << K8SNET_A_NODE_IFNAME)
		return EXIT_DONE;
	status = fetch_links(tool, &list);
	if (status)
		goto out;
	link = list.items;
	if (list.count == 1) {
		memcpy(rq->node.ifname, link->ifname, sizeof(link->ifname));
		has(rq, K8SNET_A_NODE_IFNAME);
		goto out;
	}
	for (size_t i = 0; i < list.count && used < sizeof(names); i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
				 link[i].ifname);
	if (list.count)
		status = usage_error(&object_node, rq->command, "say which device: dev %s",
				     names);
	else
		status = usage_error(&object_node, rq->command,
				     "there is no k8snet device; make one with ip link add");
out:
	k8snet_list_free(&list);
	return status;
}

static int change(struct tool *tool, struct request *rq, uint8_t cmd)
{
	struct k8snet_msg msg;
	int status = choose_device(tool, rq);

	if (status)
		return status;
	/* Not before the address is known, which can follow the word. */
	if (rq->calico)
		k8snet_calico_mac(*rq->calico ? rq->calico : rq->node.name,
				  rq->node.via.family == AF_INET6, rq->node.mac);
	k8snet_msg_init(&msg, cmd);
	k8snet_node_encode(&rq->node, &msg);
	return tool_change(tool, &msg, "node", rq->node.name);
}

static int add(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_NODE_NEW);
}

static int replace(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_NODE_REPLACE);
}

static int del(struct tool *tool, struct request *rq)
{
	return change(tool, rq, K8SNET_CMD_NODE_DEL);
}

static bool has_field(const struct k8snet_node *node, unsigned int attr)
{
	return node->has & 1ULL << attr;
}

static void print_json_formats(struct json *json, const struct k8snet_node *node)
{
	json_string(json, "format", k8snet_spec_value_name(&k8snet_spec_format, node->format));
	if (has_field(node, K8SNET_A_NODE_CURRENT_FORMAT))
		json_string(json, "current_format",
			    k8snet_spec_value_name(&k8snet_spec_format, node->current_format));
	else
		json_null(json, "current_format");
}

static void print_json(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_node *node = list->items;
	char mac[MAC_STRLEN];
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, node++) {
		json_open(&json, NULL, '{');
		json_number(&json, "ifindex", node->ifindex);
		json_string(&json, "ifname", node->ifname);
		json_string(&json, "name", node->name);
		show_json_address(&json, "via", &node->via);
		show_json_addresses(&json, "also", &node->also);
		json_number(&json, "port", node->port);
		json_string(&json, "mac", show_mac(node->mac, mac));
		print_json_formats(&json, node);
		if (has_field(node, K8SNET_A_NODE_PATH_MTU))
			json_number(&json, "path_mtu", node->path_mtu);
		else
			json_null(&json, "path_mtu");
		show_json_prefixes(&json, "pods", &node->pods);
		show_json_traffic(&json, &node->stats);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

/* Where packets to it go, and then where they also come from. */
static void via_cell(struct table *table, const struct k8snet_node *node)
{
	char text[(1 + K8SNET_ALSO_MAX) * (K8SNET_ADDRESS_STRLEN + 1)];
	char addr[K8SNET_ADDRESS_STRLEN];
	size_t used;

	used = snprintf(text, sizeof(text), "%s", k8snet_address_print(&node->via, addr));
	for (size_t i = 0; i < node->also.count && used < sizeof(text); i++)
		used += snprintf(text + used, sizeof(text) - used, ",%s",
				 k8snet_address_print(&node->also.address[i], addr));
	table_cell(table, "%s", text);
}

/* "vxlan>direct" is a node that is vxlan, and sent to directly now. */
static void format_cell(struct table *table, const struct k8snet_node *node)
{
	const char *own = k8snet_spec_value_name(&k8snet_spec_format, node->format);

	if (has_field(node, K8SNET_A_NODE_CURRENT_FORMAT) && node->current_format != node->format)
		table_cell(table, "%s>%s", own,
			   k8snet_spec_value_name(&k8snet_spec_format, node->current_format));
	else
		table_cell(table, "%s", own);
}

static void path_mtu_cell(struct table *table, const struct k8snet_node *node)
{
	if (has_field(node, K8SNET_A_NODE_PATH_MTU))
		table_cell(table, "%u", node->path_mtu);
	else
		table_cell(table, "%s", "");
}

static void print_table(const struct tool *tool, struct k8snet_list *list)
{
	const struct k8snet_node *node = list->items;
	char mac[MAC_STRLEN];
	struct table table = { 0 };

	table_column(&table, "NAME", false);
	table_column(&table, "DEV", false);
	table_column(&table, "VIA", false);
	table_column(&table, "FORMAT", false);
	table_column(&table, "PORT", true);
	table_column(&table, "MTU", true);
	if (tool->stats) {
		table_column(&table, "MAC", false);
		show_traffic_columns(&table);
	}
	table_column(&table, "PODS", false);
	for (size_t i = 0; i < list->count; i++, node++) {
		table_cell(&table, "%s", node->name);
		table_cell(&table, "%s", node->ifname);
		via_cell(&table, node);
		format_cell(&table, node);
		table_cell(&table, "%u", node->port);
		path_mtu_cell(&table, node);
		if (tool->stats) {
			table_cell(&table, "%s", show_mac(node->mac, mac));
			show_traffic_cells(&table, &node->stats);
		}
		table_cell(&table, "%s", show_prefixes(&node->pods, &list->arena));
	}
	show_table(&table);
}

/* Keeps the nodes of one name; false if there are none. */
static bool select_name(struct k8snet_list *list, const char *name)
{
	struct k8snet_node *node = list->items;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(node[i].name, name))
			node[kept++] = node[i];
	list->count = kept;
	return kept;
}

static int fetch(struct tool *tool, struct request *rq, struct k8snet_list *list)
{
	bool device = rq->node.has & 1ULL << K8SNET_A_NODE_IFNAME;
	struct k8snet_msg msg;
	int status;

	if (device && rq->node.name) {
		k8snet_list_init(list, sizeof(struct k8snet_node), k8snet_node_decode);
		k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
		k8snet_node_encode(&rq->node, &msg);
		return tool_get(tool, &msg, "node", rq->node.name, list);
	}
	status = fetch_nodes(tool, device ? rq->node.ifname : NULL, list);
	if (status || !rq->node.name || select_name(list, rq->node.name))
		return status;
	complain("node %s: no device has a node of that name", rq->node.name);
	return EXIT_REFUSED;
}

static int show(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	int status = fetch(tool, rq, &list);

	if (!status && tool->json)
		print_json(tool, &list);
	else if (!status)
		print_table(tool, &list);
	k8snet_list_free(&list);
	return status;
}

static const struct arg add_args[] = {
	{ .value = "NAME", .names = NAMES_NODE, .required = true, .parse = parse_name },
	{ "dev", .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
	{ "via", .value = "ADDR", .required = true, .parse = parse_via },
	{ "also", .value = "ADDR[,ADDR...]", .parse = parse_also },
	{ "pods", .value = "CIDR[,CIDR...]", .required = true, .parse = parse_pods },
	{ "format", .values = &k8snet_spec_format, .parse = parse_format },
	{ "port", .value = "N", .parse = parse_port },
	{ "mac", .value = "MAC|calico[:NAME]", .parse = parse_mac },
	{ "move", .parse = parse_move },
};

static const struct arg del_args[] = {
	{ .value = "NAME", .names = NAMES_NODE, .required = true, .parse = parse_name },
	{ "dev", .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
};

static const struct arg show_args[] = {
	{ .value = "NAME", .names = NAMES_NODE, .parse = parse_name },
	{ "dev", .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "list nodes, or show one",
		.args = show_args,
		.arg_count = ARRAY_SIZE(show_args),
		.run = show,
	},
	{
		.verb = "add",
		.help = "add a node",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = add,
	},
	{
		.verb = "replace",
		.help = "add a node, or give it new settings",
		.args = add_args,
		.arg_count = ARRAY_SIZE(add_args),
		.run = replace,
	},
	{
		.verb = "del",
		.also = "delete",
		.help = "remove a node",
		.args = del_args,
		.arg_count = ARRAY_SIZE(del_args),
		.run = del,
	},
};

const struct object object_node = {
	.name = "node",
	.help = "nodes behind an overlay device, and their pod prefixes",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
