/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects out of JSON or YAML text: of several documents, and of lists.
 */
#ifndef K8SNET_DOCUMENT_H
#define K8SNET_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "problem.h"

struct json_object;

/*
 * An object. One of a Kubernetes list has what the list says of its items in
 * list_kind ("ServiceList", "List") and list_version; one of k8snet's own
 * format has the name of its section there is instead. A list or section
 * itself comes first, as an item without an object, as it may be empty.
 */
struct k8snet_item {
	struct json_object *object;	/* the caller's to borrow, not to keep */
	struct k8snet_origin origin;
	const char *section;
	const char *list_kind;
	const char *list_version;
};

typedef void k8snet_item_fn(const struct k8snet_item *item, void *arg);

/* What one run of a reader needs. */
struct k8snet_document {
	const char *file;		/* as it is called in messages */
	const char *text;
	size_t length;
	struct k8snet_problems *problems;
	k8snet_item_fn *take;
	void *arg;
};

/* All that the text holds; the problem list tells what did not go well. */
void k8snet_document_read(const struct k8snet_document *document);

/* Either kind; the first does for both. */
void k8snet_document_read_json(const struct k8snet_document *document);
void k8snet_document_read_yaml(const struct k8snet_document *document);

/* A list in k8snet's own format, by its name that can be kept; or NULL. */
const char *k8snet_document_section(const char *key);

#endif /* K8SNET_DOCUMENT_H */
