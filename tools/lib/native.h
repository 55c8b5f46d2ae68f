/* SPDX-License-Identifier: GPL-2.0 */
/*
 * k8snet's own format of a state, in JSON or YAML.
 */
#ifndef K8SNET_NATIVE_H
#define K8SNET_NATIVE_H

#include "document.h"
#include "state.h"

/* device is that of nodes which name none. */
void k8snet_native_take(struct k8snet_state *state, const struct k8snet_item *item,
			const char *device, struct k8snet_problems *problems);

#endif /* K8SNET_NATIVE_H */
