/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends the connections that a change of services leaves without a server.
 */
#ifndef K8SNET_SERVICE_EVICT_H
#define K8SNET_SERVICE_EVICT_H

struct k8snet_changes;
struct k8snet_net;

void k8snet_evict(struct k8snet_net *kn, const struct k8snet_changes *changes);

#endif /* K8SNET_SERVICE_EVICT_H */
