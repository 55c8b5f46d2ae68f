/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Short ways past hooks that nobody uses.
 */
#ifndef K8SNET_OVERLAY_EARLY_H
#define K8SNET_OVERLAY_EARLY_H

#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/socket.h>

#include "netns.h"

struct sk_buff;

unsigned int k8snet_early_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);
bool k8snet_early_take(struct k8snet_net *kn, struct sk_buff *skb);
void k8snet_early_ask(struct k8snet_net *kn, enum k8snet_early_way way);

/*
 * May packets go that short way? Asked once a tick: a rule that is added acts
 * with the next one at the latest. RCU read side.
 */
static inline bool k8snet_early_is_free(struct k8snet_net *kn,
					enum k8snet_early_way way)
{
	const struct k8snet_early *early = &kn->early[way];
	unsigned long now = jiffies;

	if (!READ_ONCE(kn->flows.settings.early))
		return false;
	if (unlikely(READ_ONCE(early->asked) != now))
		k8snet_early_ask(kn, way);
	return READ_ONCE(early->free);
}

/* May tunnel packets go past output and postrouting? By the outer header's family. */
static inline bool k8snet_early_may_send(struct k8snet_net *kn, u16 family)
{
	return k8snet_early_is_free(kn, family == AF_INET ? K8SNET_EARLY_OUT4 :
							    K8SNET_EARLY_OUT6);
}

/* Is nothing missed that k8snet_handover_postrouting() takes? */
static inline bool k8snet_early_is_last(struct k8snet_net *kn, u8 pf)
{
	return k8snet_early_is_free(kn, pf == NFPROTO_IPV4 ? K8SNET_EARLY_LAST4 :
							     K8SNET_EARLY_LAST6);
}

#endif /* K8SNET_OVERLAY_EARLY_H */
