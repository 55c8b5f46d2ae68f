/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user gives to be applied: Kubernetes objects, or k8snet's own format.
 */
#ifndef K8SNET_INPUT_H
#define K8SNET_INPUT_H

#include "kube.h"
#include "state.h"

/* All zeros but view is an empty one. */
struct k8snet_input {
	struct k8snet_kube_view view;
	struct k8snet_problems problems;	/* nothing may be applied if there are any */
	struct k8snet_problems notes;		/* worth to know */
	struct k8snet_state state;
	struct k8snet_kube kube;
	bool has_native;
	bool has_kube;
};

/* "-" is standard input. Can be called for several files. */
void k8snet_input_file(struct k8snet_input *input, const char *file);
void k8snet_input_text(struct k8snet_input *input, const char *file, const char *text,
		       size_t length);

/* When all has been given: false if there are problems, else state is complete and sorted. */
bool k8snet_input_finish(struct k8snet_input *input);
void k8snet_input_free(struct k8snet_input *input);

#endif /* K8SNET_INPUT_H */
