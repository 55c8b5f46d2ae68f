// SPDX-License-Identifier: GPL-2.0
/*
 * A Service, as a proxy needs it, read as kube-proxy reads it (pkg/proxy/
 * serviceport.go and servicechangetracker.go): what has no ClusterIP, is an
 * alias of a DNS name, or is labelled for another proxy is none of ours; status
 * and spec are taken at their word whatever the type, as the API server clears
 * what a type does not have.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field_net.h"
#include "kube_meta.h"
#include "kube_service.h"
#include "state.h"

#define AFFINITY_DEFAULT	10800

/* Annotations for what Kubernetes has no field for. */
#define OURS			"k8snet/"

enum type {
	TYPE_CLUSTER_IP,
	TYPE_NODE_PORT,
	TYPE_LOAD_BALANCER,
	TYPE_EXTERNAL_NAME,
};

static const char *const types[] = {
	"ClusterIP", "NodePort", "LoadBalancer", "ExternalName", NULL,
};

static const char *const protocols[] = { "TCP", "UDP", "SCTP", NULL };
static const char *const policies[] = { "Cluster", "Local", NULL };
static const char *const affinities[] = { "None", "ClientIP", NULL };
static const char *const ip_modes[] = { "VIP", "Proxy", NULL };

uint32_t k8snet_kube_protocol(const struct k8snet_field *field)
{
	return k8snet_state_protocol(k8snet_field_choice(field, protocols, 0));
}

static void add_address(struct k8snet_kube_addresses *list, const struct k8snet_field *field)
{
	struct k8snet_address addr = { 0 }, *bigger;

	k8snet_field_address(field, &addr);
	if (!addr.family)
		return;
	bigger = k8snet_arena_grow(field->reader->arena, list->address, list->count,
				   sizeof(*bigger));
	if (!bigger) {
		field->reader->problems->failed = ENOMEM;
		return;
	}
	list->address = bigger;
	list->address[list->count++] = addr;
}

/* "None" is no address, and neither is what the API server has not given yet. */
static const char *why_no_address(const struct k8snet_field *field)
{
	const char *text = k8snet_field_string(field);

	if (!text || !*text)
		return "it has no ClusterIP yet";
	return strcmp(text, "None") ? NULL : "it is headless";
}

/* clusterIP is the first of clusterIPs, or, of an old object, the only one. */
static void read_cluster_ips(struct k8snet_kube_service *service, const struct k8snet_field *spec)
{
	struct k8snet_field list = k8snet_field_get(spec, "clusterIPs");
	struct k8snet_field one = k8snet_field_get(spec, "clusterIP");
	size_t count = k8snet_field_count(&list);
	struct k8snet_address *addr;

	if (!count) {
		service->ignored = why_no_address(&one);
		if (!service->ignored)
			add_address(&service->cluster_ips, &one);
		return;
	}
	for (size_t i = 0; i < count && !service->ignored; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);

		service->ignored = why_no_address(&element);
		if (!service->ignored)
			add_address(&service->cluster_ips, &element);
	}
	addr = service->cluster_ips.address;
	if (service->cluster_ips.count > 2 ||
	    (service->cluster_ips.count == 2 && addr[0].family == addr[1].family))
		k8snet_field_problem(&list, "has more than one address of a family");
}

static void read_addresses(struct k8snet_kube_addresses *addresses, const struct k8snet_field *list)
{
	size_t count = k8snet_field_count(list);

	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(list, i);

		add_address(addresses, &element);
	}
}

/*
 * A load balancer can have a name instead of an address, and one that ends
 * connections itself (ipMode Proxy, KEP-1860) must see them.
 */
static void read_load_balancer(struct k8snet_kube_service *service,
			       const struct k8snet_field *object)
{
	struct k8snet_field status = k8snet_field_get(object, "status");
	struct k8snet_field balancer = k8snet_field_get(&status, "loadBalancer");
	struct k8snet_field list = k8snet_field_get(&balancer, "ingress");
	size_t count = k8snet_field_count(&list);

	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field mode = k8snet_field_get(&element, "ipMode");
		struct k8snet_field ip = k8snet_field_get(&element, "ip");

		if (!k8snet_field_choice(&mode, ip_modes, 0))
			add_address(&service->load_balancer_ips, &ip);
	}
}

/* Without a name it is "", as the name of a slice's port is then. */
static const char *read_port_name(const struct k8snet_field *port)
{
	struct k8snet_field field = k8snet_field_get(port, "name");
	const char *text = k8snet_field_string(&field);

	if (!text)
		return "";
	if (!strpbrk(text, ":/ ") && strlen(text) <= 63)
		return text;
	k8snet_field_problem(&field, "\"%.64s\" is not the name of a port", text);
	return "";
}

