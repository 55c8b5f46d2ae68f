// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of services, endpoints, settings and egress: check what a
 * request means, call the one function that does it.
 */
#include <linux/mm.h>
#include <net/netfilter/nf_conntrack_tuple.h>
#include <net/sock.h>

#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "service/change.h"
#include "service/config.h"
#include "service/egress.h"
#include "service/local.h"
#include "service/service.h"

static const struct k8snet_nl_field service_fields[] = {
	{ K8SNET_FIELD_NAME,		K8SNET_A_SERVICE_NAME },
	{ K8SNET_FIELD_FRONTEND,	K8SNET_A_SERVICE_FRONTEND },
	{ K8SNET_FIELD_ENDPOINT,	K8SNET_A_SERVICE_ENDPOINT },
	{ K8SNET_FIELD_ENDPOINT_PORT,	K8SNET_A_SERVICE_ENDPOINT },
	{ K8SNET_FIELD_ENDPOINT_WEIGHT,	K8SNET_A_SERVICE_ENDPOINT },
};

static const struct k8snet_nl_field endpoint_fields[] = {
	{ K8SNET_FIELD_NAME,		K8SNET_A_ENDPOINT_SERVICE },
	{ K8SNET_FIELD_ENDPOINT,	K8SNET_A_ENDPOINT_IPV4 },
	{ K8SNET_FIELD_ENDPOINT,	K8SNET_A_ENDPOINT_IPV6 },
	{ K8SNET_FIELD_ENDPOINT_PORT,	K8SNET_A_ENDPOINT_PORT },
	{ K8SNET_FIELD_ENDPOINT_WEIGHT,	K8SNET_A_ENDPOINT_WEIGHT },
};

static int nl_get_frontend(struct genl_info *info, const struct nlattr *nest,
			   struct k8snet_frontend_conf *conf)
{
	struct nlattr *tb[K8SNET_A_FRONTEND_MAX + 1];
	int err;

	err = nla_parse_nested(tb, K8SNET_A_FRONTEND_MAX, nest,
			       k8snet_frontend_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[K8SNET_A_FRONTEND_IPV4] == !tb[K8SNET_A_FRONTEND_IPV6] ||
	    !tb[K8SNET_A_FRONTEND_PORT])
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"a frontend needs an IPv4 or an IPv6 address, and a port");
	conf->type = K8SNET_FRONTEND_TYPE_CLUSTER_IP;
	if (tb[K8SNET_A_FRONTEND_TYPE])
		conf->type = nla_get_u32(tb[K8SNET_A_FRONTEND_TYPE]);
	k8snet_nl_get_addr(tb[K8SNET_A_FRONTEND_IPV4], tb[K8SNET_A_FRONTEND_IPV6],
			   &conf->addr);
	conf->port = nla_get_be16(tb[K8SNET_A_FRONTEND_PORT]);
	return 0;
}

/* A weight that the record cannot hold is one that the table refuses. */
static u16 nl_get_weight(const struct nlattr *attr)
{
	return attr ? min_t(u32, nla_get_u32(attr), U16_MAX) : 1;
}

static u32 nl_get_flags(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : K8SNET_ENDPOINT_FLAG_CLUSTER |
					  K8SNET_ENDPOINT_FLAG_SERVING;
}

static int nl_get_backend(struct genl_info *info, const struct nlattr *nest,
			  struct k8snet_endpoint_conf *conf)
{
	struct nlattr *tb[K8SNET_A_BACKEND_MAX + 1];
	int err;

	err = nla_parse_nested(tb, K8SNET_A_BACKEND_MAX, nest,
			       k8snet_backend_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[K8SNET_A_BACKEND_IPV4] == !tb[K8SNET_A_BACKEND_IPV6] ||
	    !tb[K8SNET_A_BACKEND_PORT])
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"an endpoint needs an IPv4 or an IPv6 address, and a port");
	k8snet_nl_get_addr(tb[K8SNET_A_BACKEND_IPV4], tb[K8SNET_A_BACKEND_IPV6],
			   &conf->addr);
	conf->port = nla_get_be16(tb[K8SNET_A_BACKEND_PORT]);
	conf->weight = nl_get_weight(tb[K8SNET_A_BACKEND_WEIGHT]);
	conf->flags = nl_get_flags(tb[K8SNET_A_BACKEND_FLAGS]);
	return 0;
}

