// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handler of explain: what would become of a new connection, decided by
 * the functions that decide for packets.
 */
#include <linux/rtnetlink.h>
#include <net/ip6_fib.h>
#include <net/netfilter/nf_conntrack_tuple.h>
#include <net/route.h>

#include "flow/flow.h"
#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/way.h"
#include "route.h"
#include "service/affinity.h"
#include "service/decide.h"
#include "service/local.h"

struct explain {
	struct k8snet_net *kn;
	struct sk_buff *msg;
	struct nf_conntrack_tuple tuple;
	struct k8snet_addr client;
	struct k8snet_addr dest;	/* later that of the endpoint */
	unsigned int iif;		/* 0: from the node */
	bool from_node;
	bool ping;
	bool open;			/* which endpoint it gets is left to chance */
};

static union nf_inet_addr explain_inet(const struct k8snet_addr *addr)
{
	union nf_inet_addr inet = {};

	if (addr->family == AF_INET)
		inet.ip = addr->ip;
	else
		inet.in6 = addr->ip6;
	return inet;
}

static int nl_get_explain(struct genl_info *info, struct explain *x)
{
	struct nlattr **a = info->attrs;
	u32 protocol, echo;

	if (k8snet_nl_missing(info, K8SNET_A_EXPLAIN_PROTOCOL,
			      "say which protocol the connection has"))
		return -EINVAL;
	protocol = nla_get_u32(a[K8SNET_A_EXPLAIN_PROTOCOL]);
	x->ping = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
	if (!x->ping && protocol != IPPROTO_TCP && protocol != IPPROTO_UDP &&
	    protocol != IPPROTO_SCTP)
		return k8snet_nl_refuse(info, a[K8SNET_A_EXPLAIN_PROTOCOL],
					-EPROTONOSUPPORT,
					"the protocol must be 6 (TCP), 17 (UDP) or 132 (SCTP), or for an echo request 1 (ICMP) or 58 (ICMPv6)");
	k8snet_nl_get_addr(a[K8SNET_A_EXPLAIN_SOURCE_IPV4],
			   a[K8SNET_A_EXPLAIN_SOURCE_IPV6], &x->client);
	k8snet_nl_get_addr(a[K8SNET_A_EXPLAIN_DEST_IPV4],
			   a[K8SNET_A_EXPLAIN_DEST_IPV6], &x->dest);
	if (!x->client.family || x->client.family != x->dest.family ||
	    !a[K8SNET_A_EXPLAIN_SOURCE_PORT] != x->ping ||
	    !a[K8SNET_A_EXPLAIN_DEST_PORT] != x->ping)
		return k8snet_nl_refuse(info, NULL, -EINVAL,
					"a connection has two addresses of one family, and two ports; an echo request has no ports");
	echo = x->client.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	if (x->ping && protocol != echo)
		return k8snet_nl_refuse(info, a[K8SNET_A_EXPLAIN_PROTOCOL],
					-EPROTONOSUPPORT,
					"an echo request is of protocol 1 (ICMP) over IPv4, of 58 (ICMPv6) over IPv6");
	x->from_node = !a[K8SNET_A_EXPLAIN_IIFNAME];
	x->tuple.src.l3num = x->client.family;
	x->tuple.src.u3 = explain_inet(&x->client);
	x->tuple.dst.u3 = explain_inet(&x->dest);
	x->tuple.dst.protonum = protocol;
	if (x->ping)
		return 0;
	x->tuple.src.u.all = nla_get_be16(a[K8SNET_A_EXPLAIN_SOURCE_PORT]);
	x->tuple.dst.u.all = nla_get_be16(a[K8SNET_A_EXPLAIN_DEST_PORT]);
	return 0;
}

