// SPDX-License-Identifier: GPL-2.0
/*
 * The overlay device: link kind, settings, MTU, statistics.
 */
#include <linux/ethtool.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/send.h"
#include "overlay/socket.h"
#include "overlay/way.h"
#include "packet.h"
#include "version.h"

/* While nothing is known of the underlay. */
#define DEVICE_HEADROOM	(LL_MAX_HEADER + K8SNET_OVERHEAD_MAX)

static int device_init(struct net_device *dev)
{
	struct k8snet_dev *kdev = netdev_priv(dev);
	struct k8snet_settings *settings;
	int err = -ENOMEM;

	settings = kzalloc(sizeof(*settings), GFP_KERNEL);
	if (!settings)
		return -ENOMEM;
	settings->format = K8SNET_FORMAT_VXLAN;
	settings->vni = K8SNET_VNI_DEFAULT;
	settings->port = htons(K8SNET_PORT_DEFAULT);
	settings->strict = true;
	settings->ttl = K8SNET_TTL_DEFAULT;
	settings->df = K8SNET_DF_UNSET;
	RCU_INIT_POINTER(kdev->settings, settings);

	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		goto err_settings;
	kdev->drops = alloc_percpu(struct k8snet_drops);
	if (!kdev->drops)
		goto err_tstats;
	err = gro_cells_init(&kdev->gro_cells, dev);
	if (err)
		goto err_drops;
	err = k8snet_nodes_init(&kdev->nodes);
	if (err)
		goto err_cells;
	return 0;

err_cells:
	gro_cells_destroy(&kdev->gro_cells);
err_drops:
	free_percpu(kdev->drops);
err_tstats:
	free_percpu(dev->tstats);
err_settings:
	kfree(settings);
	return err;
}

/* No packet is in the device any more: it is down, readers have left. */
static void device_uninit(struct net_device *dev)
{
	struct k8snet_dev *kdev = netdev_priv(dev);

	k8snet_nodes_flush(kdev);
	if (kdev->kn) {
		k8snet_flow_invalidate(kdev->kn);
		list_del_rcu(&kdev->list);
	}
	WRITE_ONCE(kdev->kn, NULL);
}

/* Nobody has a reference any more, not even one who reads statistics. */
static void device_free(struct net_device *dev)
{
	struct k8snet_dev *kdev = netdev_priv(dev);

	k8snet_nodes_destroy(&kdev->nodes);
	gro_cells_destroy(&kdev->gro_cells);
	free_percpu(kdev->drops);
	free_percpu(dev->tstats);
	kfree(rcu_dereference_protected(kdev->settings, 1));
}

/*
 * Nodes of the UDP format that is not the device's own send to the usual port
 * of that format, so the device must listen there.
 */
static bool device_is_foreign(const struct k8snet_settings *settings,
			      bool has_format, u32 format)
{
	return has_format && format == k8snet_device_other_format(settings);
}

static bool device_needs_other(struct k8snet_dev *kdev,
			       const struct k8snet_settings *settings)
{
	struct k8snet_node *node;

	list_for_each_entry(node, &kdev->nodes.list, list)
		if (device_is_foreign(settings, node->has_format, node->format))
			return true;
	return false;
}

/* Formats without a port have nodes that speak VXLAN, if any, on theirs. */
static bool device_expects_vxlan(struct k8snet_dev *kdev,
				 const struct k8snet_settings *settings)
{
	struct k8snet_node *node;

	if (k8snet_packet_is_udp(settings->format))
		return settings->format == K8SNET_FORMAT_VXLAN;
	list_for_each_entry(node, &kdev->nodes.list, list)
		if (node->has_format && node->format == K8SNET_FORMAT_VXLAN)
			return true;
	return false;
}

static int device_join_main(struct k8snet_dev *kdev,
			    const struct k8snet_settings *settings,
			    struct k8snet_refusal *refusal)
{
	return k8snet_socket_join(&kdev->main,
				  device_expects_vxlan(kdev, settings),
				  settings->vni, settings->port, refusal);
}

static int device_join_other(struct k8snet_dev *kdev,
			     const struct k8snet_settings *settings,
			     struct k8snet_refusal *refusal)
{
	u32 format = k8snet_device_other_format(settings);

