/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages that carry out a plan.
 */
#ifndef K8SNET_CHANGE_H
#define K8SNET_CHANGE_H

#include "msg.h"
#include "plan.h"

/* One message, and what it is about. */
struct k8snet_change {
	struct k8snet_msg *msg;			/* the caller's to send, not to keep */
	const char *object;			/* "service" */
	const char *name;			/* NULL for settings */
	const struct k8snet_origin *origin;	/* where it is asked for, or NULL */
};

/* Returns 0, or what ends it. */
typedef int k8snet_change_fn(const struct k8snet_change *change, void *arg);

/*
 * A plan's messages, in an order in which the kernel accepts each: what others
 * are to get is given up first. Those of devices are apart, as they do not belong
 * into a transaction; of the first count ones, k8snet_change_links_back() has what
 * undoes them. All return 0, ENOMEM, or what send has returned.
 */
int k8snet_change_links(const struct k8snet_plan *plan, k8snet_change_fn *send, void *arg);
int k8snet_change_links_back(const struct k8snet_plan *plan, size_t count,
			     k8snet_change_fn *send, void *arg);
int k8snet_change_tables(const struct k8snet_plan *plan, k8snet_change_fn *send, void *arg);

#endif /* K8SNET_CHANGE_H */