static int nl_get_iif(struct genl_info *info, struct explain *x)
{
	struct nlattr *name = info->attrs[K8SNET_A_EXPLAIN_IIFNAME];
	const struct net_device *dev;

	if (!name)
		return 0;
	dev = dev_get_by_name_rcu(genl_info_net(info), nla_data(name));
	if (!dev)
		return k8snet_nl_refuse(info, name, -ENODEV,
					"this network namespace has no such device");
	x->iif = dev->ifindex;
	return 0;
}

/* Of packets that are there already; the rest is about a connection to come. */
static int explain_put_flow(struct explain *x)
{
	const struct k8snet_flow_key key = {
		.saddr = x->tuple.src.u3,
		.daddr = x->tuple.dst.u3,
		.sport = x->tuple.src.u.all,
		.dport = x->tuple.dst.u.all,
		.iif = x->iif,
		.family = x->tuple.src.l3num,
		.protocol = x->tuple.dst.protonum,
	};
	u32 state;

	rcu_read_lock();
	state = k8snet_flow_state(x->kn, &key);
	rcu_read_unlock();
	return nla_put_u32(x->msg, K8SNET_A_EXPLAIN_FLOW_STATE, state);
}

static int explain_put_frontend(struct explain *x,
				const struct k8snet_frontend *f)
{
	struct nlattr *nest;

	if (nla_put_string(x->msg, K8SNET_A_EXPLAIN_SERVICE, f->service->name))
		return -EMSGSIZE;
	nest = nla_nest_start(x->msg, K8SNET_A_EXPLAIN_FRONTEND);
	if (!nest || nla_put_u32(x->msg, K8SNET_A_FRONTEND_TYPE, f->type) ||
	    k8snet_nl_put_addr(x->msg, K8SNET_A_FRONTEND_IPV4,
			       K8SNET_A_FRONTEND_IPV6, &f->key.addr) ||
	    nla_put_be16(x->msg, K8SNET_A_FRONTEND_PORT, f->key.port))
		return -EMSGSIZE;
	nla_nest_end(x->msg, nest);
	return 0;
}

static int explain_put_verdict(struct explain *x, const struct k8snet_decision *d)
{
	if (nla_put_u32(x->msg, K8SNET_A_EXPLAIN_VERDICT, d->verdict))
		return -EMSGSIZE;
	if (d->verdict != K8SNET_VERDICT_REJECT &&
	    d->verdict != K8SNET_VERDICT_DROP)
		return 0;
	return nla_put_u32(x->msg, K8SNET_A_EXPLAIN_REASON, d->why);
}

/* The endpoint that the connection gets; NULL if that is left to chance. */
static const struct k8snet_endpoint *
explain_choose(struct explain *x, const struct k8snet_opening *o,
	       const struct k8snet_decision *d, u32 *affinity_state)
{
	const struct k8snet_config *config = rcu_dereference(x->kn->config);
	struct k8snet_service *service = o->frontend->service;
	struct k8snet_affinity *affinity = rcu_dereference(service->affinity);
	const struct k8snet_endpoint *endpoint;
	atomic_t turn = ATOMIC_INIT(atomic_read(&service->turn));

	*affinity_state = K8SNET_AFFINITY_STATE_NONE;
	if (affinity) {
		endpoint = k8snet_affinity_peek(affinity, &o->client, d->backends,
						d->set == &d->backends->local ?
						K8SNET_ENDPOINT_FLAG_LOCAL :
						K8SNET_ENDPOINT_FLAG_CLUSTER);
		*affinity_state = endpoint ? K8SNET_AFFINITY_STATE_KEPT :
					     K8SNET_AFFINITY_STATE_NEW;
		if (endpoint)
			return endpoint;
	}
	if (d->set->n > 1 && (o->rules->algorithm == K8SNET_ALGORITHM_RANDOM ||
			      o->rules->algorithm == K8SNET_ALGORITHM_LC))
		return NULL;
	return k8snet_backends_pick(d->backends, d->set,
				    k8snet_backends_hash(&x->tuple, &config->key),
				    &turn);
}

