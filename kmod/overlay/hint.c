// SPDX-License-Identifier: GPL-2.0
/*
 * Routes of packets that go into the overlay or come out of it, remembered for
 * a tick, as ip_list_rcv_finish() remembers that of the packet before: those of
 * IPv4. (Of IPv6: hint6.c.)
 *
 * The stack asks twice for each packet: where to, and may it come from there.
 * Without rules that decide (no IPv4 rules but the usual three) the first answer
 * depends on the destination, the second one on the source, and both on the
 * device; each holds until routes, rules or addresses change, which all have one
 * number (rt_genid_ipv4()). What is said of a destination is forgotten with the
 * next tick as well: settings like rp_filter have no number.
 *
 * In FORWARD the stack has made up its mind: that is noted. Last in prerouting,
 * behind all that may change the packet, it is asked for.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/ip_fib.h>
#include <net/nexthop.h>
#include <net/route.h>

#include "hash.h"
#include "overlay/hint.h"
#include "overlay/hint_table.h"
#include "route.h"

DEFINE_PER_CPU(const struct sk_buff *, k8snet_hint_given);

static struct k8snet_hint_dest *hint_dest(struct k8snet_hints *hints,
					  const struct sk_buff *skb)
{
	u32 hash = k8snet_hash_2words((__force u32)ip_hdr(skb)->daddr,
				      skb->dev->ifindex, 0);

	return &hints->dests[hash % K8SNET_HINT_DESTS];
}

static bool hint_is_for(const struct k8snet_hint_dest *e,
			const struct sk_buff *skb)
{
	unsigned long now = jiffies;

	return e->daddr == ip_hdr(skb)->daddr && e->iif == skb->dev->ifindex &&
	       e->asked == now;
}

/*
 * The pods of a node, which are in a /24 mostly, are each in a place of their own.
 * Whoever knows that costs others a lookup.
 */
static struct k8snet_hint_source *hint_source(struct k8snet_hints *hints,
					      const struct sk_buff *skb)
{
	u32 saddr = ntohl(ip_hdr(skb)->saddr);

	return &hints->sources[(saddr ^ (saddr >> 8) * 37) %
			       K8SNET_HINT_SOURCES];
}

static bool hint_is_from(const struct k8snet_hint_source *e, struct net *net,
			 const struct sk_buff *skb)
{
	return e->saddr == ip_hdr(skb)->saddr && e->saddr &&
	       e->genid == rt_genid_ipv4(net);
}

/* Do packets get their routes by addresses and device alone? */
static bool hint_may_be(struct net *net)
{
	return !fib4_has_custom_rules(net) &&
	       !net->ipv4.fib_has_custom_local_routes &&
	       !fib_num_tclassid_users(net);
}

/* Without options; with DSCP 0, which only routes for all have. */
static bool hint_is_plain(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->ihl == 5 && !(iph->tos & ~INET_ECN_MASK) &&
	       k8snet_hint_is_plain(skb);
}

/*
 * Is a source that is neither ours nor a martian all that is asked for? See
 * fib_validate_source().
 */
static bool hint_is_open(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);

	return in_dev && !IN_DEV_RPFILTER(in_dev) &&
	       !IN_DEV_ACCEPT_LOCAL(in_dev) &&
	       !IN_DEV_NET_ROUTE_LOCALNET(in_dev, dev_net(dev));
}

/* Of several next hops ports may choose. */
static bool hint_is_single(struct net *net, const struct sk_buff *skb)
{
	struct flowi4 fl4 = {
		.flowi4_iif = skb->dev->ifindex,
		.daddr = ip_hdr(skb)->daddr,
		.saddr = ip_hdr(skb)->saddr,
	};
	struct fib_result res;

	return !fib_lookup(net, &fl4, &res, 0) && res.type == RTN_UNICAST &&
	       fib_info_num_path(res.fi) == 1;
}

/* As rp_filter asks in strict mode. */
static bool hint_is_back(struct net *net, const struct sk_buff *skb)
{
	struct flowi4 fl4 = {
		.flowi4_iif = LOOPBACK_IFINDEX,
		.daddr = ip_hdr(skb)->saddr,
		.saddr = ip_hdr(skb)->daddr,
	};
	struct fib_result res;

	return !fib_lookup(net, &fl4, &res, 0) && res.type == RTN_UNICAST &&
	       fib_info_nh_uses_dev(res.fi, skb->dev);
}

/*
 * Is a source right? That the packet is forwarded does not say so: of several
 * that come at once the stack asks about the first (ip_route_use_hint()).
 */
static bool hint_is_right(struct net *net, const struct sk_buff *skb, bool open)
{
	__be32 saddr = ip_hdr(skb)->saddr;

	return !ipv4_is_multicast(saddr) && !ipv4_is_lbcast(saddr) &&
	       !ipv4_is_zeronet(saddr) && !ipv4_is_loopback(saddr) &&
	       !__ip_dev_find(net, saddr, false) &&
	       (open || hint_is_back(net, skb));
}

/* The route of a packet, if others may be given it. */
static struct dst_entry *hint_route(struct net *net, const struct sk_buff *skb,
				    bool open)
{
	struct rtable *rt = skb_rtable(skb);

	return rt && rt->rt_type == RTN_UNICAST && rt_is_input_route(rt) &&
	       k8snet_hint_is_through(skb, &rt->dst) && hint_may_be(net) &&
	       hint_is_single(net, skb) && hint_is_right(net, skb, open) ?
	       &rt->dst : NULL;
}