	return k8snet_socket_join(&kdev->other, format == K8SNET_FORMAT_VXLAN,
				  settings->vni, k8snet_packet_port(format),
				  refusal);
}

static void device_leave(struct k8snet_dev *kdev)
{
	k8snet_socket_leave(&kdev->other);
	k8snet_socket_leave(&kdev->main);
}

static int device_open(struct net_device *dev)
{
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	struct k8snet_dev *kdev = netdev_priv(dev);
	struct k8snet_settings *settings = rtnl_dereference(kdev->settings);
	struct k8snet_refusal refusal = {};
	int err;

	/* There is no link, so no link-local address. */
	if (in6_dev)
		in6_dev->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;

	err = device_join_main(kdev, settings, &refusal);
	if (!err && device_needs_other(kdev, settings))
		err = device_join_other(kdev, settings, &refusal);
	if (!err)
		return 0;
	if (refusal.text && net_ratelimit())
		netdev_err(dev, "cannot listen for VNI %u on port %u: %s\n",
			   settings->vni, ntohs(settings->port), refusal.text);
	device_leave(kdev);
	return err;
}

static int device_stop(struct net_device *dev)
{
	struct k8snet_dev *kdev = netdev_priv(dev);

	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
	device_leave(kdev);
	return 0;
}

/* Who sets the MTU by hand has taken it out of our hands. */
static int device_change_mtu(struct net_device *dev, int mtu)
{
	struct k8snet_dev *kdev = netdev_priv(dev);

	if (!kdev->mtu_adjusting)
		kdev->mtu_auto = false;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static void device_get_stats64(struct net_device *dev,
			       struct rtnl_link_stats64 *stats)
{
	struct k8snet_dev *kdev = netdev_priv(dev);
	enum k8snet_drop_reason why;

	dev_fetch_sw_netstats(stats, dev->tstats);
	for (why = 0; why < K8SNET_DROP_REASONS; why++) {
		/* gro_cells has counted these on the device itself. */
		if (why == K8SNET_DROP_REASON_RX_BACKLOG)
			continue;
		if (k8snet_stats_is_tx(why))
			stats->tx_dropped += k8snet_stats_drops(kdev->drops, why);
		else if (k8snet_stats_is_rx(why))
			stats->rx_dropped += k8snet_stats_drops(kdev->drops, why);
	}
}

const struct net_device_ops k8snet_device_ops = {
	.ndo_init		= device_init,
	.ndo_uninit		= device_uninit,
	.ndo_open		= device_open,
	.ndo_stop		= device_stop,
	.ndo_start_xmit		= k8snet_send,
	.ndo_change_mtu		= device_change_mtu,
	.ndo_get_stats64	= device_get_stats64,
};

static void device_get_drvinfo(struct net_device *dev,
			       struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "k8snet", sizeof(info->driver));
	strscpy(info->version, K8SNET_VERSION, sizeof(info->version));
}

static const struct ethtool_ops device_ethtool_ops = {
	.get_drvinfo	= device_get_drvinfo,
	.get_link	= ethtool_op_get_link,
	.get_ts_info	= ethtool_op_get_ts_info,
};

static const struct device_type device_type = { .name = "k8snet" };

static void device_setup(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST |
					   NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   NETIF_F_GSO_SOFTWARE;
	struct k8snet_dev *kdev = netdev_priv(dev);

	kdev->dev = dev;
	kdev->mtu_auto = true;
	INIT_LIST_HEAD(&kdev->list);
	kdev->main.kdev = kdev;
	kdev->other.kdev = kdev;

	dev->netdev_ops = &k8snet_device_ops;
	dev->ethtool_ops = &device_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->priv_destructor = device_free;
	dev->needs_free_netdev = true;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->needed_headroom = DEVICE_HEADROOM;
	dev->features |= features;
	dev->hw_features |= features;
	dev->vlan_features |= features;
	dev->mtu = ETH_DATA_LEN -
		   k8snet_packet_overhead(K8SNET_FORMAT_VXLAN, AF_INET);
	dev->min_mtu = K8SNET_MTU_MIN;
	dev->max_mtu = K8SNET_MTU_MAX;
	/*
	 * With our headers on, the length must still fit in 16 bits. A NIC's
	 * own limit is not taken over as vxlan does it: it would cut a pod's
	 * packets up in front of the tunnel, each part to be encapsulated on
	 * its own, and not behind it.
	 */
	netif_set_tso_max_size(dev, IP_MAX_MTU - K8SNET_OVERHEAD_MAX);
	k8snet_compat_set_lltx(dev);
	SET_NETDEV_DEVTYPE(dev, &device_type);
	/* icmp_ndo_send() answers along the route of the inner packet. */
	netif_keep_dst(dev);
}