static int explain_put_choice(struct explain *x, const struct k8snet_opening *o,
			      const struct k8snet_decision *d)
{
	const struct k8snet_endpoint *endpoint;
	u32 affinity_state;

	endpoint = explain_choose(x, o, d, &affinity_state);
	if (nla_put_u32(x->msg, K8SNET_A_EXPLAIN_AFFINITY_STATE, affinity_state) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_ALGORITHM, o->rules->algorithm))
		return -EMSGSIZE;
	x->open = !endpoint;
	if (!endpoint)
		return 0;
	x->dest = endpoint->addr;
	if (k8snet_nl_put_addr(x->msg, K8SNET_A_EXPLAIN_ENDPOINT_IPV4,
			       K8SNET_A_EXPLAIN_ENDPOINT_IPV6, &endpoint->addr) ||
	    nla_put_be16(x->msg, K8SNET_A_EXPLAIN_ENDPOINT_PORT, endpoint->port))
		return -EMSGSIZE;
	return 0;
}

static int explain_service(struct explain *x, const struct k8snet_frontend *f,
			   struct k8snet_decision *d)
{
	const struct k8snet_opening o = {
		.kn = x->kn,
		.frontend = f,
		.rules = rcu_dereference(f->service->rules),
		.client = x->client,
		.dest = x->dest,
		.from_node = x->from_node,
	};

	k8snet_decide(&o, d);
	if (d->verdict == K8SNET_VERDICT_TRANSLATE && o.rules->limit &&
	    (u32)atomic_read(&f->service->tracked) >= o.rules->limit) {
		d->verdict = K8SNET_VERDICT_REJECT;
		d->why = K8SNET_DROP_REASON_SERVICE_LIMIT;
	}
	if (explain_put_verdict(x, d) || explain_put_frontend(x, f) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_RANGE_STATE,
			k8snet_decide_range(&o)) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_POLICY,
			k8snet_service_is_local(x->kn, f, x->from_node,
						&x->client) ?
			K8SNET_POLICY_LOCAL : K8SNET_POLICY_CLUSTER) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_ENDPOINTS, d->set->n))
		return -EMSGSIZE;
	if (d->verdict != K8SNET_VERDICT_TRANSLATE)
		return 0;
	return explain_put_choice(x, &o, d);
}

/* Which address the peer of the way out sees, if it is not the client's own. */
static int explain_put_source(struct explain *x, const struct k8snet_frontend *f,
			      struct dst_entry *dst)
{
	const struct k8snet_egress *egress = NULL;
	u32 state = K8SNET_SOURCE_STATE_KEPT;
	struct k8snet_addr peer = x->dest, addr = {};

	if (f && k8snet_decide_masquerade(x->kn, f, &x->client, &x->dest))
		state = K8SNET_SOURCE_STATE_MASQUERADE;
	else
		egress = k8snet_decide_egress(x->kn, &x->client, &x->dest);
	if (egress) {
		state = K8SNET_SOURCE_STATE_EGRESS;
		addr = peer.family == AF_INET ? egress->source4 : egress->source6;
	}
	if (nla_put_u32(x->msg, K8SNET_A_EXPLAIN_SOURCE_STATE, state))
		return -EMSGSIZE;
	if (state == K8SNET_SOURCE_STATE_KEPT)
		return 0;
	if (dst && peer.family == AF_INET)
		peer.ip = rt_nexthop(container_of(dst, struct rtable, dst), peer.ip);
	if (!addr.family && (!dst || !k8snet_local_select(x->kn->net, dst->dev,
							  &peer, &addr)))
		return 0;
	return k8snet_nl_put_addr(x->msg, K8SNET_A_EXPLAIN_NEW_SOURCE_IPV4,
				  K8SNET_A_EXPLAIN_NEW_SOURCE_IPV6, &addr);
}

