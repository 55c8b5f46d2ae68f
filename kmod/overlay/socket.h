/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The UDP sockets that tunnel packets come in on and go out by.
 */
#ifndef K8SNET_OVERLAY_SOCKET_H
#define K8SNET_OVERLAY_SOCKET_H

#include <linux/list.h>
#include <linux/net.h>

struct k8snet_dev;
struct k8snet_net;
struct k8snet_refusal;
struct sk_buff;

/* One per UDP port and namespace, shared by the devices on the port. */
struct k8snet_sock {
	struct k8snet_net *kn;
	struct net *net;
	struct socket *sock;
	__be16 port;
	struct hlist_head devices;	/* RCU; writers rtnl */
	struct list_head list;		/* kn->sockets, rtnl */
	unsigned int users;		/* rtnl */
};

int k8snet_socket_join(struct k8snet_dev *kdev, u32 vni, __be16 port,
		       struct k8snet_refusal *refusal);
void k8snet_socket_leave(struct k8snet_dev *kdev);
bool k8snet_socket_has_port(struct k8snet_net *kn, __be16 port);
bool k8snet_socket_is_ours(const struct sock *sk);

int k8snet_receive(struct sock *sk, struct sk_buff *skb);

#endif /* K8SNET_OVERLAY_SOCKET_H */
