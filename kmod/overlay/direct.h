/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of nodes' pods that come in without encapsulation.
 */
#ifndef K8SNET_OVERLAY_DIRECT_H
#define K8SNET_OVERLAY_DIRECT_H

struct nf_hook_state;
struct sk_buff;

unsigned int k8snet_direct_prerouting(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state);

#endif /* K8SNET_OVERLAY_DIRECT_H */
