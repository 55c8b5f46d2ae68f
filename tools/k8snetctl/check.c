// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl check: what of this node's network stands in the way, and how it is
 * mended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "finding.h"
#include "json.h"
#include "table.h"
#include "usage.h"

static int parse_fix(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->fix = true;
	return 0;
}

static const char *const levels[] = { "error", "warning" };

static void note_families(struct checkup *checkup, const struct k8snet_prefixes *list)
{
	for (size_t i = 0; i < list->count; i++) {
		checkup->ipv4 |= list->prefix[i].addr.family == AF_INET;
		checkup->ipv6 |= list->prefix[i].addr.family == AF_INET6;
	}
}

/* What is not configured yet will have IPv4. */
static void find_families(struct checkup *checkup)
{
	note_families(checkup, &checkup->state.config.pods);
	for (size_t i = 0; i < checkup->state.node_count; i++)
		note_families(checkup, &checkup->state.node[i].pods);
	if (!checkup->ipv4 && !checkup->ipv6)
		checkup->ipv4 = true;
}

/* Errors first; each level in the order of the checks. */
static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static size_t count_open(const struct checkup *checkup, int level)
{
	size_t count = 0;

	for (size_t i = 0; i < checkup->count; i++)
		count += !checkup->finding[i].fixed && (int)checkup->finding[i].level == level;
	return count;
}

static void print_json(const struct tool *tool, const struct checkup *checkup)
{
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < checkup->count; i++) {
		const struct finding *finding = &checkup->finding[i];

		json_open(&json, NULL, '{');
		json_string(&json, "check", finding->check);
		json_string(&json, "level", levels[finding->level]);
		json_string(&json, "subject", finding->subject);
		json_string(&json, "finding", finding->text);
		json_string(&json, "fix", finding->fix ? finding->fix : "");
		json_bool(&json, "safe", finding->safe);
		json_bool(&json, "fixed", finding->fixed);
		if (finding->trouble)
			json_string(&json, "trouble", finding->trouble);
		else
			json_null(&json, "trouble");
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_end(&json);
}

static void print_finding(const struct finding *finding, const struct terminal *terminal)
{
	const char *word = finding->fixed ? "fixed" : levels[finding->level];
	const char *colour = finding->fixed ? "\033[32m" :
			     finding->level == LEVEL_ERROR ? "\033[31m" : "\033[33m";
	char text[1024];

	printf("%s%-7s%s  ", terminal->bold ? colour : "", word, terminal->bold ? "\033[0m" : "");
	snprintf(text, sizeof(text), "%s: %s %s", finding->check, finding->subject, finding->text);
	table_wrap(stdout, text, 9, terminal->width ? terminal->width : 100);
	printf("\n         %s: %s\n", finding->safe ? "fix" : "to do", finding->fix);
	if (finding->trouble)
		printf("         not fixed: %s\n", finding->trouble);
}

static void print_text(const struct checkup *checkup, bool fix)
{
	struct terminal terminal = table_terminal(stdout);
	size_t errors = count_open(checkup, LEVEL_ERROR);
	size_t warnings = count_open(checkup, LEVEL_WARNING), safe = 0;

	for (size_t i = 0; i < checkup->count; i++) {
		print_finding(&checkup->finding[i], &terminal);
		safe += checkup->finding[i].safe;
	}
	if (!checkup->count) {
		printf("%u checks, nothing found\n", checkup->checks);
		return;
	}
	printf("%u checks: %zu error%s, %zu warning%s", checkup->checks, errors,
	       errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	if (fix)
		printf(", %zu fixed", checkup->count - errors - warnings);
	else if (safe)
		printf("; \"k8snetctl check --fix\" makes the %zu marked \"fix\"", safe);
	putchar('\n');
}

static void mend(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->count; i++)
		finding_mend(checkup, &checkup->finding[i]);
}

/* What has been mended can lay open what was hidden, as the routes of a device that was down. */
#define ROUNDS	3

static int look(struct checkup *checkup)
{
	int err = k8snet_host_read(&checkup->host);

	if (err) {
		complain("check: devices and addresses: %s", strerror(err));
		return EXIT_REFUSED;
	}
	if (k8snet_actual_read(&checkup->tool->nl, &checkup->state))
		return tool_refused(checkup->tool, NULL, "check", NULL);
	find_families(checkup);
	checkup->checks = 0;
	check_module(checkup);
	check_settings(checkup);
	check_devices(checkup);
	check_rivals(checkup);
	k8snet_host_free(&checkup->host);
	k8snet_state_free(&checkup->state);
	return EXIT_DONE;
}

/* Whether it was found in an earlier round; what was mended is not so any more. */
static bool is_known(struct checkup *checkup, size_t before, const struct finding *finding)
{
	for (size_t i = 0; i < before; i++) {
		struct finding *known = &checkup->finding[i];

		if (strcmp(known->check, finding->check) ||
		    strcmp(known->subject, finding->subject) || strcmp(known->text, finding->text))
			continue;
		if (known->fixed) {
			known->fixed = false;
			known->trouble = "it was done, and is still so";
		}
		return true;
	}
	return false;
}

static int look_again(struct checkup *checkup)
{
	size_t before = checkup->count, kept = before;
	int status = look(checkup);

	for (size_t i = before; !status && i < checkup->count; i++) {
		struct finding *finding = &checkup->finding[i];

		if (is_known(checkup, before, finding))
			continue;
		finding_mend(checkup, finding);
		checkup->finding[kept++] = *finding;
	}
	checkup->count = kept;
	return status;
}

static int run(struct tool *tool, struct request *rq)
{
	struct checkup checkup = { .tool = tool };
	int status = tool_connect(tool);
	size_t before = 0;

	if (!status)
		status = look(&checkup);
	if (!status && rq->fix)
		mend(&checkup);
	for (int i = 1; !status && rq->fix && i < ROUNDS && before != checkup.count; i++) {
		before = checkup.count;
		status = look_again(&checkup);
	}
	if (!status && checkup.failed) {
		complain("check: %s", strerror(ENOMEM));
		status = EXIT_REFUSED;
	}
	if (!status) {
		if (checkup.count)
			qsort(checkup.finding, checkup.count, sizeof(*checkup.finding), compare);
		if (tool->json)
			print_json(tool, &checkup);
		else
			print_text(&checkup, rq->fix);
		if (count_open(&checkup, LEVEL_ERROR) + count_open(&checkup, LEVEL_WARNING))
			status = EXIT_REFUSED;
	}
	k8snet_host_free(&checkup.host);
	k8snet_state_free(&checkup.state);
	k8snet_arena_free(&checkup.arena);
	return status;
}

static const struct arg args[] = {
	{ "--fix", .parse = parse_fix },
};

static const struct command commands[] = {
	{
		.help = "find what of this node's network is in the way; --fix does what is safe",
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.run = run,
	},
};

const struct object object_check = {
	.name = "check",
	.help = "what of this node's network stands in the way, with a fix for each",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
