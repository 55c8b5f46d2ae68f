/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room for the outer headers in front of the packets that pods send.
 */
#ifndef K8SNET_OVERLAY_HEADROOM_H
#define K8SNET_OVERLAY_HEADROOM_H

#include <linux/workqueue.h>

struct k8snet_dev;
struct k8snet_net;
struct net_device;

struct k8snet_headroom {
	struct delayed_work work;
	int wanted;		/* ifindex of the device that is to be told */
	u16 room;		/* how much */
	unsigned long wait;	/* until then none is wanted, in jiffies */
	bool given;		/* to any device */
	bool stopped;
};

void k8snet_headroom_init(struct k8snet_net *kn);
void k8snet_headroom_stop(struct k8snet_net *kn);
void k8snet_headroom_destroy(struct k8snet_net *kn);
void k8snet_headroom_want(struct k8snet_net *kn, const struct k8snet_dev *kdev,
			  const struct net_device *in);

#endif /* K8SNET_OVERLAY_HEADROOM_H */
