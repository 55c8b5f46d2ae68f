/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields that hold addresses.
 */
#ifndef K8SNET_FIELD_NET_H
#define K8SNET_FIELD_NET_H

#include "address.h"
#include "field.h"
#include "prefix.h"

/* What is absent leaves all as it is; what is wrong is noted. Bytes are hexadecimal digits. */
void k8snet_field_address(const struct k8snet_field *field, struct k8snet_address *addr);
void k8snet_field_bytes(const struct k8snet_field *field, uint8_t *bytes, size_t count);
void k8snet_field_mac(const struct k8snet_field *field, uint8_t *mac, bool *has);

/* A prefix, or all of a list of them, added to those there are. */
void k8snet_field_prefix(const struct k8snet_field *field, struct k8snet_prefixes *list);
void k8snet_field_prefixes(const struct k8snet_field *field, struct k8snet_prefixes *list);

#endif /* K8SNET_FIELD_NET_H */
