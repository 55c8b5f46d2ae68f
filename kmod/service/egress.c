// SPDX-License-Identifier: GPL-2.0
/*
 * Source NAT of pods that talk to the outside: once per connection, when it
 * leaves the node.
 */
#include <linux/netfilter.h>
#include <linux/slab.h>

#include "netns.h"
#include "refusal.h"
#include "service/change.h"
#include "service/decide.h"
#include "service/egress.h"
#include "service/nat.h"

/**
 * k8snet_egress_write() - prepare to switch egress on with new settings, or off
 * @kn: the namespace
 * @changes: where the change goes
 * @egress: the settings, the changes' own on success; NULL is off
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_egress_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_egress *egress,
			struct k8snet_refusal *refusal)
{
	const struct k8snet_config *config = changes->config;

	if (!config)
		config = rcu_dereference_protected(kn->config,
						   lockdep_is_held(&kn->lock));
	if (egress && !config->pods.n)
		return k8snet_refuse(refusal, -EINVAL, K8SNET_FIELD_NONE, 0,
				     "egress needs to know the pods: set the pod ranges of the configuration first");
	kfree(changes->egress);
	changes->egress = egress;
	changes->has_egress = true;
	return 0;
}

/**
 * k8snet_egress_postrouting() - give a new connection its source address
 * @kn: the namespace
 * @skb: the first packet of a connection
 * @state: where it is
 *
 * Context: RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int k8snet_egress_postrouting(struct k8snet_net *kn,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	const struct k8snet_egress *egress;
	struct k8snet_addr saddr, daddr;
	const struct k8snet_addr *source;
	unsigned int verdict;

	if (!rcu_access_pointer(kn->egress))
		return NF_ACCEPT;
	saddr = k8snet_addr_source(skb_network_header(skb));
	daddr = k8snet_addr_dest(skb_network_header(skb));
	egress = k8snet_decide_egress(kn, &saddr, &daddr);
	if (!egress)
		return NF_ACCEPT;
	source = daddr.family == AF_INET ? &egress->source4 : &egress->source6;
	verdict = source->family ? k8snet_nat_source(kn, skb, source) :
				   k8snet_nat_masquerade(kn, skb, state);
	if (likely(verdict == NF_ACCEPT))
		this_cpu_inc(*kn->egress_new);
	return verdict;
}
