// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the words of one command by its table.
 */
#include <string.h>

#include "args.h"
#include "usage.h"

struct parser {
	const struct object *object;
	const struct command *command;
	struct request *rq;
	uint64_t seen;		/* bit by index into the table */
};

static const char *arg_name(const struct arg *arg)
{
	if (arg->word)
		return arg->word;
	return arg->value ? arg->value : "value";
}

static int take(struct parser *p, int index, const char *text)
{
	const struct arg *arg = &p->command->args[index];

	if (p->seen & 1ULL << index && !arg->repeats)
		return usage_error(p->object, p->command, "%s is given twice", arg_name(arg));
	p->seen |= 1ULL << index;
	if (arg->parse(p->rq, text))
		return usage_error(p->object, p->command, "%s: %s", arg_name(arg),
				   p->rq->problem);
	return EXIT_DONE;
}

/* "word=value" in one, as in weight=5; returns its index. */
static int find_assignment(const struct command *command, const char *text)
{
	size_t len = strcspn(text, "=");

	for (unsigned int i = 0; text[len] && i < command->arg_count; i++) {
		const char *word = command->args[i].word;

		if (word && strlen(word) == len && !strncmp(word, text, len))
			return i;
	}
	return COMMAND_NONE;
}

/* Takes a word and its value; *used is how many words that were. */
static int take_word(struct parser *p, char **words, int count, int *used)
{
	int index = find_assignment(p->command, words[0]);
	const struct arg *arg;

	*used = 1;
	if (index >= 0)
		return take(p, index, strchr(words[0], '=') + 1);
	index = command_find_word(p->command, words[0]);
	if (index == COMMAND_AMBIGUOUS)
		return usage_error(p->object, p->command, "\"%s\" is ambiguous", words[0]);
	if (index == COMMAND_NONE)
		return usage_error(p->object, p->command, "\"%s\" is not a word of this command%s",
				   words[0], *words[0] == '-' ?
				   "; options go before the object" : "");
	arg = &p->command->args[index];
	if (!arg->value && !arg->values)
		return take(p, index, NULL);
	if (count < 2)
		return usage_error(p->object, p->command, "%s needs a value", arg->word);
	*used = 2;
	return take(p, index, words[1]);
}

/* The next value by position that is still to come. */
static int next_position(const struct parser *p)
{
	for (unsigned int i = 0; i < p->command->arg_count; i++)
		if (!p->command->args[i].word && !(p->seen & 1ULL << i))
			return i;
	return COMMAND_NONE;
}

/* The "dev" that may stand before a device, as with ip link; pairs follow it. */
static bool is_filler(const struct parser *p, int index, const char *word, int count)
{
	return index != COMMAND_NONE && p->command->args[index].names == NAMES_DEVICE &&
	       !strcmp(word, "dev") && count % 2 == 0;
}

/*
 * Whether words[0] is a value by position. A required one always is. An
 * optional one is unless the words begin with "dev DEV" and no more, so that
 * an object can be called like a word.
 */
static bool is_position(const struct parser *p, int index, char **words, int count)
{
	int word;

	if (index == COMMAND_NONE || is_filler(p, index, words[0], count))
		return false;
	if (p->command->args[index].required)
		return true;
	for (word = 0; word < (int)p->command->arg_count; word++) {
		const struct arg *arg = &p->command->args[word];

		if (arg->word && !strcmp(arg->word, words[0]))
			return arg->value && count % 2;
	}
	return true;
}

static int check_required(const struct parser *p)
{
	for (unsigned int i = 0; i < p->command->arg_count; i++) {
		const struct arg *arg = &p->command->args[i];

		if (arg->required && !(p->seen & 1ULL << i))
			return usage_error(p->object, p->command, "%s is missing", arg_name(arg));
	}
	return EXIT_DONE;
}

/* Fills the request; returns an exit status. */
int args_parse(const struct object *object, const struct command *command,
	       char **words, int count, struct request *rq)
{
	struct parser p = { .object = object, .command = command, .rq = rq };

	while (count) {
		int index = next_position(&p), used = 1, status = EXIT_DONE;

		if (is_position(&p, index, words, count))
			status = take(&p, index, words[0]);
		else if (!is_filler(&p, index, words[0], count))
			status = take_word(&p, words, count, &used);
		if (status)
			return status;
		words += used;
		count -= used;
	}
	return check_required(&p);
}
