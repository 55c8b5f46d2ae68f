// SPDX-License-Identifier: GPL-2.0
/*
 * An overlay device, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "array.h"
#include "generated/names.h"
#include "link.h"

/* Puts the fields that are there. */
void k8snet_link_encode(const struct k8snet_link *link, struct k8snet_msg *msg)
{
	const struct {
		uint16_t type;
		uint32_t value;
	} numbers[] = {
		{ K8SNET_A_LINK_IFINDEX, link->ifindex },
		{ K8SNET_A_LINK_FORMAT, link->format },
		{ K8SNET_A_LINK_ID, link->id },
		{ K8SNET_A_LINK_STRICT, link->strict },
		{ K8SNET_A_LINK_CROSS_SUBNET, link->cross_subnet },
		{ K8SNET_A_LINK_MTU, link->mtu },
		{ K8SNET_A_LINK_TTL, link->ttl },
		{ K8SNET_A_LINK_DSCP, link->dscp },
		{ K8SNET_A_LINK_DF, link->df },
	};

	if (link->has & 1ULL << K8SNET_A_LINK_IFNAME)
		k8snet_msg_put_string(msg, K8SNET_A_LINK_IFNAME, link->ifname);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (link->has & 1ULL << numbers[i].type)
			k8snet_msg_put_u32(msg, numbers[i].type, numbers[i].value);
	if (link->has & 1ULL << K8SNET_A_LINK_PORT)
		k8snet_msg_put_port(msg, K8SNET_A_LINK_PORT, link->port);
	if (link->has & 1ULL << K8SNET_A_LINK_LOCAL_IPV4)
		k8snet_msg_put_ipv4(msg, K8SNET_A_LINK_LOCAL_IPV4, link->local);
	if (link->has & 1ULL << K8SNET_A_LINK_LOCAL_IPV6)
		k8snet_msg_put_ipv6(msg, K8SNET_A_LINK_LOCAL_IPV6, &link->local6);
	if (link->has & 1ULL << K8SNET_A_LINK_MAC)
		k8snet_msg_put(msg, K8SNET_A_LINK_MAC, link->mac, sizeof(link->mac));
}

static int decode_attr(struct k8snet_link *link, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_LINK_IFINDEX:
		link->ifindex = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_IFNAME:
		snprintf(link->ifname, sizeof(link->ifname), "%s", mnl_attr_get_str(attr));
		break;
	case K8SNET_A_LINK_FORMAT:
		link->format = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_ID:
		link->id = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_PORT:
		link->port = ntohs(mnl_attr_get_u16(attr));
		break;
	case K8SNET_A_LINK_LOCAL_IPV4:
		link->local.s_addr = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_LOCAL_IPV6:
		memcpy(&link->local6, mnl_attr_get_payload(attr), sizeof(link->local6));
		break;
	case K8SNET_A_LINK_STRICT:
		link->strict = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_CROSS_SUBNET:
		link->cross_subnet = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_MTU:
		link->mtu = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_MTU_AUTO:
		link->mtu_auto = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_TTL:
		link->ttl = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_DSCP:
		link->dscp = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_DF:
		link->df = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_MAC:
		if (mnl_attr_get_payload_len(attr) != sizeof(link->mac))
			return EBADMSG;
		memcpy(link->mac, mnl_attr_get_payload(attr), sizeof(link->mac));
		break;
	case K8SNET_A_LINK_NODES:
		link->nodes = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_LINK_STATS:
		return k8snet_traffic_decode(&link->stats, attr);
	}
	return 0;
}

int k8snet_link_decode(const struct nlmsghdr *reply,
		       __attribute__((unused)) struct k8snet_arena *arena, void *item)
{
	struct k8snet_link *link = item;
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_find(&k8snet_spec_link_set, mnl_attr_get_type(attr)))
			continue;
		if (!k8snet_spec_attr_valid(&k8snet_spec_link_set, attr))
			return EBADMSG;
		err = decode_attr(link, attr);
		if (err)
			return err;
		link->has |= 1ULL << mnl_attr_get_type(attr);
	}
	return 0;
}
