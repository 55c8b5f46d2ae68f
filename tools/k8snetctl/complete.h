/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completion of command lines, for shells.
 */
#ifndef K8SNETCTL_COMPLETE_H
#define K8SNETCTL_COMPLETE_H

#include "tool.h"

int complete_words(struct tool *tool, char **words, int count);

#endif /* K8SNETCTL_COMPLETE_H */