static unsigned int nl_count(struct genl_info *info, int type)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == type;
	return n;
}

static int nl_get_lists(struct genl_info *info,
			struct k8snet_service_conf *conf)
{
	const struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		switch (nla_type(attr)) {
		case K8SNET_A_SERVICE_FRONTEND:
			if (conf->n_frontends == K8SNET_FRONTENDS_MAX)
				return k8snet_nl_refuse(info, attr, -E2BIG,
							"a service has 16 frontends at most");
			err = nl_get_frontend(info, attr,
					      &conf->frontends[conf->n_frontends++]);
			if (err)
				return err;
			break;
		case K8SNET_A_SERVICE_ENDPOINT:
			err = nl_get_backend(info, attr,
					     &conf->endpoints[conf->n_endpoints]);
			if (err)
				return err;
			conf->endpoints[conf->n_endpoints].index =
				conf->n_endpoints;
			conf->n_endpoints++;
			break;
		}
	}
	return 0;
}

static void nl_get_u32(const struct nlattr *attr, u32 *value)
{
	if (attr)
		*value = nla_get_u32(attr);
}

static int nl_get_rules(struct genl_info *info, struct k8snet_service_conf *conf)
{
	struct nlattr **a = info->attrs;

	nl_get_u32(a[K8SNET_A_SERVICE_ALGORITHM], &conf->rules.algorithm);
	nl_get_u32(a[K8SNET_A_SERVICE_INTERNAL_POLICY], &conf->rules.internal);
	nl_get_u32(a[K8SNET_A_SERVICE_EXTERNAL_POLICY], &conf->rules.external);
	nl_get_u32(a[K8SNET_A_SERVICE_RANGE_SCOPE], &conf->rules.range_scope);
	nl_get_u32(a[K8SNET_A_SERVICE_ON_REMOVE], &conf->rules.on_remove);
	nl_get_u32(a[K8SNET_A_SERVICE_LIMIT], &conf->rules.limit);
	nl_get_u32(a[K8SNET_A_SERVICE_AFFINITY], &conf->rules.affinity);
	if (conf->rules.affinity > K8SNET_AFFINITY_MAX)
		return k8snet_nl_refuse(info, a[K8SNET_A_SERVICE_AFFINITY],
					-EINVAL,
					"the affinity must be 0 (off) or 1 to 86400 seconds");
	if (!a[K8SNET_A_SERVICE_RANGE])
		return 0;
	conf->ranges = kmalloc(sizeof(*conf->ranges), GFP_KERNEL);
	if (!conf->ranges)
		return -ENOMEM;
	return k8snet_nl_get_prefixes(info, K8SNET_A_SERVICE_RANGE,
				      conf->ranges->a, &conf->ranges->n);
}

static bool nl_is_protocol(u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP;
}

static int nl_get_service(struct genl_info *info,
			  struct k8snet_service_conf *conf)
{
	struct nlattr **a = info->attrs;
	unsigned int n;
	u32 protocol;
	int err;

	if (k8snet_nl_missing(info, K8SNET_A_SERVICE_NAME,
			      "a service needs a name") ||
	    k8snet_nl_missing(info, K8SNET_A_SERVICE_PROTOCOL,
			      "a service needs a protocol"))
		return -EINVAL;
	conf->name = nla_data(a[K8SNET_A_SERVICE_NAME]);
	protocol = nla_get_u32(a[K8SNET_A_SERVICE_PROTOCOL]);
	if (!nl_is_protocol(protocol))
		return k8snet_nl_refuse(info, a[K8SNET_A_SERVICE_PROTOCOL],
					-EPROTONOSUPPORT,
					"the protocol of a service must be 6 (TCP), 17 (UDP) or 132 (SCTP)");
	conf->protocol = protocol;
	err = nl_get_rules(info, conf);
	if (err)
		return err;
	n = nl_count(info, K8SNET_A_SERVICE_ENDPOINT);
	if (n) {
		conf->endpoints = kvcalloc(n, sizeof(*conf->endpoints),
					   GFP_KERNEL);
		if (!conf->endpoints)
			return -ENOMEM;
	}
	return nl_get_lists(info, conf);
}

