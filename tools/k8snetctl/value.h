/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as they are written on the command line.
 */
#ifndef K8SNETCTL_VALUE_H
#define K8SNETCTL_VALUE_H

#include "lib/spec.h"
#include "request.h"

/* All return 0, or fail the request with what is wrong. */
int value_device(struct request *rq, const char *text, char *name);
int value_number(struct request *rq, const char *text, uint32_t *number);
int value_port(struct request *rq, const char *text, uint16_t *port);
int value_switch(struct request *rq, const char *text, uint32_t *on);
int value_enum(struct request *rq, const char *text, const struct k8snet_spec_enum *e,
	       uint32_t *value);
int value_addresses(struct request *rq, const char *text, struct k8snet_addresses *list);
int value_address(struct request *rq, const char *text, struct k8snet_address *addr);
int value_address_port(struct request *rq, const char *text, struct k8snet_address *addr,
		       uint16_t *port);
int value_prefixes(struct request *rq, const char *text, struct k8snet_prefixes *list);
int value_bytes(struct request *rq, const char *text, const char *what, char separator,
		uint8_t *bytes, size_t count);

#endif /* K8SNETCTL_VALUE_H */
