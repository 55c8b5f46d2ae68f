// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of devices, nodes and drop counters: check what a request
 * means, call the one function that does it.
 */
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/way.h"
#include "packet.h"

static const struct k8snet_nl_field link_fields[] = {
	{ K8SNET_FIELD_ID,	K8SNET_A_LINK_ID },
	{ K8SNET_FIELD_PORT,	K8SNET_A_LINK_PORT },
	{ K8SNET_FIELD_LOCAL,	K8SNET_A_LINK_LOCAL_IPV4 },
	{ K8SNET_FIELD_LOCAL6,	K8SNET_A_LINK_LOCAL_IPV6 },
	{ K8SNET_FIELD_MTU,	K8SNET_A_LINK_MTU },
};

static const struct k8snet_nl_field node_fields[] = {
	{ K8SNET_FIELD_NAME,	K8SNET_A_NODE_NAME },
	{ K8SNET_FIELD_VIA,	K8SNET_A_NODE_VIA_IPV4 },
	{ K8SNET_FIELD_VIA,	K8SNET_A_NODE_VIA_IPV6 },
	{ K8SNET_FIELD_ALSO,	K8SNET_A_NODE_ALSO },
	{ K8SNET_FIELD_PREFIX,	K8SNET_A_NODE_PREFIX },
};

/* The device that a request names. Links and nodes number theirs alike. */
static struct k8snet_dev *nl_device(struct genl_info *info)
{
	struct nlattr *index = info->attrs[K8SNET_A_LINK_IFINDEX];
	struct nlattr *name = info->attrs[K8SNET_A_LINK_IFNAME];
	struct net_device *dev;

	BUILD_BUG_ON(K8SNET_A_LINK_IFINDEX != (int)K8SNET_A_NODE_IFINDEX);
	BUILD_BUG_ON(K8SNET_A_LINK_IFNAME != (int)K8SNET_A_NODE_IFNAME);
	ASSERT_RTNL();
	if (!index == !name)
		return ERR_PTR(k8snet_nl_refuse(info, name, -EINVAL,
						"name a device, by its index or by its name"));
	dev = index ? __dev_get_by_index(genl_info_net(info),
					 nla_get_u32(index)) :
		      __dev_get_by_name(genl_info_net(info), nla_data(name));
	if (!dev)
		return ERR_PTR(k8snet_nl_refuse(info, index ?: name, -ENODEV,
						"this network namespace has no such device"));
	if (!k8snet_device_is(dev))
		return ERR_PTR(k8snet_nl_refuse(info, index ?: name, -EOPNOTSUPP,
						"the device is not of kind k8snet"));
	return netdev_priv(dev);
}

/*
 * Dumps go by index, which a device keeps: the next one after an index, which
 * is the cursor. The list of devices is in another order when some were moved
 * here.
 */
static struct k8snet_dev *nl_next_device(struct net *net, int last)
{
	struct net_device *dev, *next = NULL;

	ASSERT_RTNL();
	for_each_netdev(net, dev)
		if (k8snet_device_is(dev) && dev->ifindex > last &&
		    (!next || dev->ifindex < next->ifindex))
			next = dev;
	return next ? netdev_priv(next) : NULL;
}

