// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl link: the overlay devices.
 */
#include <string.h>

#include "command.h"
#include "fetch.h"
#include "lib/generated/names.h"
#include "show.h"
#include "value.h"

#define DSCP_INHERIT	64

static void has(struct request *rq, unsigned int attr)
{
	rq->link.has |= 1ULL << attr;
}

static int parse_device(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_IFNAME);
	return value_device(rq, text, rq->link.ifname);
}

/* Words take precedence over the preset, wherever it stands among them. */
static void preset_number(struct k8snet_link *link, unsigned int attr, uint32_t *field,
			  uint32_t value)
{
	if (!(link->has & 1ULL << attr))
		*field = value;
	link->has |= 1ULL << attr;
}

static int parse_preset(struct request *rq, const char *text)
{
	struct k8snet_link *link = &rq->link;

	if (strcmp(text, "flannel"))
		return request_fail(rq, "\"%s\" is not one of: flannel", text);
	preset_number(link, K8SNET_A_LINK_FORMAT, &link->format, K8SNET_FORMAT_VXLAN);
	preset_number(link, K8SNET_A_LINK_ID, &link->id, 1);
	preset_number(link, K8SNET_A_LINK_DF, &link->df, K8SNET_DF_UNSET);
	preset_number(link, K8SNET_A_LINK_TTL, &link->ttl, 64);
	preset_number(link, K8SNET_A_LINK_DSCP, &link->dscp, 0);
	if (!(link->has & 1ULL << K8SNET_A_LINK_PORT))
		link->port = 8472;
	has(rq, K8SNET_A_LINK_PORT);
	return 0;
}

static int parse_format(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_FORMAT);
	return value_enum(rq, text, &k8snet_spec_format, &rq->link.format);
}

static int parse_id(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_ID);
	return value_number(rq, text, &rq->link.id);
}

static int parse_port(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_PORT);
	return value_port(rq, text, &rq->link.port);
}

static int parse_local(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_LOCAL_IPV4);
	return strcmp(text, "auto") ? value_address(rq, text, &rq->link.local) : 0;
}

static int parse_strict(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_STRICT);
	return value_switch(rq, text, &rq->link.strict);
}

static int parse_mtu(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_MTU);
	return strcmp(text, "auto") ? value_number(rq, text, &rq->link.mtu) : 0;
}

static int parse_ttl(struct request *rq, const char *text)
{
	rq->link.ttl = 0;
	has(rq, K8SNET_A_LINK_TTL);
	return strcmp(text, "inherit") ? value_number(rq, text, &rq->link.ttl) : 0;
}

static int parse_dscp(struct request *rq, const char *text)
{
	rq->link.dscp = DSCP_INHERIT;
	has(rq, K8SNET_A_LINK_DSCP);
	return strcmp(text, "inherit") ? value_number(rq, text, &rq->link.dscp) : 0;
}

static int parse_df(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_DF);
	return value_enum(rq, text, &k8snet_spec_df, &rq->link.df);
}

static int parse_mac(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_MAC);
	if (!strcmp(text, "auto"))
		return 0;
	return value_bytes(rq, text, "a MAC address", ':', rq->link.mac, sizeof(rq->link.mac));
}

static int set(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_LINK_SET);
	k8snet_link_encode(&rq->link, &msg);
	return tool_change(tool, &msg, "link", rq->link.ifname);
}