static int nl_write_service(struct genl_info *info, bool replace)
{
	struct k8snet_refusal refusal = {};
	struct k8snet_service_conf conf = {};
	struct k8snet_nl_write w;
	int err;

	err = nl_get_service(info, &conf) ?: k8snet_nl_write_start(info, &w);
	if (!err) {
		err = k8snet_change_write(w.kn, w.changes, &conf, replace,
					  &refusal);
		err = k8snet_nl_write_end(&w, err);
		if (err)
			k8snet_nl_refused(info, err, &refusal, service_fields,
					  ARRAY_SIZE(service_fields));
	}
	kvfree(conf.endpoints);
	kfree(conf.ranges);
	return err;
}

int k8snet_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_service(info, false);
}

int k8snet_nl_service_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_service(info, true);
}

/* The service that a request names, by the attribute of that number. */
static struct k8snet_service *nl_service(struct genl_info *info,
					 struct k8snet_net *kn, int attr)
{
	struct k8snet_service *service;

	if (k8snet_nl_missing(info, attr, "name the service"))
		return ERR_PTR(-EINVAL);
	service = k8snet_service_by_name(kn, nla_data(info->attrs[attr]));
	if (!service)
		return ERR_PTR(k8snet_nl_refuse(info, info->attrs[attr], -ENOENT,
						"there is no service of this name"));
	return service;
}

int k8snet_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_refusal refusal = {};
	struct k8snet_nl_write w;
	int err;

	if (k8snet_nl_missing(info, K8SNET_A_SERVICE_NAME, "name the service"))
		return -EINVAL;
	err = k8snet_nl_write_start(info, &w);
	if (err)
		return err;
	err = k8snet_change_del(w.kn, w.changes,
				nla_data(info->attrs[K8SNET_A_SERVICE_NAME]),
				&refusal);
	err = k8snet_nl_write_end(&w, err);
	if (err)
		k8snet_nl_refused(info, err, &refusal, service_fields,
				  ARRAY_SIZE(service_fields));
	return err;
}

static int nl_put_frontends(struct sk_buff *msg,
			    const struct k8snet_service *service)
{
	const struct k8snet_frontend *f;
	struct nlattr *nest;

	list_for_each_entry(f, &service->frontends, list) {
		nest = nla_nest_start(msg, K8SNET_A_SERVICE_FRONTEND);
		if (!nest ||
		    nla_put_u32(msg, K8SNET_A_FRONTEND_TYPE, f->type) ||
		    k8snet_nl_put_addr(msg, K8SNET_A_FRONTEND_IPV4,
				       K8SNET_A_FRONTEND_IPV6, &f->key.addr) ||
		    nla_put_be16(msg, K8SNET_A_FRONTEND_PORT, f->key.port))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static struct k8snet_backends *nl_backends(struct k8snet_net *kn,
					   const struct k8snet_service *service,
					   unsigned int family)
{
	return rcu_dereference_protected(service->backends[family],
					 lockdep_is_held(&kn->lock));
}

static u64 nl_active(struct k8snet_net *kn, const struct k8snet_service *service)
{
	const struct k8snet_backends *b;
	unsigned int family, i;
	u64 active = 0;

	for (family = 0; family < 2; family++) {
		b = nl_backends(kn, service, family);
		for (i = 0; i < b->n; i++)
			active += atomic_read(&b->a[i].endpoint->active);
	}
	return active;
}

static int nl_put_rules(struct sk_buff *msg, const struct k8snet_rules *rules)
{
	if (nla_put_u32(msg, K8SNET_A_SERVICE_ALGORITHM, rules->algorithm) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_INTERNAL_POLICY, rules->internal) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_EXTERNAL_POLICY, rules->external) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_RANGE_SCOPE, rules->range_scope) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_ON_REMOVE, rules->on_remove) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_LIMIT, rules->limit) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_AFFINITY, rules->affinity))
		return -EMSGSIZE;
	return k8snet_nl_put_prefixes(msg, K8SNET_A_SERVICE_RANGE,
				      rules->ranges, rules->n_ranges);
}

