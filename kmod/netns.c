// SPDX-License-Identifier: GPL-2.0
/*
 * What a network namespace has of k8snet: made with it, gone with it.
 */
#include "netns.h"
#include "overlay/device.h"
#include "overlay/guard.h"
#include "overlay/handover.h"
#include "service/account.h"
#include "service/hook.h"
#include "transaction.h"

unsigned int k8snet_net_id __read_mostly;

static int __net_init netns_init(struct net *net)
{
	struct k8snet_net *kn = k8snet_net(net);
	int err = -ENOMEM;

	kn->net = net;
	atomic_set(&kn->generation, 1);
	mutex_init(&kn->lock);
	spin_lock_init(&kn->transactions_lock);
	INIT_LIST_HEAD(&kn->transactions);
	INIT_LIST_HEAD(&kn->devices);
	INIT_LIST_HEAD(&kn->sockets);
	INIT_DELAYED_WORK(&kn->fit, k8snet_device_fit_work);
	k8snet_headroom_init(kn);
	kn->drops = alloc_percpu(struct k8snet_drops);
	if (!kn->drops)
		return -ENOMEM;
	kn->egress_new = alloc_percpu(unsigned long);
	if (!kn->egress_new)
		goto err_drops;
	err = k8snet_addrset_init(&kn->node_addrs);
	if (err)
		goto err_egress;
	err = k8snet_addrset_init(&kn->node_ports);
	if (err)
		goto err_addrs;
	err = k8snet_config_init(kn);
	if (err)
		goto err_ports;
	err = k8snet_services_init(&kn->services);
	if (err)
		goto err_config;
	err = k8snet_account_init(kn);
	if (err)
		goto err_services;
	err = k8snet_flows_init(kn);
	if (err)
		goto err_account;
	return 0;

err_account:
	k8snet_account_destroy(kn);
err_services:
	k8snet_services_destroy(kn);
err_config:
	k8snet_config_destroy(kn);
err_ports:
	k8snet_addrset_destroy(&kn->node_ports);
err_addrs:
	k8snet_addrset_destroy(&kn->node_addrs);
err_egress:
	free_percpu(kn->egress_new);
err_drops:
	free_percpu(kn->drops);
	return err;
}

/*
 * First, before any of the namespace's devices goes: let go of what holds
 * them. Devices that live elsewhere stay there, without an underlay.
 */
static void __net_exit netns_pre_exit(struct net *net)
{
	struct k8snet_net *kn = k8snet_net(net);

	k8snet_flow_stop(kn);
	k8snet_device_detach_all(kn);
	cancel_delayed_work_sync(&kn->fit);
	k8snet_headroom_stop(kn);
	k8snet_guard_stop(kn);
	k8snet_ingress_stop(kn);
	k8snet_hook_stop(kn);
	k8snet_handover_stop(kn);
	k8snet_account_stop(kn);
}

/* Then, a grace period later, when no packet is on its way: the tables. */
static void __net_exit netns_exit(struct net *net)
{
	struct k8snet_net *kn = k8snet_net(net);

	/* A packet that was on its way then may have asked for it again. */
	cancel_delayed_work_sync(&kn->fit);
	k8snet_headroom_destroy(kn);
	k8snet_flows_destroy(kn);
	k8snet_transaction_forget_all(kn);
	k8snet_services_destroy(kn);
	k8snet_account_destroy(kn);
	kfree(rcu_dereference_protected(kn->egress, 1));
	k8snet_config_destroy(kn);
	k8snet_addrset_destroy(&kn->node_ports);
	k8snet_addrset_destroy(&kn->node_addrs);
	free_percpu(kn->egress_new);
	free_percpu(kn->drops);
}

static struct pernet_operations netns_ops = {
	.init		= netns_init,
	.pre_exit	= netns_pre_exit,
	.exit		= netns_exit,
	.id		= &k8snet_net_id,
	.size		= sizeof(struct k8snet_net),
};

int k8snet_netns_init(void)
{
	return register_pernet_device(&netns_ops);
}

void k8snet_netns_exit(void)
{
	unregister_pernet_device(&netns_ops);
}
