// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl flow: connections whose packets go past the stack.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "command.h"
#include "lib/generated/names.h"
#include "show.h"
#include "value.h"

static int parse_enabled(struct request *rq, const char *text)
{
	rq->flow_cache.has_enabled = true;
	return value_switch(rq, text, &rq->flow_cache.enabled);
}

static int parse_limit(struct request *rq, const char *text)
{
	rq->flow_cache.has_limit = true;
	return value_number(rq, text, &rq->flow_cache.limit);
}

static int parse_peer(struct request *rq, const char *text)
{
	rq->flow_cache.has_peer = true;
	return value_switch(rq, text, &rq->flow_cache.peer);
}

static int parse_ingress(struct request *rq, const char *text)
{
	rq->flow_cache.has_ingress = true;
	return value_switch(rq, text, &rq->flow_cache.ingress);
}

static int parse_early(struct request *rq, const char *text)
{
	rq->flow_cache.has_early = true;
	return value_switch(rq, text, &rq->flow_cache.early);
}

static int set(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_FLOW_CACHE_SET);
	k8snet_flow_cache_encode(&rq->flow_cache, &msg);
	return tool_change(tool, &msg, "flow", NULL);
}

static int flush(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_FLOW_FLUSH);
	return tool_change(tool, &msg, "flow", NULL);
}

static const char *protocol_name(uint32_t protocol)
{
	return protocol == IPPROTO_TCP ? "tcp" : "udp";
}

static const char *device_name(uint32_t ifindex, char *buf)
{
	if (!if_indextoname(ifindex, buf))
		snprintf(buf, IF_NAMESIZE, "%u", ifindex);
	return buf;
}

static void print_json_ends(struct json *json, const char *key,
			    const struct k8snet_flow_ends *ends)
{
	json_open(json, key, '{');
	show_json_address(json, "source", &ends->source);
	json_number(json, "source_port", ends->source_port);
	show_json_address(json, "dest", &ends->dest);
	json_number(json, "dest_port", ends->dest_port);
	json_close(json, '}');
}

static void print_json_flows(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_flow *flow = list->items;
	char name[IF_NAMESIZE];
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, flow++) {
		json_open(&json, NULL, '{');
		json_string(&json, "protocol", protocol_name(flow->protocol));
		print_json_ends(&json, "in", &flow->in);
		print_json_ends(&json, "out", &flow->out);
		json_string(&json, "iif", device_name(flow->iif, name));
		json_string(&json, "oif", device_name(flow->oif, name));
		if (flow->node)
			json_string(&json, "node", flow->node);
		else
			json_null(&json, "node");
		json_number(&json, "packets", flow->packets);
		json_number(&json, "bytes", flow->bytes);
		json_number(&json, "age_ms", flow->age);
		json_number(&json, "idle_ms", flow->idle);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

static void cell_end(struct table *table, const struct k8snet_address *addr, uint16_t port)
{
	char text[K8SNET_ENDPOINT_STRLEN];

	table_cell(table, "%s", k8snet_endpoint_print(addr, port, text));
}

static void print_flows(const struct k8snet_list *list)
{
	const struct k8snet_flow *flow = list->items;
	char iif[IF_NAMESIZE], oif[IF_NAMESIZE];
	struct table table = { 0 };

	table_column(&table, "PROTOCOL", false);
	table_column(&table, "FROM", false);
	table_column(&table, "TO", false);
	table_column(&table, "IIF", false);
	table_column(&table, "NEW-FROM", false);
	table_column(&table, "NEW-TO", false);
	table_column(&table, "OIF", false);
	table_column(&table, "NODE", false);
	table_column(&table, "PACKETS", true);
	table_column(&table, "BYTES", true);
	table_column(&table, "AGE", true);
	for (size_t i = 0; i < list->count; i++, flow++) {
		table_cell(&table, "%s", protocol_name(flow->protocol));
		cell_end(&table, &flow->in.source, flow->in.source_port);
		cell_end(&table, &flow->in.dest, flow->in.dest_port);
		table_cell(&table, "%s", device_name(flow->iif, iif));
		cell_end(&table, &flow->out.source, flow->out.source_port);
		cell_end(&table, &flow->out.dest, flow->out.dest_port);
		table_cell(&table, "%s", device_name(flow->oif, oif));
		table_cell(&table, "%s", flow->node ? flow->node : "");
		table_count(&table, flow->packets);
		table_bytes(&table, flow->bytes);
		table_cell(&table, "%us", flow->age / 1000);
	}
	show_table(&table);
}

/* Busiest first. */
static int compare(const void *a, const void *b)
{
	const struct k8snet_flow *x = a, *y = b;

	return (x->packets < y->packets) - (x->packets > y->packets);
}

static int show(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_flow), k8snet_flow_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_FLOW_GET);
	status = tool_dump(tool, &msg, "flow", NULL, &list);
	k8snet_list_sort(&list, compare);
	if (!status && tool->json)
		print_json_flows(tool, &list);
	else if (!status)
		print_flows(&list);
	k8snet_list_free(&list);
	return status;
}

