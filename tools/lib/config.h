/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of a network namespace.
 */
#ifndef K8SNET_CONFIG_H
#define K8SNET_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/k8snet.h>

#include "arena.h"
#include "msg.h"
#include "prefix.h"

struct k8snet_config {
	uint32_t clear;		/* K8SNET_CONFIG_FIELD_*, in requests */
	struct k8snet_prefixes pods;
	struct k8snet_prefixes services;
	bool has_seed;
	uint8_t seed[K8SNET_SEED_LEN];
	struct k8snet_prefixes nodeport_addresses;
	bool has_nodeports;
	uint32_t nodeports_min;
	uint32_t nodeports_max;
	bool has_vip_ping;
	uint32_t vip_ping;
};

void k8snet_config_encode(const struct k8snet_config *config, struct k8snet_msg *msg);
int k8snet_config_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_CONFIG_H */
