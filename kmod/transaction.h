/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes that a socket collects and makes all together.
 */
#ifndef K8SNET_TRANSACTION_H
#define K8SNET_TRANSACTION_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>

#include "overlay/node_change.h"
#include "service/change.h"

struct k8snet_net;
struct k8snet_refusal;

struct k8snet_transaction {
	struct list_head list;		/* of the namespace; transactions_lock */
	u32 portid;			/* the socket */
	refcount_t refs;
	struct mutex lock;		/* of all below */
	bool ended;
	u32 generation;			/* of the tables that it was begun with */
	u32 messages;			/* that were taken so far */
	struct k8snet_changes changes;
	struct k8snet_pending nodes;
};

int k8snet_transaction_begin(struct k8snet_net *kn, u32 portid,
			     u32 *generation, struct k8snet_refusal *refusal);
struct k8snet_transaction *k8snet_transaction_get(struct k8snet_net *kn,
						  u32 portid);
void k8snet_transaction_put(struct k8snet_transaction *t);
int k8snet_transaction_check(struct k8snet_net *kn,
			     const struct k8snet_transaction *t,
			     struct k8snet_refusal *refusal);
int k8snet_transaction_commit(struct k8snet_net *kn,
			      struct k8snet_transaction *t,
			      struct k8snet_refusal *refusal);
void k8snet_transaction_end(struct k8snet_net *kn, struct k8snet_transaction *t);
void k8snet_transaction_forget(struct k8snet_net *kn, u32 portid);
void k8snet_transaction_forget_all(struct k8snet_net *kn);

#endif /* K8SNET_TRANSACTION_H */
