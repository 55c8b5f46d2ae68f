// SPDX-License-Identifier: GPL-2.0
/*
 * What the tables of a node hold, or should.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

const char *const k8snet_state_frontend_types[] = {
	"cluster-ip", "node-port", "load-balancer", "external", NULL,
};

const char *const k8snet_state_algorithms[] = { "maglev", "random", "rr", "lc", NULL };
const char *const k8snet_state_on_removes[] = { "drain", "reset", NULL };
const char *const k8snet_state_range_scopes[] = { "load-balancer", "external", NULL };
const char *const k8snet_state_policies[] = { "cluster", "local", NULL };
const char *const k8snet_state_protocols[] = { "tcp", "udp", "sctp", NULL };

static const uint32_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

/* By index into the names. */
uint32_t k8snet_state_protocol(unsigned int index)
{
	return protocols[index];
}

/* "?" for what is none of them. */
const char *k8snet_state_protocol_name(uint32_t protocol)
{
	for (size_t i = 0; k8snet_state_protocols[i]; i++)
		if (protocols[i] == protocol)
			return k8snet_state_protocols[i];
	return "?";
}

struct k8snet_state_node *k8snet_state_add_node(struct k8snet_state *state)
{
	struct k8snet_state_node *bigger;

	bigger = k8snet_arena_grow(&state->arena, state->node, state->node_count, sizeof(*bigger));
	if (!bigger)
		return NULL;
	state->node = bigger;
	return &state->node[state->node_count++];
}

struct k8snet_state_service *k8snet_state_add_service(struct k8snet_state *state)
{
	struct k8snet_state_service *bigger;

	bigger = k8snet_arena_grow(&state->arena, state->service, state->service_count,
				   sizeof(*bigger));
	if (!bigger)
		return NULL;
	state->service = bigger;
	return &state->service[state->service_count++];
}

struct k8snet_state_frontend *k8snet_state_add_frontend(struct k8snet_state_service *service,
							struct k8snet_arena *arena)
{
	struct k8snet_state_frontend *bigger;

	bigger = k8snet_arena_grow(arena, service->frontend, service->frontend_count,
				   sizeof(*bigger));
	if (!bigger)
		return NULL;
	service->frontend = bigger;
	return &service->frontend[service->frontend_count++];
}

struct k8snet_state_endpoint *k8snet_state_add_endpoint(struct k8snet_state_service *service,
							struct k8snet_arena *arena)
{
	struct k8snet_state_endpoint *bigger;

	bigger = k8snet_arena_grow(arena, service->endpoint, service->endpoint_count,
				   sizeof(*bigger));
	if (!bigger)
		return NULL;
	service->endpoint = bigger;
	return &service->endpoint[service->endpoint_count++];
}