static void print_json(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_link *link = list->items;
	char mac[MAC_STRLEN];
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, link++) {
		json_open(&json, NULL, '{');
		json_number(&json, "ifindex", link->ifindex);
		json_string(&json, "ifname", link->ifname);
		json_string(&json, "format",
			    k8snet_spec_value_name(&k8snet_spec_format, link->format));
		json_number(&json, "id", link->id);
		json_number(&json, "port", link->port);
		if (link->local.s_addr)
			show_json_address(&json, "local", link->local);
		else
			json_null(&json, "local");
		json_bool(&json, "strict", link->strict);
		json_number(&json, "mtu", link->mtu);
		json_bool(&json, "mtu_auto", link->mtu_auto);
		json_number(&json, "ttl", link->ttl);
		json_number(&json, "dscp", link->dscp);
		json_string(&json, "df", k8snet_spec_value_name(&k8snet_spec_df, link->df));
		json_string(&json, "mac", show_mac(link->mac, mac));
		json_number(&json, "nodes", link->nodes);
		show_json_traffic(&json, &link->stats);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

static void cell_or(struct table *table, uint32_t value, uint32_t special, const char *word)
{
	if (value == special)
		table_cell(table, "%s", word);
	else
		table_cell(table, "%u", value);
}

static void print_cells(struct table *table, const struct k8snet_link *link)
{
	static const uint8_t no_mac[K8SNET_MAC_LEN];
	char addr[INET_ADDRSTRLEN], mac[MAC_STRLEN];

	table_cell(table, "%s", link->ifname);
	table_cell(table, "%s", k8snet_spec_value_name(&k8snet_spec_format, link->format));
	table_cell(table, "%u", link->id);
	table_cell(table, "%u", link->port);
	table_cell(table, "%s", link->local.s_addr ? show_address(link->local, addr) : "auto");
	table_cell(table, "%s", link->strict ? "on" : "off");
	table_cell(table, "%s%u", link->mtu_auto ? "auto " : "", link->mtu);
	cell_or(table, link->ttl, 0, "inherit");
	cell_or(table, link->dscp, DSCP_INHERIT, "inherit");
	table_cell(table, "%s", k8snet_spec_value_name(&k8snet_spec_df, link->df));
	table_cell(table, "%s", memcmp(link->mac, no_mac, sizeof(no_mac)) ?
		   show_mac(link->mac, mac) : "auto");
	table_count(table, link->nodes);
}

static void print_table(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_link *link = list->items;
	struct table table = { 0 };

	table_column(&table, "DEV", false);
	table_column(&table, "FORMAT", false);
	table_column(&table, "ID", true);
	table_column(&table, "PORT", true);
	table_column(&table, "LOCAL", false);
	table_column(&table, "STRICT", false);
	table_column(&table, "MTU", true);
	table_column(&table, "TTL", true);
	table_column(&table, "DSCP", true);
	table_column(&table, "DF", false);
	table_column(&table, "MAC", false);
	table_column(&table, "NODES", true);
	if (tool->stats)
		show_traffic_columns(&table);
	for (size_t i = 0; i < list->count; i++, link++) {
		print_cells(&table, link);
		if (tool->stats)
			show_traffic_cells(&table, &link->stats);
	}
	show_table(&table);
}

static int show(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	if (rq->link.has) {
		k8snet_list_init(&list, sizeof(struct k8snet_link), k8snet_link_decode);
		k8snet_msg_init(&msg, K8SNET_CMD_LINK_GET);
		k8snet_link_encode(&rq->link, &msg);
		status = tool_get(tool, &msg, "link", rq->link.ifname, &list);
	} else {
		status = fetch_links(tool, &list);
	}
	if (!status && tool->json)
		print_json(tool, &list);
	else if (!status)
		print_table(tool, &list);
	k8snet_list_free(&list);
	return status;
}

static const struct arg set_args[] = {
	{ .value = "DEV", .names = NAMES_DEVICE, .required = true, .parse = parse_device },
	{ "preset", .value = "flannel", .parse = parse_preset },
	{ "format", .values = &k8snet_spec_format, .parse = parse_format },
	{ "id", .value = "N", .parse = parse_id },
	{ "port", .value = "N", .parse = parse_port },
	{ "local", .value = "ADDR|auto", .parse = parse_local },
	{ "strict", .value = "on|off", .parse = parse_strict },
	{ "mtu", .value = "auto|N", .parse = parse_mtu },
	{ "ttl", .value = "inherit|N", .parse = parse_ttl },
	{ "dscp", .value = "inherit|N", .parse = parse_dscp },
	{ "df", .values = &k8snet_spec_df, .parse = parse_df },
	{ "mac", .value = "MAC|auto", .parse = parse_mac },
};

static const struct arg show_args[] = {
	{ .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "list the overlay devices, or show one",
		.args = show_args,
		.arg_count = ARRAY_SIZE(show_args),
		.run = show,
	},
	{
		.verb = "set",
		.help = "change settings of an overlay device",
		.args = set_args,
		.arg_count = ARRAY_SIZE(set_args),
		.run = set,
	},
};

const struct object object_link = {
	.name = "link",
	.help = "overlay devices",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
