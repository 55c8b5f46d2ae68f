/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the connections of services are and carry.
 */
#ifndef K8SNET_SERVICE_ACCOUNT_H
#define K8SNET_SERVICE_ACCOUNT_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>

struct k8snet_endpoint;
struct k8snet_net;
struct nf_conn;
struct sk_buff;

struct k8snet_account {
	struct llist_head __percpu *fresh;	/* made by packets */
	bool stopped;
	bool armed;				/* the work will come */
	atomic_t n;				/* records */
	struct delayed_work work;

	struct mutex lock;			/* of all below */
	struct list_head list;			/* next to look at is first */
	struct rhashtable by_ct;
};

void k8snet_account_new(struct k8snet_net *kn, struct nf_conn *ct,
			struct k8snet_endpoint *endpoint,
			const struct sk_buff *skb);
void k8snet_account_collect(struct k8snet_net *kn);
void k8snet_account_hurry(struct k8snet_net *kn);
void k8snet_account_leaving(struct k8snet_net *kn,
			    struct k8snet_endpoint *endpoint, bool leaving);

int k8snet_account_init(struct k8snet_net *kn);
void k8snet_account_stop(struct k8snet_net *kn);
void k8snet_account_destroy(struct k8snet_net *kn);

int k8snet_account_cache_create(void);
void k8snet_account_cache_destroy(void);

#endif /* K8SNET_SERVICE_ACCOUNT_H */
