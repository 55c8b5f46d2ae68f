/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the kernel did not do what it was asked for.
 */
#ifndef K8SNET_REFUSAL_H
#define K8SNET_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "msg.h"

/* What the kernel says that the offending attribute must be. */
struct k8snet_refusal_policy {
	bool has_range;
	uint64_t min;
	uint64_t max;
	bool has_mask;
	uint64_t mask;
	uint32_t min_length;
	uint32_t max_length;	/* 0 for none */
};

struct k8snet_refusal {
	int code;		/* errno, positive; 0 is no refusal */
	bool family;		/* the family itself is missing */
	char text[512];		/* the kernel's sentence, or empty */
	uint32_t offset;	/* of the offending attribute in the request; 0 for none */
	bool missing;		/* an attribute is missing */
	uint32_t missing_type;
	uint32_t missing_nest;	/* offset of the nest that lacks it; 0 for the message */
	struct k8snet_refusal_policy policy;
};

void k8snet_refusal_parse(struct k8snet_refusal *refusal, int code,
			  const void *attrs, size_t len);
void k8snet_refusal_print(const struct k8snet_refusal *refusal, const struct k8snet_msg *request,
			  const char *name, char *buf, size_t size);

#endif /* K8SNET_REFUSAL_H */