/* A route that has been replaced. */
struct hint_old {
	struct rcu_head rcu;
	struct dst_entry *dst;
};

static void hint_old_free(struct rcu_head *rcu)
{
	struct hint_old *old = container_of(rcu, struct hint_old, rcu);

	dst_release(old->dst);
	kfree(old);
}

/**
 * k8snet_hint_replace() - remember another route
 * @place: where
 * @dst: the route, held here, or NULL
 *
 * Others that came with this packet may have the old route, without a reference
 * of their own. What a table of routes holds may be gone by then, and its last
 * reference is no RCU-deferred one there (rt_fibinfo_free(); of IPv6 it is).
 *
 * Context: bottom halves off.
 * Return: false without memory; then the old route stays.
 */
bool k8snet_hint_replace(struct dst_entry **place, struct dst_entry *dst)
{
	struct hint_old *old = NULL;

	if (*place == dst)
		return true;
	if (*place) {
		old = kmalloc(sizeof(*old), GFP_ATOMIC | __GFP_NOWARN);
		if (!old)
			return false;
	}
	if (dst && !dst_hold_safe(dst))
		dst = NULL;
	if (old) {
		old->dst = *place;
		call_rcu(&old->rcu, hint_old_free);
	}
	*place = dst;
	return true;
}

/*
 * Apart: once a tick, whatever is found; of two destinations in one place for the
 * first one only. False if the packet is one that says nothing of others, or
 * without memory.
 */
static noinline bool hint_note(struct k8snet_net *kn, struct k8snet_hint_dest *e,
			       const struct sk_buff *skb)
{
	/* Before what it stands for is looked at. */
	unsigned long now = jiffies;
	bool open = hint_is_open(skb->dev);

	if (e->asked == now || !hint_is_plain(skb) ||
	    !k8snet_hint_replace(&e->dst, hint_route(kn->net, skb, open)))
		return false;
	e->daddr = ip_hdr(skb)->daddr;
	e->saddr = ip_hdr(skb)->saddr;
	e->iif = skb->dev->ifindex;
	e->any_source = e->dst && open;
	e->asked = now;
	return true;
}

/* Of a packet to where others are given the route of any source. */
static noinline void hint_note_source(struct net *net, struct k8snet_hint_source *e,
				      const struct sk_buff *skb)
{
	int genid = rt_genid_ipv4(net);

	/* Before what it stands for is looked at. */
	smp_rmb();
	if (!hint_is_right(net, skb, true))
		return;
	e->saddr = ip_hdr(skb)->saddr;
	e->genid = genid;
}

/**
 * k8snet_hint_forward() - note the route of a packet of the overlay
 * @kn: the namespace
 * @skb: any IPv4 packet in the forward hook
 * @out: where it goes out
 */
void k8snet_hint_forward(struct k8snet_net *kn, const struct sk_buff *skb,
			 const struct net_device *out)
{
	struct k8snet_hints *hints;
	struct k8snet_hint_source *source;
	struct k8snet_hint_dest *dest;

	if (!k8snet_hint_is_wanted(kn, skb, out))
		return;
	hints = this_cpu_ptr(kn->hints);
	dest = hint_dest(hints, skb);
	if ((unlikely(!hint_is_for(dest, skb)) && !hint_note(kn, dest, skb)) ||
	    !dest->any_source)
		return;
	source = hint_source(hints, skb);
	if (unlikely(!hint_is_from(source, kn->net, skb)))
		hint_note_source(kn->net, source, skb);
}

/**
 * k8snet_hint_prerouting() - give a packet the route that is known
 * @priv: the namespace
 * @skb: any IPv4 packet that comes in
 * @state: the prerouting hook, behind everybody else
 *
 * Return: NF_ACCEPT.
 */
unsigned int k8snet_hint_prerouting(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;
	struct k8snet_hints *hints;
	struct k8snet_hint_dest *e;

	if (!k8snet_hint_begin())
		return NF_ACCEPT;
	hints = this_cpu_ptr(kn->hints);
	e = hint_dest(hints, skb);
	if (!hint_is_for(e, skb) || !e->dst || !hint_is_plain(skb) ||
	    skb_dst(skb))
		return NF_ACCEPT;
	if (e->saddr != ip_hdr(skb)->saddr &&
	    (!e->any_source ||
	     !hint_is_from(hint_source(hints, skb), kn->net, skb)))
		return NF_ACCEPT;
	if (k8snet_route_holds4(kn->net, e->dst)) {
		skb_dst_set_noref(skb, e->dst);
		this_cpu_write(k8snet_hint_given, skb);
	}
	return NF_ACCEPT;
}

/**
 * k8snet_hint_start() - make room for routes
 * @kn: the namespace
 *
 * Return: 0, or -ENOMEM.
 */
int k8snet_hint_start(struct k8snet_net *kn)
{
	kn->hints = alloc_percpu(struct k8snet_hints);
	return kn->hints ? 0 : -ENOMEM;
}

/**
 * k8snet_hint_stop() - forget them
 * @kn: the namespace, without hooks that could be running
 */
void k8snet_hint_stop(struct k8snet_net *kn)
{
	struct k8snet_hints *hints;
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		hints = per_cpu_ptr(kn->hints, cpu);
		for (i = 0; i < K8SNET_HINT_DESTS; i++) {
			dst_release(hints->dests[i].dst);
			dst_release(hints->six[i].dst);
		}
	}
	free_percpu(kn->hints);
	kn->hints = NULL;
}
