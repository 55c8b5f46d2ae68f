// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, and what all its handlers need: refusals with
 * their sentence and attribute, prefixes, replies.
 */
#include <linux/module.h>

#include "generated/netlink.h"
#include "netlink.h"

/**
 * k8snet_nl_refuse() - say why a request is refused
 * @info: the request
 * @attr: the attribute that is wrong, or NULL
 * @err: negative errno
 * @text: a sentence, constant
 *
 * Return: @err.
 */
int k8snet_nl_refuse(struct genl_info *info, const struct nlattr *attr,
		     int err, const char *text)
{
	if (attr)
		NL_SET_BAD_ATTR(info->extack, attr);
	if (info->extack)
		info->extack->_msg = text;
	return err;
}

/**
 * k8snet_nl_missing() - is an attribute of the request missing?
 * @info: the request
 * @attr: the attribute
 * @text: a sentence that asks for it
 *
 * Return: 0 if it is there, -EINVAL if not.
 */
int k8snet_nl_missing(struct genl_info *info, int attr, const char *text)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return 0;
	return k8snet_nl_refuse(info, NULL, -EINVAL, text);
}

/* The attribute of this type that comes @index others of it later. */
static const struct nlattr *nl_nth(struct genl_info *info, int type,
				   unsigned int index)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == type && !index--)
			return attr;
	return NULL;
}

/**
 * k8snet_nl_refused() - hand a table's refusal to the one who asked
 * @info: the request
 * @err: negative errno
 * @refusal: the reason, which may have no text
 * @fields: which attribute holds which field
 * @n: how many
 *
 * Return: @err.
 */
int k8snet_nl_refused(struct genl_info *info, int err,
		      const struct k8snet_refusal *refusal,
		      const struct k8snet_nl_field *fields, unsigned int n)
{
	const struct nlattr *attr = NULL;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (refusal->field == fields[i].field &&
		    refusal->field != K8SNET_FIELD_NONE)
			attr = nl_nth(info, fields[i].attr,
				      refusal->index) ?: attr;
	if (refusal->text)
		return k8snet_nl_refuse(info, attr, err, refusal->text);
	if (err == -ENOMEM)
		return k8snet_nl_refuse(info, attr, err,
					"there is not enough memory for this change");
	return err;
}

/**
 * k8snet_nl_get_addr() - read an address that has an attribute per family
 * @ipv4: the attribute of an IPv4 address, or NULL
 * @ipv6: the attribute of an IPv6 address, or NULL
 * @addr: where it goes; of no family if neither is there
 */
void k8snet_nl_get_addr(const struct nlattr *ipv4, const struct nlattr *ipv6,
			struct k8snet_addr *addr)
{
	struct in6_addr ip6;

	memset(addr, 0, sizeof(*addr));
	if (ipv4) {
		*addr = k8snet_addr4(nla_get_in_addr(ipv4));
	} else if (ipv6) {
		ip6 = nla_get_in6_addr(ipv6);
		*addr = k8snet_addr6(&ip6);
	}
}

/**
 * k8snet_nl_put_addr() - write an address that has an attribute per family
 * @msg: the message
 * @ipv4: the attribute of an IPv4 address
 * @ipv6: the attribute of an IPv6 address
 * @addr: the address; one of no family is left out
 *
 * Return: 0, or -EMSGSIZE.
 */
int k8snet_nl_put_addr(struct sk_buff *msg, int ipv4, int ipv6,
		       const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return nla_put_in_addr(msg, ipv4, addr->ip);
	if (addr->family == AF_INET6)
		return nla_put_in6_addr(msg, ipv6, &addr->ip6);
	return 0;
}

static bool nl_prefix_is_clean(const struct k8snet_prefix *prefix)
{
	struct in6_addr ip6;

	if (prefix->family == AF_INET)
		return !(prefix->ip & ~inet_make_mask(prefix->len));
	ipv6_addr_prefix(&ip6, &prefix->ip6, prefix->len);
	return ipv6_addr_equal(&ip6, &prefix->ip6);
}

static int nl_get_prefix(struct genl_info *info, const struct nlattr *nest,
			 struct k8snet_prefix *prefix)
{
	struct nlattr *tb[K8SNET_A_PREFIX_MAX + 1];
	u32 len;
	int err;

