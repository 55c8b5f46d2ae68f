/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room for the outer headers in front of the packets that pods send.
 */
#ifndef K8SNET_OVERLAY_HEADROOM_H
#define K8SNET_OVERLAY_HEADROOM_H

#include <linux/workqueue.h>

struct k8snet_dev;
struct k8snet_net;

struct k8snet_headroom {
	struct delayed_work work;
	int wanted;		/* ifindex of the device whose packets lack it */
	u16 room;		/* how much */
	unsigned long wait;	/* until then none is wanted, in jiffies */
	bool given;		/* to any device */
	bool stopped;
};

void k8snet_headroom_init(struct k8snet_net *kn);
void k8snet_headroom_stop(struct k8snet_net *kn);
void k8snet_headroom_destroy(struct k8snet_net *kn);
void k8snet_headroom_want(const struct k8snet_dev *kdev, int iif);

#endif /* K8SNET_OVERLAY_HEADROOM_H */
