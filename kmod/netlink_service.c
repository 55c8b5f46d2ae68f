// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of services, endpoints, settings and egress: check what a
 * request means, call the one function that does it.
 */
#include <linux/mm.h>
#include <net/route.h>
#include <net/sock.h>

#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "service/config.h"
#include "service/egress.h"
#include "service/service.h"

static const struct k8snet_nl_field service_fields[] = {
	{ K8SNET_FIELD_NAME,		K8SNET_A_SERVICE_NAME },
	{ K8SNET_FIELD_FRONTEND,	K8SNET_A_SERVICE_FRONTEND },
	{ K8SNET_FIELD_ENDPOINT,	K8SNET_A_SERVICE_ENDPOINT },
	{ K8SNET_FIELD_ENDPOINT_PORT,	K8SNET_A_SERVICE_ENDPOINT },
	{ K8SNET_FIELD_ENDPOINT_WEIGHT,	K8SNET_A_SERVICE_ENDPOINT },
};

static const struct k8snet_nl_field endpoint_fields[] = {
	{ K8SNET_FIELD_ENDPOINT,	K8SNET_A_ENDPOINT_IPV4 },
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
	if (!tb[K8SNET_A_FRONTEND_IPV4] || !tb[K8SNET_A_FRONTEND_PORT])
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"a frontend needs an IPv4 address and a port");
	conf->type = K8SNET_FRONTEND_TYPE_CLUSTER_IP;
	if (tb[K8SNET_A_FRONTEND_TYPE])
		conf->type = nla_get_u32(tb[K8SNET_A_FRONTEND_TYPE]);
	conf->addr = nla_get_in_addr(tb[K8SNET_A_FRONTEND_IPV4]);
	conf->port = nla_get_be16(tb[K8SNET_A_FRONTEND_PORT]);
	return 0;
}

/* A weight that the record cannot hold is one that the table refuses. */
static u16 nl_get_weight(const struct nlattr *attr)
{
	return attr ? min_t(u32, nla_get_u32(attr), U16_MAX) : 1;
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
	if (!tb[K8SNET_A_BACKEND_IPV4] || !tb[K8SNET_A_BACKEND_PORT])
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"an endpoint needs an IPv4 address and a port");
	conf->addr = nla_get_in_addr(tb[K8SNET_A_BACKEND_IPV4]);
	conf->port = nla_get_be16(tb[K8SNET_A_BACKEND_PORT]);
	conf->weight = nl_get_weight(tb[K8SNET_A_BACKEND_WEIGHT]);
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

static int nl_get_service(struct genl_info *info,
			  struct k8snet_service_conf *conf)
{
	struct nlattr **a = info->attrs;
	unsigned int n;
	u32 protocol;

	if (k8snet_nl_missing(info, K8SNET_A_SERVICE_NAME,
			      "a service needs a name") ||
	    k8snet_nl_missing(info, K8SNET_A_SERVICE_PROTOCOL,
			      "a service needs a protocol"))
		return -EINVAL;
	conf->name = nla_data(a[K8SNET_A_SERVICE_NAME]);
	protocol = nla_get_u32(a[K8SNET_A_SERVICE_PROTOCOL]);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return k8snet_nl_refuse(info, a[K8SNET_A_SERVICE_PROTOCOL],
					-EPROTONOSUPPORT,
					"the protocol of a service must be 6 (TCP) or 17 (UDP)");
	conf->protocol = protocol;
	if (a[K8SNET_A_SERVICE_ALGORITHM])
		conf->algorithm = nla_get_u32(a[K8SNET_A_SERVICE_ALGORITHM]);
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
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	struct k8snet_service_conf conf = {};
	int err;

	err = nl_get_service(info, &conf);
	if (!err) {
		mutex_lock(&kn->lock);
		err = k8snet_service_write(kn, &conf, replace, &refusal);
		mutex_unlock(&kn->lock);
		if (err)
			k8snet_nl_refused(info, err, &refusal, service_fields,
					  ARRAY_SIZE(service_fields));
	}
	kvfree(conf.endpoints);
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
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_service *service;

