/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the netlink specification says of names, for messages and tables.
 */
#ifndef K8SNET_SPEC_H
#define K8SNET_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

enum k8snet_spec_kind {
	K8SNET_KIND_UNKNOWN,
	K8SNET_KIND_PAD,
	K8SNET_KIND_U16,
	K8SNET_KIND_U32,
	K8SNET_KIND_U64,
	K8SNET_KIND_PORT,	/* u16, big-endian */
	K8SNET_KIND_IPV4,	/* u32, big-endian */
	K8SNET_KIND_IPV6,	/* 16 bytes */
	K8SNET_KIND_ENUM,	/* u32 */
	K8SNET_KIND_FLAGS,	/* u32 */
	K8SNET_KIND_STRING,
	K8SNET_KIND_BINARY,
	K8SNET_KIND_NEST,
};

/* One value of an enumeration; doc is the specification's sentence. */
struct k8snet_spec_value {
	uint32_t value;
	const char *name;
	const char *doc;
};

struct k8snet_spec_enum {
	const struct k8snet_spec_value *values;
	unsigned int count;
};

struct k8snet_spec_set;

/* One attribute; word is what the command line calls it. */
struct k8snet_spec_attr {
	const char *name;
	const char *word;
	enum k8snet_spec_kind kind;
	const struct k8snet_spec_enum *values;
	const struct k8snet_spec_set *nest;
};

/* Attributes by type. */
struct k8snet_spec_set {
	const struct k8snet_spec_attr *attrs;
	unsigned int count;
};

struct k8snet_spec_op {
	const char *name;
	const struct k8snet_spec_set *set;
};

const struct k8snet_spec_value *
k8snet_spec_value_find(const struct k8snet_spec_enum *e, uint32_t value);
const char *k8snet_spec_value_name(const struct k8snet_spec_enum *e, uint32_t value);
const struct k8snet_spec_attr *
k8snet_spec_attr_find(const struct k8snet_spec_set *set, unsigned int type);
bool k8snet_spec_attr_valid(const struct k8snet_spec_set *set, const struct nlattr *attr);
void k8snet_spec_attr_print(const struct k8snet_spec_attr *spec, const struct nlattr *attr,
			    char *buf, size_t size);

#endif /* K8SNET_SPEC_H */
