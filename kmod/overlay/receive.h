/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all formats do with a packet once they know whose it is.
 */
#ifndef K8SNET_OVERLAY_RECEIVE_H
#define K8SNET_OVERLAY_RECEIVE_H

#include "addr.h"

struct k8snet_dev;
struct k8snet_net;
struct k8snet_node;
struct k8snet_settings;
struct net;
struct net_device;
struct sk_buff;

/* The outer headers, before they are taken off. */
struct k8snet_outer {
	struct k8snet_addr source;
	struct k8snet_addr dest;
	struct net_device *in;
	u8 tos;
};

bool k8snet_receive_is_from(struct net *net,
			    const struct k8snet_settings *settings,
			    struct k8snet_node *node,
			    const struct k8snet_outer *outer);
void k8snet_receive_outer(const struct sk_buff *skb,
			  struct k8snet_outer *outer);
void k8snet_receive_inner(struct k8snet_dev *kdev, struct k8snet_net *kn,
			  const struct k8snet_outer *outer,
			  struct sk_buff *skb, unsigned int hlen,
			  __be16 proto);

int k8snet_ipip_init(void);
void k8snet_ipip_exit(void);

#endif /* K8SNET_OVERLAY_RECEIVE_H */
