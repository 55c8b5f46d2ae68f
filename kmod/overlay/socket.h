/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The UDP sockets that tunnel packets come in on and go out by.
 */
#ifndef K8SNET_OVERLAY_SOCKET_H
#define K8SNET_OVERLAY_SOCKET_H

#include <linux/list.h>
#include <linux/net.h>
#include <linux/rculist.h>

#include "netns.h"
#include "overlay/device.h"
#include "packet.h"

struct k8snet_refusal;

/* One per UDP port and namespace, shared by the devices on the port. */
struct k8snet_sock {
	struct k8snet_net *kn;
	struct net *net;
	struct socket *sock;		/* IPv4 */
	struct socket *sock6;		/* IPv6, NULL where that is disabled */
	__be16 port;
	bool announced;			/* NICs were told; rtnl */
	struct hlist_head members;	/* RCU; writers rtnl */
	struct list_head list;		/* kn->sockets, rtnl */
	unsigned int users;		/* rtnl */
	unsigned int n_vxlan;		/* users that expect it; rtnl */
};

int k8snet_socket_join(struct k8snet_member *member, bool is_vxlan, u32 vni,
		       __be16 port, struct k8snet_refusal *refusal);
void k8snet_socket_expect(struct k8snet_member *member, bool is_vxlan);
void k8snet_socket_leave(struct k8snet_member *member);
bool k8snet_socket_has_port(struct k8snet_net *kn, __be16 port);
bool k8snet_socket_is_ours(const struct sock *sk);
void k8snet_socket_tell(struct net_device *dev, bool add);

/* The tunnels' socket on a port, or NULL. RCU read side. */
static inline struct k8snet_sock *k8snet_socket_by_port(struct k8snet_net *kn,
							__be16 port)
{
	struct k8snet_sock *ks;

	list_for_each_entry_rcu(ks, &kn->sockets, list)
		if (ks->port == port)
			return ks;
	return NULL;
}

/*
 * The device that has the VNI of a header, for which k8snet_packet_is_vxlan(), or
 * NULL. RCU read side.
 */
static inline struct k8snet_dev *
k8snet_socket_by_vni(struct k8snet_sock *ks, const struct k8snet_vxlanhdr *vxh)
{
	u32 vni = ntohl(vxh->vni) >> 8;
	struct k8snet_member *m;

	hlist_for_each_entry_rcu(m, &ks->members, list)
		if (READ_ONCE(m->vni) == vni)
			return m->kdev;
	return NULL;
}

/* gro.c */
struct sk_buff *k8snet_gro_receive(struct sock *sk, struct list_head *head,
				   struct sk_buff *skb);
int k8snet_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff);

/* receive.c */
int k8snet_receive(struct sock *sk, struct sk_buff *skb);

#endif /* K8SNET_OVERLAY_SOCKET_H */