static const char *counter_name(uint32_t counter)
{
	return k8snet_spec_value_name(&k8snet_spec_flow_counter, counter);
}

static void print_json_cache(const struct tool *tool, const struct k8snet_flow_cache *cache)
{
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	json_bool(&json, "enabled", cache->enabled);
	json_number(&json, "limit", cache->limit);
	json_number(&json, "flows", cache->flows);
	json_bool(&json, "peer", cache->peer);
	json_bool(&json, "ingress", cache->ingress);
	json_bool(&json, "early", cache->early);
	json_open(&json, "counter", '{');
	for (size_t i = 0; i < cache->count_count; i++)
		json_number(&json, counter_name(cache->count[i].counter),
			    cache->count[i].value);
	json_close(&json, '}');
	json_close(&json, '}');
	json_end(&json);
}

static void print_cache(const struct k8snet_flow_cache *cache, bool zero)
{
	const struct k8snet_spec_value *value;
	struct table table = { 0 };

	printf("%s, %u of %u flows, peer %s, ingress %s, early %s\n",
	       cache->enabled ? "on" : "off", cache->flows, cache->limit,
	       cache->peer ? "on" : "off", cache->ingress ? "on" : "off",
	       cache->early ? "on" : "off");
	table_column(&table, "COUNTER", false);
	table_column(&table, "VALUE", true);
	table_column(&table, "MEANING", false);
	for (size_t i = 0; i < cache->count_count; i++) {
		const struct k8snet_flow_count *count = &cache->count[i];

		if (!count->value && !zero)
			continue;
		value = k8snet_spec_value_find(&k8snet_spec_flow_counter, count->counter);
		table_cell(&table, "%s", counter_name(count->counter));
		table_count(&table, count->value);
		table_cell(&table, "%s", value ? value->doc : "");
	}
	show_table(&table);
}

static int parse_zero(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->zero = true;
	return 0;
}

static int stats(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_flow_cache), k8snet_flow_cache_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_FLOW_CACHE_GET);
	status = tool_get(tool, &msg, "flow", NULL, &list);
	if (!status && tool->json)
		print_json_cache(tool, list.items);
	else if (!status)
		print_cache(list.items, rq->zero);
	k8snet_list_free(&list);
	return status;
}

static const struct arg set_args[] = {
	{ .value = "on|off", .parse = parse_enabled },
	{ "limit", .value = "N", .parse = parse_limit },
	{ "peer", .value = "on|off", .parse = parse_peer },
	{ "ingress", .value = "on|off", .parse = parse_ingress },
	{ "early", .value = "on|off", .parse = parse_early },
};

static const struct arg stats_args[] = {
	{ "-z", .parse = parse_zero },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "list the flows whose packets go past the stack, the busiest first",
		.run = show,
	},
	{
		.verb = "flush",
		.help = "forget all flows; those that are in use are learned again at once",
		.run = flush,
	},
	{
		.verb = "set",
		.help = "switch the flow cache or its short ways, or set how many flows it holds",
		.args = set_args,
		.arg_count = ARRAY_SIZE(set_args),
		.run = set,
	},
	{
		.verb = "stats",
		.help = "show settings and counters of the flow cache; -z also what never happened",
		.args = stats_args,
		.arg_count = ARRAY_SIZE(stats_args),
		.run = stats,
	},
};

const struct object object_flow = {
	.name = "flow",
	.help = "connections whose packets go past the stack",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
