// SPDX-License-Identifier: GPL-2.0
/*
 * Short ways past hooks that nobody uses.
 *
 * In: a tunnel packet is taken in the first hook that sees it, not
 * by the UDP stack behind the routing decision. What the stack would have asked
 * is asked here; where anything about a packet or the namespace is not plain,
 * the packet goes on as any other and comes in by the socket.
 *
 * Out: a tunnel packet goes to the neighbour, see send_now4().
 *
 * A firewall must see what it is there for: with any rule in the hooks that are
 * gone past, by whomever, all packets take the long way. So they do if they are
 * told to (k8snetctl flow set early off).
 */
#include <linux/inetdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/udp.h>
#include <net/xfrm.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/direct.h"
#include "overlay/early.h"
#include "overlay/guard.h"
#include "overlay/handover.h"
#include "overlay/receive.h"
#include "overlay/socket.h"

/*
 * Conntrack, to which these packets mean nothing, or what follows from it; and
 * SELinux and AppArmor, which look at what rules have labelled: then there are
 * rules (selinux_ip_postroute(), apparmor_ip_postroute()).
 */
static bool early_is_harmless(const struct nf_hook_ops *ops)
{
	if (ops->hook_ops_type != NF_HOOK_OP_UNDEFINED)
		return false;
	switch (ops->priority) {
	case NF_IP_PRI_FIRST:		/* a hook that is just leaving */
	case NF_IP_PRI_CONNTRACK_DEFRAG:
	case NF_IP_PRI_CONNTRACK:
	case NF_IP_PRI_NAT_DST:
	case NF_IP_PRI_NAT_SRC:
	case NF_IP_PRI_CONNTRACK_HELPER:
	case NF_IP_PRI_CONNTRACK_CONFIRM:
		return true;
	case NF_IP_PRI_SELINUX_FIRST:
	case NF_IP_PRI_SELINUX_LAST:
		return ops->hooknum == NF_INET_LOCAL_OUT ||
		       ops->hooknum == NF_INET_POST_ROUTING;
	}
	return false;
}

/*
 * Is there nobody in this hook, or behind one of ours in it, who would want to
 * see the packet? Of those who want to be last, the one who came first is.
 */
static bool early_hook_is_free(struct k8snet_net *kn,
			       const struct nf_hook_entries *e,
			       nf_hookfn *behind)
{
	bool there = !behind;
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!e)
		return there;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++)
		if (behind && ops[i]->hook == behind)
			there = true;
		else if (there && ops[i]->priv != kn &&
			 !early_is_harmless(ops[i]))
			return false;
	return there;
}

static bool early_ask(struct k8snet_net *kn, enum k8snet_early_way way)
{
	bool is_ip6 = way == K8SNET_EARLY_OUT6 || way == K8SNET_EARLY_LAST6;
	struct nf_hook_entries __rcu **hooks = is_ip6 ?
		kn->net->nf.hooks_ipv6 : kn->net->nf.hooks_ipv4;
	unsigned int first = NF_INET_LOCAL_OUT, last = NF_INET_POST_ROUTING;

	if (way == K8SNET_EARLY_LAST4 || way == K8SNET_EARLY_LAST6)
		return early_hook_is_free(kn, rcu_dereference(hooks[last]),
					  k8snet_handover_postrouting);
	if (way == K8SNET_EARLY_IN4) {
		first = NF_INET_PRE_ROUTING;
		last = NF_INET_LOCAL_IN;
	}
	return early_hook_is_free(kn, rcu_dereference(hooks[first]), NULL) &&
	       early_hook_is_free(kn, rcu_dereference(hooks[last]), NULL);
}

/**
 * k8snet_early_ask() - look who is in the hooks that a short way goes past
 * @kn: the namespace
 * @way: the short way
 *
 * Context: RCU read side.
 */
