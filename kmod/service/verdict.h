/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Refuses a new connection, and says why.
 */
#ifndef K8SNET_SERVICE_VERDICT_H
#define K8SNET_SERVICE_VERDICT_H

#include "stats.h"

struct k8snet_net;
struct nf_hook_state;
struct sk_buff;

unsigned int k8snet_verdict_reject(struct k8snet_net *kn, struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   u8 protocol, enum k8snet_drop_reason why);
unsigned int k8snet_verdict_drop(struct k8snet_net *kn,
				 enum k8snet_drop_reason why);

#endif /* K8SNET_SERVICE_VERDICT_H */
