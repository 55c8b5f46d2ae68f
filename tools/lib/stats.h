/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drop counters of a device or of a network namespace.
 */
#ifndef K8SNET_STATS_H
#define K8SNET_STATS_H

#include <net/if.h>
#include <stdint.h>

#include "arena.h"

struct nlmsghdr;

struct k8snet_counter {
	uint32_t reason;
	uint64_t packets;
};

struct k8snet_stats {
	uint32_t ifindex;	/* 0 for the namespace */
	char ifname[IF_NAMESIZE];
	struct k8snet_counter *counter;
	size_t count;
};

int k8snet_stats_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_STATS_H */