void k8snet_early_ask(struct k8snet_net *kn, enum k8snet_early_way way)
{
	struct k8snet_early *early = &kn->early[way];
	unsigned long now = jiffies;

	WRITE_ONCE(early->free, early_ask(kn, way));
	WRITE_ONCE(early->asked, now);
}

static bool early_is_unprotected(const struct net *net, const struct sk_buff *skb)
{
#ifdef CONFIG_XFRM
	return !net->xfrm.policy_count[XFRM_POLICY_IN] &&
	       net->xfrm.policy_default[XFRM_POLICY_IN] !=
	       XFRM_USERPOLICY_BLOCK && !skb_sec_path(skb);
#else
	return true;
#endif
}

/* A whole UDP packet to this machine, in one piece, from a device of its own. */
static bool early_is_plain(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->ihl == 5 && !ip_is_fragment(iph) &&
	       skb->pkt_type == PACKET_HOST &&
	       !skb_dst(skb) && !skb->_nfct && !nf_bridge_info_exists(skb) &&
	       !k8snet_device_is(skb->dev) && !netif_is_l3_slave(skb->dev) &&
	       !(skb_is_gso(skb) && skb_shinfo(skb)->gso_type &
		 (SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST));
}

/* Is the checksum known to be right, or is there none? */
static bool early_is_summed(const struct sk_buff *skb, const struct udphdr *uh)
{
	return !uh->check || skb->ip_summed == CHECKSUM_UNNECESSARY ||
	       (skb->ip_summed == CHECKSUM_PARTIAL &&
		skb_checksum_start_offset(skb) >= 0);
}

static struct k8snet_sock *early_socket(struct k8snet_net *kn,
					struct sk_buff *skb)
{
	const struct udphdr *uh;
	struct k8snet_sock *ks;

	if (!pskb_may_pull(skb, sizeof(struct iphdr) + sizeof(*uh)))
		return NULL;
	uh = (void *)(ip_hdr(skb) + 1);
	ks = k8snet_socket_by_port(kn, uh->dest);
	return ks && early_is_summed(skb, uh) &&
	       ntohs(uh->len) + sizeof(struct iphdr) == skb->len ? ks : NULL;
}

/* What the IP and UDP stacks would count. */
static void early_count(struct k8snet_net *kn)
{
	__IP_INC_STATS(kn->net, IPSTATS_MIB_INDELIVERS);
	__UDP_INC_STATS(kn->net, UDP_MIB_INDATAGRAMS, 0);
}

/* The device that a VXLAN packet is for. */
static struct k8snet_dev *early_device(struct k8snet_sock *ks,
				       struct sk_buff *skb)
{
	const struct k8snet_memo_header *h;

	if (!pskb_may_pull(skb, sizeof(*h) + sizeof(struct iphdr)))
		return NULL;
	h = (const void *)ip_hdr(skb);
	return likely(k8snet_packet_is_vxlan(&h->vxlan)) ?
	       k8snet_socket_by_vni(ks, &h->vxlan) : NULL;
}

/*
 * A packet of a flow that is remembered with these outer addresses: what is
 * asked below, and by k8snet_receive_inner(), was found right before.
 */
static enum k8snet_flow_answer early_hit(struct k8snet_net *kn,
					 struct k8snet_dev *kdev,
					 struct sk_buff *skb)
{
	enum k8snet_flow_answer answer;

	if (!k8snet_flow_may_hit(&kn->flows) || skb_is_gso(skb) ||
	    !net_eq(dev_net(kdev->dev), kn->net) ||
	    !rcu_dereference(kdev->settings)->strict)
		return K8SNET_FLOW_UNASKED;
	answer = k8snet_flow_hit_tunnel(kn, kdev, skb);
	if (likely(answer == K8SNET_FLOW_TAKEN))
		early_count(kn);
	return answer;
}

