/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of commands, and the words that each takes.
 */
#ifndef K8SNETCTL_COMMAND_H
#define K8SNETCTL_COMMAND_H

#include <stdio.h>

#include "lib/array.h"
#include "request.h"
#include "tool.h"

/* What a value names, for completion. */
enum names {
	NAMES_NONE,
	NAMES_DEVICE,
	NAMES_NODE,
	NAMES_SERVICE,
	NAMES_FILE,
};

/*
 * One word of a command with its value, or, without a word, one value by
 * position. value is what the usage shows, NULL for a word that stands alone;
 * its lower-case alternatives ("auto|N") are literal. values adds the names of
 * an enumeration.
 */
struct arg {
	const char *word;
	const char *value;
	const struct k8snet_spec_enum *values;
	enum names names;
	bool required;
	bool repeats;
	int (*parse)(struct request *rq, const char *text);
};

/* A command is done by run(), which returns an exit status. */
struct command {
	const char *verb;	/* NULL if the object has only this one */
	const char *also;	/* another name of it, or NULL */
	const char *help;
	const struct arg *args;
	unsigned int arg_count;
	int (*run)(struct tool *tool, struct request *rq);
};

struct object {
	const char *name;
	const char *help;
	const struct command *commands;
	unsigned int command_count;
};

extern const struct object object_link;
extern const struct object object_node;
extern const struct object object_service;
extern const struct object object_endpoint;
extern const struct object object_config;
extern const struct object object_egress;
extern const struct object object_flow;
extern const struct object object_stats;
extern const struct object object_monitor;
extern const struct object object_apply;
extern const struct object object_save;
extern const struct object object_check;
extern const struct object object_transaction;
extern const struct object object_explain;

extern const struct object *const objects[];
extern const unsigned int object_count;

#define COMMAND_NONE		(-1)
#define COMMAND_AMBIGUOUS	(-2)

int command_find_object(const char *word);
int command_find_verb(const struct object *object, const char *word);
int command_find_word(const struct command *command, const char *word);

#endif /* K8SNETCTL_COMMAND_H */
