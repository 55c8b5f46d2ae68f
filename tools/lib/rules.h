/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chains of packet filter rules in this namespace: those of nftables and those of
 * the older iptables.
 */
#ifndef K8SNET_RULES_H
#define K8SNET_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct k8snet_rules_chain {
	uint8_t family;		/* NFPROTO_* */
	const char *table;
	const char *name;
	bool forwards;		/* it is what decides about forwarded packets */
	bool drops;		/* what no rule takes */
};

typedef void k8snet_rules_fn(const struct k8snet_rules_chain *chain, void *arg);

/* Returns 0, or an errno if they cannot be listed; that there is no nftables is none. */
int k8snet_rules_chains(k8snet_rules_fn *take, void *arg);

/* Whether the older iptables (not its nft twin) has a chain of that name in its table nat. */
bool k8snet_rules_legacy(bool ipv6, const char *chain);

#endif /* K8SNET_RULES_H */
