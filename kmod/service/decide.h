/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a new connection: decided here for packets and for those who ask.
 */
#ifndef K8SNET_SERVICE_DECIDE_H
#define K8SNET_SERVICE_DECIDE_H

#include <uapi/linux/k8snet.h>

#include "addr.h"

struct k8snet_backends;
struct k8snet_egress;
struct k8snet_frontend;
struct k8snet_net;
struct k8snet_rules;
struct k8snet_set;

/**
 * struct k8snet_opening - a new connection on its way to a service
 * @kn: the namespace
 * @frontend: where it has come to
 * @rules: those of the service
 * @client: its source
 * @dest: its destination
 * @from_node: a process of the node opens it
 */
struct k8snet_opening {
	struct k8snet_net *kn;
	const struct k8snet_frontend *frontend;
	const struct k8snet_rules *rules;
	struct k8snet_addr client;
	struct k8snet_addr dest;
	bool from_node;
};

/**
 * struct k8snet_decision - what becomes of a connection
 * @verdict: enum k8snet_verdict
 * @why: enum k8snet_drop_reason, if it is refused or dropped
 * @backends: the endpoints of the service
 * @set: those that may take it
 */
struct k8snet_decision {
	u32 verdict;
	u32 why;
	const struct k8snet_backends *backends;
	const struct k8snet_set *set;
};

u32 k8snet_decide_range(const struct k8snet_opening *o);
void k8snet_decide(const struct k8snet_opening *o, struct k8snet_decision *d);
void k8snet_decide_miss(struct k8snet_net *kn, const struct k8snet_addr *dest,
			bool ping, struct k8snet_decision *d);
bool k8snet_decide_masquerade(struct k8snet_net *kn,
			      const struct k8snet_frontend *frontend,
			      const struct k8snet_addr *client,
			      const struct k8snet_addr *server);
const struct k8snet_egress *
k8snet_decide_egress(struct k8snet_net *kn, const struct k8snet_addr *source,
		     const struct k8snet_addr *dest);

#endif /* K8SNET_SERVICE_DECIDE_H */
