// SPDX-License-Identifier: GPL-2.0
/*
 * What the tables of a node hold, from the Kubernetes objects of its cluster.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube.h"

/* What a node of two ways is called for IPv6; no node's own name has a slash. */
#define WAY6_SUFFIX	"/ipv6"

static int compare_names(const char *a_namespace, const char *a_name, const char *b_namespace,
			 const char *b_name)
{
	int order = strcmp(a_namespace, b_namespace);

	return order ? order : strcmp(a_name, b_name);
}

static int compare_services(const void *a, const void *b)
{
	const struct k8snet_kube_service *x = a, *y = b;

	return compare_names(x->namespace, x->name, y->namespace, y->name);
}

/* Those of one service are together; those of none come first. */
static int compare_slices(const void *a, const void *b)
{
	const struct k8snet_kube_slice *x = a, *y = b;
	int order = compare_names(x->namespace, x->service ? x->service : "",
				  y->namespace, y->service ? y->service : "");

	return order ? order : strcmp(x->name, y->name);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct k8snet_kube_node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static char *add_text(struct k8snet_arena *arena, const char *text, const char *more,
		      struct k8snet_problems *problems)
{
	size_t size = strlen(text) + strlen(more) + 1;
	char *copy = k8snet_arena_alloc(arena, size);

	if (copy)
		snprintf(copy, size, "%s%s", text, more);
	else
		problems->failed = ENOMEM;
	return copy;
}

/* family is 0 for the ranges of both. */
static void add_way(const struct k8snet_kube_node *node, const struct k8snet_kube_way *way,
		    int family, const char *suffix, const struct k8snet_kube_view *view,
		    struct k8snet_state *state, struct k8snet_problems *problems)
{
	struct k8snet_state_node *added = k8snet_state_add_node(state);

	if (!added) {
		problems->failed = ENOMEM;
		return;
	}
	*added = (struct k8snet_state_node){
		.device = add_text(&state->arena, view->device, "", problems),
		.name = add_text(&state->arena, node->name, suffix, problems),
		.via = way->via,
		.has_format = way->has_format,
		.format = way->format,
		.has_mac = way->has_mac,
		.origin = node->origin,
	};
	memcpy(added->mac, way->mac, sizeof(added->mac));
	for (size_t i = 0; i < node->pods.count; i++) {
		const struct k8snet_prefix *prefix = &node->pods.prefix[i];

		if ((!family || prefix->addr.family == family) &&
		    k8snet_prefixes_add(&added->pods, &state->arena, prefix))
			problems->failed = ENOMEM;
	}
}

static bool has_family(const struct k8snet_prefixes *list, int family)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->prefix[i].addr.family == family)
			return true;
	return false;
}

/* A node that joins has its range and its address only after a while. */
static void add_node(const struct k8snet_kube_node *node, const struct k8snet_kube_view *view,
		     struct k8snet_state *state, struct k8snet_problems *problems,
		     struct k8snet_problems *notes)
{
	bool two_ways = node->has_way6 && has_family(&node->pods, AF_INET6);

	if (!node->pods.count || !node->way.via.family) {
		k8snet_problems_add(notes, &node->origin, "Node %s: left out, it has no %s yet",
				    node->name, node->pods.count ? "address" : "pod range");
		return;
	}
	if (!two_ways || has_family(&node->pods, AF_INET))
		add_way(node, &node->way, two_ways ? AF_INET : 0, "", view, state, problems);
	if (two_ways)
		add_way(node, &node->way6, AF_INET6, WAY6_SUFFIX, view, state, problems);
}

static void add_nodes(struct k8snet_kube *kube, const struct k8snet_kube_view *view,
		      struct k8snet_place *place, struct k8snet_state *state,
		      struct k8snet_problems *problems, struct k8snet_problems *notes)
{
	bool found = false;

	state->has_nodes = true;
	if (kube->node_count)
		qsort(kube->node, kube->node_count, sizeof(*kube->node), compare_nodes);
	for (size_t i = 0; i < kube->node_count; i++) {
		const struct k8snet_kube_node *node = &kube->node[i];

		if (i && !compare_nodes(&node[-1], node))
			k8snet_problems_add(problems, &node->origin, "Node %s: is there twice",
					    node->name);
		if (strcmp(node->name, view->node)) {
			add_node(node, view, state, problems, notes);
			continue;
		}
		place->zone = node->zone;
		found = true;
	}
	if (!found)
		k8snet_problems_add(problems, NULL,
				    "no Node is named %s, as this one is; say which one it is (node NAME)",
				    view->node);
}

