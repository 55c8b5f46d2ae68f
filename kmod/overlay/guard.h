/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps conntrack off tunnel packets and pods away from tunnel ports.
 */
#ifndef K8SNET_OVERLAY_GUARD_H
#define K8SNET_OVERLAY_GUARD_H

struct k8snet_net;

int k8snet_guard_start(struct k8snet_net *kn);
void k8snet_guard_stop(struct k8snet_net *kn);

#endif /* K8SNET_OVERLAY_GUARD_H */