static int device_newlink(struct net *src_net, struct net_device *dev,
			  struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	struct k8snet_dev *kdev = netdev_priv(dev);
	int err;

	kdev->kn = k8snet_net(src_net);
	if (tb[IFLA_MTU])
		kdev->mtu_auto = false;
	err = register_netdevice(dev);
	if (err)
		return err;
	list_add_tail_rcu(&kdev->list, &kdev->kn->devices);
	return 0;
}

static struct rtnl_link_ops device_link_ops __read_mostly = {
	.kind		= "k8snet",
	.priv_size	= sizeof(struct k8snet_dev),
	.setup		= device_setup,
	.newlink	= device_newlink,
};

/*
 * Lower @mtu and raise @headroom to what packets to a node need. The MTU is
 * that of the way out, not what ICMP has told of the path: that is the node's
 * alone, see send_fits(). So is what lies below an automatic MTU's minimum:
 * IPv6 would leave a device that has less.
 */
static void device_fit_node(struct k8snet_dev *kdev,
			    const struct k8snet_settings *settings,
			    struct k8snet_node *node, int *mtu,
			    unsigned int *headroom)
{
	u16 family = node->via.family;
	struct k8snet_look look;

	k8snet_way_look(kdev, settings, node, &look);
	WRITE_ONCE(node->link_mtu, look.link_mtu);
	/* Nothing goes there, and perhaps never will. */
	if (!look.headroom)
		return;
	/*
	 * With cross-subnet a router may turn up any time. Pods have their MTU
	 * for life: leave room for the headers needed then.
	 */
	look.link_mtu += k8snet_packet_overhead(look.format, family) -
			 k8snet_packet_overhead(k8snet_device_format(settings,
								     node),
						family);
	*mtu = min(*mtu, max(look.link_mtu, IPV6_MIN_MTU));
	*headroom = max(*headroom, look.headroom);
}

/*
 * Makes the headroom follow the underlay, and the MTU if it may. With @added,
 * which is new, the one can only grow and the other shrink, at the cost of one
 * route lookup; all nodes are looked at when anything else has changed.
 */
static void device_fit(struct k8snet_dev *kdev, struct k8snet_node *added)
{
	const struct k8snet_settings *settings;
	unsigned int headroom = DEVICE_HEADROOM;
	struct k8snet_node *node;
	int mtu;

	ASSERT_RTNL();
	if (!kdev->kn)
		return;
	settings = rtnl_dereference(kdev->settings);
	mtu = ETH_DATA_LEN - k8snet_packet_overhead(settings->format, AF_INET);
	if (added && kdev->nodes.n > 1) {
		mtu = kdev->dev->mtu;
		headroom = kdev->dev->needed_headroom;
		device_fit_node(kdev, settings, added, &mtu, &headroom);
	} else if (kdev->nodes.n) {
		mtu = K8SNET_MTU_MAX;
		headroom = 0;
		list_for_each_entry(node, &kdev->nodes.list, list)
			device_fit_node(kdev, settings, node, &mtu, &headroom);
		/* The underlay is gone, or only just coming up. */
		if (!headroom)
			return;
	}
	/* Senders leave that much room; whoever did not, see k8snet_send(). */
	WRITE_ONCE(kdev->dev->needed_headroom, min(headroom, U16_MAX));
	if (!kdev->mtu_auto || mtu == kdev->dev->mtu)
		return;
	kdev->mtu_adjusting = true;
	dev_set_mtu(kdev->dev, mtu);
	kdev->mtu_adjusting = false;
}

