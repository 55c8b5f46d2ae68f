/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes that are prepared and not made yet: in order, the last word on each
 * thing alone, and found by the thing's name and by what it claims.
 */
#ifndef K8SNET_PENDING_H
#define K8SNET_PENDING_H

#include <linux/list.h>

#include "index.h"

/* What a change wants for its thing alone: part of whoever describes it. */
struct k8snet_pending_claim {
	struct k8snet_index_node by_key;
	struct hlist_node sibling;
};

/* What becomes of one thing: part of whoever describes it. */
struct k8snet_pending_change {
	struct list_head list;
	struct k8snet_index_node by_name;
	struct hlist_head claims;
};

struct k8snet_pending {
	struct list_head list;
	bool indexed;			/* else there is one change at most */
	struct k8snet_index by_name;
	struct k8snet_index by_key;
};

int k8snet_pending_init(struct k8snet_pending *pending, bool indexed);
void k8snet_pending_destroy(struct k8snet_pending *pending);
void k8snet_pending_claim(struct k8snet_pending_change *change,
			  struct k8snet_pending_claim *claim, u32 hash);
void k8snet_pending_link(struct k8snet_pending *pending,
			 struct k8snet_pending_change *change, u32 hash);
void k8snet_pending_unlink(struct k8snet_pending *pending,
			   struct k8snet_pending_change *change);

#endif /* K8SNET_PENDING_H */
