// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP sockets of the tunnels: one per port and namespace, shared by all
 * devices on that port, which the VNI tells apart.
 *
 * A socket is bound to no address and no device, so the underlay can change
 * under it. Writers hold the rtnl mutex, readers RCU.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/guard.h"
#include "overlay/socket.h"
#include "packet.h"

static struct k8snet_sock *socket_find(struct k8snet_net *kn, __be16 port)
{
	struct k8snet_sock *ks;

	list_for_each_entry(ks, &kn->sockets, list)
		if (ks->port == port)
			return ks;
	return NULL;
}

static struct k8snet_sock *socket_open(struct k8snet_net *kn, __be16 port)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_ip.s_addr = htonl(INADDR_ANY),
		.local_udp_port = port,
		.use_udp_checksums = true,
	};
	struct udp_tunnel_sock_cfg tunnel = {
		.encap_type = 1,
		.encap_rcv = k8snet_receive,
	};
	struct k8snet_sock *ks;
	int err;

	err = k8snet_guard_start(kn);
	if (err)
		return ERR_PTR(err);
	ks = kzalloc(sizeof(*ks), GFP_KERNEL);
	if (!ks)
		return ERR_PTR(-ENOMEM);
	ks->kn = kn;
	ks->net = kn->net;
	ks->port = port;
	INIT_HLIST_HEAD(&ks->devices);
	err = udp_sock_create4(kn->net, &cfg, &ks->sock);
	if (err) {
		kfree(ks);
		return ERR_PTR(err);
	}
	tunnel.sk_user_data = ks;
	setup_udp_tunnel_sock(kn->net, ks->sock, &tunnel);
	list_add_rcu(&ks->list, &kn->sockets);
	return ks;
}

static void socket_put(struct k8snet_sock *ks)
{
	if (--ks->users)
		return;
	list_del_rcu(&ks->list);
	/* Waits for readers that found it by the list or as user data. */
	udp_tunnel_sock_release(ks->sock);
	kfree(ks);
}

static bool socket_has_vni(struct k8snet_sock *ks, u32 vni,
			   const struct k8snet_dev *except)
{
	struct k8snet_dev *kdev;

	hlist_for_each_entry(kdev, &ks->devices, by_vni)
		if (kdev != except && kdev->vni == vni)
			return true;
	return false;
}

/**
 * k8snet_socket_join() - let a device send and receive on a port
 * @kdev: the device; what it was joined to it leaves on success
 * @vni: identifier that its packets carry
 * @port: UDP port
 * @refusal: where the reason goes
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_socket_join(struct k8snet_dev *kdev, u32 vni, __be16 port,
		       struct k8snet_refusal *refusal)
{
	struct k8snet_sock *old = rtnl_dereference(kdev->sock);
	struct k8snet_net *kn = kdev->kn;
	struct k8snet_sock *ks;

	ASSERT_RTNL();
	if (!kn)
		return k8snet_refuse(refusal, -ENONET, K8SNET_FIELD_NONE, 0,
				     "the namespace that the device was created in is gone");
	ks = socket_find(kn, port);
	if (ks && socket_has_vni(ks, vni, kdev))
		return k8snet_refuse(refusal, -EADDRINUSE, K8SNET_FIELD_ID, 0,
				     "another device on this port has this identifier");
	if (ks && ks == old) {
		WRITE_ONCE(kdev->vni, vni);
		return 0;
	}
	if (!ks) {
		ks = socket_open(kn, port);
		if (PTR_ERR_OR_ZERO(ks) == -EADDRINUSE)
			return k8snet_refuse(refusal, -EADDRINUSE,
					     K8SNET_FIELD_PORT, 0,
					     "something else listens on this UDP port");
		if (IS_ERR(ks))
			return PTR_ERR(ks);
	}
	ks->users++;
	if (old) {
		/* Off one list before it goes on the other. */
		hlist_del_init_rcu(&kdev->by_vni);
		synchronize_net();
	}
	WRITE_ONCE(kdev->vni, vni);
	rcu_assign_pointer(kdev->sock, ks);
	hlist_add_head_rcu(&kdev->by_vni, &ks->devices);
	if (old)
		socket_put(old);
	return 0;
}

/**
 * k8snet_socket_leave() - stop a device from sending and receiving
 * @kdev: the device
 *
 * Context: rtnl mutex. No reader uses the device's socket after it.
 */
void k8snet_socket_leave(struct k8snet_dev *kdev)
{
	struct k8snet_sock *ks = rtnl_dereference(kdev->sock);

	ASSERT_RTNL();
	if (!ks)
		return;
	hlist_del_init_rcu(&kdev->by_vni);
	RCU_INIT_POINTER(kdev->sock, NULL);
	synchronize_net();
	socket_put(ks);
}

/**
 * k8snet_socket_has_port() - is this the port of a tunnel?
 * @kn: the namespace
 * @port: the UDP port
 *
 * Context: RCU read side.
 */
bool k8snet_socket_has_port(struct k8snet_net *kn, __be16 port)
{
	struct k8snet_sock *ks;

	list_for_each_entry_rcu(ks, &kn->sockets, list)
		if (ks->port == port)
			return true;
	return false;
}

/**
 * k8snet_socket_is_ours() - is this the socket of a tunnel?
 * @sk: a socket that has sent a packet, or NULL
 */
bool k8snet_socket_is_ours(const struct sock *sk)
{
	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_UDP &&
	       udp_sk(sk)->encap_rcv == k8snet_receive;
}
