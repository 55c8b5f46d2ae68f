/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a change was refused: how tables tell netlink, which they never see.
 */
#ifndef K8SNET_REFUSAL_H
#define K8SNET_REFUSAL_H

#include <linux/types.h>

/* The field of the request that a refusal is about. */
enum k8snet_field {
	K8SNET_FIELD_NONE,
	K8SNET_FIELD_NAME,
	K8SNET_FIELD_VIA,
	K8SNET_FIELD_ALSO,
	K8SNET_FIELD_PREFIX,
	K8SNET_FIELD_FRONTEND,
	K8SNET_FIELD_ENDPOINT,
	K8SNET_FIELD_ENDPOINT_PORT,
	K8SNET_FIELD_ENDPOINT_WEIGHT,
	K8SNET_FIELD_ID,
	K8SNET_FIELD_PORT,
	K8SNET_FIELD_LOCAL,
	K8SNET_FIELD_LOCAL6,
	K8SNET_FIELD_MTU,
};

/**
 * struct k8snet_refusal - why a change was refused
 * @text: a whole sentence, or NULL
 * @field: the field that it is about
 * @index: which element of that field, if it is a list
 */
struct k8snet_refusal {
	const char *text;
	enum k8snet_field field;
	unsigned int index;
};

/* Note the reason, hand on the error; "return k8snet_refuse(...)". */
static inline int k8snet_refuse(struct k8snet_refusal *refusal, int err,
				enum k8snet_field field, unsigned int index,
				const char *text)
{
	refusal->text = text;
	refusal->field = field;
	refusal->index = index;
	return err;
}

#endif /* K8SNET_REFUSAL_H */
