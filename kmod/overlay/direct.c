// SPDX-License-Identifier: GPL-2.0
/*
 * From the wire to a pod without encapsulation: format direct comes in.
 *
 * Such a packet is one of many that are routed; only its source says that a
 * pod of a node has sent it. It becomes a packet of the overlay device, as one
 * of which headers were taken off does. So pods of other nodes come in on one
 * device, for rules, counters and taps, whatever the format is and while it
 * changes; and the route back is by the device that the packet came in on,
 * which is what rp_filter asks for in strict mode (RFC 3704 section 2.2).
 */
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/addrconf.h>

#include "event.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/direct.h"
#include "overlay/node.h"
#include "overlay/receive.h"

/*
 * Is the frame addressed to this machine? With br_netfilter those that a
 * bridge only forwards come along, and all look as if they were.
 */
static bool direct_is_to_us(const struct sk_buff *skb)
{
	if (unlikely(nf_bridge_info_exists(skb)))
		return ether_addr_equal(eth_hdr(skb)->h_dest,
					skb->dev->dev_addr);
	return skb->pkt_type == PACKET_HOST;
}

static bool direct_is_local(struct net *net, const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return __ip_dev_find(net, ip_hdr(skb)->daddr, false);
	return ipv6_chk_addr(net, &ipv6_hdr(skb)->daddr, NULL, 0);
}

/* Is there any node that direct_is_format()? */
static bool direct_is_used(const struct k8snet_dev *kdev,
			   const struct k8snet_settings *settings)
{
	return settings->cross_subnet ||
	       settings->format == K8SNET_FORMAT_DIRECT ||
	       READ_ONCE(kdev->nodes.n_direct);
}

/* May the node send without encapsulation? It decides by its own routes. */
static bool direct_is_format(const struct k8snet_settings *settings,
			     const struct k8snet_node *node)
{
	return settings->cross_subnet ||
	       k8snet_device_format(settings, node) == K8SNET_FORMAT_DIRECT;
}

/* As receive_allowed() asks of the outer header; here there is none. */
static bool direct_came_the_way(struct k8snet_net *kn,
				const struct k8snet_settings *settings,
				struct k8snet_node *node,
				const struct sk_buff *skb)
{
	struct k8snet_outer outer = { .in = skb->dev };
	unsigned int i;

	if (!settings->strict)
		return true;
	for (i = 0; i < node->n_addrs; i++) {
		outer.source = node->addrs[i].addr;
		outer.dest = outer.source.family == AF_INET ?
			     k8snet_addr4(settings->local) :
			     k8snet_addr6(&settings->local6);
		if (k8snet_receive_route_is_back(kn->net, settings, node,
						 &outer))
			return true;
	}
	return false;
}

/* The bridge that it came through must not see it again (ip_sabotage_in()). */
static void direct_leave_bridge(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	skb_ext_del(skb, SKB_EXT_BRIDGE_NF);
#endif
}

static unsigned int direct_take(struct k8snet_net *kn, struct k8snet_dev *kdev,
				struct k8snet_node *node, struct sk_buff *skb)
{
	direct_leave_bridge(skb);
	if (!net_eq(dev_net(kdev->dev), kn->net))
		skb_scrub_packet(skb, true);
	skb_dst_drop(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb->dev = kdev->dev;
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);

	/* It may be a process that has had the packet in its NFQUEUE. */
	local_bh_disable();
	dev_sw_netstats_rx_add(kdev->dev, skb->len);
	k8snet_stats_rx(node->traffic, skb->len);
	/* The NIC has tried to aggregate it: no need to wait for more. */
	netif_receive_skb(skb);
	local_bh_enable();
	return NF_STOLEN;
}

static unsigned int direct_drop(struct k8snet_net *kn, struct k8snet_dev *kdev,
				struct sk_buff *skb)
{
	const enum k8snet_drop_reason why = K8SNET_DROP_REASON_RX_OUTER_DEVICE;
	struct k8snet_addr inner = k8snet_addr_source(skb_network_header(skb));

	k8snet_stats_drop(kdev->drops, why);
	k8snet_event_drop(kn, kdev->dev, why, NULL, &inner, skb->dev->ifindex);
	return NF_DROP;
}

static unsigned int direct_receive(struct k8snet_net *kn,
				   struct k8snet_dev *kdev,
				   const struct k8snet_settings *settings,
				   struct k8snet_node *node,
				   struct sk_buff *skb)
{
	if (unlikely(!direct_came_the_way(kn, settings, node, skb)))
		return direct_drop(kn, kdev, skb);
	/* The underlay's own addresses are not where the device is. */
	if (unlikely(!direct_is_to_us(skb) ||
		     (!net_eq(dev_net(kdev->dev), kn->net) &&
		      direct_is_local(kn->net, skb))))
		return NF_ACCEPT;
	return direct_take(kn, kdev, node, skb);
}

/* From this device on, whose nodes may send so; mostly there is none. */
static noinline unsigned int direct_look(struct k8snet_net *kn,
					 struct k8snet_dev *kdev,
					 struct sk_buff *skb)
{
	struct k8snet_addr source = k8snet_addr_source(skb_network_header(skb));
	const struct k8snet_settings *settings;
	struct k8snet_node *node;

	list_for_each_entry_from_rcu(kdev, &kn->devices, list) {
		settings = rcu_dereference(kdev->settings);
		if (!direct_is_used(kdev, settings) ||
		    !rcu_access_pointer(kdev->main.ks))
			continue;
		node = k8snet_podnet_lookup(&kdev->nodes.podnet, &source);
		/* A prefix may hold the node's own address: that is no pod. */
		if (node && direct_is_format(settings, node) &&
		    !k8snet_node_has_addr(node, &source))
			return direct_receive(kn, kdev, settings, node, skb);
	}
	return NF_ACCEPT;
}

/**
 * k8snet_direct_prerouting() - take packets that nodes' pods have sent as they are
 * @priv: the namespace
 * @skb: any packet that comes in, fragments before they are put together:
 *	afterwards the stack would not know how large they were
 * @state: the prerouting hook
 *
 * Return: a netfilter verdict; a drop is counted.
 */
unsigned int k8snet_direct_prerouting(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct k8snet_dev *kdev;

	if (k8snet_device_is(skb->dev) || skb->dev->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	list_for_each_entry_rcu(kdev, &kn->devices, list)
		if (direct_is_used(kdev, rcu_dereference(kdev->settings)))
			return direct_look(kn, kdev, skb);
	return NF_ACCEPT;
}
