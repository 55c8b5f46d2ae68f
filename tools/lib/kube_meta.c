// SPDX-License-Identifier: GPL-2.0
/*
 * What all Kubernetes objects have: a name, labels and annotations.
 */
#include <stdio.h>
#include <string.h>

#include "kube_meta.h"

/* A DNS subdomain (RFC 1123): its length, and no other characters. */
#define NAME_MAX_LENGTH		253

static bool is_name(const char *text)
{
	return *text && strlen(text) <= NAME_MAX_LENGTH &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == 0;
}

static const char *read_name(const struct k8snet_field *metadata, const char *key)
{
	struct k8snet_field field = k8snet_field_get(metadata, key);
	const char *text = k8snet_field_string(&field);

	if (!text || is_name(text))
		return text;
	k8snet_field_problem(&field, "\"%.64s\" is not a name", text);
	return NULL;
}

/* From now on it is what problems are said of. False if it has no (good) name. */
bool k8snet_kube_meta_read(struct k8snet_kube_meta *meta, const struct k8snet_field *object,
			   const char *kind, bool namespaced)
{
	struct k8snet_field metadata = k8snet_field_get(object, "metadata");
	struct k8snet_field namespace = k8snet_field_get(&metadata, "namespace");
	struct k8snet_field name = k8snet_field_get(&metadata, "name");
	struct k8snet_reader *reader = object->reader;

	if (!k8snet_field_is_set(&name)) {
		k8snet_field_problem(&name, "is missing");
		return false;
	}
	meta->name = read_name(&metadata, "name");
	meta->namespace = "";
	/* What names none is in "default", as kubectl has it. */
	if (namespaced && k8snet_field_is_set(&namespace))
		meta->namespace = read_name(&metadata, "namespace");
	else if (namespaced)
		meta->namespace = "default";
	if (!meta->name || !meta->namespace)
		return false;
	snprintf(reader->subject, sizeof(reader->subject), "%s %s%s%s", kind, meta->namespace,
		 namespaced ? "/" : "", meta->name);
	return true;
}

const char *k8snet_kube_meta_label(const struct k8snet_field *object, const char *key)
{
	struct k8snet_field metadata = k8snet_field_get(object, "metadata");
	struct k8snet_field labels = k8snet_field_get(&metadata, "labels");
	struct k8snet_field label = k8snet_field_get(&labels, key);

	return k8snet_field_string(&label);
}

/* These labels count by being there, whatever they say. */
bool k8snet_kube_meta_is_foreign(const struct k8snet_field *object)
{
	return k8snet_kube_meta_label(object, "service.kubernetes.io/headless") ||
	       k8snet_kube_meta_label(object, "service.kubernetes.io/service-proxy-name");
}

void k8snet_kube_annotations_find(struct k8snet_kube_annotations *annotations,
				  const struct k8snet_field *object)
{
	annotations->metadata = k8snet_field_get(object, "metadata");
	annotations->annotations = k8snet_field_get(&annotations->metadata, "annotations");
}

struct k8snet_field k8snet_kube_annotation(const struct k8snet_kube_annotations *annotations,
					   const char *key)
{
	return k8snet_field_get(&annotations->annotations, key);
}
