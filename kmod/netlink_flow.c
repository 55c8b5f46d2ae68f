// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of the flow cache: switch it, count it, dump it, empty it.
 */
#include <net/dst.h>
#include <net/netfilter/nf_conntrack.h>

#include "flow/flow.h"
#include "flow/table.h"
#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "overlay/node.h"

static int nl_put_count(struct sk_buff *msg, struct k8snet_net *kn,
			enum k8snet_flow_counter which)
{
	struct nlattr *nest = nla_nest_start(msg, K8SNET_A_FLOW_CACHE_COUNT);

	if (!nest || nla_put_u32(msg, K8SNET_A_FLOW_COUNT_COUNTER, which) ||
	    nla_put_u64_64bit(msg, K8SNET_A_FLOW_COUNT_VALUE,
			      k8snet_flow_counter(kn, which),
			      K8SNET_A_FLOW_COUNT_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int nl_put_cache(struct sk_buff *msg, struct k8snet_net *kn)
{
	struct k8snet_flows *flows = &kn->flows;
	enum k8snet_flow_counter which;

	if (nla_put_u32(msg, K8SNET_A_FLOW_CACHE_ENABLED,
			k8snet_flow_is_on(flows)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_CACHE_LIMIT,
			READ_ONCE(flows->settings.max)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_CACHE_FLOWS,
			atomic_read(&flows->table.nelems)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_CACHE_PEER,
			READ_ONCE(flows->settings.peer)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_CACHE_INGRESS,
			READ_ONCE(flows->settings.ingress)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_CACHE_EARLY,
			READ_ONCE(flows->settings.early)))
		return -EMSGSIZE;
	for (which = 0; which < K8SNET_FLOW_COUNTERS; which++)
		if (nl_put_count(msg, kn, which))
			return -EMSGSIZE;
	return 0;
}

int k8snet_nl_flow_cache_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	return k8snet_nl_reply(info, msg, hdr,
			       nl_put_cache(msg, k8snet_net(genl_info_net(info))));
}

int k8snet_nl_flow_cache_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *on = info->attrs[K8SNET_A_FLOW_CACHE_ENABLED];
	const struct nlattr *limit = info->attrs[K8SNET_A_FLOW_CACHE_LIMIT];
	const struct nlattr *peer = info->attrs[K8SNET_A_FLOW_CACHE_PEER];
	const struct nlattr *ingress = info->attrs[K8SNET_A_FLOW_CACHE_INGRESS];
	const struct nlattr *early = info->attrs[K8SNET_A_FLOW_CACHE_EARLY];
	struct k8snet_flow_settings *settings;
	struct k8snet_nl_write w;
	int err;

	err = k8snet_nl_write_start(info, &w);
	if (err)
		return err;
	settings = &w.changes->flows;
	if (!w.changes->has_flows)
		*settings = w.kn->flows.settings;
	w.changes->has_flows = true;
	if (on)
		settings->on = nla_get_u32(on);
	if (limit)
		settings->max = nla_get_u32(limit);
	if (peer)
		settings->peer = nla_get_u32(peer);
	if (ingress)
		settings->ingress = nla_get_u32(ingress);
	if (early)
		settings->early = nla_get_u32(early);
	return k8snet_nl_write_end(&w, 0);
}

int k8snet_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	k8snet_flow_flush(k8snet_net(genl_info_net(info)));
	return 0;
}

static int nl_put_inet(struct sk_buff *msg, const struct k8snet_flow_entry *e,
		       int ipv4, int ipv6, const union nf_inet_addr *inet)
{
	const struct k8snet_addr addr = k8snet_addr_inet(e->key.family, inet);

	return k8snet_nl_put_addr(msg, ipv4, ipv6, &addr);
}