/* Attributes of either object are in the same order, from this one on. */
static int nl_put_tally(struct sk_buff *msg, const struct k8snet_tally *tally,
			int in_packets, int pad)
{
	int dir;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		if (nla_put_u64_64bit(msg, in_packets + 2 * dir,
				      atomic64_read(&tally->packets[dir]), pad) ||
		    nla_put_u64_64bit(msg, in_packets + 2 * dir + 1,
				      atomic64_read(&tally->bytes[dir]), pad))
			return -EMSGSIZE;
	return 0;
}

static_assert(K8SNET_A_SERVICE_OUT_BYTES - K8SNET_A_SERVICE_IN_PACKETS == 3);
static_assert(K8SNET_A_ENDPOINT_OUT_BYTES - K8SNET_A_ENDPOINT_IN_PACKETS == 3);

static int nl_put_service(struct sk_buff *msg, struct k8snet_net *kn,
			  const struct k8snet_service *service)
{
	u64 accepted = 0, rejected = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct k8snet_service_stats *stats =
			per_cpu_ptr(service->stats, cpu);

		accepted += READ_ONCE(stats->new);
		rejected += READ_ONCE(stats->rejected);
	}
	if (nla_put_string(msg, K8SNET_A_SERVICE_NAME, service->name) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_PROTOCOL, service->protocol) ||
	    nl_put_frontends(msg, service) ||
	    nl_put_rules(msg, rcu_dereference_protected(service->rules,
							lockdep_is_held(&kn->lock))) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_ENDPOINTS,
			nl_backends(kn, service, 0)->n +
			nl_backends(kn, service, 1)->n) ||
	    nla_put_u64_64bit(msg, K8SNET_A_SERVICE_NEW, accepted,
			      K8SNET_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_SERVICE_REJECTED, rejected,
			      K8SNET_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_SERVICE_ACTIVE,
			      nl_active(kn, service), K8SNET_A_SERVICE_PAD))
		return -EMSGSIZE;
	return nl_put_tally(msg, &service->tally, K8SNET_A_SERVICE_IN_PACKETS,
			    K8SNET_A_SERVICE_PAD);
}

int k8snet_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_service *service;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	k8snet_account_collect(kn);
	mutex_lock(&kn->lock);
	service = nl_service(info, kn, K8SNET_A_SERVICE_NAME);
	err = IS_ERR(service) ? PTR_ERR(service) :
				nl_put_service(msg, kn, service);
	mutex_unlock(&kn->lock);
	return k8snet_nl_reply(info, msg, hdr, err);
}

/* The cursor is the number of the next service. */
int k8snet_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct k8snet_net *kn = k8snet_net(sock_net(skb->sk));
	struct k8snet_service *service;
	unsigned long id;
	void *hdr;
	int err = 0;

	if (!cb->args[0])
		k8snet_account_collect(kn);
	mutex_lock(&kn->lock);
	cb->seq = k8snet_netns_generation(kn);
	xa_for_each_start(&kn->services.by_id, id, service, cb->args[0]) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &k8snet_nl_family,
				  NLM_F_MULTI, K8SNET_CMD_SERVICE_GET);
		if (!hdr) {
			err = -EMSGSIZE;
			break;
		}
		genl_dump_check_consistent(cb, hdr);
		err = nl_put_service(skb, kn, service);
		if (err) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = id + 1;
	}
	mutex_unlock(&kn->lock);
	return skb->len ?: err;
}

/*
 * Attributes are parsed up to the last one that an operation takes, and
 * removal takes neither weight nor flags: they are not read here.
 */
static int nl_get_endpoint(struct genl_info *info,
			   struct k8snet_endpoint_conf *conf)
{
	struct nlattr **a = info->attrs;

