// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a network namespace, to and from netlink.
 */
#include <errno.h>
#include <string.h>

#include <linux/genetlink.h>

#include "config.h"

/* Puts the fields that are there. */
void k8snet_config_encode(const struct k8snet_config *config, struct k8snet_msg *msg)
{
	if (config->clear)
		k8snet_msg_put_u32(msg, K8SNET_A_CONFIG_CLEAR, config->clear);
	k8snet_prefixes_encode(&config->pods, msg, K8SNET_A_CONFIG_PODS);
	k8snet_prefixes_encode(&config->services, msg, K8SNET_A_CONFIG_SERVICES);
	if (config->has_seed)
		k8snet_msg_put(msg, K8SNET_A_CONFIG_SEED, config->seed, sizeof(config->seed));
	k8snet_prefixes_encode(&config->nodeport_addresses, msg,
			       K8SNET_A_CONFIG_NODEPORT_ADDRESS);
	if (config->has_nodeports) {
		k8snet_msg_put_u32(msg, K8SNET_A_CONFIG_NODEPORTS_MIN, config->nodeports_min);
		k8snet_msg_put_u32(msg, K8SNET_A_CONFIG_NODEPORTS_MAX, config->nodeports_max);
	}
	if (config->has_vip_ping)
		k8snet_msg_put_u32(msg, K8SNET_A_CONFIG_VIP_PING, config->vip_ping);
}

static int decode_attr(struct k8snet_config *config, const struct nlattr *attr,
		       struct k8snet_arena *arena)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_CONFIG_PODS:
		return k8snet_prefixes_decode(&config->pods, arena, attr);
	case K8SNET_A_CONFIG_SERVICES:
		return k8snet_prefixes_decode(&config->services, arena, attr);
	case K8SNET_A_CONFIG_SEED:
		if (mnl_attr_get_payload_len(attr) != sizeof(config->seed))
			return EBADMSG;
		memcpy(config->seed, mnl_attr_get_payload(attr), sizeof(config->seed));
		config->has_seed = true;
		break;
	case K8SNET_A_CONFIG_NODEPORT_ADDRESS:
		return k8snet_prefixes_decode(&config->nodeport_addresses, arena, attr);
	case K8SNET_A_CONFIG_NODEPORTS_MIN:
		config->nodeports_min = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_CONFIG_NODEPORTS_MAX:
		config->nodeports_max = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_CONFIG_VIP_PING:
		config->vip_ping = mnl_attr_get_u32(attr);
		break;
	}
	return 0;
}

int k8snet_config_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_config_set, attr))
			return EBADMSG;
		err = decode_attr(item, attr, arena);
		if (err)
			return err;
	}
	return 0;
}
