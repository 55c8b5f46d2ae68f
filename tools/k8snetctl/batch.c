// SPDX-License-Identifier: GPL-2.0
/*
 * Does the commands of a file over one connection: a process for each would
 * cost more than what it asks for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "usage.h"

struct batch {
	FILE *in;
	const char *name;
	unsigned int next;	/* the line that is read next */
	bool ended;
	char *line;		/* as getline() has it */
	size_t line_size;
	char *text;		/* a command, which may go on over several lines */
	size_t text_size;
	char **words;
	size_t words_size;
};

/* Nothing more can be read. */
static int give_up(struct batch *batch, int error)
{
	batch->ended = true;
	complain("%s", strerror(error));
	return EXIT_REFUSED;
}

/* Reads one line, without its end. */
static int read_line(struct batch *batch, size_t *len)
{
	ssize_t got;

	errno = 0;
	got = getline(&batch->line, &batch->line_size, batch->in);
	*len = got < 0 ? 0 : got;
	if (got < 0 && errno)
		return give_up(batch, errno);
	batch->ended = got < 0;
	batch->next++;
	if (*len && batch->line[*len - 1] == '\n')
		batch->line[--*len] = 0;
	if (*len && strlen(batch->line) != *len)
		return usage_error(NULL, NULL, "there is a zero byte in the line");
	return EXIT_DONE;
}

static int append(struct batch *batch, size_t used, size_t len)
{
	if (used + len + 1 > batch->text_size) {
		size_t size = 2 * (used + len + 1);
		char *text = realloc(batch->text, size);

		if (!text)
			return give_up(batch, ENOMEM);
		batch->text = text;
		batch->text_size = size;
	}
	memcpy(batch->text + used, batch->line, len);
	batch->text[used + len] = 0;
	return EXIT_DONE;
}

/* Reads one command into text. A backslash at its end joins a line with the next. */
static int read_command(struct batch *batch)
{
	size_t used = 0, len;
	bool joined;

	complain_at(batch->name, batch->next);
	do {
		int status = read_line(batch, &len);

		if (!status)
			status = append(batch, used, len);
		if (status)
			return status;
		used += len;
		joined = len && batch->text[used - 1] == '\\';
		if (joined)
			batch->text[used - 1] = ' ';
	} while (joined);
	return EXIT_DONE;
}

/*
 * Takes one word and returns what follows it, or NULL if a quote is not
 * closed. Quotes keep blanks and "#" together, and are taken off.
 */
static char *take_word(char *from)
{
	char *to = from, quote = 0;

	for (; *from && (quote || !strchr(" \t\r", *from)); from++) {
		if (*from == quote)
			quote = 0;
		else if (!quote && (*from == '"' || *from == '\''))
			quote = *from;
		else
			*to++ = *from;
	}
	if (quote)
		return NULL;
	if (*from)
		from++;
	*to = 0;
	return from;
}

static bool add_word(struct batch *batch, int count, char *word)
{
	if ((size_t)count == batch->words_size) {
		size_t size = 2 * count + 16;
		char **words = realloc(batch->words, size * sizeof(*words));

		if (!words)
			return false;
		batch->words = words;
		batch->words_size = size;
	}
	batch->words[count] = word;
	return true;
}

/* Splits the command; a "#" where a word could begin starts a comment. */
static int split(struct batch *batch, int *count)
{
	char *at = batch->text;

	*count = 0;
	while (at) {
		at += strspn(at, " \t\r");
		if (!*at || *at == '#')
			return EXIT_DONE;
		if (!add_word(batch, *count, at))
			return give_up(batch, ENOMEM);
		++*count;
		at = take_word(at);
	}
	return usage_error(NULL, NULL, "a quote is not closed");
}

static int run_lines(struct tool *tool, struct batch *batch, bool go_on, batch_run_fn *run)
{
	int first = EXIT_DONE;

	while (!batch->ended && (go_on || !first)) {
		int count, status = read_command(batch);

		if (!status)
			status = split(batch, &count);
		if (!status && count)
			status = run(tool, batch->words, count);
		/* Who writes the commands to a pipe may wait for what they say. */
		fflush(stdout);
		if (!first)
			first = status;
	}
	return first;
}

/*
 * Does what is in the file, "-" for standard input, up to the first command
 * that fails, or, to go on, all of it. Returns the status of that command.
 */
int batch_run(struct tool *tool, const char *file, bool go_on, batch_run_fn *run)
{
	struct batch batch = { .in = stdin, .name = file, .next = 1 };
	int status;

	if (strcmp(file, "-"))
		batch.in = fopen(file, "re");
	if (!batch.in) {
		complain("%s: %s", file, strerror(errno));
		return EXIT_REFUSED;
	}
	status = run_lines(tool, &batch, go_on, run);
	complain_at(NULL, 0);
	if (batch.in != stdin)
		fclose(batch.in);
	free(batch.line);
	free(batch.text);
	free(batch.words);
	return status;
}