/**
 * k8snet_device_fit_soon() - look at the underlay again
 * @kn: its namespace
 *
 * Soon, and once for many changes: with 5,000 nodes it takes milliseconds.
 *
 * Context: any; with a device of the namespace in use, or the rtnl mutex.
 */
void k8snet_device_fit_soon(struct k8snet_net *kn)
{
	if (kn && !list_empty(&kn->devices))
		schedule_delayed_work(&kn->fit, HZ / 20);
}

/**
 * k8snet_device_fit_work() - make devices follow the underlay and their nodes
 * @work: of the namespace
 */
void k8snet_device_fit_work(struct work_struct *work)
{
	struct k8snet_net *kn = container_of(to_delayed_work(work),
					     struct k8snet_net, fit);
	const struct k8snet_settings *settings;
	struct k8snet_dev *kdev;

	rtnl_lock();
	list_for_each_entry(kdev, &kn->devices, list) {
		device_fit(kdev, NULL);
		/* The last node that speaks VXLAN may have gone. */
		settings = rtnl_dereference(kdev->settings);
		k8snet_socket_expect(&kdev->main,
				     device_expects_vxlan(kdev, settings));
	}
	rtnl_unlock();
}

/**
 * k8snet_device_expect_node() - make sure that a device can talk to a node
 * @kdev: the device
 * @node: the node, not of the device yet
 * @refusal: where the reason goes
 *
 * An idle port, if nothing comes of the node, is no harm.
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno.
 */
int k8snet_device_expect_node(struct k8snet_dev *kdev,
			      const struct k8snet_node *node,
			      struct k8snet_refusal *refusal)
{
	const struct k8snet_settings *settings =
		rtnl_dereference(kdev->settings);

	ASSERT_RTNL();
	if (!rcu_access_pointer(kdev->main.ks) ||
	    rcu_access_pointer(kdev->other.ks) ||
	    !device_is_foreign(settings, node->has_format, node->format))
		return 0;
	return device_join_other(kdev, settings, refusal);
}

/**
 * k8snet_device_settle_node() - follow a node that was added, changed or removed
 * @kdev: the device
 * @node: the node as it is now, or NULL
 * @old: the node as it was, or NULL; not to be looked into
 *
 * Context: rtnl mutex.
 */
void k8snet_device_settle_node(struct k8snet_dev *kdev, struct k8snet_node *node,
			       const struct k8snet_node *old)
{
	const struct k8snet_settings *settings =
		rtnl_dereference(kdev->settings);

	ASSERT_RTNL();
	if (node && node->has_format && node->format == K8SNET_FORMAT_VXLAN &&
	    !k8snet_packet_is_udp(settings->format))
		k8snet_socket_expect(&kdev->main, true);
	if (node)
		device_fit(kdev, node);
	if (old)
		k8snet_device_fit_soon(kdev->kn);
}

static void device_forget_routes(struct k8snet_dev *kdev)
{
	struct k8snet_node *node;

	list_for_each_entry(node, &kdev->nodes.list, list)
		dst_cache_reset(&node->dst_cache);
}

