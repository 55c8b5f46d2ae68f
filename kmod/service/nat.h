/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells the kernel's NAT what becomes of a new connection.
 */
#ifndef K8SNET_SERVICE_NAT_H
#define K8SNET_SERVICE_NAT_H

#include <linux/types.h>

struct k8snet_addr;
struct k8snet_net;
struct nf_conn;
struct nf_hook_state;
struct sk_buff;

unsigned int k8snet_nat_destination(struct k8snet_net *kn, struct nf_conn *ct,
				    const struct k8snet_addr *addr, __be16 port);
unsigned int k8snet_nat_address(struct k8snet_net *kn, struct nf_conn *ct,
				const struct k8snet_addr *addr);
unsigned int k8snet_nat_source(struct k8snet_net *kn, struct sk_buff *skb,
			       const struct k8snet_addr *addr);
unsigned int k8snet_nat_masquerade(struct k8snet_net *kn, struct sk_buff *skb,
				   const struct nf_hook_state *state);

#endif /* K8SNET_SERVICE_NAT_H */
