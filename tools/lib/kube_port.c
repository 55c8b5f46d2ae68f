// SPDX-License-Identifier: GPL-2.0
/*
 * A port of a Kubernetes service, as the tables have it: where it answers, and
 * the endpoints behind it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube.h"

static bool has_family(const struct k8snet_kube_addresses *list, int family)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->address[i].family == family)
			return true;
	return false;
}

static void add_frontend(struct k8snet_state_service *service,
			 enum k8snet_state_frontend_type type, const struct k8snet_address *addr,
			 uint16_t port, struct k8snet_state *state,
			 struct k8snet_problems *problems)
{
	struct k8snet_state_frontend *frontend = k8snet_state_add_frontend(service, &state->arena);

	if (frontend)
		*frontend = (struct k8snet_state_frontend){ type, *addr, port };
	else
		problems->failed = ENOMEM;
}

/* A service answers in the families that it has a ClusterIP of, whatever else it says. */
static void add_frontends(struct k8snet_state_service *added,
			  const struct k8snet_kube_service *service,
			  const struct k8snet_kube_port *port, struct k8snet_state *state,
			  struct k8snet_problems *problems)
{
	const struct k8snet_kube_addresses *lists[] = {
		[K8SNET_STATE_CLUSTER_IP] = &service->cluster_ips,
		[K8SNET_STATE_LOAD_BALANCER] = &service->load_balancer_ips,
		[K8SNET_STATE_EXTERNAL] = &service->external_ips,
	};

	for (int type = K8SNET_STATE_CLUSTER_IP; type <= K8SNET_STATE_EXTERNAL; type++) {
		const struct k8snet_kube_addresses *list = lists[type];

		for (size_t i = 0; list && i < list->count; i++)
			if (has_family(&service->cluster_ips, list->address[i].family))
				add_frontend(added, type, &list->address[i], port->port, state,
					     problems);
	}
	for (size_t i = 0; port->node_port && i < service->cluster_ips.count; i++) {
		struct k8snet_address any = { .family = service->cluster_ips.address[i].family };

		add_frontend(added, K8SNET_STATE_NODE_PORT, &any, port->node_port, state,
			     problems);
	}
}

/* As kube-proxy's ServicePortName has it. */
static const char *port_name(const struct k8snet_kube_service *service,
			     const struct k8snet_kube_port *port, struct k8snet_arena *arena,
			     struct k8snet_problems *problems)
{
	size_t size = strlen(service->namespace) + strlen(service->name) + strlen(port->name) + 3;
	char *name = k8snet_arena_alloc(arena, size);

	if (!name) {
		problems->failed = ENOMEM;
		return "";
	}
	snprintf(name, size, "%s/%s%s%s", service->namespace, service->name,
		 *port->name ? ":" : "", port->name);
	if (strlen(name) > K8SNET_SERVICE_NAME_MAX)
		k8snet_problems_add(problems, &service->origin,
				    "Service %s/%s: the name of port \"%s\" makes it too long",
				    service->namespace, service->name, port->name);
	return name;
}

/* Ranges of a family that the service is not of mean nothing. */
static void add_ranges(struct k8snet_state_service *added,
		       const struct k8snet_kube_service *service, struct k8snet_state *state,
		       struct k8snet_problems *problems)
{
	for (size_t i = 0; i < service->ranges.count; i++) {
		const struct k8snet_prefix *range = &service->ranges.prefix[i];

		if (has_family(&service->cluster_ips, range->addr.family) &&
		    k8snet_prefixes_add(&added->ranges, &state->arena, range))
			problems->failed = ENOMEM;
	}
}

static bool is_external(const struct k8snet_state_service *service)
{
	for (size_t i = 0; i < service->frontend_count; i++)
		if (service->frontend[i].type != K8SNET_STATE_CLUSTER_IP)
			return true;
	return false;
}

void k8snet_kube_add_services(const struct k8snet_kube_service *service,
			      struct k8snet_state *state, struct k8snet_problems *problems)
{
	for (size_t i = 0; i < service->port_count; i++) {
		const struct k8snet_kube_port *port = &service->port[i];
		struct k8snet_state_service *added = k8snet_state_add_service(state);

		if (!added) {
			problems->failed = ENOMEM;
			return;
		}
		*added = (struct k8snet_state_service){
			.name = port_name(service, port, &state->arena, problems),
			.protocol = port->protocol,
			.internal_local = service->internal_local,
			.range_scope = service->range_scope,
			.affinity = service->affinity,
			.algorithm = service->algorithm,
			.on_remove = service->on_remove,
			.limit = service->limit,
			.health_check_port = service->health_check_port,
			.origin = service->origin,
		};
		add_frontends(added, service, port, state, problems);
		/* It means nothing to a service that is not reached from outside. */
		added->external_local = service->external_local && is_external(added);
		add_ranges(added, service, state, problems);
	}
}

struct candidates {
	struct k8snet_candidate *candidate;
	size_t count;
};

