/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of nodes that are prepared and checked, and how they are made.
 */
#ifndef K8SNET_OVERLAY_NODE_CHANGE_H
#define K8SNET_OVERLAY_NODE_CHANGE_H

#include "overlay/node.h"
#include "pending.h"

/* An address or a prefix that a node is going to have. */
struct k8snet_node_claim {
	struct k8snet_pending_claim pending;
	struct k8snet_node_change *change;
	u32 key[6];			/* as k8snet_addr, and which of both it is */
};

/* What becomes of one node. */
struct k8snet_node_change {
	struct k8snet_pending_change pending;
	struct k8snet_dev *kdev;
	int ifindex;
	char *name;
	struct k8snet_node *node;	/* the new record; NULL: it goes */
	struct k8snet_node *old;	/* the record that readers see, or NULL */
	struct k8snet_net *announced;	/* where it is announced, while it is made */
	bool named;			/* the new record is in the table of names */
	struct k8snet_node_claim *claims;
};

/* node_change.c */
void k8snet_node_changes_free(struct k8snet_pending *changes);
int k8snet_node_write(struct k8snet_pending *changes, struct k8snet_dev *kdev,
		      const struct k8snet_node_conf *conf, bool replace,
		      struct k8snet_refusal *refusal);
int k8snet_node_del(struct k8snet_pending *changes, struct k8snet_dev *kdev,
		    const char *name, struct k8snet_refusal *refusal);
void k8snet_node_lose_prefix(struct k8snet_node *node,
			     const struct k8snet_prefix *prefix);

/* node_commit.c */
int k8snet_node_reserve(struct k8snet_pending *changes, struct net *net,
			struct k8snet_refusal *refusal);
void k8snet_node_unreserve(struct k8snet_pending *changes);
void k8snet_node_apply(struct k8snet_pending *changes);
void k8snet_node_settle(struct k8snet_pending *changes);

#endif /* K8SNET_OVERLAY_NODE_CHANGE_H */
