/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes prepared changes of services, settings, egress and the
 * flow cache, all together.
 */
#ifndef K8SNET_SERVICE_COMMIT_H
#define K8SNET_SERVICE_COMMIT_H

struct k8snet_changes;
struct k8snet_frontend;
struct k8snet_frontend_key;
struct k8snet_net;
struct k8snet_service;

int k8snet_commit_reserve(struct k8snet_net *kn, struct k8snet_changes *changes);
void k8snet_commit_unreserve(struct k8snet_net *kn,
			     struct k8snet_changes *changes);
void k8snet_commit_apply(struct k8snet_net *kn, struct k8snet_changes *changes);
int k8snet_commit(struct k8snet_net *kn, struct k8snet_changes *changes);
const struct k8snet_frontend *
k8snet_commit_gone(const struct k8snet_changes *changes,
		   const struct k8snet_frontend_key *key);
void k8snet_commit_take_out(struct k8snet_net *kn,
			    struct k8snet_service *service);

#endif /* K8SNET_SERVICE_COMMIT_H */