static int compare_number(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* IPv4 before IPv6, then as on the wire. */
int k8snet_state_compare_address(const struct k8snet_address *a, const struct k8snet_address *b)
{
	int order = compare_number(a->family, b->family);

	return order ? order : memcmp(&a->ipv6, &b->ipv6, a->family == AF_INET6 ? 16 : 4);
}

int k8snet_state_compare_prefix(const void *a, const void *b)
{
	const struct k8snet_prefix *x = a, *y = b;
	int order = k8snet_state_compare_address(&x->addr, &y->addr);

	return order ? order : compare_number(x->length, y->length);
}

int k8snet_state_compare_frontend(const void *a, const void *b)
{
	const struct k8snet_state_frontend *x = a, *y = b;
	int order = compare_number(x->type, y->type);

	if (!order)
		order = k8snet_state_compare_address(&x->addr, &y->addr);
	return order ? order : compare_number(x->port, y->port);
}

/* By address and port alone: the rest can change. */
int k8snet_state_compare_endpoint(const void *a, const void *b)
{
	const struct k8snet_state_endpoint *x = a, *y = b;
	int order = k8snet_state_compare_address(&x->addr, &y->addr);

	return order ? order : compare_number(x->port, y->port);
}

int k8snet_state_compare_node(const void *a, const void *b)
{
	const struct k8snet_state_node *x = a, *y = b;
	int order = strcmp(x->device, y->device);

	return order ? order : strcmp(x->name, y->name);
}

int k8snet_state_compare_service(const void *a, const void *b)
{
	const struct k8snet_state_service *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Sorts an array and drops what is there twice. */
static size_t sort_unique(void *array, size_t count, size_t size,
			  int (*compare)(const void *a, const void *b))
{
	char *to = array, *from = array;
	size_t kept = 1;

	if (count < 2)
		return count;
	qsort(array, count, size, compare);
	for (size_t i = 1; i < count; i++) {
		from += size;
		if (!compare(to, from))
			continue;
		to += size;
		if (to != from)
			memcpy(to, from, size);
		kept++;
	}
	return kept;
}

static void sort_prefixes(struct k8snet_prefixes *list)
{
	list->count = sort_unique(list->prefix, list->count, sizeof(*list->prefix),
				  k8snet_state_compare_prefix);
}

/* Whether two of one address and port are one and the same. */
bool k8snet_state_same_endpoint(const struct k8snet_state_endpoint *a,
				const struct k8snet_state_endpoint *b)
{
	return a->weight == b->weight && a->in_cluster_set == b->in_cluster_set &&
	       a->in_local_set == b->in_local_set && a->on_node == b->on_node &&
	       a->serving == b->serving;
}

static void check_endpoints(const struct k8snet_state_service *service,
			    struct k8snet_problems *problems)
{
	const struct k8snet_state_endpoint *endpoint = service->endpoint;
	char addr[K8SNET_ADDRESS_STRLEN];

	for (size_t i = 1; i < service->endpoint_count; i++) {
		if (k8snet_state_compare_endpoint(&endpoint[i - 1], &endpoint[i]) ||
		    k8snet_state_same_endpoint(&endpoint[i - 1], &endpoint[i]))
			continue;
		k8snet_problems_add(problems, &service->origin,
				    "service %s: endpoint %s port %u is there twice, not the same",
				    service->name, k8snet_address_print(&endpoint[i].addr, addr),
				    endpoint[i].port);
	}
}

static void sort_service(struct k8snet_state_service *service, struct k8snet_problems *problems)
{
	if (service->endpoint_count)
		qsort(service->endpoint, service->endpoint_count, sizeof(*service->endpoint),
		      k8snet_state_compare_endpoint);
	check_endpoints(service, problems);
	service->frontend_count = sort_unique(service->frontend, service->frontend_count,
					      sizeof(*service->frontend),
					      k8snet_state_compare_frontend);
	service->endpoint_count = sort_unique(service->endpoint, service->endpoint_count,
					      sizeof(*service->endpoint),
					      k8snet_state_compare_endpoint);
	sort_prefixes(&service->ranges);
}

/*
 * Sorts all lists. Of what is there twice within an object one is kept; two
 * objects of one name are a problem.
 */
void k8snet_state_sort(struct k8snet_state *state, struct k8snet_problems *problems)
{
	sort_prefixes(&state->config.pods);
	sort_prefixes(&state->config.services);
	sort_prefixes(&state->config.nodeport_addresses);
	sort_prefixes(&state->egress.exclude);
	for (size_t i = 0; i < state->node_count; i++)
		sort_prefixes(&state->node[i].pods);
	for (size_t i = 0; i < state->service_count; i++)
		sort_service(&state->service[i], problems);
	if (state->node_count)
		qsort(state->node, state->node_count, sizeof(*state->node),
		      k8snet_state_compare_node);
	if (state->service_count)
		qsort(state->service, state->service_count, sizeof(*state->service),
		      k8snet_state_compare_service);
	for (size_t i = 1; i < state->node_count; i++)
		if (!k8snet_state_compare_node(&state->node[i - 1], &state->node[i]))
			k8snet_problems_add(problems, &state->node[i].origin,
					    "node %s: is there twice", state->node[i].name);
	for (size_t i = 1; i < state->service_count; i++)
		if (!k8snet_state_compare_service(&state->service[i - 1], &state->service[i]))
			k8snet_problems_add(problems, &state->service[i].origin,
					    "service %s: is there twice", state->service[i].name);
}

static bool is_udp(uint32_t format)
{
	return format == K8SNET_FORMAT_VXLAN || format == K8SNET_FORMAT_UDP;
}

/* As the kernel does it; see "port" and "mac" of a node in the specification. */
static void complete_node(struct k8snet_state_node *node, const struct k8snet_state_device *device)
{
	if (!node->has_format) {
		node->has_format = true;
		node->format = device->format;
	}
	if (!node->port) {
		if (node->format == device->format || !is_udp(node->format))
			node->port = device->port;
		else
			node->port = node->format == K8SNET_FORMAT_VXLAN ? 8472 : 8285;
	}
	if (!node->has_mac) {
		const uint8_t *last = node->via.family == AF_INET6 ?
				      &node->via.ipv6.s6_addr[12] :
				      (const uint8_t *)&node->via.ipv4;

		node->has_mac = true;
		node->mac[0] = 0x0a;
		node->mac[1] = 0x58;
		memcpy(node->mac + 2, last, 4);
	}
}

/*
 * Fills in what nodes leave to the default of their device, as the kernel's
 * replies have it: states are compared after that.
 */
void k8snet_state_complete(struct k8snet_state *state, const struct k8snet_state_device *devices,
			   size_t count)
{
	for (size_t i = 0; i < state->node_count; i++)
		for (size_t j = 0; j < count; j++)
			if (!strcmp(state->node[i].device, devices[j].name))
				complete_node(&state->node[i], &devices[j]);
}

void k8snet_state_free(struct k8snet_state *state)
{
	k8snet_arena_free(&state->arena);
	*state = (struct k8snet_state){ 0 };
}
