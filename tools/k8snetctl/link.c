// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl link: the overlay devices.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "command.h"
#include "fetch.h"
#include "lib/calico.h"
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

#define HAS(attr)	(1ULL << K8SNET_A_LINK_##attr)

/* What other overlays use; a field that is not theirs to say is left out. */
static const struct k8snet_link presets[] = {
	{
		.has = HAS(FORMAT) | HAS(ID) | HAS(PORT) | HAS(DF) | HAS(TTL) | HAS(DSCP),
		.format = K8SNET_FORMAT_VXLAN,
		.id = 1,
		.port = 8472,
		.df = K8SNET_DF_UNSET,
		.ttl = 64,
	},
	{
		.has = HAS(FORMAT) | HAS(PORT),
		.format = K8SNET_FORMAT_UDP,
		.port = 8285,
	},
	{
		.has = HAS(FORMAT) | HAS(ID) | HAS(PORT),
		.format = K8SNET_FORMAT_VXLAN,
		.id = 4096,
		.port = 4789,
	},
	{
		.has = HAS(FORMAT),
		.format = K8SNET_FORMAT_IPIP,
	},
};

/* By index into presets. */
static const struct k8snet_spec_value preset_values[] = {
	{ 0, "flannel", "" },
	{ 1, "flannel-udp", "" },
	{ 2, "calico", "" },
	{ 3, "calico-ipip", "" },
};

static const struct k8snet_spec_enum preset_names = {
	preset_values, ARRAY_SIZE(preset_values),
};

/* Words take precedence over the preset, wherever it stands among them. */
static int parse_preset(struct request *rq, const char *text)
{
	struct k8snet_link *link = &rq->link;
	const struct k8snet_link *preset;
	uint32_t index;
	uint64_t take;

	if (value_enum(rq, text, &preset_names, &index))
		return -1;
	preset = &presets[index];
	take = preset->has & ~link->has;
	if (take & HAS(FORMAT))
		link->format = preset->format;
	if (take & HAS(ID))
		link->id = preset->id;
	if (take & HAS(PORT))
		link->port = preset->port;
	if (take & HAS(DF))
		link->df = preset->df;
	if (take & HAS(TTL))
		link->ttl = preset->ttl;
	if (take & HAS(DSCP))
		link->dscp = preset->dscp;
	link->has |= take;
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

/* Once for each family, or "auto" for both. */
static int parse_local(struct request *rq, const char *text)
{
	uint64_t has = HAS(LOCAL_IPV4) | HAS(LOCAL_IPV6);
	struct k8snet_address addr = { 0 };

	if (strcmp(text, "auto")) {
		if (value_address(rq, text, &addr))
			return -1;
		has = addr.family == AF_INET ? HAS(LOCAL_IPV4) : HAS(LOCAL_IPV6);
	}
	if (rq->link.has & has)
		return request_fail(rq, "\"%s\" is the second one for its address family", text);
	if (addr.family == AF_INET)
		rq->link.local = addr.ipv4;
	else if (addr.family == AF_INET6)
		rq->link.local6 = addr.ipv6;
	rq->link.has |= has;
	return 0;
}

static int parse_strict(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_STRICT);
	return value_switch(rq, text, &rq->link.strict);
}

static int parse_cross_subnet(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_CROSS_SUBNET);
	return value_switch(rq, text, &rq->link.cross_subnet);
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

/* A node has the name of its host, unless it was told another. */
static int own_calico_mac(struct request *rq)
{
	struct utsname host;

	if (uname(&host))
		return request_fail(rq, "the name of the host: %s", strerror(errno));
	k8snet_calico_mac(host.nodename, false, rq->link.mac);
	return 0;
}

#define CALICO	"calico:"

static int parse_mac(struct request *rq, const char *text)
{
	has(rq, K8SNET_A_LINK_MAC);
	if (!strcmp(text, "auto"))
		return 0;
	if (!strcmp(text, "calico"))
		return own_calico_mac(rq);
	if (!strncmp(text, CALICO, strlen(CALICO)) && text[strlen(CALICO)]) {
		k8snet_calico_mac(text + strlen(CALICO), false, rq->link.mac);
		return 0;
	}
	return value_bytes(rq, text, "a MAC address", ':', rq->link.mac, sizeof(rq->link.mac));
}

