/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plan has changed, or would.
 */
#ifndef K8SNETCTL_APPLY_PRINT_H
#define K8SNETCTL_APPLY_PRINT_H

#include "lib/plan.h"
#include "tool.h"

int apply_print(const struct tool *tool, const struct k8snet_plan *plan,
		const struct k8snet_problems *notes, bool dry_run);

#endif /* K8SNETCTL_APPLY_PRINT_H */
