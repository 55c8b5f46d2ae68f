/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Service, as a proxy needs it.
 */
#ifndef K8SNET_KUBE_SERVICE_H
#define K8SNET_KUBE_SERVICE_H

#include "address.h"
#include "field.h"
#include "prefix.h"

struct k8snet_kube_port {
	const char *name;		/* "" if it has none */
	uint32_t protocol;
	uint16_t port;
	uint16_t node_port;		/* 0 if it has none */
};

struct k8snet_kube_addresses {
	struct k8snet_address *address;
	size_t count;
};

struct k8snet_kube_service {
	struct k8snet_origin origin;
	const char *namespace;
	const char *name;
	const char *ignored;		/* why it is not for us, or NULL; no more is read then */
	struct k8snet_kube_port *port;
	size_t port_count;
	struct k8snet_kube_addresses cluster_ips;	/* at most one of each family */
	struct k8snet_kube_addresses external_ips;
	struct k8snet_kube_addresses load_balancer_ips;	/* those that are ours to capture */
	bool internal_local;
	bool external_local;
	struct k8snet_prefixes ranges;
	uint32_t affinity;		/* seconds, or 0 */
	uint16_t health_check_port;	/* or 0 */

	/* From annotations of ours: */
	uint32_t algorithm;
	uint32_t on_remove;
	uint32_t range_scope;
	uint32_t limit;
};

/* False if it is not to be used; a problem has been noted then. */
bool k8snet_kube_service_read(struct k8snet_kube_service *service,
			      const struct k8snet_field *object);

/* Shared with slices: the default is TCP. */
uint32_t k8snet_kube_protocol(const struct k8snet_field *field);

#endif /* K8SNET_KUBE_SERVICE_H */