static int nl_put_key(struct sk_buff *msg, const struct k8snet_flow_entry *e)
{
	if (nla_put_u32(msg, K8SNET_A_FLOW_PROTOCOL, e->key.protocol) ||
	    nl_put_inet(msg, e, K8SNET_A_FLOW_SOURCE_IPV4,
			K8SNET_A_FLOW_SOURCE_IPV6, &e->key.saddr) ||
	    nla_put_be16(msg, K8SNET_A_FLOW_SOURCE_PORT, e->key.sport) ||
	    nl_put_inet(msg, e, K8SNET_A_FLOW_DEST_IPV4,
			K8SNET_A_FLOW_DEST_IPV6, &e->key.daddr) ||
	    nla_put_be16(msg, K8SNET_A_FLOW_DEST_PORT, e->key.dport) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_IIF, e->key.iif))
		return -EMSGSIZE;
	return 0;
}

static int nl_put_result(struct sk_buff *msg, const struct k8snet_flow_entry *e)
{
	if (nl_put_inet(msg, e, K8SNET_A_FLOW_NEW_SOURCE_IPV4,
			K8SNET_A_FLOW_NEW_SOURCE_IPV6, &e->saddr) ||
	    nla_put_be16(msg, K8SNET_A_FLOW_NEW_SOURCE_PORT, e->sport) ||
	    nl_put_inet(msg, e, K8SNET_A_FLOW_NEW_DEST_IPV4,
			K8SNET_A_FLOW_NEW_DEST_IPV6, &e->daddr) ||
	    nla_put_be16(msg, K8SNET_A_FLOW_NEW_DEST_PORT, e->dport) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_OIF, e->dst->dev->ifindex))
		return -EMSGSIZE;
	return e->node ? nla_put_string(msg, K8SNET_A_FLOW_NODE,
					e->node->name) : 0;
}

static int nl_put_use(struct sk_buff *msg, const struct k8snet_flow_entry *e)
{
	if (nla_put_u64_64bit(msg, K8SNET_A_FLOW_PACKETS, READ_ONCE(e->packets),
			      K8SNET_A_FLOW_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_FLOW_BYTES, READ_ONCE(e->bytes),
			      K8SNET_A_FLOW_PAD) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_AGE,
			jiffies_to_msecs(jiffies - e->born)) ||
	    nla_put_u32(msg, K8SNET_A_FLOW_IDLE,
			jiffies_to_msecs(jiffies - READ_ONCE(e->used))))
		return -EMSGSIZE;
	return 0;
}

/* RCU keeps the node that it names as long as the generation is right. */
static int nl_put_flow(struct sk_buff *msg, struct netlink_callback *cb,
		       const struct k8snet_flow_entry *e)
{
	void *hdr;

	hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &k8snet_nl_family, NLM_F_MULTI, K8SNET_CMD_FLOW_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nl_put_key(msg, e) || nl_put_result(msg, e) || nl_put_use(msg, e)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

struct nl_flow_dump {
	struct rhashtable_iter iter;
	struct k8snet_net *kn;
};

int k8snet_nl_flow_get_start(struct netlink_callback *cb)
{
	struct k8snet_net *kn = k8snet_net(sock_net(cb->skb->sk));
	struct nl_flow_dump *dump;

	dump = kmalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump)
		return -ENOMEM;
	dump->kn = kn;
	rhashtable_walk_enter(&kn->flows.table, &dump->iter);
	cb->args[0] = (long)dump;
	return 0;
}

int k8snet_nl_flow_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct nl_flow_dump *dump = (void *)cb->args[0];
	const struct k8snet_flow_entry *e;
	int err = 0;

	rhashtable_walk_start(&dump->iter);
	/* What did not fit into the last message comes first. */
	e = rhashtable_walk_peek(&dump->iter);
	for (; e; e = rhashtable_walk_next(&dump->iter)) {
		if (IS_ERR(e)) {
			if (PTR_ERR(e) == -EAGAIN)
				continue;
			err = PTR_ERR(e);
			break;
		}
		if (k8snet_flow_fault(dump->kn, e) != K8SNET_FLOW_COUNTER_HIT)
			continue;
		err = nl_put_flow(msg, cb, e);
		if (err)
			break;
	}
	rhashtable_walk_stop(&dump->iter);
	return msg->len ?: err;
}

int k8snet_nl_flow_get_done(struct netlink_callback *cb)
{
	struct nl_flow_dump *dump = (void *)cb->args[0];

	if (dump) {
		rhashtable_walk_exit(&dump->iter);
		kfree(dump);
	}
	return 0;
}
