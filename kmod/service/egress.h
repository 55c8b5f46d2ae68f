/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source NAT of pods that talk to the outside.
 */
#ifndef K8SNET_SERVICE_EGRESS_H
#define K8SNET_SERVICE_EGRESS_H

#include "prefix.h"

struct k8snet_changes;
struct k8snet_net;
struct k8snet_refusal;
struct nf_hook_state;
struct sk_buff;

/* Exists only while egress is on. */
struct k8snet_egress {
	struct rcu_head rcu;
	/* By family; of none if it is that of the output device. */
	struct k8snet_addr source4;
	struct k8snet_addr source6;
	struct k8snet_prefixes exclude;
};

int k8snet_egress_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_egress *egress,
			struct k8snet_refusal *refusal);
unsigned int k8snet_egress_postrouting(struct k8snet_net *kn,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state);

#endif /* K8SNET_SERVICE_EGRESS_H */