	if (!a[K8SNET_A_ENDPOINT_IPV6] &&
	    k8snet_nl_missing(info, K8SNET_A_ENDPOINT_IPV4,
			      "an endpoint needs an IPv4 or an IPv6 address"))
		return -EINVAL;
	if (a[K8SNET_A_ENDPOINT_IPV6] && a[K8SNET_A_ENDPOINT_IPV4])
		return k8snet_nl_refuse(info, a[K8SNET_A_ENDPOINT_IPV6], -EINVAL,
					"an endpoint has one address");
	if (k8snet_nl_missing(info, K8SNET_A_ENDPOINT_PORT,
			      "an endpoint needs a port"))
		return -EINVAL;
	k8snet_nl_get_addr(a[K8SNET_A_ENDPOINT_IPV4], a[K8SNET_A_ENDPOINT_IPV6],
			   &conf->addr);
	conf->port = nla_get_be16(a[K8SNET_A_ENDPOINT_PORT]);
	return 0;
}

enum endpoint_write {
	ENDPOINT_ADD,
	ENDPOINT_REPLACE,
	ENDPOINT_DEL,
};

static int nl_write_endpoint(struct genl_info *info, enum endpoint_write how)
{
	struct k8snet_endpoint_conf conf = {};
	struct k8snet_refusal refusal = {};
	struct k8snet_nl_write w;
	const char *name;
	int err;

	err = k8snet_nl_missing(info, K8SNET_A_ENDPOINT_SERVICE,
				"name the service") ?:
	      nl_get_endpoint(info, &conf);
	if (err)
		return err;
	if (how != ENDPOINT_DEL) {
		conf.weight = nl_get_weight(info->attrs[K8SNET_A_ENDPOINT_WEIGHT]);
		conf.flags = nl_get_flags(info->attrs[K8SNET_A_ENDPOINT_FLAGS]);
	}
	name = nla_data(info->attrs[K8SNET_A_ENDPOINT_SERVICE]);
	err = k8snet_nl_write_start(info, &w);
	if (err)
		return err;
	if (how != ENDPOINT_DEL)
		err = k8snet_change_add_endpoint(w.kn, w.changes, name, &conf,
						 how == ENDPOINT_REPLACE, &refusal);
	else
		err = k8snet_change_del_endpoint(w.kn, w.changes, name,
						 &conf.addr, conf.port, &refusal);
	err = k8snet_nl_write_end(&w, err);
	if (err) {
		/* The request has one endpoint, in attributes of its own. */
		refusal.index = 0;
		k8snet_nl_refused(info, err, &refusal, endpoint_fields,
				  ARRAY_SIZE(endpoint_fields));
	}
	return err;
}

int k8snet_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_endpoint(info, ENDPOINT_ADD);
}

int k8snet_nl_endpoint_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_endpoint(info, ENDPOINT_REPLACE);
}

int k8snet_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_endpoint(info, ENDPOINT_DEL);
}

static int nl_put_endpoint(struct sk_buff *msg,
			   const struct k8snet_service *service,
			   const struct k8snet_backend *b)
{
	const struct k8snet_endpoint *e = b->endpoint;

	if (nla_put_string(msg, K8SNET_A_ENDPOINT_SERVICE, service->name) ||
	    k8snet_nl_put_addr(msg, K8SNET_A_ENDPOINT_IPV4,
			       K8SNET_A_ENDPOINT_IPV6, &e->addr) ||
	    nla_put_be16(msg, K8SNET_A_ENDPOINT_PORT, e->port) ||
	    nla_put_u32(msg, K8SNET_A_ENDPOINT_WEIGHT, b->weight) ||
	    nla_put_u32(msg, K8SNET_A_ENDPOINT_FLAGS, b->flags) ||
	    nla_put_u32(msg, K8SNET_A_ENDPOINT_PROTOCOL, service->protocol) ||
	    nla_put_u64_64bit(msg, K8SNET_A_ENDPOINT_NEW,
			      atomic_long_read(&e->new),
			      K8SNET_A_ENDPOINT_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_ENDPOINT_ACTIVE,
			      atomic_read(&e->active), K8SNET_A_ENDPOINT_PAD))
		return -EMSGSIZE;
	return nl_put_tally(msg, &e->tally, K8SNET_A_ENDPOINT_IN_PACKETS,
			    K8SNET_A_ENDPOINT_PAD);
}

static const struct k8snet_backend *nl_nth_backend(struct k8snet_net *kn,
						   const struct k8snet_service *service,
						   unsigned long n)
{
	const struct k8snet_backends *b = nl_backends(kn, service, 0);

	if (n < b->n)
		return &b->a[n];
	n -= b->n;
	b = nl_backends(kn, service, 1);
	return n < b->n ? &b->a[n] : NULL;
}

