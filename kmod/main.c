// SPDX-License-Identifier: GPL-2.0
/*
 * k8snet: the network of a Kubernetes node. What is set up at load, in which
 * order it is taken down.
 */
#include <linux/module.h>
#include <net/rtnetlink.h>

#include "addrset.h"
#include "flow/flow.h"
#include "hash.h"
#include "netlink.h"
#include "netns.h"
#include "overlay/device.h"
#include "overlay/node.h"
#include "overlay/podnet.h"
#include "overlay/receive.h"
#include "selftest/selftest.h"
#include "service/account.h"
#include "service/affinity.h"
#include "service/backend.h"
#include "service/hook.h"
#include "service/service.h"
#include "version.h"

static const struct {
	int (*create)(void);
	void (*destroy)(void);
} caches[] = {
	{ k8snet_addrset_cache_create, k8snet_addrset_cache_destroy },
	{ k8snet_podnet_cache_create, k8snet_podnet_cache_destroy },
	{ k8snet_node_cache_create, k8snet_node_cache_destroy },
	{ k8snet_backend_cache_create, k8snet_backend_cache_destroy },
	{ k8snet_service_cache_create, k8snet_service_cache_destroy },
	{ k8snet_affinity_cache_create, k8snet_affinity_cache_destroy },
	{ k8snet_account_cache_create, k8snet_account_cache_destroy },
	{ k8snet_flow_cache_create, k8snet_flow_cache_destroy },
};

static void caches_destroy(unsigned int n)
{
	while (n--)
		caches[n].destroy();
}

static int caches_create(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		err = caches[i].create();
		if (err) {
			caches_destroy(i);
			return err;
		}
	}
	return 0;
}

#ifdef DEBUG
static const struct {
	const char *name;
	bool (*run)(void);
} selftests[] = {
	{ "hash", k8snet_hash_selftest },
	{ "addrset", k8snet_addrset_selftest },
	{ "podnet", k8snet_podnet_selftest },
	{ "backend", k8snet_backend_selftest },
	{ "affinity", k8snet_affinity_selftest },
	{ "service", k8snet_service_selftest },
};

/* A module that fails its own tests is not loaded. */
static int selftests_run(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(selftests); i++) {
		if (!selftests[i].run())
			return -ENOTRECOVERABLE;
		pr_info("k8snet: selftest %s: passed, %u operations\n",
			selftests[i].name, SELFTEST_OPS);
	}
	return 0;
}
#else
static int selftests_run(void)
{
	return 0;
}
#endif

static int __init k8snet_init(void)
{
	int err;

	k8snet_hash_init();
	err = caches_create();
	if (err)
		return err;
	err = selftests_run();
	if (err)
		goto err_caches;
	err = k8snet_hook_init();
	if (err)
		goto err_caches;
	err = k8snet_netns_init();
	if (err)
		goto err_hook;
	err = k8snet_device_init();
	if (err)
		goto err_netns;
	err = k8snet_ipip_init();
	if (err)
		goto err_device;
	err = k8snet_netlink_init();
	if (err)
		goto err_ipip;
	return 0;

err_ipip:
	k8snet_ipip_exit();
err_device:
	k8snet_device_exit();
err_netns:
	k8snet_netns_exit();
err_hook:
	k8snet_hook_exit();
err_caches:
	rcu_barrier();
	caches_destroy(ARRAY_SIZE(caches));
	return err;
}

/*
 * Teardown: no more configuration, no more IP in IP; the devices go, with their nodes and
 * sockets; the namespaces' hooks and services go; what readers may still have
 * had is freed; then nothing is left in the caches.
 */
static void __exit k8snet_exit(void)
{
	k8snet_netlink_exit();
	k8snet_ipip_exit();
	k8snet_device_exit();
	k8snet_netns_exit();
	k8snet_hook_exit();
	rcu_barrier();
	caches_destroy(ARRAY_SIZE(caches));
}

module_init(k8snet_init);
module_exit(k8snet_exit);

MODULE_DESCRIPTION("Node network of a Kubernetes cluster: overlay, services, egress");
MODULE_AUTHOR("The k8snet authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(K8SNET_VERSION);
MODULE_ALIAS_RTNL_LINK("k8snet");
MODULE_ALIAS_GENL_FAMILY(K8SNET_FAMILY_NAME);