/* Before the ones that differ in more than their conditions: see drop_doubles(). */
static int compare_candidates(const void *a, const void *b)
{
	const struct k8snet_candidate *x = a, *y = b;
	int order = k8snet_state_compare_address(&x->addr, &y->addr);

	if (!order)
		order = (x->port > y->port) - (x->port < y->port);
	if (!order)
		order = y->local - x->local;
	if (!order)
		order = y->ready - x->ready;
	return order ? order : y->serving - x->serving;
}

/*
 * An endpoint can be in two slices while it moves from one to the other.
 * kube-proxy prefers one on this node and otherwise takes any; this takes the
 * one in the better condition, so that all nodes take the same.
 */
static void drop_doubles(struct candidates *candidates, const struct k8snet_place *place)
{
	struct k8snet_candidate *candidate = candidates->candidate;
	size_t kept = 0;

	if (!candidates->count)
		return;
	for (size_t i = 0; i < candidates->count; i++)
		candidate[i].local = candidate[i].node && !strcmp(candidate[i].node, place->node);
	qsort(candidate, candidates->count, sizeof(*candidate), compare_candidates);
	for (size_t i = 1; i < candidates->count; i++)
		if (k8snet_state_compare_address(&candidate[kept].addr, &candidate[i].addr) ||
		    candidate[kept].port != candidate[i].port)
			candidate[++kept] = candidate[i];
	candidates->count = kept + 1;
}

static void add_slice(struct candidates *candidates, const struct k8snet_kube_slice *slice,
		      const char *name, uint32_t protocol)
{
	for (size_t i = 0; i < slice->port_count; i++) {
		const struct k8snet_kube_slice_port *port = &slice->port[i];

		if (port->protocol != protocol || strcmp(port->name, name))
			continue;
		for (size_t j = 0; j < slice->candidate_count; j++) {
			struct k8snet_candidate *added;

			added = &candidates->candidate[candidates->count++];
			*added = slice->candidate[j];
			added->port = port->port;
		}
	}
}

/* The ports of the slices, not the service's targetPort, tell where it leads. */
static bool find_candidates(struct candidates *candidates, const char *name, uint32_t protocol,
			    int family, const struct k8snet_kube_slice *slices, size_t count)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		if (slices[i].family == family)
			most += slices[i].candidate_count * slices[i].port_count;
	candidates->count = 0;
	candidates->candidate = calloc(most ? most : 1, sizeof(*candidates->candidate));
	if (!candidates->candidate)
		return false;
	for (size_t i = 0; i < count; i++)
		if (slices[i].family == family)
			add_slice(candidates, &slices[i], name, protocol);
	return true;
}

/*
 * All of them: one that is not in a set must not lose its connections as one
 * does that is gone.
 */
static void add_candidates(struct k8snet_state_service *service,
			   const struct candidates *candidates, struct k8snet_state *state,
			   struct k8snet_problems *problems)
{
	for (size_t i = 0; i < candidates->count; i++) {
		const struct k8snet_candidate *candidate = &candidates->candidate[i];
		struct k8snet_state_endpoint *added;

		added = k8snet_state_add_endpoint(service, &state->arena);
		if (!added) {
			problems->failed = ENOMEM;
			return;
		}
		*added = (struct k8snet_state_endpoint){
			.addr = candidate->addr,
			.port = candidate->port,
			.weight = 1,
			.in_cluster_set = candidate->in_cluster_set,
			.in_local_set = candidate->in_local_set,
			.on_node = candidate->local,
			.serving = candidate->serving,
		};
	}
}

/* Families have nothing to do with each other, not even their policies' reach. */
static bool is_family_used(const struct k8snet_state_service *service, int family, bool *external)
{
	bool used = false;

	*external = false;
	for (size_t i = 0; i < service->frontend_count; i++) {
		if (service->frontend[i].addr.family != family)
			continue;
		used = true;
		*external |= service->frontend[i].type != K8SNET_STATE_CLUSTER_IP;
	}
	return used;
}

void k8snet_kube_add_endpoints(struct k8snet_state_service *service, const char *port_name,
			       const struct k8snet_kube_slice *slices, size_t count,
			       const struct k8snet_place *place, struct k8snet_state *state,
			       struct k8snet_problems *problems)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct k8snet_endpointset_policy policy = {
		.internal_local = service->internal_local,
		.external_local = service->external_local,
	};
	struct candidates candidates;

	for (int i = 0; i < 2; i++) {
		if (!is_family_used(service, families[i], &policy.external))
			continue;
		if (!find_candidates(&candidates, port_name, service->protocol, families[i], slices,
				     count)) {
			problems->failed = ENOMEM;
			return;
		}
		drop_doubles(&candidates, place);
		k8snet_endpointset_compute(candidates.candidate, candidates.count, &policy, place);
		add_candidates(service, &candidates, state, problems);
		free(candidates.candidate);
	}
}
