/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all Kubernetes objects have: a name, labels and annotations.
 */
#ifndef K8SNET_KUBE_META_H
#define K8SNET_KUBE_META_H

#include "field.h"

struct k8snet_kube_meta {
	const char *namespace;	/* "" for what is in none */
	const char *name;
};

bool k8snet_kube_meta_read(struct k8snet_kube_meta *meta, const struct k8snet_field *object,
			   const char *kind, bool namespaced);

/* NULL if there is none. */
const char *k8snet_kube_meta_label(const struct k8snet_field *object, const char *key);

/* Whether it is meant for no proxy, or another one than kube-proxy and us. */
bool k8snet_kube_meta_is_foreign(const struct k8snet_field *object);

/*
 * One annotation as a field, so that what is wrong with it is said of it.
 * metadata and annotations are what it hangs on.
 */
struct k8snet_kube_annotations {
	struct k8snet_field metadata;
	struct k8snet_field annotations;
};

void k8snet_kube_annotations_find(struct k8snet_kube_annotations *annotations,
				  const struct k8snet_field *object);
struct k8snet_field k8snet_kube_annotation(const struct k8snet_kube_annotations *annotations,
					   const char *key);

#endif /* K8SNET_KUBE_META_H */
