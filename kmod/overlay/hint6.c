// SPDX-License-Identifier: GPL-2.0
/*
 * Routes of IPv6 packets that go into the overlay or come out of it, remembered
 * for a tick, as hint.c does it for IPv4.
 *
 * The stack asks once for each packet, where to; what it thinks of sources it
 * finds out on its way (ip6_forward()), or netfilter does. Without rules that
 * decide, and routes that are for some sources, the answer depends on destination
 * and device. It holds as k8snet_route_holds6() has it; what has no number, like a
 * carrier that is lost (ignore_routes_with_linkdown), acts with the next tick.
 */
#include <net/ip6_fib.h>
#include <net/ip6_route.h>

#include "hash.h"
#include "overlay/hint.h"
#include "overlay/hint_table.h"
#include "route.h"

static struct k8snet_hint6 *hint6_dest(struct k8snet_hints *hints,
				       const struct sk_buff *skb)
{
	const struct in6_addr *daddr = &ipv6_hdr(skb)->daddr;
	u64 sum = k8snet_hash_word(0, skb->dev->ifindex);
	unsigned int i;

	for (i = 0; i < 4; i++)
		sum += k8snet_hash_word(i + 1, (__force u32)daddr->s6_addr32[i]);
	return &hints->six[k8snet_hash_end(sum, 0) % K8SNET_HINT_DESTS];
}

static bool hint6_is_for(const struct k8snet_hint6 *e,
			 const struct sk_buff *skb)
{
	unsigned long now = jiffies;

	return e->asked == now && e->iif == skb->dev->ifindex &&
	       ipv6_addr_equal(&e->daddr, &ipv6_hdr(skb)->daddr);
}

/* Do packets get their routes by destination and device alone? */
static bool hint6_may_be(const struct net *net)
{
	return !fib6_has_custom_rules(net) && !fib6_routes_require_src(net);
}

/* Of several next hops ports may choose. */
static bool hint6_is_single(const struct dst_entry *dst)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from = rcu_dereference(rt->from);

	return from && !READ_ONCE(from->fib6_nsiblings);
}

/* The route of a packet, if others may be given it. */
static struct dst_entry *hint6_route(struct net *net, const struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	return dst && k8snet_hint_is_through(skb, dst) && hint6_may_be(net) &&
	       !rt6_need_strict(&ipv6_hdr(skb)->daddr) && hint6_is_single(dst) &&
	       k8snet_route_is_chosen6(net, skb) ? dst : NULL;
}

/* As hint_note(). */
static noinline void hint6_note(struct net *net, struct k8snet_hint6 *e,
				const struct sk_buff *skb)
{
	unsigned long now = jiffies;
	int genid = rt_genid_ipv6(net);

	/*
	 * Before what they stand for is looked at: fib6_new_sernum() counts
	 * behind what it tells of.
	 */
	smp_rmb();
	if (e->asked == now || !k8snet_hint_is_plain(skb) ||
	    !k8snet_hint_replace(&e->dst, hint6_route(net, skb)))
		return;
	if (e->dst)
		e->cookie = rt6_get_cookie(container_of(e->dst, struct rt6_info,
							dst));
	e->daddr = ipv6_hdr(skb)->daddr;
	e->iif = skb->dev->ifindex;
	e->genid = genid;
	e->asked = now;
}

/**
 * k8snet_hint6_forward() - note the route of a packet of the overlay
 * @kn: the namespace
 * @skb: any IPv6 packet in the forward hook
 * @out: where it goes out
 */
void k8snet_hint6_forward(struct k8snet_net *kn, const struct sk_buff *skb,
			  const struct net_device *out)
{
	struct k8snet_hint6 *e;

	if (!k8snet_hint_is_wanted(kn, skb, out))
		return;
	e = hint6_dest(this_cpu_ptr(kn->hints), skb);
	if (unlikely(!hint6_is_for(e, skb)))
		hint6_note(kn->net, e, skb);
}

/**
 * k8snet_hint6_prerouting() - give a packet the route that is known
 * @priv: the namespace
 * @skb: any IPv6 packet that comes in
 * @state: the prerouting hook, behind everybody else
 *
 * Return: NF_ACCEPT.
 */
unsigned int k8snet_hint6_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct k8snet_hint6 *e;

	if (!k8snet_hint_begin())
		return NF_ACCEPT;
	e = hint6_dest(this_cpu_ptr(kn->hints), skb);
	if (!hint6_is_for(e, skb) || !e->dst || !k8snet_hint_is_plain(skb) ||
	    skb_dst(skb) || !hint6_may_be(kn->net) ||
	    !k8snet_route_holds6(kn->net, e->dst, e->genid, e->cookie))
		return NF_ACCEPT;
	skb_dst_set_noref(skb, e->dst);
	this_cpu_write(k8snet_hint_given, skb);
	return NF_ACCEPT;
}
