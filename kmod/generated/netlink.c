// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/specs/k8snet.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink.h"

#include <uapi/linux/k8snet.h>

/* Common nested types */
const struct nla_policy k8snet_address_nl_policy[K8SNET_A_ADDRESS_IPV6 + 1] = {
	[K8SNET_A_ADDRESS_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_ADDRESS_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
};

const struct nla_policy k8snet_backend_nl_policy[K8SNET_A_BACKEND_FLAGS + 1] = {
	[K8SNET_A_BACKEND_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_BACKEND_PORT] = { .type = NLA_U16, },
	[K8SNET_A_BACKEND_WEIGHT] = { .type = NLA_U32, },
	[K8SNET_A_BACKEND_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_BACKEND_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
};

const struct nla_policy k8snet_frontend_nl_policy[K8SNET_A_FRONTEND_IPV6 + 1] = {
	[K8SNET_A_FRONTEND_TYPE] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_FRONTEND_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_FRONTEND_PORT] = { .type = NLA_U16, },
	[K8SNET_A_FRONTEND_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
};

const struct nla_policy k8snet_prefix_nl_policy[K8SNET_A_PREFIX_IPV6 + 1] = {
	[K8SNET_A_PREFIX_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_PREFIX_LENGTH] = { .type = NLA_U32, },
	[K8SNET_A_PREFIX_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
};

/* K8SNET_CMD_LINK_GET - do */
static const struct nla_policy k8snet_link_get_nl_policy[K8SNET_A_LINK_IFNAME + 1] = {
	[K8SNET_A_LINK_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_LINK_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* K8SNET_CMD_LINK_SET - do */
static const struct nla_policy k8snet_link_set_nl_policy[K8SNET_A_LINK_CROSS_SUBNET + 1] = {
	[K8SNET_A_LINK_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_LINK_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_LINK_FORMAT] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_LINK_ID] = { .type = NLA_U32, },
	[K8SNET_A_LINK_PORT] = { .type = NLA_U16, },
	[K8SNET_A_LINK_LOCAL_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_LINK_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_LINK_STRICT] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_LINK_CROSS_SUBNET] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_LINK_MTU] = { .type = NLA_U32, },
	[K8SNET_A_LINK_TTL] = { .type = NLA_U32, },
	[K8SNET_A_LINK_DSCP] = { .type = NLA_U32, },
	[K8SNET_A_LINK_DF] = NLA_POLICY_MAX(NLA_U32, 2),
	[K8SNET_A_LINK_MAC] = NLA_POLICY_EXACT_LEN(K8SNET_MAC_LEN),
};

/* K8SNET_CMD_NODE_NEW - do */
static const struct nla_policy k8snet_node_new_nl_policy[K8SNET_A_NODE_ALSO + 1] = {
	[K8SNET_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_NODE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_NAME_MAX, },
	[K8SNET_A_NODE_VIA_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_NODE_VIA_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_NODE_PORT] = { .type = NLA_U16, },
	[K8SNET_A_NODE_MAC] = NLA_POLICY_EXACT_LEN(K8SNET_MAC_LEN),
	[K8SNET_A_NODE_FORMAT] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_NODE_PREFIX] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_NODE_MOVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_NODE_ALSO] = NLA_POLICY_NESTED(k8snet_address_nl_policy),
};

/* K8SNET_CMD_NODE_REPLACE - do */
static const struct nla_policy k8snet_node_replace_nl_policy[K8SNET_A_NODE_ALSO + 1] = {
	[K8SNET_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_NODE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_NAME_MAX, },
	[K8SNET_A_NODE_VIA_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_NODE_VIA_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_NODE_PORT] = { .type = NLA_U16, },
	[K8SNET_A_NODE_MAC] = NLA_POLICY_EXACT_LEN(K8SNET_MAC_LEN),
	[K8SNET_A_NODE_FORMAT] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_NODE_PREFIX] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_NODE_MOVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_NODE_ALSO] = NLA_POLICY_NESTED(k8snet_address_nl_policy),
};

/* K8SNET_CMD_NODE_DEL - do */
static const struct nla_policy k8snet_node_del_nl_policy[K8SNET_A_NODE_NAME + 1] = {
	[K8SNET_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_NODE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_NAME_MAX, },
};

/* K8SNET_CMD_NODE_GET - do */
static const struct nla_policy k8snet_node_get_do_nl_policy[K8SNET_A_NODE_NAME + 1] = {
	[K8SNET_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_NODE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_NAME_MAX, },
};