/* Is it an address of ours? The last one is known as long as addresses are. */
static bool early_is_local(struct k8snet_net *kn, __be32 addr, u64 way_in)
{
	u64 local = (way_in & ~(u64)U32_MAX) | (__force u32)addr;

	if (likely(READ_ONCE(kn->early_local) == local) && addr)
		return true;
	if (!__ip_dev_find(kn->net, addr, false))
		return false;
	WRITE_ONCE(kn->early_local, local);
	return true;
}

/* Apart: what is on the stack here would be cleared for hits as well. */
static noinline bool early_receive(struct k8snet_net *kn,
				   struct k8snet_sock *ks,
				   struct k8snet_dev *kdev,
				   struct sk_buff *skb,
				   enum k8snet_flow_answer answer)
{
	unsigned int hlen = K8SNET_VXLAN_HLEN;
	struct k8snet_outer outer __uninitialized;
	enum k8snet_drop_reason why;
	__be16 proto;

	k8snet_receive_outer(skb, &outer);
	outer.way_in = k8snet_receive_way_in(kn->net, AF_INET, skb->dev);
	outer.generation = atomic_read(&kn->flows.generation);
	outer.answer = answer;
	/* Before what they stand for is looked at. */
	smp_rmb();
	if (!early_is_local(kn, outer.dest.ip, outer.way_in))
		return false;
	__skb_pull(skb, sizeof(struct iphdr));
	skb_reset_transport_header(skb);
	if (likely(kdev))
		proto = ((struct ethhdr *)(skb->data + hlen))[-1].h_proto;
	else
		kdev = k8snet_receive_parse(ks, skb, &outer.source, &hlen,
					    &proto, &why);
	/* Only the strict check stands in for what the stack thinks of sources. */
	if (unlikely(!kdev || !rcu_dereference(kdev->settings)->strict)) {
		__skb_push(skb, sizeof(struct iphdr));
		return false;
	}
	k8snet_receive_summed(skb);
	early_count(kn);
	k8snet_receive_inner(kdev, kn, &outer, skb, hlen, proto);
	return true;
}

/**
 * k8snet_early_take() - take a tunnel packet before the stack does
 * @kn: the namespace
 * @skb: an IPv4 packet that comes in, at its header, which is sane, and that
 *	k8snet_guard_may_be_tunnel() says could be one: UDP to a port that may be ours
 *
 * Context: softirq, RCU read side.
 * Return: true if the packet is consumed; else it is as it was, but what
 *	pointed into it may point elsewhere.
 */
bool k8snet_early_take(struct k8snet_net *kn, struct sk_buff *skb)
{
	enum k8snet_flow_answer answer = K8SNET_FLOW_UNASKED;
	struct k8snet_sock *ks;
	struct k8snet_dev *kdev;

	if (!early_is_plain(skb))
		return false;
	ks = early_socket(kn, skb);
	if (!ks || !early_is_unprotected(kn->net, skb) ||
	    !k8snet_early_is_free(kn, K8SNET_EARLY_IN4))
		return false;
	kdev = early_device(ks, skb);
	if (likely(kdev))
		answer = early_hit(kn, kdev, skb);
	return likely(answer == K8SNET_FLOW_TAKEN) ||
	       early_receive(kn, ks, kdev, skb, answer);
}

/**
 * k8snet_early_prerouting() - take tunnel packets before the stack does
 * @priv: the namespace
 * @skb: any IPv4 packet that comes in, fragments before they are put together
 * @state: the prerouting hook
 *
 * Return: a netfilter verdict.
 */
unsigned int k8snet_early_prerouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct k8snet_net *kn = priv;

	/* What a process has had in its NFQUEUE is not in softirq. */
	if (likely(!k8snet_guard_may_be_tunnel(kn, skb)) ||
	    unlikely(!softirq_count()) || !k8snet_early_take(kn, skb))
		return k8snet_direct_prerouting(priv, skb, state);
	k8snet_ingress_want(kn, state->in);
	return NF_STOLEN;
}
