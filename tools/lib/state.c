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

struct k8snet_state_link *k8snet_state_add_link(struct k8snet_state *state)
{
	struct k8snet_state_link *bigger;

	bigger = k8snet_arena_grow(&state->arena, state->link, state->link_count, sizeof(*bigger));
	if (!bigger)
		return NULL;
	state->link = bigger;
	return &state->link[state->link_count++];
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

int k8snet_state_compare_link(const void *a, const void *b)
{
	const struct k8snet_state_link *x = a, *y = b;

	return strcmp(x->name, y->name);
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

static int compare_addresses(const void *a, const void *b)
{
	return k8snet_state_compare_address(a, b);
}

static void sort_addresses(struct k8snet_addresses *list)
{
	list->count = sort_unique(list->address, list->count, sizeof(*list->address),
				  compare_addresses);
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
	for (size_t i = 0; i < state->node_count; i++) {
		sort_prefixes(&state->node[i].pods);
		sort_addresses(&state->node[i].also);
	}
	for (size_t i = 0; i < state->service_count; i++)
		sort_service(&state->service[i], problems);
	if (state->link_count)
		qsort(state->link, state->link_count, sizeof(*state->link),
		      k8snet_state_compare_link);
	if (state->node_count)
		qsort(state->node, state->node_count, sizeof(*state->node),
		      k8snet_state_compare_node);
	if (state->service_count)
		qsort(state->service, state->service_count, sizeof(*state->service),
		      k8snet_state_compare_service);
	for (size_t i = 1; i < state->link_count; i++)
		if (!k8snet_state_compare_link(&state->link[i - 1], &state->link[i]))
			k8snet_problems_add(problems, &state->link[i].origin,
					    "link %s: is there twice", state->link[i].name);
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

static uint16_t default_port(const struct k8snet_state_node *node,
			     const struct k8snet_state_link *link)
{
	if (node->format == link->format || !is_udp(node->format))
		return link->port;
	return node->format == K8SNET_FORMAT_VXLAN ? 8472 : 8285;
}

static void default_mac(const struct k8snet_state_node *node, uint8_t *mac)
{
	const uint8_t *last = node->via.family == AF_INET6 ? &node->via.ipv6.s6_addr[12] :
			      (const uint8_t *)&node->via.ipv4;

	mac[0] = 0x0a;
	mac[1] = 0x58;
	memcpy(mac + 2, last, 4);
}

static void complete_node(struct k8snet_state_node *node, const struct k8snet_state_link *link)
{
	if (!node->has_format || node->defaults & K8SNET_STATE_DEFAULT_FORMAT) {
		node->has_format = true;
		node->format = link->format;
		node->defaults |= K8SNET_STATE_DEFAULT_FORMAT;
	}
	if (!node->port || node->defaults & K8SNET_STATE_DEFAULT_PORT) {
		node->port = default_port(node, link);
		node->defaults |= K8SNET_STATE_DEFAULT_PORT;
	}
	if (!node->has_mac || node->defaults & K8SNET_STATE_DEFAULT_MAC) {
		node->has_mac = true;
		default_mac(node, node->mac);
		node->defaults |= K8SNET_STATE_DEFAULT_MAC;
	}
}

static void simplify_node(struct k8snet_state_node *node, const struct k8snet_state_link *link)
{
	uint8_t mac[K8SNET_MAC_LEN];

	default_mac(node, mac);
	if (!memcmp(node->mac, mac, sizeof(mac)))
		node->has_mac = false;
	if (node->port == default_port(node, link))
		node->port = 0;
	if (node->format == link->format)
		node->has_format = false;
}

static const struct k8snet_state_link *find_link(const struct k8snet_state_link *links,
						 size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(links[i].name, name))
			return &links[i];
	return NULL;
}

/*
 * Fills in what nodes leave to the default of their device, as the kernel's
 * replies have it: states are compared after that. Can be done again with other
 * settings of the devices.
 */
void k8snet_state_complete(struct k8snet_state *state, const struct k8snet_state_link *links,
			   size_t count)
{
	for (size_t i = 0; i < state->node_count; i++) {
		const struct k8snet_state_link *link;

		link = find_link(links, count, state->node[i].device);
		if (link)
			complete_node(&state->node[i], link);
	}
}

/* Takes out what is the default, so that nodes follow their device when it changes. */
void k8snet_state_simplify(struct k8snet_state *state, const struct k8snet_state_link *links,
			   size_t count)
{
	for (size_t i = 0; i < state->node_count; i++) {
		const struct k8snet_state_link *link;

		link = find_link(links, count, state->node[i].device);
		if (link)
			simplify_node(&state->node[i], link);
	}
}

void k8snet_state_free(struct k8snet_state *state)
{
	k8snet_arena_free(&state->arena);
	*state = (struct k8snet_state){ 0 };
}
