// SPDX-License-Identifier: GPL-2.0
/*
 * Drop counters of a device or of a network namespace, from netlink.
 */
#include <errno.h>
#include <stdio.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "generated/names.h"
#include "stats.h"

static int decode_counter(struct k8snet_stats *stats, const struct nlattr *nest,
			  struct k8snet_arena *arena)
{
	struct k8snet_counter *bigger, *counter;
	const struct nlattr *attr;

	bigger = k8snet_arena_grow(arena, stats->counter, stats->count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	stats->counter = bigger;
	counter = &stats->counter[stats->count++];
	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_counter_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_COUNTER_REASON:
			counter->reason = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_COUNTER_PACKETS:
			counter->packets = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}

int k8snet_stats_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_stats *stats = item;
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_stats_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_STATS_IFINDEX:
			stats->ifindex = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_STATS_IFNAME:
			snprintf(stats->ifname, sizeof(stats->ifname), "%s",
				 mnl_attr_get_str(attr));
			break;
		case K8SNET_A_STATS_COUNTER:
			err = decode_counter(stats, attr, arena);
			if (err)
				return err;
			break;
		}
	}
	return 0;
}
