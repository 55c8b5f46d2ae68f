/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Short ways in and out for tunnel packets.
 */
#ifndef K8SNET_OVERLAY_EARLY_H
#define K8SNET_OVERLAY_EARLY_H

#include <linux/types.h>

struct k8snet_net;
struct nf_hook_state;
struct sk_buff;

/* Has nobody rules in the hooks that a short way goes past? Asked once a tick. */
struct k8snet_early {
	unsigned long asked;
	bool free;
};

enum k8snet_early_way {
	K8SNET_EARLY_IN4,
	K8SNET_EARLY_OUT4,
	K8SNET_EARLY_OUT6,
	K8SNET_EARLY_WAYS
};

unsigned int k8snet_early_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);
bool k8snet_early_take(struct k8snet_net *kn, struct sk_buff *skb);
bool k8snet_early_may_send(struct k8snet_net *kn, u16 family);

#endif /* K8SNET_OVERLAY_EARLY_H */