static int nl_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb,
			     struct k8snet_net *kn,
			     const struct k8snet_service *service)
{
	const struct k8snet_backend *b;
	void *hdr;
	int err;

	for (; (b = nl_nth_backend(kn, service, cb->args[1])); cb->args[1]++) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &k8snet_nl_family,
				  NLM_F_MULTI, K8SNET_CMD_ENDPOINT_GET);
		if (!hdr)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, hdr);
		err = nl_put_endpoint(skb, service, b);
		if (err) {
			genlmsg_cancel(skb, hdr);
			return err;
		}
		genlmsg_end(skb, hdr);
	}
	return 0;
}

/*
 * The cursor is a service and the position of its next endpoint. When the
 * service has changed in between, the dump says that it was interrupted.
 */
int k8snet_nl_endpoint_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb)
{
	struct nlattr **attrs = k8snet_compat_dump_attrs(cb);
	struct nlattr *name = attrs ? attrs[K8SNET_A_ENDPOINT_SERVICE] : NULL;
	struct k8snet_net *kn = k8snet_net(sock_net(skb->sk));
	struct k8snet_service *service, *only = NULL;
	unsigned long id;
	int err = 0;

	if (!cb->args[0])
		k8snet_account_collect(kn);
	mutex_lock(&kn->lock);
	cb->seq = k8snet_netns_generation(kn);
	if (name) {
		only = k8snet_service_by_name(kn, nla_data(name));
		if (!only) {
			NL_SET_ERR_MSG_ATTR(cb->extack, name,
					    "there is no service of this name");
			mutex_unlock(&kn->lock);
			return -ENOENT;
		}
	}
	xa_for_each_start(&kn->services.by_id, id, service, cb->args[0]) {
		if (only && service != only)
			continue;
		if (cb->args[0] != id) {
			cb->args[0] = id;
			cb->args[1] = 0;
		}
		err = nl_dump_endpoints(skb, cb, kn, service);
		if (err)
			break;
		cb->args[0] = id + 1;
		cb->args[1] = 0;
	}
	mutex_unlock(&kn->lock);
	return skb->len ?: err;
}

int k8snet_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	const struct k8snet_config *config;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	config = rcu_dereference(kn->config);
	err = k8snet_nl_put_prefixes(msg, K8SNET_A_CONFIG_PODS, config->pods.a,
				     config->pods.n) ?:
	      k8snet_nl_put_prefixes(msg, K8SNET_A_CONFIG_SERVICES,
				     config->services.a, config->services.n) ?:
	      nla_put(msg, K8SNET_A_CONFIG_SEED, K8SNET_SEED_LEN, config->seed) ?:
	      k8snet_nl_put_prefixes(msg, K8SNET_A_CONFIG_NODEPORT_ADDRESS,
				     config->nodeport_addrs.a,
				     config->nodeport_addrs.n) ?:
	      nla_put_u32(msg, K8SNET_A_CONFIG_NODEPORTS_MIN,
			  config->nodeports_min) ?:
	      nla_put_u32(msg, K8SNET_A_CONFIG_NODEPORTS_MAX,
			  config->nodeports_max) ?:
	      nla_put_u32(msg, K8SNET_A_CONFIG_VIP_PING, config->vip_ping);
	rcu_read_unlock();
	return k8snet_nl_reply(info, msg, hdr, err);
}

/* The bit of a field that can be cleared, and the attribute that sets it. */
static const struct {
	u32 bit;
	int attr;
} config_clears[] = {
	{ K8SNET_CONFIG_FIELD_PODS, K8SNET_A_CONFIG_PODS },
	{ K8SNET_CONFIG_FIELD_SERVICES, K8SNET_A_CONFIG_SERVICES },
	{ K8SNET_CONFIG_FIELD_SEED, K8SNET_A_CONFIG_SEED },
	{ K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS, K8SNET_A_CONFIG_NODEPORT_ADDRESS },
	{ K8SNET_CONFIG_FIELD_NODEPORTS, K8SNET_A_CONFIG_NODEPORTS_MIN },
	{ K8SNET_CONFIG_FIELD_NODEPORTS, K8SNET_A_CONFIG_NODEPORTS_MAX },
};

