/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that k8snet builds for, 6.1 and newer.
 *
 * Included before every file. The rest of the tree is written for the newest
 * of these kernels and never asks for a version; macros are probed here,
 * functions and structures by Kbuild.
 */
#ifndef K8SNET_COMPAT_H
#define K8SNET_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/genetlink.h>
/* 6.5 took what segments packets out of netdevice.h. */
#ifdef K8SNET_HAVE_NET_GSO
#include <net/gso.h>
#endif

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "k8snet needs Linux 6.1 or newer"
#endif

/* 6.12 turned the feature flag into a bit of struct net_device. */
static inline void k8snet_compat_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

static inline bool k8snet_compat_is_lltx(const struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	return dev->features & NETIF_F_LLTX;
#else
	return dev->lltx;
#endif
}

/*
 * Or what GRO has made of inner UDP packets is taken apart again before it is
 * decapsulated. Stable 6.1 got it late; without it that is slow, not wrong.
 */
static inline void k8snet_compat_udp_allow_gso(struct sock *sk)
{
#ifdef K8SNET_HAVE_UDP_ALLOW_GSO
	udp_allow_gso(sk);
#endif
}

/* 6.6 lets BPF programs see packets without a queueing discipline. */
static inline bool k8snet_compat_has_tcx(const struct net_device *dev)
{
#if defined(K8SNET_HAVE_TCX) && IS_ENABLED(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_ingress) ||
	       rcu_access_pointer(dev->tcx_egress);
#else
	return false;
#endif
}

/* Does anybody see packets before the driver does: tc, BPF, netfilter? */
static inline bool k8snet_compat_has_egress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
#if defined(K8SNET_HAVE_TCX) && IS_ENABLED(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT) && !defined(K8SNET_HAVE_TCX)
	return rcu_access_pointer(dev->miniq_egress);
#else
	return false;
#endif
}

/* 6.7 gave devices a type of counters, and veth another one than before. */
static inline bool k8snet_compat_veth_is_known(const struct net_device *dev)
{
#ifdef K8SNET_HAVE_PCPU_STAT_TYPE
	return dev->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS;
#else
	return dev->lstats;
#endif
}

/* What veth_xmit() counts. */
static inline void k8snet_compat_veth_sent(struct net_device *dev, unsigned int len)
{
#ifdef K8SNET_HAVE_PCPU_STAT_TYPE
	dev_sw_netstats_tx_add(dev, 1, len);
#else
	dev_lstats_add(dev, len);
#endif
}

/* Are packets that are forwarded counted as sent once they have a neighbour (6.5)? */
static inline bool k8snet_compat_counts_sent(void)
{
#ifdef K8SNET_HAVE_MIB_OUTREQUESTS
	return true;
#else
	return false;
#endif
}

/* 6.6 renamed the accessor of a dump's parsed attributes. */
static inline struct nlattr **k8snet_compat_dump_attrs(struct netlink_callback *cb)
{
#ifdef K8SNET_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#ifndef K8SNET_HAVE_GENL_SPLIT_OPS
/*
 * 6.2 gave "do" and "dump" of a command each their own policy. The generated
 * table is of that form; before 6.2 k8snet_compat_genl_ops() folds it.
 */
struct genl_split_ops {
	union {
		struct {
			int (*pre_doit)(const struct genl_split_ops *ops,
					struct sk_buff *skb,
					struct genl_info *info);
			int (*doit)(struct sk_buff *skb,
				    struct genl_info *info);
			void (*post_doit)(const struct genl_split_ops *ops,
					  struct sk_buff *skb,
					  struct genl_info *info);
		};
		struct {
			int (*start)(struct netlink_callback *cb);
			int (*dumpit)(struct sk_buff *skb,
				      struct netlink_callback *cb);
			int (*done)(struct netlink_callback *cb);
		};
	};
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 internal_flags;
	u8 flags;
	u8 validate;
};
#endif

void k8snet_compat_genl_ops(struct genl_family *family,
			    const struct genl_split_ops *ops, unsigned int n);

#endif /* K8SNET_COMPAT_H */
