/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Routes of the overlay's packets, remembered for a tick.
 */
#ifndef K8SNET_OVERLAY_HINT_H
#define K8SNET_OVERLAY_HINT_H

struct k8snet_net;
struct net_device;
struct nf_hook_state;
struct sk_buff;

void k8snet_hint_forward(struct k8snet_net *kn, const struct sk_buff *skb,
			 const struct net_device *out);
unsigned int k8snet_hint_prerouting(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);
void k8snet_hint6_forward(struct k8snet_net *kn, const struct sk_buff *skb,
			  const struct net_device *out);
unsigned int k8snet_hint6_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);
int k8snet_hint_start(struct k8snet_net *kn);
void k8snet_hint_stop(struct k8snet_net *kn);

#endif /* K8SNET_OVERLAY_HINT_H */
