// SPDX-License-Identifier: GPL-2.0
/*
 * Prints usage lines, made from the table of commands.
 */
#include <stdarg.h>

#include "usage.h"

static void print_value(FILE *out, const struct arg *arg)
{
	const char *separator = "";

	if (arg->values) {
		for (unsigned int i = 0; i < arg->values->count; i++) {
			fprintf(out, "%s%s", separator, arg->values->values[i].name);
			separator = "|";
		}
	}
	if (arg->value)
		fprintf(out, "%s%s", separator, arg->value);
}

static void print_arg(FILE *out, const struct arg *arg)
{
	fprintf(out, " %s", arg->required ? "" : "[");
	if (arg->word)
		fprintf(out, "%s%s", arg->word, arg->value || arg->values ? " " : "");
	print_value(out, arg);
	fprintf(out, "%s%s", arg->required ? "" : "]", arg->repeats ? "..." : "");
}

void usage_command(FILE *out, const struct object *object, const struct command *command)
{
	fprintf(out, "usage: k8snetctl %s%s%s", object->name, command->verb ? " " : "",
		command->verb ? command->verb : "");
	for (unsigned int i = 0; i < command->arg_count; i++)
		print_arg(out, &command->args[i]);
	fputc('\n', out);
}

void usage_object(FILE *out, const struct object *object)
{
	for (unsigned int i = 0; i < object->command_count; i++) {
		usage_command(out, object, &object->commands[i]);
		fprintf(out, "       %s\n", object->commands[i].help);
	}
}

void usage_help(FILE *out)
{
	fputs("usage: k8snetctl [-n NETNS] [-j] [-p] [-s] OBJECT COMMAND ...\n"
	      "       k8snetctl OBJECT help\n\n"
	      "options:\n"
	      "  -n NETNS   act in this network namespace (a name, or a path)\n"
	      "  -j         print JSON\n"
	      "  -p         indent JSON\n"
	      "  -s         show counters too, and what is rarely looked at\n"
	      "  -V         print the version\n"
	      "  -h         print this help\n\n"
	      "objects:\n", out);
	for (unsigned int i = 0; i < object_count; i++)
		fprintf(out, "  %-10s %s\n", objects[i]->name, objects[i]->help);
}

/* Says what is wrong and how it is right; returns the exit status. */
int usage_error(const struct object *object, const struct command *command,
		const char *format, ...)
{
	va_list args;

	fputs("k8snetctl: ", stderr);
	if (object)
		fprintf(stderr, "%s: ", object->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (command)
		usage_command(stderr, object, command);
	else if (object)
		usage_object(stderr, object);
	else
		usage_help(stderr);
	return EXIT_USAGE;
}
