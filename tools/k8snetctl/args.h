/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of one command.
 */
#ifndef K8SNETCTL_ARGS_H
#define K8SNETCTL_ARGS_H

#include "command.h"

int args_parse(const struct object *object, const struct command *command,
	       char **words, int count, struct request *rq);

#endif /* K8SNETCTL_ARGS_H */