	mutex_lock(&kn->lock);
	service = nl_service(info, kn, K8SNET_A_SERVICE_NAME);
	if (!IS_ERR(service))
		k8snet_service_del(kn, service);
	mutex_unlock(&kn->lock);
	return PTR_ERR_OR_ZERO(service);
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
		    nla_put_in_addr(msg, K8SNET_A_FRONTEND_IPV4, f->key.addr) ||
		    nla_put_be16(msg, K8SNET_A_FRONTEND_PORT, f->key.port))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static struct k8snet_backends *nl_backends(struct k8snet_net *kn,
					   const struct k8snet_service *service)
{
	return rcu_dereference_protected(service->backends,
					 lockdep_is_held(&kn->lock));
}

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
	    nla_put_u32(msg, K8SNET_A_SERVICE_ALGORITHM, service->algorithm) ||
	    nla_put_u32(msg, K8SNET_A_SERVICE_ENDPOINTS,
			nl_backends(kn, service)->n) ||
	    nla_put_u64_64bit(msg, K8SNET_A_SERVICE_NEW, accepted,
			      K8SNET_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_SERVICE_REJECTED, rejected,
			      K8SNET_A_SERVICE_PAD))
		return -EMSGSIZE;
	return 0;
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

	mutex_lock(&kn->lock);
	cb->seq = kn->generation;
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
 * removal takes no weight: only those up to the port can be read here.
 */
static int nl_get_endpoint(struct genl_info *info,
			   struct k8snet_endpoint_conf *conf)
{
	struct nlattr **a = info->attrs;

	if (k8snet_nl_missing(info, K8SNET_A_ENDPOINT_IPV4,
			      "an endpoint needs an IPv4 address") ||
	    k8snet_nl_missing(info, K8SNET_A_ENDPOINT_PORT,
			      "an endpoint needs a port"))
		return -EINVAL;
	conf->addr = nla_get_in_addr(a[K8SNET_A_ENDPOINT_IPV4]);
	conf->port = nla_get_be16(a[K8SNET_A_ENDPOINT_PORT]);
	return 0;
}

static int nl_write_endpoint(struct genl_info *info, bool add)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_endpoint_conf conf = {};
	struct k8snet_refusal refusal = {};
	struct k8snet_service *service;
	int err;

	err = nl_get_endpoint(info, &conf);
	if (err)
		return err;
	if (add)
		conf.weight = nl_get_weight(info->attrs[K8SNET_A_ENDPOINT_WEIGHT]);
	mutex_lock(&kn->lock);
	service = nl_service(info, kn, K8SNET_A_ENDPOINT_SERVICE);
	if (IS_ERR(service))
		err = PTR_ERR(service);
	else if (add)
		err = k8snet_service_add_endpoint(kn, service, &conf, &refusal);
	else
		err = k8snet_service_del_endpoint(kn, service, conf.addr,
						  conf.port, &refusal);
	mutex_unlock(&kn->lock);
	if (err && !IS_ERR(service)) {
		/* The request has one endpoint, in attributes of its own. */
		refusal.index = 0;
		k8snet_nl_refused(info, err, &refusal, endpoint_fields,
				  ARRAY_SIZE(endpoint_fields));
	}
	return err;
}

int k8snet_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_endpoint(info, true);
}

int k8snet_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_endpoint(info, false);
}

static int nl_put_endpoint(struct sk_buff *msg,
			   const struct k8snet_service *service,
			   const struct k8snet_backend *b)
{
	const struct k8snet_endpoint *e = b->endpoint;

	if (nla_put_string(msg, K8SNET_A_ENDPOINT_SERVICE, service->name) ||
	    nla_put_in_addr(msg, K8SNET_A_ENDPOINT_IPV4, e->addr) ||
	    nla_put_be16(msg, K8SNET_A_ENDPOINT_PORT, e->port) ||
	    nla_put_u32(msg, K8SNET_A_ENDPOINT_WEIGHT, b->weight) ||
	    nla_put_u64_64bit(msg, K8SNET_A_ENDPOINT_NEW,
			      atomic_long_read(&e->new),
			      K8SNET_A_ENDPOINT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int nl_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct k8snet_service *service,
			     const struct k8snet_backends *backends)
{
	void *hdr;
	int err;

	for (; cb->args[1] < backends->n; cb->args[1]++) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &k8snet_nl_family,
				  NLM_F_MULTI, K8SNET_CMD_ENDPOINT_GET);
		if (!hdr)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, hdr);
		err = nl_put_endpoint(skb, service, &backends->a[cb->args[1]]);
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

	mutex_lock(&kn->lock);
	cb->seq = kn->generation;
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
		err = nl_dump_endpoints(skb, cb, service,
					nl_backends(kn, service));
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
	      nla_put(msg, K8SNET_A_CONFIG_SEED, K8SNET_SEED_LEN, config->seed);
	rcu_read_unlock();
	return k8snet_nl_reply(info, msg, hdr, err);
}

