/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the words of a command line ask for.
 */
#ifndef K8SNETCTL_REQUEST_H
#define K8SNETCTL_REQUEST_H

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/config.h"
#include "lib/egress.h"
#include "lib/endpoint.h"
#include "lib/explain.h"
#include "lib/flow.h"
#include "lib/link.h"
#include "lib/node.h"
#include "lib/service.h"

struct command;

/* A command fills the object that it is about; lists live in the arena. */
struct request {
	const struct command *command;
	struct k8snet_arena arena;
	struct k8snet_link link;
	struct k8snet_node node;
	struct k8snet_service service;
	struct k8snet_endpoint endpoint;
	struct k8snet_config config;
	struct k8snet_egress egress;
	struct k8snet_question question;
	struct k8snet_flow_cache flow_cache;
	const char *device;	/* stats show */
	bool zero;
	bool explain;
	bool fix;		/* check */
	const char *calico;	/* node: its MAC address follows from this name, or its own */
	const char **file;	/* apply */
	size_t file_count;
	bool dry_run;
	bool keep;
	const char *node_name;
	bool has_count;		/* monitor */
	uint32_t count;
	unsigned int events;	/* K8SNET_NL_*, or 0 for all */
	char problem[256];	/* what is wrong with a value */
};

__attribute__((format(printf, 2, 3)))
int request_fail(struct request *rq, const char *format, ...);

#endif /* K8SNETCTL_REQUEST_H */