static int nl_put_traffic(struct sk_buff *msg, int attr,
			  const struct k8snet_traffic_sum *sum)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_RX_PACKETS,
			      sum->rx_packets, K8SNET_A_LINK_STATS_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_RX_BYTES,
			      sum->rx_bytes, K8SNET_A_LINK_STATS_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_TX_PACKETS,
			      sum->tx_packets, K8SNET_A_LINK_STATS_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_TX_BYTES,
			      sum->tx_bytes, K8SNET_A_LINK_STATS_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_RX_DROPPED,
			      sum->rx_dropped, K8SNET_A_LINK_STATS_PAD) ||
	    nla_put_u64_64bit(msg, K8SNET_A_LINK_STATS_TX_DROPPED,
			      sum->tx_dropped, K8SNET_A_LINK_STATS_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int nl_put_link(struct sk_buff *msg, struct k8snet_dev *kdev)
{
	const struct k8snet_settings *s = rtnl_dereference(kdev->settings);
	struct rtnl_link_stats64 stats = {};
	struct k8snet_traffic_sum sum;
	static const u8 derived[ETH_ALEN];

	dev_get_stats(kdev->dev, &stats);
	sum = (struct k8snet_traffic_sum) {
		.rx_packets = stats.rx_packets,
		.rx_bytes = stats.rx_bytes,
		.tx_packets = stats.tx_packets,
		.tx_bytes = stats.tx_bytes,
		.rx_dropped = stats.rx_dropped,
		.tx_dropped = stats.tx_dropped,
	};
	if (nla_put_u32(msg, K8SNET_A_LINK_IFINDEX, kdev->dev->ifindex) ||
	    nla_put_string(msg, K8SNET_A_LINK_IFNAME, kdev->dev->name) ||
	    nla_put_u32(msg, K8SNET_A_LINK_FORMAT, s->format) ||
	    nla_put_u32(msg, K8SNET_A_LINK_ID, s->vni) ||
	    nla_put_be16(msg, K8SNET_A_LINK_PORT, s->port) ||
	    nla_put_in_addr(msg, K8SNET_A_LINK_LOCAL_IPV4, s->local) ||
	    nla_put_in6_addr(msg, K8SNET_A_LINK_LOCAL_IPV6, &s->local6) ||
	    nla_put_u32(msg, K8SNET_A_LINK_STRICT, s->strict) ||
	    nla_put_u32(msg, K8SNET_A_LINK_CROSS_SUBNET, s->cross_subnet) ||
	    nla_put_u32(msg, K8SNET_A_LINK_MTU, kdev->dev->mtu) ||
	    nla_put_u32(msg, K8SNET_A_LINK_MTU_AUTO, kdev->mtu_auto) ||
	    nla_put_u32(msg, K8SNET_A_LINK_TTL, s->ttl) ||
	    nla_put_u32(msg, K8SNET_A_LINK_DSCP, s->dscp) ||
	    nla_put_u32(msg, K8SNET_A_LINK_DF, s->df) ||
	    nla_put(msg, K8SNET_A_LINK_MAC, ETH_ALEN,
		    s->has_mac ? s->mac : derived) ||
	    nla_put_u32(msg, K8SNET_A_LINK_NODES, kdev->nodes.n))
		return -EMSGSIZE;
	return nl_put_traffic(msg, K8SNET_A_LINK_STATS, &sum);
}

int k8snet_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_dev *kdev;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	kdev = nl_device(info);
	err = IS_ERR(kdev) ? PTR_ERR(kdev) : nl_put_link(msg, kdev);
	rtnl_unlock();
	return k8snet_nl_reply(info, msg, hdr, err);
}

/* What a dump of devices, or of what they have, must see unchanged. */
static unsigned int nl_seq(const struct net *net)
{
	return net->dev_base_seq + k8snet_net(net)->nodes_generation ?: 1;
}

int k8snet_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct k8snet_dev *kdev;
	void *hdr;
	int err = 0;

	rtnl_lock();
	cb->seq = nl_seq(net);
	while ((kdev = nl_next_device(net, cb->args[0]))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &k8snet_nl_family,
				  NLM_F_MULTI, K8SNET_CMD_LINK_GET);
		if (!hdr) {
			err = -EMSGSIZE;
			break;
		}
		genl_dump_check_consistent(cb, hdr);
		err = nl_put_link(skb, kdev);
		if (err) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = kdev->dev->ifindex;
	}
	rtnl_unlock();
	return skb->len ?: err;
}