/* K8SNET_CMD_NODE_GET - dump */
static const struct nla_policy k8snet_node_get_dump_nl_policy[K8SNET_A_NODE_NAME + 1] = {
	[K8SNET_A_NODE_IFINDEX] = { .type = NLA_U32, },
	[K8SNET_A_NODE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[K8SNET_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_NAME_MAX, },
};

/* K8SNET_CMD_SERVICE_NEW - do */
static const struct nla_policy k8snet_service_new_nl_policy[K8SNET_A_SERVICE_AFFINITY + 1] = {
	[K8SNET_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
	[K8SNET_A_SERVICE_PROTOCOL] = { .type = NLA_U32, },
	[K8SNET_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(k8snet_frontend_nl_policy),
	[K8SNET_A_SERVICE_ALGORITHM] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(k8snet_backend_nl_policy),
	[K8SNET_A_SERVICE_INTERNAL_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_EXTERNAL_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_RANGE] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_SERVICE_RANGE_SCOPE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_ON_REMOVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_LIMIT] = { .type = NLA_U32, },
	[K8SNET_A_SERVICE_AFFINITY] = { .type = NLA_U32, },
};

/* K8SNET_CMD_SERVICE_REPLACE - do */
static const struct nla_policy k8snet_service_replace_nl_policy[K8SNET_A_SERVICE_AFFINITY + 1] = {
	[K8SNET_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
	[K8SNET_A_SERVICE_PROTOCOL] = { .type = NLA_U32, },
	[K8SNET_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(k8snet_frontend_nl_policy),
	[K8SNET_A_SERVICE_ALGORITHM] = NLA_POLICY_MAX(NLA_U32, 3),
	[K8SNET_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(k8snet_backend_nl_policy),
	[K8SNET_A_SERVICE_INTERNAL_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_EXTERNAL_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_RANGE] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_SERVICE_RANGE_SCOPE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_ON_REMOVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_SERVICE_LIMIT] = { .type = NLA_U32, },
	[K8SNET_A_SERVICE_AFFINITY] = { .type = NLA_U32, },
};

/* K8SNET_CMD_SERVICE_DEL - do */
static const struct nla_policy k8snet_service_del_nl_policy[K8SNET_A_SERVICE_NAME + 1] = {
	[K8SNET_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
};

/* K8SNET_CMD_SERVICE_GET - do */
static const struct nla_policy k8snet_service_get_nl_policy[K8SNET_A_SERVICE_NAME + 1] = {
	[K8SNET_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
};

/* K8SNET_CMD_ENDPOINT_NEW - do */
static const struct nla_policy k8snet_endpoint_new_nl_policy[K8SNET_A_ENDPOINT_FLAGS + 1] = {
	[K8SNET_A_ENDPOINT_SERVICE] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
	[K8SNET_A_ENDPOINT_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_ENDPOINT_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_ENDPOINT_PORT] = { .type = NLA_U16, },
	[K8SNET_A_ENDPOINT_WEIGHT] = { .type = NLA_U32, },
	[K8SNET_A_ENDPOINT_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
};

/* K8SNET_CMD_ENDPOINT_DEL - do */
static const struct nla_policy k8snet_endpoint_del_nl_policy[K8SNET_A_ENDPOINT_IPV6 + 1] = {
	[K8SNET_A_ENDPOINT_SERVICE] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
	[K8SNET_A_ENDPOINT_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_ENDPOINT_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_ENDPOINT_PORT] = { .type = NLA_U16, },
};

/* K8SNET_CMD_ENDPOINT_GET - dump */
static const struct nla_policy k8snet_endpoint_get_nl_policy[K8SNET_A_ENDPOINT_SERVICE + 1] = {
	[K8SNET_A_ENDPOINT_SERVICE] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
};

/* K8SNET_CMD_CONFIG_SET - do */
static const struct nla_policy k8snet_config_set_nl_policy[K8SNET_A_CONFIG_VIP_PING + 1] = {
	[K8SNET_A_CONFIG_CLEAR] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[K8SNET_A_CONFIG_PODS] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_CONFIG_SERVICES] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_CONFIG_SEED] = NLA_POLICY_EXACT_LEN(K8SNET_SEED_LEN),
	[K8SNET_A_CONFIG_NODEPORT_ADDRESS] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
	[K8SNET_A_CONFIG_NODEPORTS_MIN] = { .type = NLA_U32, },
	[K8SNET_A_CONFIG_NODEPORTS_MAX] = { .type = NLA_U32, },
	[K8SNET_A_CONFIG_VIP_PING] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* K8SNET_CMD_EGRESS_SET - do */
static const struct nla_policy k8snet_egress_set_nl_policy[K8SNET_A_EGRESS_SOURCE_IPV6 + 1] = {
	[K8SNET_A_EGRESS_ENABLED] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_EGRESS_SOURCE_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_EGRESS_SOURCE_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_EGRESS_EXCLUDE] = NLA_POLICY_NESTED(k8snet_prefix_nl_policy),
};

/* K8SNET_CMD_ENDPOINT_REPLACE - do */
static const struct nla_policy k8snet_endpoint_replace_nl_policy[K8SNET_A_ENDPOINT_FLAGS + 1] = {
	[K8SNET_A_ENDPOINT_SERVICE] = { .type = NLA_NUL_STRING, .len = K8SNET_SERVICE_NAME_MAX, },
	[K8SNET_A_ENDPOINT_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_ENDPOINT_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_ENDPOINT_PORT] = { .type = NLA_U16, },
	[K8SNET_A_ENDPOINT_WEIGHT] = { .type = NLA_U32, },
	[K8SNET_A_ENDPOINT_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
};

/* K8SNET_CMD_FLOW_CACHE_SET - do */
static const struct nla_policy k8snet_flow_cache_set_nl_policy[K8SNET_A_FLOW_CACHE_EARLY + 1] = {
	[K8SNET_A_FLOW_CACHE_ENABLED] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_FLOW_CACHE_LIMIT] = NLA_POLICY_MIN(NLA_U32, 1),
	[K8SNET_A_FLOW_CACHE_PEER] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_FLOW_CACHE_INGRESS] = NLA_POLICY_MAX(NLA_U32, 1),
	[K8SNET_A_FLOW_CACHE_EARLY] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* K8SNET_CMD_TRANSACTION_COMMIT - do */
static const struct nla_policy k8snet_transaction_commit_nl_policy[K8SNET_A_TRANSACTION_GENERATION + 1] = {
	[K8SNET_A_TRANSACTION_GENERATION] = { .type = NLA_U32, },
};

/* K8SNET_CMD_EXPLAIN - do */
static const struct nla_policy k8snet_explain_nl_policy[K8SNET_A_EXPLAIN_IIFNAME + 1] = {
	[K8SNET_A_EXPLAIN_PROTOCOL] = { .type = NLA_U32, },
	[K8SNET_A_EXPLAIN_SOURCE_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_EXPLAIN_SOURCE_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_EXPLAIN_SOURCE_PORT] = { .type = NLA_U16, },
	[K8SNET_A_EXPLAIN_DEST_IPV4] = { .type = NLA_U32, },
	[K8SNET_A_EXPLAIN_DEST_IPV6] = NLA_POLICY_EXACT_LEN(K8SNET_ADDR6_LEN),
	[K8SNET_A_EXPLAIN_DEST_PORT] = { .type = NLA_U16, },
	[K8SNET_A_EXPLAIN_IIFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* Ops table for k8snet */
const struct genl_split_ops k8snet_nl_ops[30] = {
	{
		.cmd		= K8SNET_CMD_LINK_GET,
		.doit		= k8snet_nl_link_get_doit,
		.policy		= k8snet_link_get_nl_policy,
		.maxattr	= K8SNET_A_LINK_IFNAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_LINK_GET,
		.dumpit	= k8snet_nl_link_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= K8SNET_CMD_LINK_SET,
		.doit		= k8snet_nl_link_set_doit,
		.policy		= k8snet_link_set_nl_policy,
		.maxattr	= K8SNET_A_LINK_CROSS_SUBNET,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_NODE_NEW,
		.doit		= k8snet_nl_node_new_doit,
		.policy		= k8snet_node_new_nl_policy,
		.maxattr	= K8SNET_A_NODE_ALSO,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_NODE_REPLACE,
		.doit		= k8snet_nl_node_replace_doit,
		.policy		= k8snet_node_replace_nl_policy,
		.maxattr	= K8SNET_A_NODE_ALSO,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_NODE_DEL,
		.doit		= k8snet_nl_node_del_doit,
		.policy		= k8snet_node_del_nl_policy,
		.maxattr	= K8SNET_A_NODE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_NODE_GET,
		.doit		= k8snet_nl_node_get_doit,
		.policy		= k8snet_node_get_do_nl_policy,
		.maxattr	= K8SNET_A_NODE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_NODE_GET,
		.dumpit		= k8snet_nl_node_get_dumpit,
		.policy		= k8snet_node_get_dump_nl_policy,
		.maxattr	= K8SNET_A_NODE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= K8SNET_CMD_SERVICE_NEW,
		.doit		= k8snet_nl_service_new_doit,
		.policy		= k8snet_service_new_nl_policy,
		.maxattr	= K8SNET_A_SERVICE_AFFINITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_SERVICE_REPLACE,
		.doit		= k8snet_nl_service_replace_doit,
		.policy		= k8snet_service_replace_nl_policy,
		.maxattr	= K8SNET_A_SERVICE_AFFINITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_SERVICE_DEL,
		.doit		= k8snet_nl_service_del_doit,
		.policy		= k8snet_service_del_nl_policy,
		.maxattr	= K8SNET_A_SERVICE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_SERVICE_GET,
		.doit		= k8snet_nl_service_get_doit,
		.policy		= k8snet_service_get_nl_policy,
		.maxattr	= K8SNET_A_SERVICE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_SERVICE_GET,
		.dumpit	= k8snet_nl_service_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= K8SNET_CMD_ENDPOINT_NEW,
		.doit		= k8snet_nl_endpoint_new_doit,
		.policy		= k8snet_endpoint_new_nl_policy,
		.maxattr	= K8SNET_A_ENDPOINT_FLAGS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_ENDPOINT_DEL,
		.doit		= k8snet_nl_endpoint_del_doit,
		.policy		= k8snet_endpoint_del_nl_policy,
		.maxattr	= K8SNET_A_ENDPOINT_IPV6,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_ENDPOINT_GET,
		.dumpit		= k8snet_nl_endpoint_get_dumpit,
		.policy		= k8snet_endpoint_get_nl_policy,
		.maxattr	= K8SNET_A_ENDPOINT_SERVICE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= K8SNET_CMD_CONFIG_GET,
		.doit	= k8snet_nl_config_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_CONFIG_SET,
		.doit		= k8snet_nl_config_set_doit,
		.policy		= k8snet_config_set_nl_policy,
		.maxattr	= K8SNET_A_CONFIG_VIP_PING,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_EGRESS_GET,
		.doit	= k8snet_nl_egress_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_EGRESS_SET,
		.doit		= k8snet_nl_egress_set_doit,
		.policy		= k8snet_egress_set_nl_policy,
		.maxattr	= K8SNET_A_EGRESS_SOURCE_IPV6,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_STATS_GET,
		.dumpit	= k8snet_nl_stats_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= K8SNET_CMD_ENDPOINT_REPLACE,
		.doit		= k8snet_nl_endpoint_replace_doit,
		.policy		= k8snet_endpoint_replace_nl_policy,
		.maxattr	= K8SNET_A_ENDPOINT_FLAGS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_FLOW_GET,
		.start	= k8snet_nl_flow_get_start,
		.dumpit	= k8snet_nl_flow_get_dumpit,
		.done	= k8snet_nl_flow_get_done,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= K8SNET_CMD_FLOW_FLUSH,
		.doit	= k8snet_nl_flow_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_FLOW_CACHE_GET,
		.doit	= k8snet_nl_flow_cache_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_FLOW_CACHE_SET,
		.doit		= k8snet_nl_flow_cache_set_doit,
		.policy		= k8snet_flow_cache_set_nl_policy,
		.maxattr	= K8SNET_A_FLOW_CACHE_EARLY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_TRANSACTION_BEGIN,
		.doit	= k8snet_nl_transaction_begin_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_TRANSACTION_COMMIT,
		.doit		= k8snet_nl_transaction_commit_doit,
		.policy		= k8snet_transaction_commit_nl_policy,
		.maxattr	= K8SNET_A_TRANSACTION_GENERATION,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= K8SNET_CMD_TRANSACTION_ABORT,
		.doit	= k8snet_nl_transaction_abort_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= K8SNET_CMD_EXPLAIN,
		.doit		= k8snet_nl_explain_doit,
		.policy		= k8snet_explain_nl_policy,
		.maxattr	= K8SNET_A_EXPLAIN_IIFNAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

const struct genl_multicast_group k8snet_nl_mcgrps[] = {
	[K8SNET_NLGRP_DROPS] = { "drops", },
	[K8SNET_NLGRP_ENDPOINTS] = { "endpoints", },
	[K8SNET_NLGRP_CHANGES] = { "changes", },
};
