/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a pod to the wire, for those that know the node already.
 */
#ifndef K8SNET_OVERLAY_SEND_H
#define K8SNET_OVERLAY_SEND_H

#include "overlay/way.h"
#include "packet.h"

struct dst_entry;
struct k8snet_dev;
struct k8snet_node;
struct sk_buff;

struct k8snet_memo_header {
	struct iphdr ip;
	struct udphdr udp;
	struct k8snet_vxlanhdr vxlan;
	struct ethhdr eth;
} __packed;

static_assert(sizeof(struct k8snet_memo_header) ==
	      sizeof(struct iphdr) + K8SNET_VXLAN_HLEN);

/* The outer headers of a flow's packets, see k8snet_send_remember(). */
struct k8snet_memo {
	struct dst_entry *dst;	/* a reference; NULL: nothing is remembered */
	unsigned int headroom;
	struct k8snet_memo_header header;
};

void k8snet_send_remember(struct k8snet_memo *memo, struct k8snet_dev *kdev,
			  struct k8snet_node *node, u32 hash, __be16 proto);
void k8snet_send_recall(const struct k8snet_memo *memo, struct k8snet_dev *kdev,
			struct k8snet_node *node, struct sk_buff *skb,
			bool is_open);

void k8snet_send_init(void);
u32 k8snet_send_hash(unsigned long ct);
bool k8snet_send_begin(struct k8snet_way *way, struct k8snet_dev *kdev,
		       struct k8snet_node *node, const struct sk_buff *skb);
void k8snet_send_cancel(struct k8snet_way *way);
void k8snet_send_end(struct k8snet_way *way, struct k8snet_dev *kdev,
		     struct sk_buff *skb);

#endif /* K8SNET_OVERLAY_SEND_H */
