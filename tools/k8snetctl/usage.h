/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Usage lines and complaints about the command line.
 */
#ifndef K8SNETCTL_USAGE_H
#define K8SNETCTL_USAGE_H

#include "command.h"

void usage_help(FILE *out);
void usage_object(FILE *out, const struct object *object);
void usage_command(FILE *out, const struct object *object, const struct command *command);

void complain_at(const char *file, unsigned int line);

__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

__attribute__((format(printf, 3, 4)))
int usage_error(const struct object *object, const struct command *command,
		const char *format, ...);

#endif /* K8SNETCTL_USAGE_H */
