/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered of routes of both families, see hint.c and hint6.c.
 */
#ifndef K8SNET_OVERLAY_HINT_TABLE_H
#define K8SNET_OVERLAY_HINT_TABLE_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <net/dst.h>

#include "netns.h"
#include "overlay/device.h"

#define K8SNET_HINT_DESTS	64
#define K8SNET_HINT_SOURCES	512

/* The way to a destination. */
struct k8snet_hint_dest {
	struct dst_entry *dst;		/* with a reference; NULL: none to be given */
	unsigned long asked;		/* in jiffies */
	__be32 daddr;
	__be32 saddr;			/* that it was asked with */
	int iif;
	bool any_source;		/* or with others that are known */
};

/* A source that is not ours, nor one that nobody can have. */
struct k8snet_hint_source {
	__be32 saddr;			/* 0: none */
	int genid;
};

/* The way to a destination of IPv6, from whomever. */
struct k8snet_hint6 {
	struct dst_entry *dst;		/* as above */
	unsigned long asked;
	struct in6_addr daddr;
	int iif;
	int genid;			/* see k8snet_route_holds6() */
	u32 cookie;
};

/*
 * Of each CPU, which alone looks at it, with bottom halves off (which does not
 * keep others from it in a kernel with PREEMPT_RT: nothing is remembered there).
 */
struct k8snet_hints {
	struct k8snet_hint_dest dests[K8SNET_HINT_DESTS];
	struct k8snet_hint_source sources[K8SNET_HINT_SOURCES];
	struct k8snet_hint6 six[K8SNET_HINT_DESTS];
};

/* The packet that has just got what was noted: nothing is new about it. */
DECLARE_PER_CPU(const struct sk_buff *, k8snet_hint_given);

bool k8snet_hint_replace(struct dst_entry **place, struct dst_entry *dst);

/* Is something to be noted of a packet that is forwarded? */
static inline bool k8snet_hint_is_wanted(const struct k8snet_net *kn,
					 const struct sk_buff *skb,
					 const struct net_device *out)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) &&
	       this_cpu_read(k8snet_hint_given) != skb &&
	       (k8snet_device_is(out) || k8snet_device_is(skb->dev)) &&
	       READ_ONCE(kn->flows.settings.early) && softirq_count();
}

/* Another packet comes in, which was given nothing so far. May it be? */
static inline bool k8snet_hint_begin(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !softirq_count())
		return false;
	this_cpu_write(k8snet_hint_given, NULL);
	return true;
}

/* Of no bridge and no IPsec, both of which are extensions of a packet. */
static inline bool k8snet_hint_is_plain(const struct sk_buff *skb)
{
	return !skb_has_extensions((struct sk_buff *)skb) &&
	       !netif_is_l3_slave(skb->dev);
}

/*
 * Is it a route that packets can be given in prerouting? Of IPv4 not back where it
 * came from: whoever looks that up notes in the packet that its sender may have to
 * be told (IPSKB_DOREDIRECT). By the forward hook IPsec may have put its own in
 * the place of what was chosen (xfrm_route_forward()).
 */
static inline bool k8snet_hint_is_through(const struct sk_buff *skb,
					  const struct dst_entry *dst)
{
	return !dst->lwtstate && dst->dev != skb->dev && !dst_xfrm(dst) &&
	       !(dst->flags & DST_XFRM_QUEUE);
}

#endif /* K8SNET_OVERLAY_HINT_TABLE_H */
