/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands from a file.
 */
#ifndef K8SNETCTL_BATCH_H
#define K8SNETCTL_BATCH_H

#include "tool.h"

/* Does one command; returns an exit status. */
typedef int batch_run_fn(struct tool *tool, char **words, int count);

int batch_run(struct tool *tool, const char *file, bool go_on, batch_run_fn *run);

#endif /* K8SNETCTL_BATCH_H */
