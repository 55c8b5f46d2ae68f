/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/specs/k8snet.yaml */
/* YNL-GEN kernel header */

#ifndef K8SNET_GENERATED_NETLINK_H
#define K8SNET_GENERATED_NETLINK_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/k8snet.h>

/* Common nested types */
extern const struct nla_policy k8snet_address_nl_policy[K8SNET_A_ADDRESS_IPV6 + 1];
extern const struct nla_policy k8snet_backend_nl_policy[K8SNET_A_BACKEND_FLAGS + 1];
extern const struct nla_policy k8snet_frontend_nl_policy[K8SNET_A_FRONTEND_IPV6 + 1];
extern const struct nla_policy k8snet_prefix_nl_policy[K8SNET_A_PREFIX_IPV6 + 1];

/* Ops table for k8snet */
extern const struct genl_split_ops k8snet_nl_ops[30];

int k8snet_nl_flow_get_start(struct netlink_callback *cb);
int k8snet_nl_flow_get_done(struct netlink_callback *cb);

int k8snet_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int k8snet_nl_link_set_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_node_replace_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int k8snet_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_service_replace_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int k8snet_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_endpoint_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int k8snet_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_egress_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_egress_set_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_stats_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int k8snet_nl_endpoint_replace_doit(struct sk_buff *skb,
				    struct genl_info *info);
int k8snet_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int k8snet_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_flow_cache_get_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_flow_cache_set_doit(struct sk_buff *skb, struct genl_info *info);
int k8snet_nl_transaction_begin_doit(struct sk_buff *skb,
				     struct genl_info *info);
int k8snet_nl_transaction_commit_doit(struct sk_buff *skb,
				      struct genl_info *info);
int k8snet_nl_transaction_abort_doit(struct sk_buff *skb,
				     struct genl_info *info);
int k8snet_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);

extern const struct genl_multicast_group k8snet_nl_mcgrps[3];

enum {
	K8SNET_NLGRP_DROPS,
	K8SNET_NLGRP_ENDPOINTS,
	K8SNET_NLGRP_CHANGES,
};

#endif /* K8SNET_GENERATED_NETLINK_H */