static void read_port(struct k8snet_kube_service *service, const struct k8snet_field *field)
{
	struct k8snet_field number = k8snet_field_get(field, "port");
	struct k8snet_field node_port = k8snet_field_get(field, "nodePort");
	struct k8snet_field protocol = k8snet_field_get(field, "protocol");
	struct k8snet_kube_port *port = &service->port[service->port_count];

	port->name = read_port_name(field);
	port->protocol = k8snet_kube_protocol(&protocol);
	port->port = k8snet_field_number(&number, 1, UINT16_MAX, 0);
	port->node_port = k8snet_field_number(&node_port, 0, UINT16_MAX, 0);
	if (!k8snet_field_is_set(&number))
		k8snet_field_problem(&number, "is missing");
	for (size_t i = 0; i < service->port_count; i++)
		if (!strcmp(service->port[i].name, port->name))
			k8snet_field_problem(field, "has the name of another port (\"%s\")",
					     port->name);
	service->port_count++;
}

static void read_ports(struct k8snet_kube_service *service, const struct k8snet_field *spec)
{
	struct k8snet_field list = k8snet_field_get(spec, "ports");
	size_t count = k8snet_field_count(&list);

	service->port = k8snet_arena_alloc(spec->reader->arena, count * sizeof(*service->port));
	if (!service->port) {
		spec->reader->problems->failed = ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);

		read_port(service, &element);
	}
}

static bool read_policy(const struct k8snet_field *spec, const char *key)
{
	struct k8snet_field field = k8snet_field_get(spec, key);

	return k8snet_field_choice(&field, policies, 0);
}

static void read_affinity(struct k8snet_kube_service *service, const struct k8snet_field *spec)
{
	struct k8snet_field type = k8snet_field_get(spec, "sessionAffinity");
	struct k8snet_field config = k8snet_field_get(spec, "sessionAffinityConfig");
	struct k8snet_field client = k8snet_field_get(&config, "clientIP");
	struct k8snet_field timeout = k8snet_field_get(&client, "timeoutSeconds");

	if (k8snet_field_choice(&type, affinities, 0))
		service->affinity = k8snet_field_number(&timeout, 1, K8SNET_STATE_AFFINITY_MAX,
							AFFINITY_DEFAULT);
}

/* Only a load balancer asks, and only where the answer differs between nodes. */
static void read_health_check(struct k8snet_kube_service *service,
			      const struct k8snet_field *spec, enum type type)
{
	struct k8snet_field port = k8snet_field_get(spec, "healthCheckNodePort");

	if (type == TYPE_LOAD_BALANCER && service->external_local)
		service->health_check_port = k8snet_field_number(&port, 0, UINT16_MAX, 0);
}

/* Annotations are strings, numbers too. */
static void read_limit(struct k8snet_kube_service *service, const struct k8snet_field *field)
{
	const char *text = k8snet_field_string(field);
	unsigned long number;
	char *end;

	if (!text)
		return;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > UINT32_MAX)
		k8snet_field_problem(field, "\"%.64s\" is not a number from 0 to %u", text,
				     UINT32_MAX);
	else
		service->limit = number;
}

static void read_annotations(struct k8snet_kube_service *service,
			     const struct k8snet_field *object)
{
	struct k8snet_field algorithm, on_remove, range_scope, limit;
	struct k8snet_kube_annotations annotations;

	k8snet_kube_annotations_find(&annotations, object);
	algorithm = k8snet_kube_annotation(&annotations, OURS "algorithm");
	on_remove = k8snet_kube_annotation(&annotations, OURS "on-remove");
	range_scope = k8snet_kube_annotation(&annotations, OURS "ranges-on");
	limit = k8snet_kube_annotation(&annotations, OURS "limit");
	service->algorithm = k8snet_field_choice(&algorithm, k8snet_state_algorithms, 0);
	service->on_remove = k8snet_field_choice(&on_remove, k8snet_state_on_removes, 0);
	service->range_scope = k8snet_field_choice(&range_scope, k8snet_state_range_scopes, 0);
	read_limit(service, &limit);
}

bool k8snet_kube_service_read(struct k8snet_kube_service *service,
			      const struct k8snet_field *object)
{
	size_t problems = object->reader->problems->count;
	struct k8snet_field spec, field;
	struct k8snet_kube_meta meta;
	enum type type;

	*service = (struct k8snet_kube_service){ .origin = object->reader->origin };
	if (!k8snet_kube_meta_read(&meta, object, "Service", true))
		return false;
	service->namespace = meta.namespace;
	service->name = meta.name;
	if (k8snet_kube_meta_is_foreign(object)) {
		service->ignored = "it is labelled for another proxy";
		return true;
	}
	spec = k8snet_field_get(object, "spec");
	field = k8snet_field_get(&spec, "type");
	type = k8snet_field_choice(&field, types, TYPE_CLUSTER_IP);
	if (type == TYPE_EXTERNAL_NAME)
		service->ignored = "it is an alias of a DNS name";
	else
		read_cluster_ips(service, &spec);
	if (service->ignored)
		return object->reader->problems->count == problems;
	read_ports(service, &spec);
	field = k8snet_field_get(&spec, "externalIPs");
	read_addresses(&service->external_ips, &field);
	read_load_balancer(service, object);
	field = k8snet_field_get(&spec, "loadBalancerSourceRanges");
	k8snet_field_prefixes(&field, &service->ranges);
	service->internal_local = read_policy(&spec, "internalTrafficPolicy");
	service->external_local = read_policy(&spec, "externalTrafficPolicy");
	read_affinity(service, &spec);
	read_health_check(service, &spec, type);
	read_annotations(service, object);
	return object->reader->problems->count == problems;
}
