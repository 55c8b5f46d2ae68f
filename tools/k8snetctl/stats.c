// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl stats: why packets were dropped.
 */
#define _GNU_SOURCE
#include <string.h>

#include "advice.h"
#include "command.h"
#include "human.h"
#include "lib/generated/names.h"
#include "lib/stats.h"
#include "show.h"
#include "usage.h"
#include "value.h"

static int parse_zero(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->zero = true;
	return 0;
}

static int parse_explain(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->explain = true;
	return 0;
}

static int parse_device(struct request *rq, const char *text)
{
	rq->device = text;
	return 0;
}

/* The namespace, which has no name, comes first. */
static int compare(const void *a, const void *b)
{
	const struct k8snet_stats *x = a, *y = b;

	return strverscmp(x->ifname, y->ifname);
}

static const char *sentence(uint32_t reason)
{
	const struct k8snet_spec_value *value;

	value = k8snet_spec_value_find(&k8snet_spec_drop_reason, reason);
	return value ? value->doc : "";
}

static void print_json_counters(struct json *json, const struct k8snet_stats *stats)
{
	json_open(json, "counter", '[');
	for (size_t i = 0; i < stats->count; i++) {
		const struct k8snet_counter *counter = &stats->counter[i];

		json_open(json, NULL, '{');
		json_string(json, "reason",
			    k8snet_spec_value_name(&k8snet_spec_drop_reason, counter->reason));
		json_number(json, "packets", counter->packets);
		json_string(json, "meaning", sentence(counter->reason));
		json_string(json, "advice", advice_of(counter->reason));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void print_json(const struct tool *tool, const struct k8snet_list *list)
{
	const struct k8snet_stats *stats = list->items;
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < list->count; i++, stats++) {
		json_open(&json, NULL, '{');
		if (stats->ifindex) {
			json_number(&json, "ifindex", stats->ifindex);
			json_string(&json, "ifname", stats->ifname);
		} else {
			json_null(&json, "ifindex");
			json_null(&json, "ifname");
		}
		print_json_counters(&json, stats);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

static void print_table(const struct k8snet_list *list, bool zero)
{
	const struct k8snet_stats *stats = list->items;
	struct table table = { 0 };

	table_column(&table, "DEV", false);
	table_column(&table, "REASON", false);
	table_column(&table, "PACKETS", true);
	table_column(&table, "MEANING", false);
	for (size_t i = 0; i < list->count; i++, stats++) {
		for (size_t j = 0; j < stats->count; j++) {
			const struct k8snet_counter *counter = &stats->counter[j];

			if (!counter->packets && !zero)
				continue;
			table_cell(&table, "%s", stats->ifname);
			table_cell(&table, "%s", k8snet_spec_value_name(&k8snet_spec_drop_reason,
									counter->reason));
			table_count(&table, counter->packets);
			table_cell(&table, "%s", sentence(counter->reason));
		}
	}
	show_table(&table);
}

static void print_paragraph(const char *text, unsigned int width)
{
	fputs("    ", stdout);
	table_wrap(stdout, text, 4, width);
	putchar('\n');
}

/* What each means, and what to do. */
static void print_explanations(const struct k8snet_list *list, bool zero)
{
	const struct k8snet_stats *stats = list->items;
	struct terminal terminal = table_terminal(stdout);
	unsigned int width = terminal.width >= 40 ? terminal.width : 100;
	char count[HUMAN_STRLEN];

	for (size_t i = 0; i < list->count; i++, stats++) {
		for (size_t j = 0; j < stats->count; j++) {
			const struct k8snet_counter *counter = &stats->counter[j];

			if (!counter->packets && !zero)
				continue;
			printf("%s%s%s%s%s: %s packet%s\n", terminal.bold ? "\033[1m" : "",
			       stats->ifname, *stats->ifname ? " " : "",
			       k8snet_spec_value_name(&k8snet_spec_drop_reason, counter->reason),
			       terminal.bold ? "\033[0m" : "", human_count(counter->packets, count),
			       counter->packets == 1 ? "" : "s");
			print_paragraph(sentence(counter->reason), width);
			print_paragraph(advice_of(counter->reason), width);
		}
	}
}

/* Keeps the one device; false if it is not there. */
static bool select_device(struct k8snet_list *list, const char *name)
{
	struct k8snet_stats *stats = list->items;

	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(stats[i].ifname, name)) {
			stats[0] = stats[i];
			list->count = 1;
			return true;
		}
	}
	return false;
}

static int show(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_stats), k8snet_stats_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_STATS_GET);
	status = tool_dump(tool, &msg, "stats", NULL, &list);
	k8snet_list_sort(&list, compare);
	if (!status && rq->device && !select_device(&list, rq->device)) {
		complain("stats: dev %s: there is no such k8snet device", rq->device);
		status = EXIT_REFUSED;
	}
	if (!status && tool->json)
		print_json(tool, &list);
	else if (!status && rq->explain)
		print_explanations(&list, rq->zero);
	else if (!status)
		print_table(&list, rq->zero);
	k8snet_list_free(&list);
	return status;
}

static const struct arg args[] = {
	{ "-z", .parse = parse_zero },
	{ "--explain", .parse = parse_explain },
	{ .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
};

static const struct command commands[] = {
	{
		.help = "show why packets were dropped; -z all reasons, --explain what to do",
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.run = show,
	},
};

const struct object object_stats = {
	.name = "stats",
	.help = "drop counters of the namespace and of each device",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
