/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events that listeners hear of, beside the counters.
 */
#ifndef K8SNET_EVENT_H
#define K8SNET_EVENT_H

#include "addr.h"
#include "stats.h"

struct k8snet_endpoint;
struct k8snet_net;
struct net_device;

void k8snet_event_changed(struct k8snet_net *kn, u32 messages);
void k8snet_event_drop(struct k8snet_net *kn, const struct net_device *dev,
		       enum k8snet_drop_reason why,
		       const struct k8snet_addr *outer,
		       const struct k8snet_addr *inner, int iif);
void k8snet_event_drained(struct k8snet_net *kn,
			  const struct k8snet_endpoint *endpoint);

#endif /* K8SNET_EVENT_H */
