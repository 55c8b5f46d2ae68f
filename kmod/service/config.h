/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of a namespace: the cluster's ranges and the selection seed.
 */
#ifndef K8SNET_SERVICE_CONFIG_H
#define K8SNET_SERVICE_CONFIG_H

#include <linux/siphash.h>

#include "prefix.h"

struct k8snet_changes;
struct k8snet_net;
struct k8snet_refusal;

struct k8snet_config {
	struct rcu_head rcu;
	siphash_key_t key;		/* from the seed, same on all machines */
	u8 seed[K8SNET_SEED_LEN];
	struct k8snet_prefixes pods;
	struct k8snet_prefixes services;
	struct k8snet_prefixes nodeport_addrs;	/* none: all but loopback */
	u16 nodeports_min;		/* never the source of what is translated */
	u16 nodeports_max;
	bool vip_ping;
};

/* As kube-apiserver's --service-node-port-range. */
#define K8SNET_NODEPORTS_MIN	30000
#define K8SNET_NODEPORTS_MAX	32767

struct k8snet_config *k8snet_config_copy(struct k8snet_net *kn,
					 const struct k8snet_changes *changes);
int k8snet_config_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_config *config,
			struct k8snet_refusal *refusal);
int k8snet_config_init(struct k8snet_net *kn);
void k8snet_config_destroy(struct k8snet_net *kn);

#endif /* K8SNET_SERVICE_CONFIG_H */
