/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Kubernetes objects that make up the state of a node's network.
 */
#ifndef K8SNET_KUBE_H
#define K8SNET_KUBE_H

#include "document.h"
#include "kube_node.h"
#include "kube_service.h"
#include "kube_slice.h"
#include "state.h"

/* All zeros is none; what is in it lives in the arena. */
struct k8snet_kube {
	struct k8snet_arena arena;
	bool has_nodes;			/* a list of them was there, if only an empty one */
	struct k8snet_kube_node *node;
	size_t node_count;
	bool has_services;
	struct k8snet_kube_service *service;
	size_t service_count;
	bool has_slices;
	struct k8snet_kube_slice *slice;
	size_t slice_count;
};

/* What the objects are to be seen from. */
struct k8snet_kube_view {
	const char *node;		/* the name of this node */
	const char *device;		/* that the other nodes are behind */
};

void k8snet_kube_take(struct k8snet_kube *kube, const struct k8snet_item *item,
		      struct k8snet_problems *problems);

/*
 * Adds what follows from all objects together. Notes tell what was left out
 * though nothing is wrong with it.
 */
void k8snet_kube_state(struct k8snet_kube *kube, const struct k8snet_kube_view *view,
		       struct k8snet_state *state, struct k8snet_problems *problems,
		       struct k8snet_problems *notes);
void k8snet_kube_free(struct k8snet_kube *kube);

/*
 * Its parts: a state's service for each port of a service, and the endpoints
 * behind one of them. slices are those of the service.
 */
void k8snet_kube_add_services(const struct k8snet_kube_service *service,
			      struct k8snet_state *state, struct k8snet_problems *problems);
void k8snet_kube_add_endpoints(struct k8snet_state_service *service, const char *port_name,
			       const struct k8snet_kube_slice *slices, size_t count,
			       const struct k8snet_place *place, struct k8snet_state *state,
			       struct k8snet_problems *problems);
void k8snet_kube_settle_conflicts(struct k8snet_state *state, struct k8snet_problems *problems,
				  struct k8snet_problems *notes);

#endif /* K8SNET_KUBE_H */
