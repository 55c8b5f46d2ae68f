/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which endpoints of a service port a node sends new connections to.
 */
#ifndef K8SNET_ENDPOINTSET_H
#define K8SNET_ENDPOINTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

struct k8snet_strings {
	const char **string;
	size_t count;
};

/*
 * An endpoint as the cluster knows it, and what was decided. Conditions are
 * those of the EndpointSlice: with publishNotReadyAddresses its endpoints come
 * as ready there, whatever else they are, so that no more is needed here.
 */
struct k8snet_candidate {
	struct k8snet_address addr;
	uint16_t port;
	bool ready;
	bool serving;
	bool terminating;
	const char *node;			/* NULL if it is on none */
	const char *zone;			/* for show: hints decide */
	struct k8snet_strings node_hints;	/* nodes that it is meant for */
	struct k8snet_strings zone_hints;

	/* Filled in: */
	bool local;
	bool in_cluster_set;
	bool in_local_set;
};

/* The node that the sets are for. */
struct k8snet_place {
	const char *node;
	const char *zone;			/* "" or NULL if it has none */
};

/*
 * What the service port wants. Its trafficDistribution is not among it: the
 * control plane gives hints to the endpoints of a service that asks for it.
 */
struct k8snet_endpointset_policy {
	bool external;		/* has a NodePort, LoadBalancer or external address */
	bool internal_local;
	bool external_local;
};

enum k8snet_topology {
	K8SNET_TOPOLOGY_NONE,
	K8SNET_TOPOLOGY_SAME_ZONE,
	K8SNET_TOPOLOGY_SAME_NODE,
};

/*
 * Of one address family: families have nothing to do with each other. The local
 * set is empty if it is not used. The cluster set is filled in any case: where
 * the local set has none, an empty cluster set means that no node has one
 * either, so that connections are rejected and not dropped.
 */
struct k8snet_endpointset {
	bool uses_cluster;
	bool uses_local;
	enum k8snet_topology topology;	/* of the cluster set */
	size_t cluster_count;
	size_t local_count;
};

struct k8snet_endpointset
k8snet_endpointset_compute(struct k8snet_candidate *candidates, size_t count,
			   const struct k8snet_endpointset_policy *policy,
			   const struct k8snet_place *place);

#endif /* K8SNET_ENDPOINTSET_H */
