/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source NAT of pods that talk to addresses outside of the cluster.
 */
#ifndef K8SNET_EGRESS_H
#define K8SNET_EGRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "msg.h"
#include "prefix.h"

struct k8snet_egress {
	uint32_t enabled;
	/* By family; of none is the address of the device. */
	struct k8snet_address source4;
	struct k8snet_address source6;
	struct k8snet_prefixes exclude;
	uint64_t new;
};

void k8snet_egress_encode(const struct k8snet_egress *egress, struct k8snet_msg *msg);
int k8snet_egress_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_EGRESS_H */
