// SPDX-License-Identifier: GPL-2.0
/*
 * The first point at which a packet can be had: the netfilter ingress hook of
 * the device that it comes in on, before the IP stack.
 *
 * Captures, tc and everybody else's ingress hooks have seen the packet by then,
 * and prerouting is the only hook between here and where flows and tunnel
 * packets were taken before: flows in its first place, tunnel packets while it
 * is free (overlay/early.c). What the IP stack would have checked on the way
 * (ip_rcv_core(), ip6_rcv_core()) is checked here; what is not plain goes on,
 * as it was.
 *
 * A device gets the hook when a packet was taken behind it, and loses it when
 * none has come for a minute.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "flow/flow.h"
#include "netns.h"
#include "overlay/early.h"
#include "overlay/guard.h"

/* How often hooks that nobody needs any more are looked for. */
#define INGRESS_INTERVAL	(10 * HZ)
#define INGRESS_IDLE		(60 * HZ)
/* After a request that was of no use. */
#define INGRESS_PAUSE		HZ

struct k8snet_ingress {
	struct list_head list;		/* flows->hooks; rtnl */
	struct nf_hook_ops ops;
	struct k8snet_net *kn;
	unsigned long used;		/* jiffies of the last packet */
	struct rcu_head rcu;
};

/* What must be in the linear part of a packet that is not ours alone. */
#define INGRESS_SHARED		(sizeof(struct ipv6hdr) + sizeof(struct tcphdr))

/* May it be taken before others who are behind this hook get it? */
static bool ingress_is_plain(const struct sk_buff *skb)
{
	const struct net_device *dev = skb->dev;

	/* Of a bridge; for a VLAN; for packet sockets; for a socket already. */
	return skb->pkt_type == PACKET_HOST &&
	       !rcu_access_pointer(dev->rx_handler) &&
	       !skb_vlan_tag_present(skb) &&
	       list_empty(&dev->ptype_specific) &&
	       (!skb_shared(skb) || skb_headlen(skb) >= INGRESS_SHARED ||
		!skb_is_nonlinear(skb)) &&
	       !(skb->sk && skb_sk_is_prefetched((struct sk_buff *)skb)) &&
	       likely(softirq_count());
}

/* A tunnel packet that a capture has as well is another one from here on. */
static bool ingress_take_tunnel(struct k8snet_net *kn, struct sk_buff *skb)
{
	struct sk_buff *clone;

	if (likely(!k8snet_guard_may_be_tunnel(kn, skb)))
		return false;
	if (likely(!skb_shared(skb)))
		return k8snet_early_take(kn, skb);
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return false;
	if (!k8snet_early_take(kn, clone)) {
		consume_skb(clone);
		return false;
	}
	consume_skb(skb);
	return true;
}

static bool ingress_take4(struct k8snet_net *kn, struct sk_buff *skb)
{
	unsigned int len = skb->len, segs;
	const struct iphdr *iph;
	u8 ecn;

	if (unlikely(!pskb_may_pull(skb, sizeof(*iph))))
		return false;
	iph = ip_hdr(skb);
	if (unlikely(iph->version != 4 || iph->ihl != 5 ||
		     ntohs(iph->tot_len) != len || ip_fast_csum(iph, 5)))
		return false;
	ecn = iph->tos & INET_ECN_MASK;
	segs = max_t(unsigned short, 1, skb_shinfo(skb)->gso_segs);
	if (!ingress_take_tunnel(kn, skb) &&
	    (!k8snet_flow_may_hit(&kn->flows) || !k8snet_flow_hit_early(kn, skb)))
		return false;
	__IP_UPD_PO_STATS(kn->net, IPSTATS_MIB_IN, len);
	__IP_ADD_STATS(kn->net, IPSTATS_MIB_NOECTPKTS + ecn, segs);
	return true;
}

static bool ingress_take6(struct k8snet_net *kn, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;
	unsigned int len = skb->len, segs;
	struct inet6_dev *idev = __in6_dev_get(skb->dev);
	u8 ecn;

	if (unlikely(!pskb_may_pull(skb, sizeof(*ip6h)) || !idev ||
		     READ_ONCE(idev->cnf.disable_ipv6)))
		return false;
	ip6h = ipv6_hdr(skb);
	if (unlikely(ip6h->version != 6 || !k8snet_flow_may_hit(&kn->flows) ||
		     ntohs(ip6h->payload_len) + sizeof(*ip6h) != len))
		return false;
	ecn = ipv6_get_dsfield(ip6h) & INET_ECN_MASK;
	segs = max_t(unsigned short, 1, skb_shinfo(skb)->gso_segs);
	if (!k8snet_flow_hit_early(kn, skb))
		return false;
	__IP6_UPD_PO_STATS(kn->net, idev, IPSTATS_MIB_IN, len);
	__IP6_ADD_STATS(kn->net, idev, IPSTATS_MIB_NOECTPKTS + ecn, segs);
	return true;
}

static bool ingress_take(struct k8snet_net *kn, struct sk_buff *skb)
{
	/* The stack would do so, too; clones are nobody's. */
	if (likely(!skb_shared(skb)))
		skb_orphan(skb);
	return skb->protocol == htons(ETH_P_IP) ? ingress_take4(kn, skb) :
						  ingress_take6(kn, skb);
}

static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct k8snet_ingress *ingress = priv;
	struct k8snet_net *kn = ingress->kn;

	if ((skb->protocol != htons(ETH_P_IP) &&
	     skb->protocol != htons(ETH_P_IPV6)) ||
	    !READ_ONCE(kn->flows.settings.ingress) || !ingress_is_plain(skb) ||
	    !ingress_take(kn, skb))
		return NF_ACCEPT;
	k8snet_flow_count(&kn->flows, K8SNET_FLOW_COUNTER_HIT_INGRESS);
	WRITE_ONCE(ingress->used, jiffies);
	return NF_STOLEN;
}