	err = nla_parse_nested(tb, K8SNET_A_PREFIX_MAX, nest,
			       k8snet_prefix_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[K8SNET_A_PREFIX_IPV4] == !tb[K8SNET_A_PREFIX_IPV6] ||
	    !tb[K8SNET_A_PREFIX_LENGTH])
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"a prefix needs an IPv4 or an IPv6 address, and a length");
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = tb[K8SNET_A_PREFIX_IPV4] ? AF_INET : AF_INET6;
	len = nla_get_u32(tb[K8SNET_A_PREFIX_LENGTH]);
	if (len > k8snet_prefix_max(prefix->family))
		return k8snet_nl_refuse(info, nest, -EINVAL,
					prefix->family == AF_INET ?
					"the length of an IPv4 prefix must be 0 to 32" :
					"the length of an IPv6 prefix must be 0 to 128");
	prefix->len = len;
	if (prefix->family == AF_INET)
		prefix->ip = nla_get_in_addr(tb[K8SNET_A_PREFIX_IPV4]);
	else
		prefix->ip6 = nla_get_in6_addr(tb[K8SNET_A_PREFIX_IPV6]);
	if (!nl_prefix_is_clean(prefix))
		return k8snet_nl_refuse(info, nest, -EINVAL,
					"the prefix has bits set beyond its length");
	return 0;
}

/**
 * k8snet_nl_get_prefixes() - read all prefixes of a request
 * @info: the request
 * @attr: their attribute
 * @list: where they go, room for K8SNET_PREFIXES_MAX
 * @n: where their number goes
 *
 * Return: 0, or a negative errno.
 */
int k8snet_nl_get_prefixes(struct genl_info *info, int attr,
			   struct k8snet_prefix *list, unsigned int *n)
{
	const struct nlattr *nest;
	int rem, err;

	*n = 0;
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nest) != attr)
			continue;
		if (*n == K8SNET_PREFIXES_MAX)
			return k8snet_nl_refuse(info, nest, -E2BIG,
						"there can be 64 prefixes at most");
		err = nl_get_prefix(info, nest, &list[*n]);
		if (err)
			return err;
		++*n;
	}
	return 0;
}

/**
 * k8snet_nl_put_prefixes() - write prefixes
 * @msg: the message
 * @attr: their attribute
 * @list: the prefixes
 * @n: how many
 *
 * Return: 0, or -EMSGSIZE.
 */
int k8snet_nl_put_prefixes(struct sk_buff *msg, int attr,
			   const struct k8snet_prefix *list, unsigned int n)
{
	struct k8snet_addr addr = {};
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < n; i++) {
		addr.family = list[i].family;
		addr.ip6 = list[i].ip6;
		nest = nla_nest_start(msg, attr);
		if (!nest ||
		    k8snet_nl_put_addr(msg, K8SNET_A_PREFIX_IPV4,
				       K8SNET_A_PREFIX_IPV6, &addr) ||
		    nla_put_u32(msg, K8SNET_A_PREFIX_LENGTH, list[i].len))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

/* The configuration's three lists of prefixes, 36 bytes each, and the rest. */
#define REPLY_SIZE	(3 * K8SNET_PREFIXES_MAX * 36 + 512)

/**
 * k8snet_nl_reply_start() - begin the answer to a request
 * @info: the request
 * @hdr: where the message's header goes
 *
 * Return: the message, or NULL without memory.
 */
struct sk_buff *k8snet_nl_reply_start(struct genl_info *info, void **hdr)
{
	struct sk_buff *msg;

	msg = genlmsg_new(REPLY_SIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &k8snet_nl_family, 0,
				 info->genlhdr->cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * k8snet_nl_reply() - send the answer to a request
 * @info: the request
 * @msg: the message, consumed
 * @hdr: its header
 * @err: what filling it returned
 *
 * Return: 0, or a negative errno.
 */
int k8snet_nl_reply(struct genl_info *info, struct sk_buff *msg, void *hdr,
		    int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

struct genl_family k8snet_nl_family __ro_after_init = {
	.name		= K8SNET_FAMILY_NAME,
	.version	= K8SNET_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.mcgrps		= k8snet_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(k8snet_nl_mcgrps),
	.module		= THIS_MODULE,
};

int __init k8snet_netlink_init(void)
{
	int err;

	k8snet_compat_genl_ops(&k8snet_nl_family, k8snet_nl_ops,
			       ARRAY_SIZE(k8snet_nl_ops));
	err = k8snet_netlink_transaction_init();
	if (err)
		return err;
	err = genl_register_family(&k8snet_nl_family);
	if (err)
		k8snet_netlink_transaction_exit();
	return err;
}

void k8snet_netlink_exit(void)
{
	genl_unregister_family(&k8snet_nl_family);
	k8snet_netlink_transaction_exit();
}