static int nl_clear_config(struct genl_info *info, struct k8snet_config *config)
{
	struct nlattr *attr = info->attrs[K8SNET_A_CONFIG_CLEAR];
	u32 clear = attr ? nla_get_u32(attr) : 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(config_clears); i++)
		if (clear & config_clears[i].bit &&
		    info->attrs[config_clears[i].attr])
			return k8snet_nl_refuse(info, attr, -EINVAL,
						"a field cannot be cleared and set at once");
	if (clear & K8SNET_CONFIG_FIELD_PODS)
		config->pods.n = 0;
	if (clear & K8SNET_CONFIG_FIELD_SERVICES)
		config->services.n = 0;
	if (clear & K8SNET_CONFIG_FIELD_SEED)
		memset(config->seed, 0, sizeof(config->seed));
	if (clear & K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS)
		config->nodeport_addrs.n = 0;
	if (clear & K8SNET_CONFIG_FIELD_NODEPORTS) {
		config->nodeports_min = K8SNET_NODEPORTS_MIN;
		config->nodeports_max = K8SNET_NODEPORTS_MAX;
	}
	return 0;
}

/* A list that is given replaces the one there was. */
static int nl_get_config_list(struct genl_info *info, int attr,
			      struct k8snet_prefixes *list)
{
	if (!info->attrs[attr])
		return 0;
	return k8snet_nl_get_prefixes(info, attr, list->a, &list->n);
}

static int nl_get_nodeports(struct genl_info *info, struct k8snet_config *config)
{
	struct nlattr *min = info->attrs[K8SNET_A_CONFIG_NODEPORTS_MIN];
	struct nlattr *max = info->attrs[K8SNET_A_CONFIG_NODEPORTS_MAX];

	if (!min && !max)
		return 0;
	if (!min || !max)
		return k8snet_nl_refuse(info, min ?: max, -EINVAL,
					"a range of node ports has a first and a last port");
	if (!nla_get_u32(min) || nla_get_u32(max) > U16_MAX ||
	    nla_get_u32(min) > nla_get_u32(max))
		return k8snet_nl_refuse(info, min, -EINVAL,
					"a range of node ports must be within 1 to 65535");
	config->nodeports_min = nla_get_u32(min);
	config->nodeports_max = nla_get_u32(max);
	return 0;
}

static int nl_get_config(struct genl_info *info, struct k8snet_config *config)
{
	struct nlattr **a = info->attrs;
	int err;

	err = nl_clear_config(info, config) ?:
	      nl_get_config_list(info, K8SNET_A_CONFIG_PODS, &config->pods) ?:
	      nl_get_config_list(info, K8SNET_A_CONFIG_SERVICES,
				 &config->services) ?:
	      nl_get_config_list(info, K8SNET_A_CONFIG_NODEPORT_ADDRESS,
				 &config->nodeport_addrs) ?:
	      nl_get_nodeports(info, config);
	if (err)
		return err;
	if (a[K8SNET_A_CONFIG_SEED])
		nla_memcpy(config->seed, a[K8SNET_A_CONFIG_SEED],
			   sizeof(config->seed));
	if (a[K8SNET_A_CONFIG_VIP_PING])
		config->vip_ping = nla_get_u32(a[K8SNET_A_CONFIG_VIP_PING]);
	return 0;
}

int k8snet_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_refusal refusal = {};
	struct k8snet_config *config;
	struct k8snet_nl_write w;
	int err;

	err = k8snet_nl_write_start(info, &w);
	if (err)
		return err;
	config = k8snet_config_copy(w.kn, w.changes);
	err = config ? nl_get_config(info, config) : -ENOMEM;
	if (!err) {
		err = k8snet_config_write(w.kn, w.changes, config, &refusal);
		if (!err)
			config = NULL;
	}
	kfree(config);
	err = k8snet_nl_write_end(&w, err);
	if (err)
		k8snet_nl_refused(info, err, &refusal, NULL, 0);
	return err;
}

