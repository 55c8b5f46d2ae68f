// SPDX-License-Identifier: GPL-2.0
/*
 * A remote node of an overlay device, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "node.h"

/* Puts the fields that are there. */
void k8snet_node_encode(const struct k8snet_node *node, struct k8snet_msg *msg)
{
	if (node->has & 1ULL << K8SNET_A_NODE_IFINDEX)
		k8snet_msg_put_u32(msg, K8SNET_A_NODE_IFINDEX, node->ifindex);
	if (node->has & 1ULL << K8SNET_A_NODE_IFNAME)
		k8snet_msg_put_string(msg, K8SNET_A_NODE_IFNAME, node->ifname);
	if (node->has & 1ULL << K8SNET_A_NODE_NAME)
		k8snet_msg_put_string(msg, K8SNET_A_NODE_NAME, node->name);
	k8snet_address_encode(&node->via, msg, K8SNET_A_NODE_VIA_IPV4, K8SNET_A_NODE_VIA_IPV6);
	k8snet_addresses_encode(&node->also, msg, K8SNET_A_NODE_ALSO);
	if (node->has & 1ULL << K8SNET_A_NODE_PORT)
		k8snet_msg_put_port(msg, K8SNET_A_NODE_PORT, node->port);
	if (node->has & 1ULL << K8SNET_A_NODE_MAC)
		k8snet_msg_put(msg, K8SNET_A_NODE_MAC, node->mac, sizeof(node->mac));
	if (node->has & 1ULL << K8SNET_A_NODE_FORMAT)
		k8snet_msg_put_u32(msg, K8SNET_A_NODE_FORMAT, node->format);
	if (node->has & 1ULL << K8SNET_A_NODE_MOVE)
		k8snet_msg_put_u32(msg, K8SNET_A_NODE_MOVE, node->move);
	k8snet_prefixes_encode(&node->pods, msg, K8SNET_A_NODE_PREFIX);
}

static int decode_attr(struct k8snet_node *node, const struct nlattr *attr,
		       struct k8snet_arena *arena)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_NODE_IFINDEX:
		node->ifindex = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_NODE_IFNAME:
		snprintf(node->ifname, sizeof(node->ifname), "%s", mnl_attr_get_str(attr));
		break;
	case K8SNET_A_NODE_NAME:
		node->name = k8snet_arena_strdup(arena, mnl_attr_get_str(attr));
		return node->name ? 0 : ENOMEM;
	case K8SNET_A_NODE_VIA_IPV4:
		k8snet_address_decode(&node->via, AF_INET, attr);
		break;
	case K8SNET_A_NODE_VIA_IPV6:
		k8snet_address_decode(&node->via, AF_INET6, attr);
		break;
	case K8SNET_A_NODE_ALSO:
		return k8snet_addresses_decode(&node->also, arena, attr);
	case K8SNET_A_NODE_PORT:
		node->port = ntohs(mnl_attr_get_u16(attr));
		break;
	case K8SNET_A_NODE_MAC:
		if (mnl_attr_get_payload_len(attr) != sizeof(node->mac))
			return EBADMSG;
		memcpy(node->mac, mnl_attr_get_payload(attr), sizeof(node->mac));
		break;
	case K8SNET_A_NODE_FORMAT:
		node->format = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_NODE_CURRENT_FORMAT:
		node->current_format = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_NODE_PATH_MTU:
		node->path_mtu = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_NODE_PREFIX:
		return k8snet_prefixes_decode(&node->pods, arena, attr);
	case K8SNET_A_NODE_STATS:
		return k8snet_traffic_decode(&node->stats, attr);
	}
	return 0;
}

int k8snet_node_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_node *node = item;
	const struct nlattr *attr;
	int err;

	node->name = "";
	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_find(&k8snet_spec_node_set, mnl_attr_get_type(attr)))
			continue;
		if (!k8snet_spec_attr_valid(&k8snet_spec_node_set, attr))
			return EBADMSG;
		err = decode_attr(node, attr, arena);
		if (err)
			return err;
		node->has |= 1ULL << mnl_attr_get_type(attr);
	}
	return 0;
}
