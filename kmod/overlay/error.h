/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors about tunnel packets.
 */
#ifndef K8SNET_OVERLAY_ERROR_H
#define K8SNET_OVERLAY_ERROR_H

#include <linux/types.h>

struct inet6_skb_parm;
struct sk_buff;
struct sock;

int k8snet_error_udp(struct sock *sk, struct sk_buff *skb);
int k8snet_error_ipip4(struct sk_buff *skb, u32 info);
int k8snet_error_ipip6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		       u8 code, int offset, __be32 info);

int k8snet_error_init(void);
void k8snet_error_exit(void);

#endif /* K8SNET_OVERLAY_ERROR_H */
