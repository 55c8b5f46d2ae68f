/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A state as JSON that can be applied.
 */
#ifndef K8SNETCTL_SAVE_H
#define K8SNETCTL_SAVE_H

#include "json.h"
#include "lib/state.h"

void save_json(struct json *json, const struct k8snet_state *state);

#endif /* K8SNETCTL_SAVE_H */
