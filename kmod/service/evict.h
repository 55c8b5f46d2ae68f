/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends the connections that a change of a service leaves without a server.
 */
#ifndef K8SNET_SERVICE_EVICT_H
#define K8SNET_SERVICE_EVICT_H

struct k8snet_frontend_key;
struct k8snet_net;
struct k8snet_service;

void k8snet_evict(struct k8snet_net *kn, const struct k8snet_service *service,
		  const struct k8snet_frontend_key *gone, unsigned int n_gone,
		  bool reset);

#endif /* K8SNET_SERVICE_EVICT_H */