/* Settings as they would be; -1 in @mtu leaves the MTU as it is. */
static int nl_get_settings(struct genl_info *info, struct k8snet_settings *s,
			   int *mtu)
{
	struct nlattr **a = info->attrs;
	u32 value;

	*mtu = -1;
	if (a[K8SNET_A_LINK_FORMAT])
		s->format = nla_get_u32(a[K8SNET_A_LINK_FORMAT]);
	if (a[K8SNET_A_LINK_ID]) {
		s->vni = nla_get_u32(a[K8SNET_A_LINK_ID]);
		if (s->vni > K8SNET_VNI_MAX)
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_ID], -ERANGE,
						"the identifier must be 0 to 16777215");
	}
	if (a[K8SNET_A_LINK_PORT]) {
		s->port = nla_get_be16(a[K8SNET_A_LINK_PORT]);
		if (!s->port)
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_PORT], -ERANGE,
						"the port must be 1 to 65535");
	}
	if (a[K8SNET_A_LINK_LOCAL_IPV4])
		s->local = nla_get_in_addr(a[K8SNET_A_LINK_LOCAL_IPV4]);
	if (a[K8SNET_A_LINK_LOCAL_IPV6])
		s->local6 = nla_get_in6_addr(a[K8SNET_A_LINK_LOCAL_IPV6]);
	if (a[K8SNET_A_LINK_CROSS_SUBNET])
		s->cross_subnet = nla_get_u32(a[K8SNET_A_LINK_CROSS_SUBNET]);
	if (a[K8SNET_A_LINK_STRICT])
		s->strict = nla_get_u32(a[K8SNET_A_LINK_STRICT]);
	if (a[K8SNET_A_LINK_MTU]) {
		value = nla_get_u32(a[K8SNET_A_LINK_MTU]);
		if (value && (value < K8SNET_MTU_MIN || value > K8SNET_MTU_MAX))
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_MTU], -ERANGE,
						"the MTU must be 0 (automatic) or 576 to 65485");
		*mtu = value;
	}
	if (a[K8SNET_A_LINK_TTL]) {
		value = nla_get_u32(a[K8SNET_A_LINK_TTL]);
		if (value > U8_MAX)
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_TTL], -ERANGE,
						"the TTL must be 0 (inherit) or 1 to 255");
		s->ttl = value;
	}
	if (a[K8SNET_A_LINK_DSCP]) {
		value = nla_get_u32(a[K8SNET_A_LINK_DSCP]);
		if (value > K8SNET_DSCP_INHERIT)
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_DSCP], -ERANGE,
						"the DSCP must be 0 to 63, or 64 (inherit)");
		s->dscp = value;
	}
	if (a[K8SNET_A_LINK_DF])
		s->df = nla_get_u32(a[K8SNET_A_LINK_DF]);
	if (a[K8SNET_A_LINK_MAC]) {
		nla_memcpy(s->mac, a[K8SNET_A_LINK_MAC], ETH_ALEN);
		s->has_mac = !is_zero_ether_addr(s->mac);
		if (is_multicast_ether_addr(s->mac))
			return k8snet_nl_refuse(info, a[K8SNET_A_LINK_MAC], -EINVAL,
						"the MAC address must be a unicast one, or zero for the derived one");
	}
	return 0;
}

/*
 * A device that was moved into a container must not let the container steer
 * the node: what touches the underlay needs the creating namespace's leave,
 * of the one who asks and of the one who opened the socket. Nodes do: their
 * addresses decide what the creating namespace forwards and translates.
 */
static int nl_may_steer(struct sk_buff *skb, struct genl_info *info,
			const struct k8snet_dev *kdev, const struct nlattr *attr)
{
	if (!kdev->kn || kdev->kn->net == genl_info_net(info) ||
	    netlink_ns_capable(skb, kdev->kn->net->user_ns, CAP_NET_ADMIN))
		return 0;
	return k8snet_nl_refuse(info, attr, -EPERM,
				"this needs CAP_NET_ADMIN where the device was created");
}

static int nl_may_set(struct sk_buff *skb, struct genl_info *info,
		      const struct k8snet_dev *kdev)
{
	static const int steers[] = {
		K8SNET_A_LINK_ID, K8SNET_A_LINK_PORT, K8SNET_A_LINK_LOCAL_IPV4,
		K8SNET_A_LINK_TTL, K8SNET_A_LINK_DSCP, K8SNET_A_LINK_DF,
		K8SNET_A_LINK_FORMAT, K8SNET_A_LINK_LOCAL_IPV6,
		K8SNET_A_LINK_CROSS_SUBNET,
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(steers); i++) {
		if (!info->attrs[steers[i]])
			continue;
		err = nl_may_steer(skb, info, kdev, info->attrs[steers[i]]);
		if (err)
			return err;
	}
	return 0;
}

int k8snet_nl_link_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_refusal refusal = {};
	struct k8snet_settings *want = NULL;
	struct k8snet_dev *kdev;
	int err, mtu;

	rtnl_lock();
	kdev = nl_device(info);
	if (IS_ERR(kdev)) {
		err = PTR_ERR(kdev);
		goto out;
	}
	err = nl_may_set(skb, info, kdev);
	if (err)
		goto out;
	want = kmemdup(rtnl_dereference(kdev->settings), sizeof(*want),
		       GFP_KERNEL);
	if (!want) {
		err = -ENOMEM;
		goto out;
	}
	err = nl_get_settings(info, want, &mtu);
	if (err)
		goto out;
	err = k8snet_device_set(kdev, want, mtu, &refusal);
	if (err)
		k8snet_nl_refused(info, err, &refusal, link_fields,
				  ARRAY_SIZE(link_fields));
	else
		want = NULL;
