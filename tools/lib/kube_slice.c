// SPDX-License-Identifier: GPL-2.0
/*
 * An EndpointSlice (discovery.k8s.io/v1), read as kube-proxy reads it
 * (pkg/proxy/endpointslicecache.go): conditions that nobody has set are ready
 * and serving, a port without a number is none, of several addresses of an
 * endpoint the first one counts.
 */
#include <errno.h>
#include <string.h>

#include "field_net.h"
#include "kube_meta.h"
#include "kube_service.h"
#include "kube_slice.h"

static const char *const address_types[] = { "IPv4", "IPv6", "FQDN", NULL };
static const int families[] = { AF_INET, AF_INET6, 0 };

static void *alloc(const struct k8snet_field *field, size_t count, size_t size)
{
	void *array = k8snet_arena_alloc(field->reader->arena, count * size);

	if (!array)
		field->reader->problems->failed = ENOMEM;
	return array;
}

static void read_ports(struct k8snet_kube_slice *slice, const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "ports");
	size_t count = k8snet_field_count(&list);

	slice->port = alloc(object, count, sizeof(*slice->port));
	for (size_t i = 0; slice->port && i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field name = k8snet_field_get(&element, "name");
		struct k8snet_field protocol = k8snet_field_get(&element, "protocol");
		struct k8snet_field number = k8snet_field_get(&element, "port");
		struct k8snet_kube_slice_port *port = &slice->port[slice->port_count];

		port->name = k8snet_field_string(&name);
		if (!port->name)
			port->name = "";
		port->protocol = k8snet_kube_protocol(&protocol);
		port->port = k8snet_field_number(&number, 0, UINT16_MAX, 0);
		slice->port_count += port->port != 0;
	}
}

/* A list of {"name": ...} */
static void read_hints(struct k8snet_strings *hints, const struct k8snet_field *parent,
		       const char *key)
{
	struct k8snet_field list = k8snet_field_get(parent, key);
	size_t count = k8snet_field_count(&list);

	if (!count)
		return;
	hints->string = alloc(parent, count, sizeof(*hints->string));
	for (size_t i = 0; hints->string && i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field name = k8snet_field_get(&element, "name");
		const char *text = k8snet_field_string(&name);

		if (text)
			hints->string[hints->count++] = text;
		else if (!k8snet_field_is_set(&name))
			k8snet_field_problem(&name, "is missing");
	}
}

static void read_address(struct k8snet_candidate *candidate, const struct k8snet_field *endpoint,
			 int family)
{
	struct k8snet_field list = k8snet_field_get(endpoint, "addresses"), first;

	if (!k8snet_field_count(&list)) {
		k8snet_field_problem(&list, "has no address");
		return;
	}
	first = k8snet_field_at(&list, 0);
	k8snet_field_address(&first, &candidate->addr);
	if (candidate->addr.family && candidate->addr.family != family)
		k8snet_field_problem(&first, "is not of the slice's addressType");
}

static void read_endpoint(struct k8snet_candidate *candidate, const struct k8snet_field *endpoint,
			  int family)
{
	struct k8snet_field conditions = k8snet_field_get(endpoint, "conditions");
	struct k8snet_field ready = k8snet_field_get(&conditions, "ready");
	struct k8snet_field serving = k8snet_field_get(&conditions, "serving");
	struct k8snet_field terminating = k8snet_field_get(&conditions, "terminating");
	struct k8snet_field node = k8snet_field_get(endpoint, "nodeName");
	struct k8snet_field zone = k8snet_field_get(endpoint, "zone");
	struct k8snet_field hints = k8snet_field_get(endpoint, "hints");

	read_address(candidate, endpoint, family);
	candidate->ready = k8snet_field_bool(&ready, true);
	candidate->serving = k8snet_field_bool(&serving, true);
	candidate->terminating = k8snet_field_bool(&terminating, false);
	candidate->node = k8snet_field_string(&node);
	candidate->zone = k8snet_field_string(&zone);
	read_hints(&candidate->node_hints, &hints, "forNodes");
	read_hints(&candidate->zone_hints, &hints, "forZones");
}

/* No endpoints can be null or an empty list. */
static void read_endpoints(struct k8snet_kube_slice *slice, const struct k8snet_field *object)
{
	struct k8snet_field list = k8snet_field_get(object, "endpoints");
	size_t count = k8snet_field_count(&list);

	slice->candidate = alloc(object, count, sizeof(*slice->candidate));
	for (size_t i = 0; slice->candidate && i < count; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);

		read_endpoint(&slice->candidate[slice->candidate_count++], &element,
			      slice->family);
	}
}

bool k8snet_kube_slice_read(struct k8snet_kube_slice *slice, const struct k8snet_field *object)
{
	size_t problems = object->reader->problems->count;
	struct k8snet_kube_meta meta;
	struct k8snet_field type;

	*slice = (struct k8snet_kube_slice){ .origin = object->reader->origin };
	if (!k8snet_kube_meta_read(&meta, object, "EndpointSlice", true))
		return false;
	slice->namespace = meta.namespace;
	slice->name = meta.name;
	if (k8snet_kube_meta_is_foreign(object))
		return true;
	slice->service = k8snet_kube_meta_label(object, "kubernetes.io/service-name");
	if (!slice->service)
		return object->reader->problems->count == problems;
	type = k8snet_field_get(object, "addressType");
	if (!k8snet_field_is_set(&type))
		k8snet_field_problem(&type, "is missing");
	slice->family = families[k8snet_field_choice(&type, address_types, 0)];
	if (slice->family) {
		read_ports(slice, object);
		read_endpoints(slice, object);
	}
	return object->reader->problems->count == problems;
}
