// SPDX-License-Identifier: GPL-2.0
/*
 * Which endpoints of a service port a node sends new connections to, as
 * Kubernetes' CategorizeEndpoints (pkg/proxy/topology.go) has it:
 *
 * The cluster set is what traffic policy Cluster chooses from, the local set
 * what Local does. Either holds ready endpoints, or, if there are none, those
 * that still serve while they terminate (KEP-1669); one can have fallen back
 * when the other has not. Hints narrow the ready endpoints of the cluster set
 * to the same node or zone (KEP-2433, KEP-3015), nothing else.
 */
#include <string.h>

#include "endpointset.h"

static bool has(const struct k8snet_strings *strings, const char *text)
{
	for (size_t i = 0; text && i < strings->count; i++)
		if (!strcmp(strings->string[i], text))
			return true;
	return false;
}

/* An unnamed node is not the same as another unnamed one. */
static bool is_local(const struct k8snet_candidate *candidate, const struct k8snet_place *place)
{
	return candidate->node && place->node && *place->node &&
	       !strcmp(candidate->node, place->node);
}

static bool is_fallback(const struct k8snet_candidate *candidate)
{
	return candidate->serving && candidate->terminating;
}

/* Hints count if every ready endpoint has them and one is meant for this node or zone. */
static enum k8snet_topology find_topology(const struct k8snet_candidate *candidates, size_t count,
					  const struct k8snet_place *place)
{
	bool all_nodes = true, this_node = false, all_zones = true, this_zone = false;

	for (size_t i = 0; i < count; i++) {
		const struct k8snet_candidate *candidate = &candidates[i];

		if (!candidate->ready)
			continue;
		all_nodes &= candidate->node_hints.count > 0;
		this_node |= has(&candidate->node_hints, place->node);
		all_zones &= candidate->zone_hints.count > 0;
		this_zone |= has(&candidate->zone_hints, place->zone);
	}
	if (all_nodes && this_node)
		return K8SNET_TOPOLOGY_SAME_NODE;
	if (all_zones && this_zone)
		return K8SNET_TOPOLOGY_SAME_ZONE;
	return K8SNET_TOPOLOGY_NONE;
}

static bool fits(const struct k8snet_candidate *candidate, enum k8snet_topology topology,
		 const struct k8snet_place *place)
{
	switch (topology) {
	case K8SNET_TOPOLOGY_SAME_NODE:
		return has(&candidate->node_hints, place->node);
	case K8SNET_TOPOLOGY_SAME_ZONE:
		return has(&candidate->zone_hints, place->zone);
	default:
		return true;
	}
}

/* Hints that leave out every ready endpoint have been dismissed by find_topology(). */
static void fill_cluster(struct k8snet_endpointset *set, struct k8snet_candidate *candidates,
			 size_t count, bool any_ready, const struct k8snet_place *place)
{
	set->topology = find_topology(candidates, count, place);
	for (size_t i = 0; i < count; i++) {
		struct k8snet_candidate *candidate = &candidates[i];

		if (any_ready)
			candidate->in_cluster_set = candidate->ready &&
						    fits(candidate, set->topology, place);
		else
			candidate->in_cluster_set = is_fallback(candidate);
		set->cluster_count += candidate->in_cluster_set;
	}
}

static void fill_local(struct k8snet_endpointset *set, struct k8snet_candidate *candidates,
		       size_t count, bool any_ready)
{
	for (size_t i = 0; i < count; i++) {
		struct k8snet_candidate *candidate = &candidates[i];

		candidate->in_local_set = candidate->local && (any_ready ? candidate->ready :
							       is_fallback(candidate));
		set->local_count += candidate->in_local_set;
	}
}

/*
 * Decides for the endpoints of one service port and one address family. A
 * function of its arguments alone: the order of endpoints does not matter.
 *
 * External traffic with policy Local needs the cluster set as well: what comes
 * from a pod or process of this node may go to any endpoint (short-circuit).
 */
struct k8snet_endpointset
k8snet_endpointset_compute(struct k8snet_candidate *candidates, size_t count,
			   const struct k8snet_endpointset_policy *policy,
			   const struct k8snet_place *place)
{
	bool external_local = policy->external && policy->external_local;
	bool any_ready = false, local_ready = false;
	struct k8snet_endpointset set = {
		.uses_cluster = !policy->internal_local || policy->external,
		.uses_local = policy->internal_local || external_local,
	};

	for (size_t i = 0; i < count; i++) {
		struct k8snet_candidate *candidate = &candidates[i];

		candidate->local = is_local(candidate, place);
		candidate->in_local_set = false;
		any_ready |= candidate->ready;
		local_ready |= candidate->ready && candidate->local;
	}
	fill_cluster(&set, candidates, count, any_ready, place);
	if (set.uses_local)
		fill_local(&set, candidates, count, local_ready);
	return set;
}
