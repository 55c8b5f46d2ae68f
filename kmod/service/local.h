/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses are this node's own.
 */
#ifndef K8SNET_SERVICE_LOCAL_H
#define K8SNET_SERVICE_LOCAL_H

#include <linux/types.h>

struct k8snet_addr;
struct k8snet_prefix;
struct net;
struct net_device;

bool k8snet_local_has(struct net *net, const struct k8snet_addr *addr);
bool k8snet_local_in(struct net *net, const struct k8snet_prefix *prefix);
bool k8snet_local_hosts(struct net *net, const struct k8snet_addr *pod);
bool k8snet_local_select(struct net *net, const struct net_device *dev,
			 const struct k8snet_addr *peer,
			 struct k8snet_addr *addr);

#endif /* K8SNET_SERVICE_LOCAL_H */
