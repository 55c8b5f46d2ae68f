// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl, the configuration tool of k8snet: options and the choice of the
 * command.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "batch.h"
#include "command.h"
#include "complete.h"
#include "netns.h"
#include "tool.h"
#include "usage.h"
#include "version.h"

static int run_command(struct tool *tool, const struct object *object,
		       const struct command *command, char **words, int count)
{
	struct request rq = { .command = command };
	int status = args_parse(object, command, words, count, &rq);

	if (!status)
		status = command->run(tool, &rq);
	k8snet_arena_free(&rq.arena);
	return status;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

/* The first command of an object is the one that needs no verb. */
static int run_object(struct tool *tool, const struct object *object, char **words, int count)
{
	int verb = 0;

	if (count && is_help(words[0])) {
		usage_object(stdout, object);
		return EXIT_DONE;
	}
	if (count && object->commands[0].verb) {
		verb = command_find_verb(object, words[0]);
		words++;
		count--;
	}
	if (verb == COMMAND_AMBIGUOUS)
		return usage_error(object, NULL, "command \"%s\" is ambiguous", words[-1]);
	if (verb == COMMAND_NONE)
		return usage_error(object, NULL, "there is no command \"%s\"", words[-1]);
	return run_command(tool, object, &object->commands[verb], words, count);
}

static int run(struct tool *tool, char **words, int count)
{
	int object;

	if (is_help(words[0])) {
		usage_help(stdout);
		return EXIT_DONE;
	}
	object = command_find_object(words[0]);
	if (object == COMMAND_AMBIGUOUS)
		return usage_error(NULL, NULL, "object \"%s\" is ambiguous", words[0]);
	if (object == COMMAND_NONE)
		return usage_error(NULL, NULL, "there is no object \"%s\"", words[0]);
	return run_object(tool, objects[object], words + 1, count - 1);
}

/* One line of a batch, which must come to an end. */
static int run_line(struct tool *tool, char **words, int count)
{
	int object = command_find_object(words[0]);

	if (object >= 0 && objects[object] == &object_monitor)
		return usage_error(NULL, NULL, "monitor cannot be part of a batch");
	return run(tool, words, count);
}

static int run_words(struct tool *tool, char **words, int count)
{
	if (!count)
		return usage_error(NULL, NULL, "an object is missing");
	if (!strcmp(words[0], "complete"))
		return complete_words(tool, words + 1, count - 1);
	return run(tool, words, count);
}

/* A listing that could not be written whole is no success. */
static int flush(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	perror("k8snetctl: standard output");
	return status ? status : EXIT_REFUSED;
}

/* The first word that is no option ends them. */
static const char short_options[] = "+:b:fn:jpshV";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

int main(int argc, char **argv)
{
	struct tool tool = { 0 };
	const char *netns = NULL, *batch = NULL;
	bool go_on = false;
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		switch (option) {
		case 'b':
			batch = optarg;
			break;
		case 'f':
			go_on = true;
			break;
		case 'n':
			netns = optarg;
			break;
		case 'j':
			tool.json = true;
			break;
		case 'p':
			tool.pretty = true;
			break;
		case 's':
			tool.stats = true;
			break;
		case 'h':
			usage_help(stdout);
			return flush(EXIT_DONE);
		case 'V':
			puts("k8snetctl " K8SNET_VERSION);
			return flush(EXIT_DONE);
		case ':':
			return usage_error(NULL, NULL, "option -%c needs a value", optopt);
		default:
			if (optopt)
				return usage_error(NULL, NULL, "there is no option -%c", optopt);
			return usage_error(NULL, NULL, "there is no option %s", argv[optind - 1]);
		}
	}
	if (batch && optind < argc)
		return usage_error(NULL, NULL, "with -b, commands are in the file alone");
	if (go_on && !batch)
		return usage_error(NULL, NULL, "-f is for a batch: -b FILE");
	status = netns ? netns_enter(netns) : EXIT_DONE;
	if (!status && batch)
		status = batch_run(&tool, batch, go_on, run_line);
	else if (!status)
		status = run_words(&tool, argv + optind, argc - optind);
	tool_close(&tool);
	return flush(status);
}
