/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors about packets to nodes.
 */
#ifndef K8SNET_OVERLAY_ERROR_H
#define K8SNET_OVERLAY_ERROR_H

#include <linux/types.h>

struct inet6_skb_parm;
struct k8snet_net;
struct net_device;
struct sk_buff;
struct sock;

bool k8snet_error_is_forged(struct k8snet_net *kn, const void *about,
			    struct net_device *in);
void k8snet_error_learn6(struct k8snet_net *kn, struct sk_buff *skb, int off);

int k8snet_error_udp(struct sock *sk, struct sk_buff *skb);
int k8snet_error_ipip4(struct sk_buff *skb, u32 info);
int k8snet_error_ipip6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		       u8 code, int offset, __be32 info);

#endif /* K8SNET_OVERLAY_ERROR_H */
