// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what a plan has changed, or would: as text with signs in colour, or as
 * JSON.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply_print.h"
#include "json.h"
#include "table.h"
#include "usage.h"

/* The plan's lines, which the caller frees; NULL without memory. */
static char *plan_lines(const struct k8snet_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	k8snet_plan_print_steps(plan, out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static const char *colour_of(char sign)
{
	switch (sign) {
	case K8SNET_PLAN_ADD:
		return "\033[32m";
	case K8SNET_PLAN_REMOVE:
		return "\033[31m";
	default:
		return "\033[33m";
	}
}

static void print_text(char *lines)
{
	bool colour = table_terminal(stdout).bold;
	char *line;

	while ((line = strsep(&lines, "\n")) && (*line || lines)) {
		if (colour)
			printf("%s%s\033[0m\n", colour_of(line[strspn(line, " ")]), line);
		else
			puts(line);
	}
}

static void print_counts(const struct k8snet_plan *plan, bool dry_run)
{
	if (k8snet_plan_is_empty(plan))
		printf("nothing to change, %zu as desired\n", plan->unchanged);
	else
		printf(dry_run ? "%zu to add, %zu to change, %zu to remove, %zu unchanged\n" :
		       "%zu added, %zu changed, %zu removed, %zu unchanged\n",
		       k8snet_plan_count(plan, K8SNET_PLAN_ADD),
		       k8snet_plan_count(plan, K8SNET_PLAN_CHANGE),
		       k8snet_plan_count(plan, K8SNET_PLAN_REMOVE), plan->unchanged);
}

static const char *action_name(char sign)
{
	switch (sign) {
	case K8SNET_PLAN_ADD:
		return "add";
	case K8SNET_PLAN_REMOVE:
		return "remove";
	default:
		return "change";
	}
}

/* "+ service default/web:http tcp 10.96.0.10:80"; settings have no name. */
static void print_json_object(struct json *json, char *line)
{
	char *object = line + 2, *name = strchr(object, ' '), *more = NULL;

	if (name) {
		*name++ = 0;
		more = strchr(name, ' ');
	}
	if (more)
		*more++ = 0;
	json_open(json, NULL, '{');
	json_string(json, "action", action_name(*line));
	json_string(json, "object", object);
	if (name)
		json_string(json, "name", name);
	else
		json_null(json, "name");
	json_string(json, "settings", more ? more : "");
	json_open(json, "details", '[');
}

static void print_json_steps(struct json *json, char *lines)
{
	bool open = false;
	char *line;

	json_open(json, "steps", '[');
	while ((line = strsep(&lines, "\n")) && (*line || lines)) {
		if (*line == ' ') {
			json_string(json, NULL, line + strspn(line, " "));
			continue;
		}
		if (open) {
			json_close(json, ']');
			json_close(json, '}');
		}
		print_json_object(json, line);
		open = true;
	}
	if (open) {
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void print_json(const struct tool *tool, const struct k8snet_plan *plan, char *lines,
		       const struct k8snet_problems *notes, bool dry_run)
{
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	json_bool(&json, "dry_run", dry_run);
	json_number(&json, "added", k8snet_plan_count(plan, K8SNET_PLAN_ADD));
	json_number(&json, "changed", k8snet_plan_count(plan, K8SNET_PLAN_CHANGE));
	json_number(&json, "removed", k8snet_plan_count(plan, K8SNET_PLAN_REMOVE));
	json_number(&json, "unchanged", plan->unchanged);
	print_json_steps(&json, lines);
	json_open(&json, "notes", '[');
	for (size_t i = 0; i < notes->kept; i++)
		json_string(&json, NULL, notes->text[i]);
	json_close(&json, ']');
	json_close(&json, '}');
	json_end(&json);
}

/* Returns an exit status: that of the printing, not of what was done. */
int apply_print(const struct tool *tool, const struct k8snet_plan *plan,
		const struct k8snet_problems *notes, bool dry_run)
{
	char *lines = plan_lines(plan);

	if (!lines) {
		complain("apply: %s", strerror(ENOMEM));
		return EXIT_REFUSED;
	}
	if (tool->json) {
		print_json(tool, plan, lines, notes, dry_run);
	} else {
		print_text(lines);
		print_counts(plan, dry_run);
	}
	free(lines);
	return EXIT_DONE;
}