out:
	rtnl_unlock();
	kfree(want);
	return err;
}

static int nl_get_also(struct genl_info *info, struct k8snet_node_conf *conf)
{
	struct nlattr *tb[K8SNET_A_ADDRESS_MAX + 1];
	const struct nlattr *nest;
	int rem, err;

	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nest) != K8SNET_A_NODE_ALSO)
			continue;
		if (conf->n_also == K8SNET_ALSO_MAX)
			return k8snet_nl_refuse(info, nest, -E2BIG,
						"there can be 7 further addresses at most");
		err = nla_parse_nested(tb, K8SNET_A_ADDRESS_MAX, nest,
				       k8snet_address_nl_policy, info->extack);
		if (err)
			return err;
		if (!tb[K8SNET_A_ADDRESS_IPV4] == !tb[K8SNET_A_ADDRESS_IPV6])
			return k8snet_nl_refuse(info, nest, -EINVAL,
						"an address is an IPv4 or an IPv6 one");
		k8snet_nl_get_addr(tb[K8SNET_A_ADDRESS_IPV4],
				   tb[K8SNET_A_ADDRESS_IPV6],
				   &conf->also[conf->n_also++]);
	}
	return 0;
}

static int nl_get_node(struct genl_info *info, struct k8snet_node_conf *conf)
{
	struct nlattr **a = info->attrs;
	int err;

	if (k8snet_nl_missing(info, K8SNET_A_NODE_NAME, "a node needs a name"))
		return -EINVAL;
	if (!a[K8SNET_A_NODE_VIA_IPV4] == !a[K8SNET_A_NODE_VIA_IPV6])
		return k8snet_nl_refuse(info, a[K8SNET_A_NODE_VIA_IPV6], -EINVAL,
					"a node needs an underlay address, IPv4 or IPv6");
	conf->name = nla_data(a[K8SNET_A_NODE_NAME]);
	k8snet_nl_get_addr(a[K8SNET_A_NODE_VIA_IPV4],
			   a[K8SNET_A_NODE_VIA_IPV6], &conf->via);
	if (a[K8SNET_A_NODE_FORMAT]) {
		conf->has_format = true;
		conf->format = nla_get_u32(a[K8SNET_A_NODE_FORMAT]);
	}
	if (a[K8SNET_A_NODE_PORT]) {
		conf->port = nla_get_be16(a[K8SNET_A_NODE_PORT]);
		if (!conf->port)
			return k8snet_nl_refuse(info, a[K8SNET_A_NODE_PORT], -ERANGE,
						"the port must be 1 to 65535");
	}
	if (a[K8SNET_A_NODE_MAC]) {
		conf->has_mac = true;
		nla_memcpy(conf->mac, a[K8SNET_A_NODE_MAC], ETH_ALEN);
		if (!is_valid_ether_addr(conf->mac))
			return k8snet_nl_refuse(info, a[K8SNET_A_NODE_MAC], -EINVAL,
						"the MAC address of a node must be a unicast one");
	}
	err = nl_get_also(info, conf);
	if (err)
		return err;
	conf->move = a[K8SNET_A_NODE_MOVE] && nla_get_u32(a[K8SNET_A_NODE_MOVE]);
	return k8snet_nl_get_prefixes(info, K8SNET_A_NODE_PREFIX,
				      conf->prefixes, &conf->n_prefixes);
}

static int nl_write_node(struct sk_buff *skb, struct genl_info *info,
			 bool replace)
{
	struct k8snet_refusal refusal = {};
	struct k8snet_node_conf *conf;
	struct k8snet_nl_write w;
	struct k8snet_dev *kdev;
	int err;

	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return -ENOMEM;
	err = nl_get_node(info, conf) ?: k8snet_nl_write_nodes_start(info, &w);
	if (err)
		goto out;
	kdev = nl_device(info);
	err = PTR_ERR_OR_ZERO(kdev) ?: nl_may_steer(skb, info, kdev, NULL);
	if (!err)
		err = k8snet_node_write(w.nodes, kdev, conf, replace, &refusal);
	err = k8snet_nl_write_nodes_end(&w, err, &refusal);
	if (err)
		k8snet_nl_refused(info, err, &refusal, node_fields,
				  ARRAY_SIZE(node_fields));
out:
	kfree(conf);
	return err;
}