static struct dst_entry *explain_route(struct explain *x)
{
	struct flowi4 fl4 = { .daddr = x->dest.ip };
	struct flowi6 fl6 = { .daddr = x->dest.ip6 };
	struct dst_entry *dst;
	struct rtable *rt;

	if (x->dest.family == AF_INET) {
		rt = ip_route_output_key(x->kn->net, &fl4);
		return IS_ERR(rt) ? NULL : &rt->dst;
	}
	dst = k8snet_route_ip6(x->kn->net, &fl6);
	return IS_ERR(dst) ? NULL : dst;
}

/* The node behind an overlay device, and how packets go there. */
static int explain_put_node(struct explain *x, struct k8snet_dev *kdev)
{
	const struct k8snet_settings *settings = rtnl_dereference(kdev->settings);
	struct k8snet_node *node;
	struct k8snet_look look;

	rcu_read_lock();
	node = k8snet_podnet_lookup(&kdev->nodes.podnet, &x->dest);
	rcu_read_unlock();
	/* The mutex keeps it. */
	if (!node || !kdev->kn)
		return 0;
	k8snet_way_look(kdev, settings, node, &look);
	if (nla_put_string(x->msg, K8SNET_A_EXPLAIN_NODE, node->name) ||
	    k8snet_nl_put_addr(x->msg, K8SNET_A_EXPLAIN_VIA_IPV4,
			       K8SNET_A_EXPLAIN_VIA_IPV6, &node->via) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_FORMAT, look.format) ||
	    nla_put_u32(x->msg, K8SNET_A_EXPLAIN_MTU,
			min_t(int, look.path_mtu, kdev->dev->mtu)))
		return -EMSGSIZE;
	return 0;
}

static int explain_put_way(struct explain *x, struct dst_entry *dst)
{
	if (!dst)
		return 0;
	if (nla_put_string(x->msg, K8SNET_A_EXPLAIN_OIFNAME, dst->dev->name))
		return -EMSGSIZE;
	if (k8snet_device_is(dst->dev))
		return explain_put_node(x, netdev_priv(dst->dev));
	return nla_put_u32(x->msg, K8SNET_A_EXPLAIN_MTU, dst_mtu(dst));
}

static int explain(struct explain *x)
{
	const struct k8snet_frontend_key key = {
		.addr = x->dest,
		.port = x->tuple.dst.u.all,
		.protocol = x->tuple.dst.protonum,
	};
	struct k8snet_decision d = {};
	struct k8snet_frontend *f = NULL;
	struct dst_entry *dst;
	int err;

	rcu_read_lock();
	/* Without hooks no packet is looked at. */
	if (x->kn->hooks) {
		f = k8snet_service_lookup(x->kn, &key);
		if (!f)
			k8snet_decide_miss(x->kn, &x->dest, x->ping, &d);
	}
	err = f ? explain_service(x, f, &d) : explain_put_verdict(x, &d);
	if (err || x->open || (d.verdict != K8SNET_VERDICT_TRANSLATE &&
			       d.verdict != K8SNET_VERDICT_ACCEPT)) {
		rcu_read_unlock();
		return err;
	}
	dst = explain_route(x);
	err = explain_put_source(x, f, dst);
	rcu_read_unlock();
	if (!err)
		err = explain_put_way(x, dst);
	dst_release(dst);
	return err;
}

int k8snet_nl_explain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct explain x = { .kn = k8snet_net(genl_info_net(info)) };
	void *hdr;
	int err;

	err = nl_get_explain(info, &x);
	if (err)
		return err;
	x.msg = k8snet_nl_reply_start(info, &hdr);
	if (!x.msg)
		return -ENOMEM;
	/* For the device and its nodes. */
	rtnl_lock();
	rcu_read_lock();
	err = nl_get_iif(info, &x);
	rcu_read_unlock();
	if (!err)
		err = explain_put_flow(&x) ?: explain(&x);
	rtnl_unlock();
	return k8snet_nl_reply(info, x.msg, hdr, err);
}
