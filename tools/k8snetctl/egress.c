// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl egress: source NAT of pods that talk to addresses outside.
 */
#include <string.h>

#include "command.h"
#include "show.h"
#include "value.h"

static int parse_enabled(struct request *rq, const char *text)
{
	return value_switch(rq, text, &rq->egress.enabled);
}

static int parse_source(struct request *rq, const char *text)
{
	struct k8snet_address addr, *source;

	if (!strcmp(text, "auto"))
		return 0;
	if (value_address(rq, text, &addr))
		return -1;
	source = addr.family == AF_INET ? &rq->egress.source4 : &rq->egress.source6;
	if (source->family)
		return request_fail(rq, "\"%s\" is the second one for its address family", text);
	*source = addr;
	return 0;
}

static int parse_exclude(struct request *rq, const char *text)
{
	return value_prefixes(rq, text, &rq->egress.exclude);
}

static int set(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_EGRESS_SET);
	k8snet_egress_encode(&rq->egress, &msg);
	return tool_change(tool, &msg, "egress", NULL);
}

static void print_json(const struct tool *tool, const struct k8snet_egress *egress)
{
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	json_bool(&json, "enabled", egress->enabled);
	show_json_address(&json, "source", &egress->source4);
	show_json_address(&json, "source_ipv6", &egress->source6);
	show_json_prefixes(&json, "exclude", &egress->exclude);
	json_number(&json, "new", egress->new);
	json_close(&json, '}');
	json_end(&json);
}

static void print_table(const struct tool *tool, const struct k8snet_egress *egress,
			struct k8snet_arena *arena)
{
	char addr4[K8SNET_ADDRESS_STRLEN], addr6[K8SNET_ADDRESS_STRLEN];
	bool both = egress->source4.family && egress->source6.family;
	bool none = !egress->source4.family && !egress->source6.family;
	struct table table = { 0 };

	table_column(&table, "ENABLED", false);
	table_column(&table, "SOURCE", false);
	if (tool->stats)
		table_column(&table, "NEW", true);
	table_column(&table, "EXCLUDE", false);
	table_cell(&table, "%s", egress->enabled ? "on" : "off");
	k8snet_address_print(&egress->source4, addr4);
	k8snet_address_print(&egress->source6, addr6);
	table_cell(&table, "%s%s%s", none ? "auto" : addr4, both ? "," : "", addr6);
	if (tool->stats)
		table_count(&table, egress->new);
	table_cell(&table, "%s", show_prefixes(&egress->exclude, arena));
	show_table(&table);
}

static int show(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_egress), k8snet_egress_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_EGRESS_GET);
	status = tool_get(tool, &msg, "egress", NULL, &list);
	if (!status && tool->json)
		print_json(tool, list.items);
	else if (!status)
		print_table(tool, list.items, &list.arena);
	k8snet_list_free(&list);
	return status;
}

static const struct arg set_args[] = {
	{ .value = "on|off", .required = true, .parse = parse_enabled },
	{ "source", .value = "auto|ADDR", .repeats = true, .parse = parse_source },
	{ "exclude", .value = "CIDR[,CIDR...]", .parse = parse_exclude },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "show the settings of egress",
		.run = show,
	},
	{
		.verb = "set",
		.help = "set egress; what is not given is default",
		.args = set_args,
		.arg_count = ARRAY_SIZE(set_args),
		.run = set,
	},
};

const struct object object_egress = {
	.name = "egress",
	.help = "source NAT of pods that talk to addresses outside of the cluster",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
