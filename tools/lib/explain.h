/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a new connection.
 */
#ifndef K8SNET_EXPLAIN_H
#define K8SNET_EXPLAIN_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/k8snet.h>

#include "address.h"
#include "arena.h"
#include "msg.h"
#include "service.h"

/* The connection that is asked about. */
struct k8snet_question {
	uint32_t protocol;
	bool ping;			/* an echo request: no protocol and no ports */
	struct k8snet_address source;
	uint16_t source_port;
	struct k8snet_address dest;
	uint16_t dest_port;
	char iif[IF_NAMESIZE];		/* empty: a process of the node opens it */
};

/* What is absent is 0 or NULL; the fields of a service count only with one. */
struct k8snet_answer {
	uint32_t verdict;
	uint32_t reason;
	const char *service;
	struct k8snet_frontend frontend;
	uint32_t policy;
	uint32_t range_state;
	uint32_t endpoints;
	uint32_t affinity_state;
	uint32_t algorithm;
	struct k8snet_address endpoint;
	uint16_t endpoint_port;
	bool has_source_state;
	uint32_t source_state;
	struct k8snet_address new_source;
	const char *oif;
	const char *node;
	struct k8snet_address via;
	uint32_t format;
	uint32_t mtu;
	uint32_t flow_state;
};

void k8snet_question_encode(const struct k8snet_question *question, struct k8snet_msg *msg);
int k8snet_answer_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item);

#endif /* K8SNET_EXPLAIN_H */
