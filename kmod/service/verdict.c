// SPDX-License-Identifier: GPL-2.0
/*
 * Refuses a new connection, and says why.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "netns.h"
#include "service/verdict.h"

static void reject4(struct sk_buff *skb, const struct nf_hook_state *state,
		    u8 protocol)
{
	if (protocol == IPPROTO_TCP)
		nf_send_reset(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach(skb, ICMP_PORT_UNREACH, state->hook);
}

static void reject6(struct sk_buff *skb, const struct nf_hook_state *state,
		    u8 protocol)
{
	if (protocol == IPPROTO_TCP)
		nf_send_reset6(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb, ICMPV6_PORT_UNREACH, state->hook);
}

/**
 * k8snet_verdict_reject() - refuse a connection so that the client knows
 * @kn: the namespace
 * @skb: its first packet
 * @state: the prerouting or output hook
 * @protocol: of the packet
 * @why: what it is counted as
 *
 * TCP is answered with a reset, all else with ICMP port unreachable. kube-proxy
 * sends ICMP for TCP, too; but the answer to a client on this machine comes
 * while its connect() still holds the socket, and TCP drops an ICMP error then
 * (tcp_v4_err(), LockDroppedIcmps): the client would wait for its second SYN.
 *
 * Return: NF_DROP.
 */
unsigned int k8snet_verdict_reject(struct k8snet_net *kn, struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   u8 protocol, enum k8snet_drop_reason why)
{
	k8snet_stats_drop(kn->drops, why);
	if (state->pf == NFPROTO_IPV4)
		reject4(skb, state, protocol);
	else
		reject6(skb, state, protocol);
	return NF_DROP;
}

/**
 * k8snet_verdict_drop() - refuse a connection in silence
 * @kn: the namespace
 * @why: what it is counted as
 *
 * Return: NF_DROP.
 */
unsigned int k8snet_verdict_drop(struct k8snet_net *kn,
				 enum k8snet_drop_reason why)
{
	k8snet_stats_drop(kn->drops, why);
	return NF_DROP;
}
