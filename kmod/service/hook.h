/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in the kernel's NAT services and egress are decided.
 */
#ifndef K8SNET_SERVICE_HOOK_H
#define K8SNET_SERVICE_HOOK_H

struct k8snet_net;

int k8snet_hook_start(struct k8snet_net *kn);
void k8snet_hook_stop(struct k8snet_net *kn);

int k8snet_hook_init(void);
void k8snet_hook_exit(void);

#endif /* K8SNET_SERVICE_HOOK_H */
