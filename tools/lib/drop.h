/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet that was dropped because nobody should have sent it.
 */
#ifndef K8SNET_DROP_H
#define K8SNET_DROP_H

#include <net/if.h>
#include <stdint.h>

#include "address.h"

struct k8snet_drop {
	uint32_t ifindex;	/* 0 if the packet got to no device */
	char ifname[IF_NAMESIZE];
	uint32_t reason;
	struct k8snet_address outer;
	struct k8snet_address inner;
	uint32_t iif;		/* 0 if it is not known */
};

int k8snet_drop_decode(const struct nlmsghdr *event, struct k8snet_drop *drop);

#endif /* K8SNET_DROP_H */
