// SPDX-License-Identifier: GPL-2.0
/*
 * Source NAT of pods that talk to addresses outside, to and from netlink.
 */
#include <errno.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "egress.h"

void k8snet_egress_encode(const struct k8snet_egress *egress, struct k8snet_msg *msg)
{
	k8snet_msg_put_u32(msg, K8SNET_A_EGRESS_ENABLED, egress->enabled);
	k8snet_address_encode(&egress->source4, msg, K8SNET_A_EGRESS_SOURCE_IPV4,
			      K8SNET_A_EGRESS_SOURCE_IPV6);
	k8snet_address_encode(&egress->source6, msg, K8SNET_A_EGRESS_SOURCE_IPV4,
			      K8SNET_A_EGRESS_SOURCE_IPV6);
	k8snet_prefixes_encode(&egress->exclude, msg, K8SNET_A_EGRESS_EXCLUDE);
}

int k8snet_egress_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_egress *egress = item;
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_egress_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_EGRESS_ENABLED:
			egress->enabled = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_EGRESS_SOURCE_IPV4:
			k8snet_address_decode(&egress->source4, AF_INET, attr);
			break;
		case K8SNET_A_EGRESS_SOURCE_IPV6:
			k8snet_address_decode(&egress->source6, AF_INET6, attr);
			break;
		case K8SNET_A_EGRESS_EXCLUDE:
			err = k8snet_prefixes_decode(&egress->exclude, arena, attr);
			if (err)
				return err;
			break;
		case K8SNET_A_EGRESS_NEW:
			egress->new = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}
