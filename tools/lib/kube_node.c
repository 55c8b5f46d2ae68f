// SPDX-License-Identifier: GPL-2.0
/*
 * A Node, as far as the network needs it: its pod ranges, and where it is. A
 * node of flannel says in annotations how it is reached (flannel,
 * pkg/subnet/kube/annotations.go).
 */
#include <string.h>

#include <json-c/json.h>

#include "field_net.h"
#include "kube_meta.h"
#include "kube_node.h"

#define FLANNEL		"flannel.alpha.coreos.com/"

/* What flannel calls its backends. */
static const char *const backends[] = { "vxlan", "udp", "ipip", "host-gw", NULL };

static const uint32_t backend_formats[] = {
	K8SNET_FORMAT_VXLAN, K8SNET_FORMAT_UDP, K8SNET_FORMAT_IPIP, K8SNET_FORMAT_DIRECT,
};

/* podCIDR is the first of podCIDRs, or, of an old node, the only one. */
static void read_pods(struct k8snet_kube_node *node, const struct k8snet_field *object)
{
	struct k8snet_field spec = k8snet_field_get(object, "spec");
	struct k8snet_field list = k8snet_field_get(&spec, "podCIDRs");
	struct k8snet_field one = k8snet_field_get(&spec, "podCIDR");

	if (k8snet_field_is_set(&list))
		k8snet_field_prefixes(&list, &node->pods);
	else
		k8snet_field_prefix(&one, &node->pods);
}

/* The first internal address is the one of the primary family. */
static void read_address(struct k8snet_address *addr, const struct k8snet_field *object)
{
	struct k8snet_field status = k8snet_field_get(object, "status");
	struct k8snet_field list = k8snet_field_get(&status, "addresses");
	size_t count = k8snet_field_count(&list);

	for (size_t i = 0; i < count && !addr->family; i++) {
		struct k8snet_field element = k8snet_field_at(&list, i);
		struct k8snet_field type = k8snet_field_get(&element, "type");
		struct k8snet_field address = k8snet_field_get(&element, "address");
		const char *text = k8snet_field_string(&type);

		if (text && !strcmp(text, "InternalIP"))
			k8snet_field_address(&address, addr);
	}
}

/* backend-data is JSON in a string: {"VNI":1,"VtepMAC":"8a:3c:22:11:00:02"} */
static void read_mac(struct k8snet_kube_way *way, const struct k8snet_field *field)
{
	const char *text = k8snet_field_string(field);
	struct k8snet_field data = *field, mac;

	data.value = text ? json_tokener_parse(text) : NULL;
	if (!json_object_is_type(data.value, json_type_object)) {
		k8snet_field_problem(field, "has no data of flannel's vxlan");
	} else {
		mac = k8snet_field_get(&data, "VtepMAC");
		k8snet_field_mac(&mac, way->mac, &way->has_mac);
		if (!k8snet_field_is_set(&mac))
			k8snet_field_problem(&mac, "is missing");
	}
	json_object_put(data.value);
}

static void read_flannel_way(struct k8snet_kube_way *way, uint32_t format,
			     const struct k8snet_field *address, const struct k8snet_field *data)
{
	k8snet_field_address(address, &way->via);
	way->has_format = true;
	way->format = format;
	if (format == K8SNET_FORMAT_VXLAN)
		read_mac(way, data);
}

static void read_flannel(struct k8snet_kube_node *node, const struct k8snet_field *object)
{
	struct k8snet_field type, address, data, address6, data6;
	struct k8snet_kube_annotations annotations;
	uint32_t format;

	k8snet_kube_annotations_find(&annotations, object);
	type = k8snet_kube_annotation(&annotations, FLANNEL "backend-type");
	address = k8snet_kube_annotation(&annotations, FLANNEL "public-ip");
	data = k8snet_kube_annotation(&annotations, FLANNEL "backend-data");
	address6 = k8snet_kube_annotation(&annotations, FLANNEL "public-ipv6");
	data6 = k8snet_kube_annotation(&annotations, FLANNEL "backend-v6-data");
	if (!k8snet_field_is_set(&type))
		return;
	format = backend_formats[k8snet_field_choice(&type, backends, 0)];
	if (k8snet_field_is_set(&address)) {
		read_flannel_way(&node->way, format, &address, &data);
		node->has_way6 = k8snet_field_is_set(&address6);
		if (node->has_way6)
			read_flannel_way(&node->way6, format, &address6, &data6);
	} else if (k8snet_field_is_set(&address6)) {
		read_flannel_way(&node->way, format, &address6, &data6);
	}
}

bool k8snet_kube_node_read(struct k8snet_kube_node *node, const struct k8snet_field *object)
{
	size_t problems = object->reader->problems->count;
	struct k8snet_kube_meta meta;

	*node = (struct k8snet_kube_node){ .origin = object->reader->origin };
	if (!k8snet_kube_meta_read(&meta, object, "Node", false))
		return false;
	node->name = meta.name;
	node->zone = k8snet_kube_meta_label(object, "topology.kubernetes.io/zone");
	if (!node->zone)
		node->zone = "";
	read_pods(node, object);
	read_flannel(node, object);
	if (!node->way.via.family)
		read_address(&node->way.via, object);
	return object->reader->problems->count == problems;
}
