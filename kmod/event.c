// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the listeners of the multicast groups what the strict check and the
 * guard drop, which endpoints have no connections any more, and that the tables
 * have changed.
 *
 * Whoever can send us packets can make us drop them, so what is told of drops
 * is limited; the counters have them all.
 */
#include <linux/jiffies.h>

#include "event.h"
#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"

#define EVENT_INTERVAL	(HZ / 10)

static int event_put_drop(struct sk_buff *msg, const struct net_device *dev,
			  enum k8snet_drop_reason why,
			  const struct k8snet_addr *outer,
			  const struct k8snet_addr *inner, int iif)
{
	if ((dev && nla_put_u32(msg, K8SNET_A_DROP_IFINDEX, dev->ifindex)) ||
	    (dev && nla_put_string(msg, K8SNET_A_DROP_IFNAME, dev->name)) ||
	    nla_put_u32(msg, K8SNET_A_DROP_REASON, why) ||
	    (outer && k8snet_nl_put_addr(msg, K8SNET_A_DROP_OUTER_IPV4,
					 K8SNET_A_DROP_OUTER_IPV6, outer)) ||
	    (inner && k8snet_nl_put_addr(msg, K8SNET_A_DROP_INNER_IPV4,
					 K8SNET_A_DROP_INNER_IPV6, inner)) ||
	    (iif && nla_put_u32(msg, K8SNET_A_DROP_IIF, iif)))
		return -EMSGSIZE;
	return 0;
}

/*
 * One of many that are dropped at once may be told twice: no harm. The
 * difference is taken without a sign: time_before() would hold a reason that
 * is rare to be told in the future, once jiffies have come half way around.
 */
static bool event_is_due(unsigned long *last)
{
	unsigned long then = READ_ONCE(*last), now = jiffies | 1;

	if (then && now - then < EVENT_INTERVAL)
		return false;
	WRITE_ONCE(*last, now);
	return true;
}

/**
 * k8snet_event_drop() - tell that a packet was dropped
 * @kn: the namespace that it came in on
 * @dev: the overlay device that it was for, NULL if it got to none
 * @why: the reason
 * @outer: source of the outer packet, NULL if there is none
 * @inner: source of the inner packet, NULL if nobody has looked for one
 * @iif: index of the device that it came in on, 0 if it was sent here
 *
 * The listeners are those in the namespace of @dev, or else in @kn.
 *
 * Context: any, RCU read side.
 */
void k8snet_event_drop(struct k8snet_net *kn, const struct net_device *dev,
		       enum k8snet_drop_reason why,
		       const struct k8snet_addr *outer,
		       const struct k8snet_addr *inner, int iif)
{
	struct net *net = dev ? dev_net(dev) : kn->net;
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&k8snet_nl_family, net, K8SNET_NLGRP_DROPS) ||
	    !event_is_due(&kn->drop_told[why]))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &k8snet_nl_family, 0,
			  K8SNET_CMD_DROP_EVENT);
	if (!hdr || event_put_drop(msg, dev, why, outer, inner, iif)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&k8snet_nl_family, net, msg, 0,
				K8SNET_NLGRP_DROPS, GFP_ATOMIC);
}

static int event_put_endpoint(struct sk_buff *msg,
			      const struct k8snet_endpoint *e)
{
	if (nla_put_string(msg, K8SNET_A_ENDPOINT_SERVICE, e->service->name) ||
	    k8snet_nl_put_addr(msg, K8SNET_A_ENDPOINT_IPV4,
			       K8SNET_A_ENDPOINT_IPV6, &e->addr) ||
	    nla_put_be16(msg, K8SNET_A_ENDPOINT_PORT, e->port) ||
	    nla_put_u32(msg, K8SNET_A_ENDPOINT_PROTOCOL, e->service->protocol))
		return -EMSGSIZE;
	return 0;
}

/**
 * k8snet_event_drained() - tell that an endpoint has no connections any more
 * @kn: the namespace
 * @endpoint: the endpoint, which gets no new ones
 *
 * Context: process.
 */
void k8snet_event_drained(struct k8snet_net *kn,
			  const struct k8snet_endpoint *endpoint)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&k8snet_nl_family, kn->net,
				K8SNET_NLGRP_ENDPOINTS))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &k8snet_nl_family, 0,
			  K8SNET_CMD_DRAINED_EVENT);
	if (!hdr || event_put_endpoint(msg, endpoint)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&k8snet_nl_family, kn->net, msg, 0,
				K8SNET_NLGRP_ENDPOINTS, GFP_KERNEL);
}

/**
 * k8snet_event_changed() - tell that the tables have changed
 * @kn: the namespace; its generation is the new one
 * @messages: how many messages have made the change
 *
 * Context: process, with the lock of what has changed: so they come in order.
 */
void k8snet_event_changed(struct k8snet_net *kn, u32 messages)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&k8snet_nl_family, kn->net,
				K8SNET_NLGRP_CHANGES))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &k8snet_nl_family, 0,
			  K8SNET_CMD_CHANGE_EVENT);
	if (!hdr || nla_put_u32(msg, K8SNET_A_TRANSACTION_GENERATION,
				k8snet_netns_generation(kn)) ||
	    nla_put_u32(msg, K8SNET_A_TRANSACTION_MESSAGES, messages)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&k8snet_nl_family, kn->net, msg, 0,
				K8SNET_NLGRP_CHANGES, GFP_KERNEL);
}
