/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A counted set of IP addresses that packets are checked against.
 */
#ifndef K8SNET_ADDRSET_H
#define K8SNET_ADDRSET_H

#include <linux/rhashtable.h>

#include "addr.h"

struct k8snet_addrset {
	struct rhashtable table;
};

int k8snet_addrset_init(struct k8snet_addrset *set);
void k8snet_addrset_destroy(struct k8snet_addrset *set);
int k8snet_addrset_reserve(struct k8snet_addrset *set,
			   const struct k8snet_addr *addr);
void k8snet_addrset_use(struct k8snet_addrset *set, const struct k8snet_addr *addr);
int k8snet_addrset_add(struct k8snet_addrset *set, const struct k8snet_addr *addr);
void k8snet_addrset_del(struct k8snet_addrset *set, const struct k8snet_addr *addr);
bool k8snet_addrset_has(struct k8snet_addrset *set, const struct k8snet_addr *addr);

int k8snet_addrset_cache_create(void);
void k8snet_addrset_cache_destroy(void);

#endif /* K8SNET_ADDRSET_H */
