// SPDX-License-Identifier: GPL-2.0
/*
 * Completes command lines for shells: prints, one per line, what the last of
 * the words can become.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "complete.h"
#include "fetch.h"

static void offer(const char *start, const char *text, size_t len)
{
	if (strlen(start) <= len && !strncmp(text, start, strlen(start)))
		printf("%.*s\n", (int)len, text);
}

static void offer_word(const char *start, const char *word)
{
	if (word)
		offer(start, word, strlen(word));
}

/* What is in lower case of "ADDR|auto", and "calico" of "calico[:NAME]". */
static void offer_literals(const char *start, const char *value)
{
	while (value && *value) {
		size_t len = strcspn(value, "|");

		if (islower((unsigned char)*value))
			offer(start, value, strcspn(value, "|["));
		value += len + (value[len] == '|');
	}
}

/* Names that the kernel has; nothing if it cannot be asked. */
static void offer_names(struct tool *tool, const char *start, enum names names)
{
	struct k8snet_list list = { 0 };
	int status = EXIT_REFUSED;

	if (names == NAMES_DEVICE)
		status = fetch_links(tool, &list);
	else if (names == NAMES_NODE)
		status = fetch_nodes(tool, NULL, &list);
	else if (names == NAMES_SERVICE)
		status = fetch_services(tool, &list);
	for (size_t i = 0; !status && i < list.count; i++) {
		if (names == NAMES_DEVICE)
			offer_word(start, ((struct k8snet_link *)list.items)[i].ifname);
		else if (names == NAMES_NODE)
			offer_word(start, ((struct k8snet_node *)list.items)[i].name);
		else
			offer_word(start, ((struct k8snet_service *)list.items)[i].name);
	}
	k8snet_list_free(&list);
}

static void offer_value(struct tool *tool, const char *start, const struct arg *arg)
{
	for (unsigned int i = 0; arg->values && i < arg->values->count; i++)
		offer_word(start, arg->values->values[i].name);
	offer_literals(start, arg->value);
	if (arg->names)
		offer_names(tool, start, arg->names);
}

/* The words after the verb; the last one is to be completed. */
static void complete_args(struct tool *tool, const struct command *command, char **words,
			  int count)
{
	const struct arg *position = command->args, *end = command->args + command->arg_count;
	const struct arg *pending = NULL;	/* the word whose value comes next */
	uint64_t seen = 0;

	for (int i = 0; i < count - 1; i++) {
		int index = pending ? COMMAND_NONE : command_find_word(command, words[i]);

		while (position < end && position->word)
			position++;
		if (pending) {
			pending = NULL;
		} else if (position < end && (position->required || index < 0)) {
			position++;
		} else if (index >= 0) {
			seen |= 1ULL << index;
			pending = command->args[index].value || command->args[index].values ?
				  &command->args[index] : NULL;
		}
	}
	while (position < end && position->word)
		position++;
	if (pending || position < end)
		offer_value(tool, words[count - 1], pending ? pending : position);
	if (pending || (position < end && position->required))
		return;
	for (unsigned int i = 0; i < command->arg_count; i++)
		if (!(seen & 1ULL << i) || command->args[i].repeats)
			offer_word(words[count - 1], command->args[i].word);
}

static void complete_object(struct tool *tool, const struct object *object, char **words,
			    int count)
{
	int verb;

	if (!object->commands[0].verb) {
		complete_args(tool, &object->commands[0], words, count);
		return;
	}
	if (count == 1) {
		for (unsigned int i = 0; i < object->command_count; i++)
			offer_word(words[0], object->commands[i].verb);
		offer_word(words[0], "help");
		return;
	}
	verb = command_find_verb(object, words[0]);
	if (verb >= 0)
		complete_args(tool, &object->commands[verb], words + 1, count - 1);
}

/* Without any words there is nothing to complete. */
int complete_words(struct tool *tool, char **words, int count)
{
	int object, null;

	/* A complaint in the middle of a command line helps nobody. */
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	while (count > 1 && *words[0] == '-') {
		char option = words[0][strlen(words[0]) - 1];
		int skip = option == 'n' ? 2 : 1;

		/* What follows is a file, which shells complete themselves. */
		if (option == 'b')
			return EXIT_DONE;
		words += skip;
		count -= skip;
	}
	if (count < 1)
		return EXIT_DONE;
	if (count == 1) {
		for (unsigned int i = 0; i < object_count; i++)
			offer_word(words[0], objects[i]->name);
		offer_word(words[0], "help");
		return EXIT_DONE;
	}
	object = command_find_object(words[0]);
	if (object >= 0)
		complete_object(tool, objects[object], words + 1, count - 1);
	return EXIT_DONE;
}
