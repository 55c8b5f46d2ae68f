// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a namespace: the cluster's ranges and the selection seed.
 */
#include <linux/slab.h>

#include "netns.h"
#include "refusal.h"
#include "service/change.h"
#include "service/config.h"

/**
 * k8snet_config_copy() - a copy of the settings, to change and write
 * @kn: the namespace
 * @changes: those that come before
 *
 * Context: k8snet_net.lock.
 * Return: the copy, or NULL without memory.
 */
struct k8snet_config *k8snet_config_copy(struct k8snet_net *kn,
					 const struct k8snet_changes *changes)
{
	const struct k8snet_config *config = changes->config;

	lockdep_assert_held(&kn->lock);
	if (!config)
		config = rcu_dereference_protected(kn->config,
						   lockdep_is_held(&kn->lock));
	return kmemdup(config, sizeof(*config), GFP_KERNEL_ACCOUNT);
}

static bool config_has_egress(struct k8snet_net *kn,
			      const struct k8snet_changes *changes)
{
	return changes->has_egress ? changes->egress :
				     rcu_access_pointer(kn->egress);
}

/**
 * k8snet_config_write() - prepare to make settings those of the namespace
 * @kn: the namespace
 * @changes: where the change goes
 * @config: the settings; the changes' own on success
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and the changes are as before.
 */
int k8snet_config_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_config *config,
			struct k8snet_refusal *refusal)
{
	__le64 seed[2];

	lockdep_assert_held(&kn->lock);
	if (!config->pods.n && config_has_egress(kn, changes))
		return k8snet_refuse(refusal, -EBUSY, K8SNET_FIELD_NONE, 0,
				     "egress is on and needs the pod ranges; switch it off first");
	/* The same numbers on machines of either byte order. */
	static_assert(sizeof(seed) == sizeof(config->seed));
	memcpy(seed, config->seed, sizeof(seed));
	config->key.key[0] = le64_to_cpu(seed[0]);
	config->key.key[1] = le64_to_cpu(seed[1]);
	kfree(changes->config);
	changes->config = config;
	return 0;
}

int k8snet_config_init(struct k8snet_net *kn)
{
	struct k8snet_config *config;

	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	config->nodeports_min = K8SNET_NODEPORTS_MIN;
	config->nodeports_max = K8SNET_NODEPORTS_MAX;
	RCU_INIT_POINTER(kn->config, config);
	return 0;
}

/* No reader is left. */
void k8snet_config_destroy(struct k8snet_net *kn)
{
	kfree(rcu_dereference_protected(kn->config, 1));
}