/**
 * k8snet_device_set() - give a device new settings
 * @kdev: the device
 * @want: the settings, allocated; the device's own on success
 * @mtu: an MTU, 0 for one that follows the underlay, negative to leave it
 * @refusal: where the reason goes
 *
 * Context: rtnl mutex.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_device_set(struct k8snet_dev *kdev, struct k8snet_settings *want,
		      int mtu, struct k8snet_refusal *refusal)
{
	struct k8snet_settings *old = rtnl_dereference(kdev->settings);
	bool was_auto = kdev->mtu_auto;
	int was_mtu = kdev->dev->mtu;
	int err;

	ASSERT_RTNL();
	if (want->local && want->local != old->local &&
	    (!kdev->kn || ipv4_is_loopback(want->local) ||
	     inet_addr_type(kdev->kn->net, want->local) != RTN_LOCAL))
		return k8snet_refuse(refusal, -EADDRNOTAVAIL,
				     K8SNET_FIELD_LOCAL, 0,
				     "the local address must be one of the device's creating namespace");
	if (!ipv6_addr_any(&want->local6) &&
	    !ipv6_addr_equal(&want->local6, &old->local6) &&
	    (!kdev->kn || ipv6_addr_loopback(&want->local6) ||
	     !ipv6_chk_addr(kdev->kn->net, &want->local6, NULL, 0)))
		return k8snet_refuse(refusal, -EADDRNOTAVAIL,
				     K8SNET_FIELD_LOCAL6, 0,
				     "the local address must be one of the device's creating namespace");
	if (mtu > 0 && mtu != was_mtu) {
		err = dev_set_mtu(kdev->dev, mtu);
		if (err) {
			k8snet_refuse(refusal, err, K8SNET_FIELD_MTU, 0,
				      "the MTU was refused by a user of the device");
			goto err_auto;
		}
	}
	if (rcu_access_pointer(kdev->main.ks)) {
		err = device_join_main(kdev, want, refusal);
		if (err)
			goto err_mtu;
		err = device_needs_other(kdev, want) ?
		      device_join_other(kdev, want, refusal) : 0;
		if (err)
			goto err_main;
	}
	if (mtu >= 0)
		kdev->mtu_auto = !mtu;
	rcu_assign_pointer(kdev->settings, want);
	if (kdev->kn)
		k8snet_flow_invalidate(kdev->kn);
	/* A sender with the old ones may still remember a route by them. */
	synchronize_net();
	kfree(old);
	if (!device_needs_other(kdev, want))
		k8snet_socket_leave(&kdev->other);
	device_forget_routes(kdev);
	device_fit(kdev, NULL);
	return 0;

err_main:
	/* It had this before, and nobody can have taken it meanwhile. */
	WARN_ON_ONCE(device_join_main(kdev, old, refusal));
err_mtu:
	if (mtu > 0 && mtu != was_mtu)
		dev_set_mtu(kdev->dev, was_mtu);
err_auto:
	kdev->mtu_auto = was_auto;
	return err;
}

/**
 * k8snet_device_detach_all() - a namespace goes, its devices elsewhere stay
 * @kn: the namespace
 */
void k8snet_device_detach_all(struct k8snet_net *kn)
{
	struct k8snet_dev *kdev, *next;
	struct k8snet_node *node;

	rtnl_lock();
	list_for_each_entry_safe(kdev, next, &kn->devices, list) {
		/* It stays up, so that what it drops is counted. */
		device_leave(kdev);
		/* Its routes would hold devices of the namespace. */
		list_for_each_entry(node, &kdev->nodes.list, list)
			dst_cache_reset_now(&node->dst_cache);
		list_del_rcu(&kdev->list);
		WRITE_ONCE(kdev->kn, NULL);
	}
	rtnl_unlock();
}

static int device_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct k8snet_net *kn;

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
		/* So that what was prepared for the device is of no use. */
		if (k8snet_device_is(dev))
			k8snet_netns_changed(k8snet_net(dev_net(dev)));
		/* A namespace that could not be made has none (ops_init()). */
		if (event == NETDEV_UNREGISTER && k8snet_net(dev_net(dev)))
			k8snet_ingress_forget(k8snet_net(dev_net(dev)), dev);
		break;
	case NETDEV_UDP_TUNNEL_PUSH_INFO:
	case NETDEV_UDP_TUNNEL_DROP_INFO:
		k8snet_socket_tell(dev, event == NETDEV_UDP_TUNNEL_PUSH_INFO);
		break;
	case NETDEV_CHANGEMTU:
	case NETDEV_UP:
		kn = k8snet_net(dev_net(dev));
		/* Flows know how long their packets may be. */
		if (event == NETDEV_CHANGEMTU && kn)
			k8snet_flow_invalidate(kn);
		if (!k8snet_device_is(dev))
			k8snet_device_fit_soon(kn);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

int k8snet_device_init(void)
{
	int err;

	k8snet_send_init();
	err = register_netdevice_notifier(&device_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&device_link_ops);
	if (err)
		unregister_netdevice_notifier(&device_notifier);
	return err;
}

/* Takes all devices of all namespaces with it. */
void k8snet_device_exit(void)
{
	rtnl_link_unregister(&device_link_ops);
	unregister_netdevice_notifier(&device_notifier);
}
