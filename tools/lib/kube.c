// SPDX-License-Identifier: GPL-2.0
/*
 * The Kubernetes objects that make up the state of a node's network: tells
 * kinds apart.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "kube.h"

static const char *read_text(const struct k8snet_field *object, const char *key)
{
	struct k8snet_field field = k8snet_field_get(object, key);

	return k8snet_field_string(&field);
}

static void *grow(struct k8snet_kube *kube, void *array, size_t count, size_t size,
		  struct k8snet_problems *problems)
{
	void *bigger = k8snet_arena_grow(&kube->arena, array, count, size);

	if (!bigger)
		problems->failed = ENOMEM;
	return bigger;
}

static void take_node(struct k8snet_kube *kube, const struct k8snet_field *object,
		      struct k8snet_problems *problems)
{
	void *bigger = grow(kube, kube->node, kube->node_count, sizeof(*kube->node), problems);

	if (!bigger)
		return;
	kube->node = bigger;
	kube->node_count += k8snet_kube_node_read(&kube->node[kube->node_count], object);
}

static void take_service(struct k8snet_kube *kube, const struct k8snet_field *object,
			 struct k8snet_problems *problems)
{
	void *bigger = grow(kube, kube->service, kube->service_count, sizeof(*kube->service),
			    problems);

	if (!bigger)
		return;
	kube->service = bigger;
	kube->service_count += k8snet_kube_service_read(&kube->service[kube->service_count],
							object);
}

static void take_slice(struct k8snet_kube *kube, const struct k8snet_field *object,
		       struct k8snet_problems *problems)
{
	void *bigger = grow(kube, kube->slice, kube->slice_count, sizeof(*kube->slice), problems);

	if (!bigger)
		return;
	kube->slice = bigger;
	kube->slice_count += k8snet_kube_slice_read(&kube->slice[kube->slice_count], object);
}

struct kind {
	const char *kind;
	const char *list;
	const char *version;
	size_t has;		/* which has_* of struct k8snet_kube */
	void (*take)(struct k8snet_kube *kube, const struct k8snet_field *object,
		     struct k8snet_problems *problems);
};

static const struct kind kinds[] = {
	{ "Node", "NodeList", "v1", offsetof(struct k8snet_kube, has_nodes), take_node },
	{ "Service", "ServiceList", "v1", offsetof(struct k8snet_kube, has_services),
	  take_service },
	{ "EndpointSlice", "EndpointSliceList", "discovery.k8s.io/v1",
	  offsetof(struct k8snet_kube, has_slices), take_slice },
};

static void note_seen(struct k8snet_kube *kube, const struct kind *kind)
{
	*(bool *)((char *)kube + kind->has) = true;
}

static const struct kind *find_list(const char *list)
{
	for (size_t i = 0; list && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].list, list))
			return &kinds[i];
	return NULL;
}

static const struct kind *find_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return &kinds[i];
	return NULL;
}

/* A list of some kind is one, even if it is empty; "List" is one of any kinds. */
static void take_list(struct k8snet_kube *kube, const struct k8snet_item *item,
		      struct k8snet_problems *problems)
{
	const struct kind *kind = find_list(item->list_kind);

	if (kind)
		note_seen(kube, kind);
	else if (strcmp(item->list_kind, "List"))
		k8snet_problems_add(problems, &item->origin,
				    "kind %.64s is not known here (NodeList, ServiceList, EndpointSliceList and List are)",
				    item->list_kind);
}

/* "Pod default/web", as far as there is a name, for what is not read any further. */
static void name_subject(const struct k8snet_field *object, const char *kind)
{
	struct k8snet_field metadata = k8snet_field_get(object, "metadata");
	const char *namespace = read_text(&metadata, "namespace");
	const char *name = read_text(&metadata, "name");
	struct k8snet_reader *reader = object->reader;

	snprintf(reader->subject, sizeof(reader->subject), "%.64s%s%.64s%s%.64s", kind,
		 name ? " " : "", namespace && name ? namespace : "",
		 namespace && name ? "/" : "", name ? name : "");
}

/* Items of the API's own lists have neither kind nor version: the list has. */
static void take_object(struct k8snet_kube *kube, const struct k8snet_item *item,
			struct k8snet_reader *reader)
{
	struct k8snet_field object = k8snet_field_object(reader, item->object);
	const struct kind *list = find_list(item->list_kind), *kind;
	const char *name, *version;

	if (!k8snet_field_is_object(&object))
		return;
	name = read_text(&object, "kind");
	version = read_text(&object, "apiVersion");
	if (!name && list)
		name = list->kind;
	if (!version && list)
		version = item->list_version;
	if (!name) {
		k8snet_field_problem(&object, "has no kind");
		return;
	}
	name_subject(&object, name);
	kind = find_kind(name);
	if (!kind) {
		k8snet_field_problem(&object,
				     "this kind is not known here (Node, Service and EndpointSlice are)");
		return;
	}
	if (!version || strcmp(version, kind->version)) {
		k8snet_field_problem(&object, "apiVersion \"%.64s\" is not known here (%s is)",
				     version ? version : "", kind->version);
		return;
	}
	note_seen(kube, kind);
	kind->take(kube, &object, reader->problems);
}

void k8snet_kube_take(struct k8snet_kube *kube, const struct k8snet_item *item,
		      struct k8snet_problems *problems)
{
	struct k8snet_reader reader = {
		.origin = item->origin,
		.problems = problems,
		.arena = &kube->arena,
	};

	if (item->object)
		take_object(kube, item, &reader);
	else
		take_list(kube, item, problems);
}

void k8snet_kube_free(struct k8snet_kube *kube)
{
	k8snet_arena_free(&kube->arena);
	*kube = (struct k8snet_kube){ 0 };
}
