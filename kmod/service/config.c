// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a namespace: the cluster's ranges and the selection seed.
 */
#include <linux/slab.h>

#include "netns.h"
#include "refusal.h"
#include "service/config.h"
#include "service/hook.h"

/**
 * k8snet_config_copy() - a copy of the settings, to change and write
 * @kn: the namespace
 *
 * Context: k8snet_net.lock.
 * Return: the copy, or NULL without memory.
 */
struct k8snet_config *k8snet_config_copy(struct k8snet_net *kn)
{
	lockdep_assert_held(&kn->lock);
	return kmemdup(rcu_dereference_protected(kn->config,
						 lockdep_is_held(&kn->lock)),
		       sizeof(struct k8snet_config), GFP_KERNEL);
}

/**
 * k8snet_config_write() - make settings those of the namespace
 * @kn: the namespace
 * @config: the settings; the namespace's own on success
 * @refusal: where the reason goes
 *
 * Context: k8snet_net.lock.
 * Return: 0, or a negative errno and nothing has changed.
 */
int k8snet_config_write(struct k8snet_net *kn, struct k8snet_config *config,
			struct k8snet_refusal *refusal)
{
	struct k8snet_config *old;
	__le64 seed[2];
	int err;

	lockdep_assert_held(&kn->lock);
	if (!config->pods.n && rcu_access_pointer(kn->egress))
		return k8snet_refuse(refusal, -EBUSY, K8SNET_FIELD_NONE, 0,
				     "egress is on and needs the pod ranges; switch it off first");
	if (config->services.n) {
		err = k8snet_hook_start(kn);
		if (err)
			return err;
	}
	/* The same numbers on machines of either byte order. */
	static_assert(sizeof(seed) == sizeof(config->seed));
	memcpy(seed, config->seed, sizeof(seed));
	config->key.key[0] = le64_to_cpu(seed[0]);
	config->key.key[1] = le64_to_cpu(seed[1]);
	old = rcu_replace_pointer(kn->config, config,
				  lockdep_is_held(&kn->lock));
	kfree_rcu(old, rcu);
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
