// SPDX-License-Identifier: GPL-2.0
/*
 * Prints usage lines, made from the table of commands.
 */
#include <stdarg.h>

#include "usage.h"

/* The line of a batch that is at work. */
static struct {
	const char *file;	/* NULL outside of a batch */
	unsigned int line;
} place;

void complain_at(const char *file, unsigned int line)
{
	place.file = file;
	place.line = line;
}

/* What was printed before it comes before it, wherever both go. */
static void begin_complaint(void)
{
	fflush(stdout);
	fputs("k8snetctl: ", stderr);
	if (place.file)
		fprintf(stderr, "%s:%u: ", place.file, place.line);
}

/* One line on standard error, with its place in a batch. */
void complain(const char *format, ...)
{
	va_list args;

	begin_complaint();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

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
	      "       k8snetctl [-n NETNS] [-j] [-p] [-s] [-f] -b FILE\n"
	      "       k8snetctl OBJECT help\n\n"
	      "options:\n"
	      "  -b FILE    do the commands of a file (- for standard input), one a line\n"
	      "  -f         go on after a command of the file that fails\n"
	      "  -n NETNS   act in this network namespace (a name, or a path)\n"
	      "  -j         print JSON\n"
	      "  -p         indent JSON\n"
	      "  -s         show counters too, and what is rarely looked at\n"
	      "  -V         print the version\n"
	      "  -h         print this help\n\n"
	      "objects:\n", out);
	for (unsigned int i = 0; i < object_count; i++)
		fprintf(out, "  %-12s %s\n", objects[i]->name, objects[i]->help);
}

/* Says what is wrong and how it is right; returns the exit status. */
int usage_error(const struct object *object, const struct command *command,
		const char *format, ...)
{
	va_list args;

	begin_complaint();
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
	else if (!place.file)
		usage_help(stderr);
	return EXIT_USAGE;
}
