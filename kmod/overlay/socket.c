// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP sockets of the tunnels: one per family, port and namespace, shared
 * by all devices on that port, which the VNI tells apart, and by both UDP
 * formats: VXLAN starts with 8, the version of an IP packet is 4 or 6.
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
#include "overlay/error.h"
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

static struct socket *socket_create(struct k8snet_sock *ks, u16 family)
{
	struct udp_port_cfg cfg = {
		.family = family,
		.local_udp_port = ks->port,
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = ks,
		.encap_type = 1,
		.encap_rcv = k8snet_receive,
		.encap_err_lookup = k8snet_error_udp,
		.gro_receive = k8snet_gro_receive,
		.gro_complete = k8snet_gro_complete,
	};
	struct socket *sock;
	int err;

	err = udp_sock_create(ks->net, &cfg, &sock);
	if (err)
		return ERR_PTR(err);
	setup_udp_tunnel_sock(ks->net, sock, &tunnel);
	k8snet_compat_udp_allow_gso(sock->sk);
	return sock;
}

static void socket_announce_one(struct socket *sock, bool add)
{
	if (!sock)
		return;
	if (add)
		udp_tunnel_notify_add_rx_port(sock, UDP_TUNNEL_TYPE_VXLAN);
	else
		udp_tunnel_notify_del_rx_port(sock, UDP_TUNNEL_TYPE_VXLAN);
}

/*
 * NICs are told where VXLAN comes in, so that they can look into it. Not where
 * somebody expects raw IP: they would take it for VXLAN (calico#4727).
 */
static void socket_announce(struct k8snet_sock *ks)
{
	bool want = ks->n_vxlan && ks->n_vxlan == ks->users;

	if (want == ks->announced)
		return;
	ks->announced = want;
	socket_announce_one(ks->sock, want);
	socket_announce_one(ks->sock6, want);
}

static void socket_release(struct socket *sock)
{
	/* Waits for readers that found it by the list or as user data. */
	if (sock)
		udp_tunnel_sock_release(sock);
}

static struct k8snet_sock *socket_open(struct k8snet_net *kn, __be16 port)
{
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
	INIT_HLIST_HEAD(&ks->members);
	ks->sock = socket_create(ks, AF_INET);
	if (IS_ERR(ks->sock)) {
		err = PTR_ERR(ks->sock);
		goto err_free;
	}
	ks->sock6 = socket_create(ks, AF_INET6);
	if (IS_ERR(ks->sock6)) {
		err = PTR_ERR(ks->sock6);
		ks->sock6 = NULL;
		/* ipv6.disable=1: then no node is reached by IPv6. */
		if (err != -EAFNOSUPPORT)
			goto err_sock;
	}
	k8snet_guard_note_port(kn, port);
	list_add_rcu(&ks->list, &kn->sockets);
	return ks;

err_sock:
	socket_release(ks->sock);
err_free:
	kfree(ks);
	return ERR_PTR(err);
}

/* The announcement goes with the last that expects VXLAN, or first. */
static void socket_put(struct k8snet_sock *ks, bool was_vxlan)
{
	ks->users--;
	ks->n_vxlan -= was_vxlan;
	socket_announce(ks);
	if (ks->users)
		return;
	list_del_rcu(&ks->list);
	socket_release(ks->sock6);
	socket_release(ks->sock);
	kfree(ks);
}

static bool socket_has_vni(struct k8snet_sock *ks, u32 vni,
			   const struct k8snet_dev *except)
{
	struct k8snet_member *m;

	hlist_for_each_entry(m, &ks->members, list)
		if (m->kdev != except && m->vni == vni)
			return true;
	return false;
}

/**
 * k8snet_socket_join() - let a device send and receive on a port
 * @member: one of the device's two; what it was joined to it leaves on success
 * @is_vxlan: VXLAN is expected there; raw IP is taken too, and the reverse
 * @vni: identifier that its packets carry
 * @port: UDP port
 * @refusal: where the reason goes
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_socket_join(struct k8snet_member *member, bool is_vxlan, u32 vni,
		       __be16 port, struct k8snet_refusal *refusal)
{
	struct k8snet_sock *old = rtnl_dereference(member->ks);
	struct k8snet_net *kn = member->kdev->kn;
	struct k8snet_sock *ks;

	ASSERT_RTNL();
	if (!kn)
		return k8snet_refuse(refusal, -ENONET, K8SNET_FIELD_NONE, 0,
				     "the namespace that the device was created in is gone");
	ks = socket_find(kn, port);
	if (ks && socket_has_vni(ks, vni, member->kdev))
		return k8snet_refuse(refusal, -EADDRINUSE, K8SNET_FIELD_ID, 0,
				     "another device on this port has this identifier");
	if (ks && ks == old) {
		WRITE_ONCE(member->vni, vni);
		k8snet_socket_expect(member, is_vxlan);
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
	ks->n_vxlan += is_vxlan;
	socket_announce(ks);
	if (old) {
		/* Off one list before it goes on the other. */
		hlist_del_init_rcu(&member->list);
		synchronize_net();
	}
	WRITE_ONCE(member->vni, vni);
	rcu_assign_pointer(member->ks, ks);
	hlist_add_head_rcu(&member->list, &ks->members);
	if (old)
		socket_put(old, member->is_vxlan);
	member->is_vxlan = is_vxlan;
	return 0;
}

/**
 * k8snet_socket_expect() - a device expects another format on a port
 * @member: one of the device's two, joined or not
 * @is_vxlan: that is VXLAN
 *
 * Context: rtnl mutex.
 */
void k8snet_socket_expect(struct k8snet_member *member, bool is_vxlan)
{
	struct k8snet_sock *ks = rtnl_dereference(member->ks);

	ASSERT_RTNL();
	if (!ks || member->is_vxlan == is_vxlan)
		return;
	member->is_vxlan = is_vxlan;
	ks->n_vxlan += is_vxlan ? 1 : -1;
	socket_announce(ks);
}

/**
 * k8snet_socket_leave() - stop a device from sending and receiving on a port
 * @member: one of the device's two, joined or not
 *
 * Context: rtnl mutex. No reader uses the socket for the device after it.
 */
void k8snet_socket_leave(struct k8snet_member *member)
{
	struct k8snet_sock *ks = rtnl_dereference(member->ks);

	ASSERT_RTNL();
	if (!ks)
		return;
	hlist_del_init_rcu(&member->list);
	RCU_INIT_POINTER(member->ks, NULL);
	synchronize_net();
	socket_put(ks, member->is_vxlan);
}

/**
 * k8snet_socket_tell() - tell a NIC the ports, or to forget them
 * @dev: the NIC, which has asked
 * @add: tell
 *
 * Context: rtnl mutex.
 */
void k8snet_socket_tell(struct net_device *dev, bool add)
{
	struct k8snet_sock *ks;

	ASSERT_RTNL();
	list_for_each_entry(ks, &k8snet_net(dev_net(dev))->sockets, list) {
		if (!ks->announced)
			continue;
		if (add)
			udp_tunnel_push_rx_port(dev, ks->sock,
						UDP_TUNNEL_TYPE_VXLAN);
		else
			udp_tunnel_drop_rx_port(dev, ks->sock,
						UDP_TUNNEL_TYPE_VXLAN);
		if (!ks->sock6)
			continue;
		if (add)
			udp_tunnel_push_rx_port(dev, ks->sock6,
						UDP_TUNNEL_TYPE_VXLAN);
		else
			udp_tunnel_drop_rx_port(dev, ks->sock6,
						UDP_TUNNEL_TYPE_VXLAN);
	}
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
	return k8snet_socket_by_port(kn, port);
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
