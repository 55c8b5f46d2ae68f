/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A short way in for tunnel packets.
 */
#ifndef K8SNET_OVERLAY_EARLY_H
#define K8SNET_OVERLAY_EARLY_H

struct nf_hook_state;
struct sk_buff;

unsigned int k8snet_early_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);

#endif /* K8SNET_OVERLAY_EARLY_H */
