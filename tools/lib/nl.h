/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection to the kernel's k8snet family.
 */
#ifndef K8SNET_NL_H
#define K8SNET_NL_H

#include "msg.h"
#include "refusal.h"

/* After a function has failed, refusal says why. */
struct k8snet_nl {
	int fd;
	uint16_t family;
	/* Multicast groups of events, 0 for one that there is not. */
	uint32_t drops;
	uint32_t endpoints;
	uint32_t changes;
	uint32_t seq;
	char *buf;
	struct k8snet_refusal refusal;
};

/* Kinds of events, as bits. */
#define K8SNET_NL_DROPS		1
#define K8SNET_NL_ENDPOINTS	2
#define K8SNET_NL_CHANGES	4
#define K8SNET_NL_EVENTS	7

/*
 * Takes one reply. Returns 0, or an errno (positive) to give up. In a dump it
 * is first called with NULL, and again whenever the dump has to start over:
 * forget what came so far.
 */
typedef int k8snet_nl_reply_fn(const struct nlmsghdr *reply, void *arg);

int k8snet_nl_open(struct k8snet_nl *nl);
void k8snet_nl_close(struct k8snet_nl *nl);
int k8snet_nl_do(struct k8snet_nl *nl, struct k8snet_msg *request,
		 k8snet_nl_reply_fn *reply, void *arg);
int k8snet_nl_dump(struct k8snet_nl *nl, struct k8snet_msg *request,
		   k8snet_nl_reply_fn *reply, void *arg);
int k8snet_nl_batch(struct k8snet_nl *nl, const char *data, size_t len, uint32_t first,
		    uint32_t *seq);
int k8snet_nl_join(struct k8snet_nl *nl, unsigned int events);
int k8snet_nl_events(struct k8snet_nl *nl, k8snet_nl_reply_fn *event, void *arg);

#endif /* K8SNET_NL_H */
