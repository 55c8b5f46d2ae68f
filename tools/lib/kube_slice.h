/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An EndpointSlice: some of the endpoints of a service.
 */
#ifndef K8SNET_KUBE_SLICE_H
#define K8SNET_KUBE_SLICE_H

#include "endpointset.h"
#include "field.h"

struct k8snet_kube_slice_port {
	const char *name;
	uint32_t protocol;
	uint16_t port;
};

/* Its candidates have no port yet: each has all those of the slice. */
struct k8snet_kube_slice {
	struct k8snet_origin origin;
	const char *namespace;
	const char *name;
	const char *service;		/* NULL if it is of none, or not for us */
	int family;			/* 0 for DNS names, which are not for us either */
	struct k8snet_kube_slice_port *port;
	size_t port_count;
	struct k8snet_candidate *candidate;
	size_t candidate_count;
};

/* False if it is not to be used; a problem has been noted then. */
bool k8snet_kube_slice_read(struct k8snet_kube_slice *slice, const struct k8snet_field *object);

#endif /* K8SNET_KUBE_SLICE_H */