/* Notes what is there twice. */
static void sort_objects(struct k8snet_kube *kube, struct k8snet_problems *problems)
{
	const struct k8snet_kube_service *service = kube->service;
	const struct k8snet_kube_slice *slice = kube->slice;

	if (kube->service_count)
		qsort(kube->service, kube->service_count, sizeof(*service), compare_services);
	if (kube->slice_count)
		qsort(kube->slice, kube->slice_count, sizeof(*slice), compare_slices);
	for (size_t i = 1; i < kube->service_count; i++)
		if (!compare_services(&service[i - 1], &service[i]))
			k8snet_problems_add(problems, &service[i].origin,
					    "Service %s/%s: is there twice", service[i].namespace,
					    service[i].name);
	for (size_t i = 1; i < kube->slice_count; i++)
		if (!compare_slices(&slice[i - 1], &slice[i]))
			k8snet_problems_add(problems, &slice[i].origin,
					    "EndpointSlice %s/%s: is there twice",
					    slice[i].namespace, slice[i].name);
}

static bool any_wanted(const struct k8snet_kube *kube)
{
	for (size_t i = 0; i < kube->service_count; i++)
		if (!kube->service[i].ignored)
			return true;
	return false;
}

/* Half of what belongs together would take all services' endpoints away. */
static bool check_halves(const struct k8snet_kube *kube, struct k8snet_problems *problems)
{
	static const char advice[] =
		"give both (kubectl get nodes,services,endpointslices -A -o json)";

	if (kube->has_services && !kube->has_slices && any_wanted(kube)) {
		k8snet_problems_add(problems, &kube->service[0].origin,
				    "there are Services, but no EndpointSlices: %s", advice);
		return false;
	}
	if (kube->has_slices && !kube->has_services) {
		k8snet_problems_add(problems, kube->slice_count ? &kube->slice[0].origin : NULL,
				    "there are EndpointSlices, but no Services: %s", advice);
		return false;
	}
	return true;
}

static int compare_slice(const struct k8snet_kube_slice *slice,
			 const struct k8snet_kube_service *service)
{
	return compare_names(slice->namespace, slice->service ? slice->service : "",
			     service->namespace, service->name);
}

/*
 * Services and slices are in the same order, so one pass finds them together.
 * from is where to look, and then where to look for the next service.
 */
static size_t find_slices(const struct k8snet_kube *kube,
			  const struct k8snet_kube_service *service, size_t *from)
{
	size_t count = 0;

	while (*from < kube->slice_count && compare_slice(&kube->slice[*from], service) < 0)
		(*from)++;
	while (*from + count < kube->slice_count &&
	       !compare_slice(&kube->slice[*from + count], service))
		count++;
	return count;
}

/* The services that were added for the ports of one are one after the other. */
static void add_all_endpoints(const struct k8snet_kube *kube, const struct k8snet_place *place,
			      struct k8snet_state *state, struct k8snet_problems *problems)
{
	size_t from = 0, added = 0;

	for (size_t i = 0; i < kube->service_count; i++) {
		const struct k8snet_kube_service *service = &kube->service[i];
		size_t count = find_slices(kube, service, &from);

		if (service->ignored)
			continue;
		for (size_t j = 0; j < service->port_count; j++)
			k8snet_kube_add_endpoints(&state->service[added++], service->port[j].name,
						  kube->slice + from, count, place, state,
						  problems);
	}
}

/* What has lost all its addresses to others. */
static void drop_unreachable(struct k8snet_state *state, struct k8snet_problems *notes)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->service_count; i++) {
		struct k8snet_state_service *service = &state->service[i];

		if (service->frontend_count)
			state->service[kept++] = *service;
		else
			k8snet_problems_add(notes, &service->origin,
					    "Service port %s: left out, all its addresses are others'",
					    service->name);
	}
	state->service_count = kept;
}

static void add_services(struct k8snet_kube *kube, const struct k8snet_place *place,
			 struct k8snet_state *state, struct k8snet_problems *problems,
			 struct k8snet_problems *notes)
{
	state->has_services = true;
	for (size_t i = 0; i < kube->service_count; i++)
		if (!kube->service[i].ignored)
			k8snet_kube_add_services(&kube->service[i], state, problems);
	if (problems->failed)
		return;
	k8snet_kube_settle_conflicts(state, problems, notes);
	add_all_endpoints(kube, place, state, problems);
	drop_unreachable(state, notes);
}

void k8snet_kube_state(struct k8snet_kube *kube, const struct k8snet_kube_view *view,
		       struct k8snet_state *state, struct k8snet_problems *problems,
		       struct k8snet_problems *notes)
{
	struct k8snet_place place = { .node = view->node, .zone = "" };

	if (kube->has_nodes)
		add_nodes(kube, view, &place, state, problems, notes);
	if (!check_halves(kube, problems))
		return;
	sort_objects(kube, problems);
	if (problems->count || problems->failed)
		return;
	if (kube->has_services)
		add_services(kube, &place, state, problems, notes);
	k8snet_state_sort(state, problems);
}
