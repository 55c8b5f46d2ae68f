/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forwarded packets, given to whom they are for at once.
 */
#ifndef K8SNET_OVERLAY_HANDOVER_H
#define K8SNET_OVERLAY_HANDOVER_H

struct k8snet_net;
struct nf_hook_state;
struct sk_buff;

unsigned int k8snet_handover_postrouting(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state);
int k8snet_handover_start(struct k8snet_net *kn);
void k8snet_handover_stop(struct k8snet_net *kn);

#endif /* K8SNET_OVERLAY_HANDOVER_H */