int k8snet_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_node(skb, info, false);
}

int k8snet_nl_node_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return nl_write_node(skb, info, true);
}

/* The node that a request names, under rtnl. */
static struct k8snet_node *nl_node(struct genl_info *info,
				   struct k8snet_dev **kdev)
{
	struct nlattr *name = info->attrs[K8SNET_A_NODE_NAME];
	struct k8snet_node *node;

	if (k8snet_nl_missing(info, K8SNET_A_NODE_NAME,
			      "name the node"))
		return ERR_PTR(-EINVAL);
	*kdev = nl_device(info);
	if (IS_ERR(*kdev))
		return ERR_CAST(*kdev);
	node = k8snet_node_by_name(&(*kdev)->nodes, nla_data(name));
	if (!node)
		return ERR_PTR(k8snet_nl_refuse(info, name, -ENOENT,
						"the device has no node of this name"));
	return node;
}

int k8snet_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[K8SNET_A_NODE_NAME];
	struct k8snet_refusal refusal = {};
	struct k8snet_nl_write w;
	struct k8snet_dev *kdev;
	int err;

	err = k8snet_nl_missing(info, K8SNET_A_NODE_NAME, "name the node") ?:
	      k8snet_nl_write_nodes_start(info, &w);
	if (err)
		return err;
	kdev = nl_device(info);
	err = PTR_ERR_OR_ZERO(kdev) ?: nl_may_steer(skb, info, kdev, NULL);
	if (!err)
		err = k8snet_node_del(w.nodes, kdev, nla_data(name), &refusal);
	err = k8snet_nl_write_nodes_end(&w, err, &refusal);
	if (err)
		k8snet_nl_refused(info, err, &refusal, node_fields,
				  ARRAY_SIZE(node_fields));
	return err;
}

static int nl_put_also(struct sk_buff *msg, const struct k8snet_node *node)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 1; i < node->n_addrs; i++) {
		nest = nla_nest_start(msg, K8SNET_A_NODE_ALSO);
		if (!nest ||
		    k8snet_nl_put_addr(msg, K8SNET_A_ADDRESS_IPV4,
				       K8SNET_A_ADDRESS_IPV6,
				       &node->addrs[i].addr))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int nl_put_node(struct sk_buff *msg, struct k8snet_dev *kdev,
		       const struct k8snet_node *node)
{
	const struct k8snet_settings *s = rtnl_dereference(kdev->settings);
	struct k8snet_look look = {
		.format = k8snet_device_format(s, node),
	};
	struct k8snet_traffic_sum sum;

	if (kdev->kn)
		k8snet_way_look(kdev, s, node, &look);
	k8snet_stats_sum(node->traffic, &sum);
	if (nla_put_u32(msg, K8SNET_A_NODE_IFINDEX, kdev->dev->ifindex) ||
	    nla_put_string(msg, K8SNET_A_NODE_IFNAME, kdev->dev->name) ||
	    nla_put_string(msg, K8SNET_A_NODE_NAME, node->name) ||
	    k8snet_nl_put_addr(msg, K8SNET_A_NODE_VIA_IPV4,
			       K8SNET_A_NODE_VIA_IPV6, &node->via) ||
	    nl_put_also(msg, node) ||
	    nla_put_be16(msg, K8SNET_A_NODE_PORT,
			 k8snet_device_port(s, node)) ||
	    nla_put(msg, K8SNET_A_NODE_MAC, ETH_ALEN, node->mac) ||
	    nla_put_u32(msg, K8SNET_A_NODE_FORMAT,
			k8snet_device_format(s, node)) ||
	    nla_put_u32(msg, K8SNET_A_NODE_CURRENT_FORMAT, look.format) ||
	    (look.path_mtu > 0 &&
	     nla_put_u32(msg, K8SNET_A_NODE_PATH_MTU, look.path_mtu)) ||
	    k8snet_nl_put_prefixes(msg, K8SNET_A_NODE_PREFIX, node->prefixes,
				   node->n_prefixes))
		return -EMSGSIZE;
	return nl_put_traffic(msg, K8SNET_A_NODE_STATS, &sum);
}

int k8snet_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct k8snet_node *node;
	struct k8snet_dev *kdev;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	node = nl_node(info, &kdev);
	err = IS_ERR(node) ? PTR_ERR(node) : nl_put_node(msg, kdev, node);
	rtnl_unlock();
	return k8snet_nl_reply(info, msg, hdr, err);
}

