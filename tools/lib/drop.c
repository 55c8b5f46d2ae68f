// SPDX-License-Identifier: GPL-2.0
/*
 * A packet that was dropped because nobody should have sent it, from netlink.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "drop.h"
#include "generated/names.h"

static void decode_attr(struct k8snet_drop *drop, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_DROP_IFINDEX:
		drop->ifindex = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_DROP_IFNAME:
		snprintf(drop->ifname, sizeof(drop->ifname), "%s", mnl_attr_get_str(attr));
		break;
	case K8SNET_A_DROP_REASON:
		drop->reason = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_DROP_OUTER_IPV4:
		k8snet_address_decode(&drop->outer, AF_INET, attr);
		break;
	case K8SNET_A_DROP_OUTER_IPV6:
		k8snet_address_decode(&drop->outer, AF_INET6, attr);
		break;
	case K8SNET_A_DROP_INNER_IPV4:
		k8snet_address_decode(&drop->inner, AF_INET, attr);
		break;
	case K8SNET_A_DROP_INNER_IPV6:
		k8snet_address_decode(&drop->inner, AF_INET6, attr);
		break;
	case K8SNET_A_DROP_IIF:
		drop->iif = mnl_attr_get_u32(attr);
		break;
	}
}

/* Returns 0 or EBADMSG. */
int k8snet_drop_decode(const struct nlmsghdr *event, struct k8snet_drop *drop)
{
	const struct nlattr *attr;

	memset(drop, 0, sizeof(*drop));
	mnl_attr_for_each(attr, event, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_drop_set, attr))
			return EBADMSG;
		decode_attr(drop, attr);
	}
	return 0;
}
