/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state that the kernel has.
 */
#ifndef K8SNET_ACTUAL_H
#define K8SNET_ACTUAL_H

#include "nl.h"
#include "state.h"

/*
 * All of it, sorted. Returns 0, or -1 when nl->refusal says why not. Each of its
 * lists is consistent in itself, and endpoints with their services.
 */
int k8snet_actual_read(struct k8snet_nl *nl, struct k8snet_state *state);

#endif /* K8SNET_ACTUAL_H */