static int set(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_LINK_SET);
	k8snet_link_encode(&rq->link, &msg);
	return tool_change(tool, &msg, "link", rq->link.ifname);
}

/* The address of the outer packets of one family; none is automatic. */
static struct k8snet_address local_address(const struct k8snet_link *link, int family)
{
	struct k8snet_address addr = { 0 };

	if (family == AF_INET && link->local.s_addr)
		addr = (struct k8snet_address){ AF_INET, .ipv4 = link->local };
	else if (family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED(&link->local6))
		addr = (struct k8snet_address){ AF_INET6, .ipv6 = link->local6 };
	return addr;
}

/* The first key is older than the other family. */
static void print_json_locals(struct json *json, const struct k8snet_link *link)
{
	struct k8snet_address local4 = local_address(link, AF_INET);
	struct k8snet_address local6 = local_address(link, AF_INET6);

	show_json_address(json, "local", &local4);
	show_json_address(json, "local_ipv6", &local6);
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
		print_json_locals(&json, link);
		json_bool(&json, "strict", link->strict);
		json_bool(&json, "cross_subnet", link->cross_subnet);
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

static void local_cell(struct table *table, const struct k8snet_link *link)
{
	struct k8snet_address local4 = local_address(link, AF_INET);
	struct k8snet_address local6 = local_address(link, AF_INET6);
	char text4[K8SNET_ADDRESS_STRLEN], text6[K8SNET_ADDRESS_STRLEN];

	if (local4.family || local6.family)
		table_cell(table, "%s%s%s", k8snet_address_print(&local4, text4),
			   local4.family && local6.family ? "," : "",
			   k8snet_address_print(&local6, text6));
	else
		table_cell(table, "auto");
}

/* What is rarely changed makes the table too wide for most terminals. */
static void outer_columns(struct table *table)
{
	table_column(table, "TTL", true);
	table_column(table, "DSCP", true);
	table_column(table, "DF", false);
	table_column(table, "MAC", false);
}

static void outer_cells(struct table *table, const struct k8snet_link *link)
{
	static const uint8_t no_mac[K8SNET_MAC_LEN];
	char mac[MAC_STRLEN];

	cell_or(table, link->ttl, 0, "inherit");
	cell_or(table, link->dscp, DSCP_INHERIT, "inherit");
	table_cell(table, "%s", k8snet_spec_value_name(&k8snet_spec_df, link->df));
	table_cell(table, "%s", memcmp(link->mac, no_mac, sizeof(no_mac)) ?
		   show_mac(link->mac, mac) : "auto");
}

static void print_cells(const struct tool *tool, struct table *table,
			const struct k8snet_link *link)
{
	table_cell(table, "%s", link->ifname);
	table_cell(table, "%s", k8snet_spec_value_name(&k8snet_spec_format, link->format));
	table_cell(table, "%u", link->id);
	table_cell(table, "%u", link->port);
	local_cell(table, link);
	table_cell(table, "%s", link->strict ? "on" : "off");
	table_cell(table, "%s", link->cross_subnet ? "on" : "off");
	table_cell(table, "%s%u", link->mtu_auto ? "auto " : "", link->mtu);
	if (tool->stats)
		outer_cells(table, link);
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
	table_column(&table, "CROSS", false);
	table_column(&table, "MTU", true);
	if (tool->stats)
		outer_columns(&table);
	table_column(&table, "NODES", true);
	if (tool->stats)
		show_traffic_columns(&table);
	for (size_t i = 0; i < list->count; i++, link++) {
		print_cells(tool, &table, link);
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
	{ "preset", .values = &preset_names, .parse = parse_preset },
	{ "format", .values = &k8snet_spec_format, .parse = parse_format },
	{ "id", .value = "N", .parse = parse_id },
	{ "port", .value = "N", .parse = parse_port },
	{ "local", .value = "ADDR|auto", .repeats = true, .parse = parse_local },
	{ "strict", .value = "on|off", .parse = parse_strict },
	{ "cross-subnet", .value = "on|off", .parse = parse_cross_subnet },
	{ "mtu", .value = "auto|N", .parse = parse_mtu },
	{ "ttl", .value = "inherit|N", .parse = parse_ttl },
	{ "dscp", .value = "inherit|N", .parse = parse_dscp },
	{ "df", .values = &k8snet_spec_df, .parse = parse_df },
	{ "mac", .value = "MAC|auto|calico[:NAME]", .parse = parse_mac },
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
