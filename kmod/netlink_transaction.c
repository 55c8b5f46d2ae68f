// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of transactions.
 */
#include "generated/netlink.h"
#include "netlink.h"

int k8snet_nl_transaction_begin_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	return k8snet_nl_refuse(info, NULL, -EOPNOTSUPP,
				"this module knows no transactions yet");
}

int k8snet_nl_transaction_commit_doit(struct sk_buff *skb,
				      struct genl_info *info)
{
	return k8snet_nl_refuse(info, NULL, -EINVAL,
				"this socket has no transaction");
}

int k8snet_nl_transaction_abort_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	return k8snet_nl_refuse(info, NULL, -EINVAL,
				"this socket has no transaction");
}
