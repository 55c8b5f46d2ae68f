// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands, looked up by words or what they begin with.
 */
#include <string.h>

#include "command.h"

const struct object *const objects[] = {
	&object_link,
	&object_node,
	&object_service,
	&object_endpoint,
	&object_config,
	&object_egress,
	&object_flow,
	&object_apply,
	&object_save,
	&object_check,
	&object_stats,
	&object_monitor,
	&object_transaction,
	&object_explain,
};

const unsigned int object_count = ARRAY_SIZE(objects);

/* The one of several names that the word is, or that it alone begins. */
struct lookup {
	const char *word;
	int exact;
	int prefix;
};

static void look_at(struct lookup *lookup, const char *name, int index)
{
	if (!name)
		return;
	if (!strcmp(name, lookup->word))
		lookup->exact = index;
	if (strncmp(name, lookup->word, strlen(lookup->word)) || lookup->prefix == index)
		return;
	lookup->prefix = lookup->prefix == COMMAND_NONE ? index : COMMAND_AMBIGUOUS;
}

static int found(const struct lookup *lookup)
{
	return lookup->exact != COMMAND_NONE ? lookup->exact : lookup->prefix;
}

/* These return an index, COMMAND_NONE or COMMAND_AMBIGUOUS. */

int command_find_object(const char *word)
{
	struct lookup lookup = { word, COMMAND_NONE, COMMAND_NONE };

	for (unsigned int i = 0; i < object_count; i++)
		look_at(&lookup, objects[i]->name, i);
	return found(&lookup);
}

int command_find_verb(const struct object *object, const char *word)
{
	struct lookup lookup = { word, COMMAND_NONE, COMMAND_NONE };

	for (unsigned int i = 0; i < object->command_count; i++) {
		look_at(&lookup, object->commands[i].verb, i);
		look_at(&lookup, object->commands[i].also, i);
	}
	return found(&lookup);
}

int command_find_word(const struct command *command, const char *word)
{
	struct lookup lookup = { word, COMMAND_NONE, COMMAND_NONE };

	for (unsigned int i = 0; i < command->arg_count; i++)
		look_at(&lookup, command->args[i].word, i);
	return found(&lookup);
}
