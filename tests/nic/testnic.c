// SPDX-License-Identifier: GPL-2.0
/*
 * Link kind "testnic" for the scenarios: a NIC that wants to be told where
 * tunnel packets come in, as netdevsim is one; Debian's cloud kernels lack it.
 *
 * What it has been told "ethtool -i" shows as its firmware's version: also where
 * the kernel has no netlink for ethtool. How much room the packets that come in
 * on it are to have in front of them it shows as the version of its ROM. As its
 * bus it shows how many packets it was given, and of the last one by which queue
 * it came, whether there is a checksum to be finished, and if it does not begin
 * where its header is said to be.
 *
 * What is sent to its own address comes in. Of its queues (numtxqueues) it wants
 * packets in the last one; it does checksums, but none of what is in a tunnel.
 * While the module's parameter "busy" is set, it takes no packet, and stops the
 * queue.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

#define NIC_PORTS	4

static bool busy;
module_param(busy, bool, 0644);
MODULE_PARM_DESC(busy, "Takes no packet, and stops the queue");

struct nic {
	u16 ports[NIC_PORTS];
	/* Of one sender at a time. */
	unsigned int given;
	u16 queue;
	bool partial;
	bool misplaced;
};

static netdev_tx_t nic_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct nic *nic = netdev_priv(dev);

	nic->given++;
	nic->queue = skb_get_queue_mapping(skb);
	nic->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	nic->misplaced = skb_mac_header(skb) != skb->data;
	if (READ_ONCE(busy)) {
		netif_stop_subqueue(dev, nic->queue);
		return NETDEV_TX_BUSY;
	}
	if (ether_addr_equal(eth_hdr(skb)->h_dest, dev->dev_addr))
		dev_forward_skb(dev, skb);
	else
		kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* As veth_set_rx_headroom(). */
static void nic_set_rx_headroom(struct net_device *dev, int headroom)
{
	dev->needed_headroom = max(headroom, 0);
}

static u16 nic_select_queue(struct net_device *dev, struct sk_buff *skb,
			    struct net_device *sb_dev)
{
	return dev->real_num_tx_queues - 1;
}

static int nic_open(struct net_device *dev)
{
	netif_tx_start_all_queues(dev);
	return 0;
}

/* "ip link set ... carrier off": by rtnetlink, which reports it. */
static int nic_change_carrier(struct net_device *dev, bool on)
{
	if (on)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	return 0;
}

static const struct net_device_ops nic_ops = {
	.ndo_open		= nic_open,
	.ndo_start_xmit		= nic_xmit,
	.ndo_change_carrier	= nic_change_carrier,
	.ndo_select_queue	= nic_select_queue,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_set_rx_headroom	= nic_set_rx_headroom,
};

static int nic_set(struct net_device *dev, unsigned int table,
		   unsigned int entry, struct udp_tunnel_info *ti)
{
	struct nic *nic = netdev_priv(dev);

	nic->ports[entry] = ntohs(ti->port);
	return 0;
}

static int nic_unset(struct net_device *dev, unsigned int table,
		     unsigned int entry, struct udp_tunnel_info *ti)
{
	struct nic *nic = netdev_priv(dev);

	if (nic->ports[entry] == ntohs(ti->port))
		nic->ports[entry] = 0;
	return 0;
}

static const struct udp_tunnel_nic_info nic_tunnels = {
	.set_port	= nic_set,
	.unset_port	= nic_unset,
	.flags		= UDP_TUNNEL_NIC_INFO_OPEN_ONLY,
	.tables		= {
		{ .n_entries = NIC_PORTS, .tunnel_types = UDP_TUNNEL_TYPE_VXLAN },
	},
};

static void nic_get_drvinfo(struct net_device *dev,
			    struct ethtool_drvinfo *info)
{
	struct nic *nic = netdev_priv(dev);
	int i, len = 0;

	strscpy(info->driver, "testnic", sizeof(info->driver));
	snprintf(info->erom_version, sizeof(info->erom_version), "%u",
		 dev->needed_headroom);
	snprintf(info->bus_info, sizeof(info->bus_info), "%u %u %s%s",
		 nic->given, nic->queue,
		 nic->partial ? "unfinished" : "finished",
		 nic->misplaced ? " misplaced" : "");
	for (i = 0; i < NIC_PORTS; i++)
		if (nic->ports[i])
			len += scnprintf(info->fw_version + len,
					 sizeof(info->fw_version) - len,
					 "%s%u", len ? " " : "", nic->ports[i]);
}

static const struct ethtool_ops nic_ethtool_ops = {
	.get_drvinfo	= nic_get_drvinfo,
};

static void nic_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &nic_ops;
	dev->ethtool_ops = &nic_ethtool_ops;
	dev->udp_tunnel_nic_info = &nic_tunnels;
	dev->needs_free_netdev = true;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_PHONY_HEADROOM;
	dev->features |= NETIF_F_RX_UDP_TUNNEL_PORT | NETIF_F_SG |
			 NETIF_F_FRAGLIST | NETIF_F_HW_CSUM;
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
	dev->hw_features |= NETIF_F_RX_UDP_TUNNEL_PORT | NETIF_F_HW_CSUM;
	eth_hw_addr_random(dev);
}

static struct rtnl_link_ops nic_link_ops __read_mostly = {
	.kind		= "testnic",
	.priv_size	= sizeof(struct nic),
	.setup		= nic_setup,
};

static int __init nic_init(void)
{
	return rtnl_link_register(&nic_link_ops);
}

static void __exit nic_exit(void)
{
	rtnl_link_unregister(&nic_link_ops);
}

module_init(nic_init);
module_exit(nic_exit);
MODULE_ALIAS_RTNL_LINK("testnic");
MODULE_DESCRIPTION("NIC that is told UDP tunnel ports, for tests");
MODULE_LICENSE("GPL");