static int nl_dump_nodes(struct sk_buff *skb, struct netlink_callback *cb,
			 struct k8snet_dev *kdev)
{
	struct k8snet_node *node;
	void *hdr;
	int err;

	list_for_each_entry(node, &kdev->nodes.list, list) {
		if (node->ordinal < cb->args[1])
			continue;
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &k8snet_nl_family,
				  NLM_F_MULTI, K8SNET_CMD_NODE_GET);
		if (!hdr)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, hdr);
		err = nl_put_node(skb, kdev, node);
		if (err) {
			genlmsg_cancel(skb, hdr);
			return err;
		}
		genlmsg_end(skb, hdr);
		cb->args[1] = node->ordinal + 1;
	}
	return 0;
}

/* The cursor is the last device that is done, and the next node after it. */
int k8snet_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = k8snet_compat_dump_attrs(cb);
	struct nlattr *index = attrs ? attrs[K8SNET_A_NODE_IFINDEX] : NULL;
	struct nlattr *name = attrs ? attrs[K8SNET_A_NODE_IFNAME] : NULL;
	struct net *net = sock_net(skb->sk);
	struct k8snet_dev *kdev;
	int err = 0;

	rtnl_lock();
	cb->seq = nl_seq(net);
	while (!err && (kdev = nl_next_device(net, cb->args[0]))) {
		struct net_device *dev = kdev->dev;

		if ((!index || dev->ifindex == nla_get_u32(index)) &&
		    (!name || !strcmp(dev->name, nla_data(name))))
			err = nl_dump_nodes(skb, cb, kdev);
		if (!err) {
			cb->args[0] = dev->ifindex;
			cb->args[1] = 0;
		}
	}
	rtnl_unlock();
	return skb->len ?: err;
}

static int nl_put_counter(struct sk_buff *msg, enum k8snet_drop_reason why,
			  u64 packets)
{
	struct nlattr *nest = nla_nest_start(msg, K8SNET_A_STATS_COUNTER);

	if (!nest || nla_put_u32(msg, K8SNET_A_COUNTER_REASON, why) ||
	    nla_put_u64_64bit(msg, K8SNET_A_COUNTER_PACKETS, packets,
			      K8SNET_A_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* The counters of a device, or without one of the namespace. */
static int nl_dump_drops(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct net_device *dev,
			 struct k8snet_drops __percpu *drops)
{
	enum k8snet_drop_reason why;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &k8snet_nl_family, NLM_F_MULTI, K8SNET_CMD_STATS_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (dev && (nla_put_u32(skb, K8SNET_A_STATS_IFINDEX, dev->ifindex) ||
		    nla_put_string(skb, K8SNET_A_STATS_IFNAME, dev->name)))
		goto cancel;
	for (why = 0; why < K8SNET_DROP_REASONS; why++) {
		if (k8snet_stats_of_device(why) != !!dev)
			continue;
		if (nl_put_counter(skb, why, k8snet_stats_drops(drops, why)))
			goto cancel;
	}
	genlmsg_end(skb, hdr);
	return 0;

cancel:
	genlmsg_cancel(skb, hdr);
	return -EMSGSIZE;
}

/* The namespace comes first, then the devices. */
int k8snet_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct k8snet_dev *kdev;
	int err = 0;

	rtnl_lock();
	cb->seq = nl_seq(net);
	if (!cb->args[1]) {
		err = nl_dump_drops(skb, cb, NULL, k8snet_net(net)->drops);
		if (!err)
			cb->args[1] = true;
	}
	while (!err && (kdev = nl_next_device(net, cb->args[0]))) {
		err = nl_dump_drops(skb, cb, kdev->dev, kdev->drops);
		if (!err)
			cb->args[0] = kdev->dev->ifindex;
	}
	rtnl_unlock();
	return skb->len ?: err;
}
