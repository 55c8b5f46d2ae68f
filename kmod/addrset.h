/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A counted set of IPv4 addresses that packets are checked against.
 */
#ifndef K8SNET_ADDRSET_H
#define K8SNET_ADDRSET_H

#include <linux/rhashtable.h>

struct k8snet_addrset {
	struct rhashtable table;
};

int k8snet_addrset_init(struct k8snet_addrset *set);
void k8snet_addrset_destroy(struct k8snet_addrset *set);
int k8snet_addrset_add(struct k8snet_addrset *set, __be32 addr);
void k8snet_addrset_del(struct k8snet_addrset *set, __be32 addr);
bool k8snet_addrset_has(struct k8snet_addrset *set, __be32 addr);

int k8snet_addrset_cache_create(void);
void k8snet_addrset_cache_destroy(void);

#endif /* K8SNET_ADDRSET_H */