static int nl_put_egress(struct sk_buff *msg, struct k8snet_net *kn)
{
	const struct k8snet_egress *egress = rcu_dereference(kn->egress);
	u64 translated = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		translated += READ_ONCE(*per_cpu_ptr(kn->egress_new, cpu));
	if (nla_put_u32(msg, K8SNET_A_EGRESS_ENABLED, !!egress) ||
	    nla_put_u64_64bit(msg, K8SNET_A_EGRESS_NEW, translated,
			      K8SNET_A_EGRESS_PAD))
		return -EMSGSIZE;
	if (!egress)
		return 0;
	if (k8snet_nl_put_addr(msg, K8SNET_A_EGRESS_SOURCE_IPV4, 0,
			       &egress->source4) ||
	    k8snet_nl_put_addr(msg, 0, K8SNET_A_EGRESS_SOURCE_IPV6,
			       &egress->source6))
		return -EMSGSIZE;
	return k8snet_nl_put_prefixes(msg, K8SNET_A_EGRESS_EXCLUDE,
				      egress->exclude.a, egress->exclude.n);
}

int k8snet_nl_egress_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	err = nl_put_egress(msg, k8snet_net(genl_info_net(info)));
	rcu_read_unlock();
	return k8snet_nl_reply(info, msg, hdr, err);
}

static int nl_get_source(struct genl_info *info, const struct nlattr *attr,
			 const struct k8snet_addr *source)
{
	bool local;

	if (!source->family)
		return 0;
	rcu_read_lock();
	local = k8snet_local_has(genl_info_net(info), source);
	rcu_read_unlock();
	if (local && !k8snet_addr_is_loopback(source))
		return 0;
	return k8snet_nl_refuse(info, attr, -EADDRNOTAVAIL,
				"the source must be an address of this network namespace");
}

static struct k8snet_egress *nl_get_egress(struct genl_info *info)
{
	const struct nlattr *source4 = info->attrs[K8SNET_A_EGRESS_SOURCE_IPV4];
	const struct nlattr *source6 = info->attrs[K8SNET_A_EGRESS_SOURCE_IPV6];
	struct k8snet_egress *egress;
	int err;

	egress = kzalloc(sizeof(*egress), GFP_KERNEL);
	if (!egress)
		return ERR_PTR(-ENOMEM);
	k8snet_nl_get_addr(source4, NULL, &egress->source4);
	k8snet_nl_get_addr(NULL, source6, &egress->source6);
	err = nl_get_source(info, source4, &egress->source4) ?:
	      nl_get_source(info, source6, &egress->source6) ?:
	      k8snet_nl_get_prefixes(info, K8SNET_A_EGRESS_EXCLUDE,
				     egress->exclude.a, &egress->exclude.n);
	if (!err)
		return egress;
	kfree(egress);
	return ERR_PTR(err);
}

int k8snet_nl_egress_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *enabled = info->attrs[K8SNET_A_EGRESS_ENABLED];
	struct k8snet_refusal refusal = {};
	struct k8snet_egress *egress = NULL;
	struct k8snet_nl_write w;
	int err;

	if (k8snet_nl_missing(info, K8SNET_A_EGRESS_ENABLED,
			      "say whether egress is on or off"))
		return -EINVAL;
	if (nla_get_u32(enabled)) {
		egress = nl_get_egress(info);
		if (IS_ERR(egress))
			return PTR_ERR(egress);
	} else if (info->attrs[K8SNET_A_EGRESS_SOURCE_IPV4] ||
		   info->attrs[K8SNET_A_EGRESS_SOURCE_IPV6] ||
		   info->attrs[K8SNET_A_EGRESS_EXCLUDE]) {
		return k8snet_nl_refuse(info, enabled, -EINVAL,
					"egress that is off has no source and no exclusions");
	}
	err = k8snet_nl_write_start(info, &w);
	if (err) {
		kfree(egress);
		return err;
	}
	err = k8snet_egress_write(w.kn, w.changes, egress, &refusal);
	if (err)
		kfree(egress);
	err = k8snet_nl_write_end(&w, err);
	if (err)
		k8snet_nl_refused(info, err, &refusal, NULL, 0);
	return err;
}