/**
 * k8snet_ingress_want() - packets could have been taken earlier
 * @kn: the namespace
 * @dev: the device that they come in on
 *
 * Context: RCU read side.
 */
void k8snet_ingress_want(struct k8snet_net *kn, const struct net_device *dev)
{
	struct k8snet_flows *flows = &kn->flows;

	if (!READ_ONCE(flows->settings.ingress) || READ_ONCE(flows->wanted) ||
	    READ_ONCE(flows->stopped) || rcu_access_pointer(dev->rx_handler) ||
	    time_before(jiffies, READ_ONCE(flows->wait)))
		return;
	/* Of two the later one gets it; the other will ask again. */
	WRITE_ONCE(flows->wanted, dev->ifindex);
	mod_delayed_work(system_wq, &flows->hook_work, 1);
}

static struct k8snet_ingress *ingress_find(struct k8snet_flows *flows,
					   const struct net_device *dev)
{
	struct k8snet_ingress *ingress;

	list_for_each_entry(ingress, &flows->hooks, list)
		if (ingress->ops.dev == dev)
			return ingress;
	return NULL;
}

static bool ingress_add(struct k8snet_net *kn, struct net_device *dev)
{
	struct k8snet_ingress *ingress;

	ingress = kzalloc(sizeof(*ingress), GFP_KERNEL);
	if (!ingress)
		return false;
	ingress->kn = kn;
	ingress->used = jiffies;
	ingress->ops.hook = ingress_hook;
	ingress->ops.priv = ingress;
	ingress->ops.dev = dev;
	ingress->ops.pf = NFPROTO_NETDEV;
	ingress->ops.hooknum = NF_NETDEV_INGRESS;
	ingress->ops.priority = INT_MAX;
	if (nf_register_net_hook(kn->net, &ingress->ops)) {
		/* nfnl_hook_dump() may be looking at it. */
		kfree_rcu(ingress, rcu);
		return false;
	}
	list_add(&ingress->list, &kn->flows.hooks);
	return true;
}

static void ingress_del(struct k8snet_ingress *ingress)
{
	list_del(&ingress->list);
	nf_unregister_net_hook(ingress->kn->net, &ingress->ops);
	kfree_rcu(ingress, rcu);
}

static void ingress_grant(struct k8snet_net *kn)
{
	struct k8snet_flows *flows = &kn->flows;
	struct net_device *dev;
	int ifindex = READ_ONCE(flows->wanted);

	dev = ifindex ? __dev_get_by_index(kn->net, ifindex) : NULL;
	if (ifindex && (!dev || dev->reg_state != NETREG_REGISTERED ||
			ingress_find(flows, dev) || !ingress_add(kn, dev)))
		WRITE_ONCE(flows->wait, jiffies + INGRESS_PAUSE);
	WRITE_ONCE(flows->wanted, 0);
}

static void ingress_work(struct work_struct *work)
{
	struct k8snet_flows *flows = container_of(to_delayed_work(work),
						  struct k8snet_flows,
						  hook_work);
	struct k8snet_net *kn = container_of(flows, struct k8snet_net, flows);
	struct k8snet_ingress *ingress, *next;

	rtnl_lock();
	if (READ_ONCE(flows->settings.ingress) && !READ_ONCE(flows->stopped))
		ingress_grant(kn);
	else
		WRITE_ONCE(flows->wanted, 0);
	list_for_each_entry_safe(ingress, next, &flows->hooks, list)
		if (!READ_ONCE(flows->settings.ingress) ||
		    time_after(jiffies, READ_ONCE(ingress->used) + INGRESS_IDLE))
			ingress_del(ingress);
	if (!list_empty(&flows->hooks) && !READ_ONCE(flows->stopped))
		schedule_delayed_work(&flows->hook_work, INGRESS_INTERVAL);
	rtnl_unlock();
}

/**
 * k8snet_ingress_set() - take packets at ingress, or not
 * @kn: the namespace
 * @on: take them
 *
 * Context: process. It acts on the next packet; hooks that are there go later.
 */
void k8snet_ingress_set(struct k8snet_net *kn, bool on)
{
	WRITE_ONCE(kn->flows.settings.ingress, on);
	if (!READ_ONCE(kn->flows.stopped))
		mod_delayed_work(system_wq, &kn->flows.hook_work, 0);
}

/**
 * k8snet_ingress_forget() - a device leaves the namespace
 * @kn: the namespace
 * @dev: the device
 *
 * Context: rtnl mutex.
 */
void k8snet_ingress_forget(struct k8snet_net *kn, const struct net_device *dev)
{
	struct k8snet_ingress *ingress = ingress_find(&kn->flows, dev);

	ASSERT_RTNL();
	if (ingress)
		ingress_del(ingress);
}

void k8snet_ingress_init(struct k8snet_net *kn)
{
	INIT_LIST_HEAD(&kn->flows.hooks);
	INIT_DELAYED_WORK(&kn->flows.hook_work, ingress_work);
	kn->flows.wait = jiffies;
	kn->flows.settings.ingress = true;
}

/**
 * k8snet_ingress_stop() - take no more packets
 * @kn: the namespace, about to go; no hook of it asks for this one any more
 */
void k8snet_ingress_stop(struct k8snet_net *kn)
{
	struct k8snet_ingress *ingress, *next;

	cancel_delayed_work_sync(&kn->flows.hook_work);
	rtnl_lock();
	list_for_each_entry_safe(ingress, next, &kn->flows.hooks, list)
		ingress_del(ingress);
	rtnl_unlock();
}