/* Lists given replace those there were; what is cleared must not be given. */
static int nl_get_config(struct genl_info *info, struct k8snet_config *config)
{
	struct nlattr **a = info->attrs;
	u32 clear = 0;
	int err;

	if (a[K8SNET_A_CONFIG_CLEAR])
		clear = nla_get_u32(a[K8SNET_A_CONFIG_CLEAR]);
	if ((clear & K8SNET_CONFIG_FIELD_PODS && a[K8SNET_A_CONFIG_PODS]) ||
	    (clear & K8SNET_CONFIG_FIELD_SERVICES && a[K8SNET_A_CONFIG_SERVICES]) ||
	    (clear & K8SNET_CONFIG_FIELD_SEED && a[K8SNET_A_CONFIG_SEED]))
		return k8snet_nl_refuse(info, a[K8SNET_A_CONFIG_CLEAR], -EINVAL,
					"a field cannot be cleared and set at once");
	if (clear & K8SNET_CONFIG_FIELD_PODS)
		config->pods.n = 0;
	if (clear & K8SNET_CONFIG_FIELD_SERVICES)
		config->services.n = 0;
	if (clear & K8SNET_CONFIG_FIELD_SEED)
		memset(config->seed, 0, sizeof(config->seed));
	if (a[K8SNET_A_CONFIG_PODS]) {
		err = k8snet_nl_get_prefixes(info, K8SNET_A_CONFIG_PODS, false,
					     config->pods.a, &config->pods.n);
		if (err)
			return err;
	}
	if (a[K8SNET_A_CONFIG_SERVICES]) {
		err = k8snet_nl_get_prefixes(info, K8SNET_A_CONFIG_SERVICES, false,
					     config->services.a,
					     &config->services.n);
		if (err)
			return err;
	}
	if (a[K8SNET_A_CONFIG_SEED])
		nla_memcpy(config->seed, a[K8SNET_A_CONFIG_SEED],
			   sizeof(config->seed));
	return 0;
}

int k8snet_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	struct k8snet_config *config;
	int err = -ENOMEM;

	mutex_lock(&kn->lock);
	config = k8snet_config_copy(kn);
	if (!config)
		goto out;
	err = nl_get_config(info, config);
	if (err)
		goto out;
	err = k8snet_config_write(kn, config, &refusal);
	if (err)
		k8snet_nl_refused(info, err, &refusal, NULL, 0);
	else
		config = NULL;
out:
	mutex_unlock(&kn->lock);
	kfree(config);
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
	if (egress->source && nla_put_in_addr(msg, K8SNET_A_EGRESS_SOURCE_IPV4,
					      egress->source))
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

static struct k8snet_egress *nl_get_egress(struct genl_info *info)
{
	struct nlattr *source = info->attrs[K8SNET_A_EGRESS_SOURCE_IPV4];
	struct k8snet_egress *egress;
	int err;

	egress = kzalloc(sizeof(*egress), GFP_KERNEL);
	if (!egress)
		return ERR_PTR(-ENOMEM);
	if (source) {
		egress->source = nla_get_in_addr(source);
		if (ipv4_is_loopback(egress->source) ||
		    inet_addr_type(genl_info_net(info), egress->source) !=
		    RTN_LOCAL) {
			err = k8snet_nl_refuse(info, source, -EADDRNOTAVAIL,
					       "the source must be an address of this network namespace");
			goto err_free;
		}
	}
	err = k8snet_nl_get_prefixes(info, K8SNET_A_EGRESS_EXCLUDE, false,
				     egress->exclude.a, &egress->exclude.n);
	if (err)
		goto err_free;
	return egress;

err_free:
	kfree(egress);
	return ERR_PTR(err);
}

int k8snet_nl_egress_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct nlattr *enabled = info->attrs[K8SNET_A_EGRESS_ENABLED];
	struct k8snet_refusal refusal = {};
	struct k8snet_egress *egress = NULL;
	int err;

	if (k8snet_nl_missing(info, K8SNET_A_EGRESS_ENABLED,
			      "say whether egress is on or off"))
		return -EINVAL;
	if (nla_get_u32(enabled)) {
		egress = nl_get_egress(info);
		if (IS_ERR(egress))
			return PTR_ERR(egress);
	} else if (info->attrs[K8SNET_A_EGRESS_SOURCE_IPV4] ||
		   info->attrs[K8SNET_A_EGRESS_EXCLUDE]) {
		return k8snet_nl_refuse(info, enabled, -EINVAL,
					"egress that is off has no source and no exclusions");
	}
	mutex_lock(&kn->lock);
	err = k8snet_egress_write(kn, egress, &refusal);
	mutex_unlock(&kn->lock);
	if (err) {
		kfree(egress);
		k8snet_nl_refused(info, err, &refusal, NULL, 0);
	}
	return err;
}
