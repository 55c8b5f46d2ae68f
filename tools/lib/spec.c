// SPDX-License-Identifier: GPL-2.0
/*
 * Looks names up in the specification's tables, and prints attributes by them.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generated/names.h"
#include "spec.h"

const struct k8snet_spec_value *
k8snet_spec_value_find(const struct k8snet_spec_enum *e, uint32_t value)
{
	for (unsigned int i = 0; i < e->count; i++)
		if (e->values[i].value == value)
			return &e->values[i];
	return NULL;
}

/* A kernel newer than the tool may have values that the tool has no name of. */
const char *k8snet_spec_value_name(const struct k8snet_spec_enum *e, uint32_t value)
{
	const struct k8snet_spec_value *v = k8snet_spec_value_find(e, value);

	return v ? v->name : "unknown";
}

const struct k8snet_spec_attr *
k8snet_spec_attr_find(const struct k8snet_spec_set *set, unsigned int type)
{
	if (!set || type >= set->count || !set->attrs[type].name)
		return NULL;
	return &set->attrs[type];
}

static bool string_valid(const struct nlattr *attr)
{
	return memchr(mnl_attr_get_payload(attr), 0, mnl_attr_get_payload_len(attr));
}

/*
 * Whether the attribute has the length that the specification gives its type.
 * Attributes that the specification does not know are valid: they are of a
 * newer kernel, and skipped.
 */
bool k8snet_spec_attr_valid(const struct k8snet_spec_set *set, const struct nlattr *attr)
{
	const struct k8snet_spec_attr *spec;
	uint16_t len = mnl_attr_get_payload_len(attr);

	spec = k8snet_spec_attr_find(set, mnl_attr_get_type(attr));
	if (!spec)
		return true;
	switch (spec->kind) {
	case K8SNET_KIND_U16:
	case K8SNET_KIND_PORT:
		return len == sizeof(uint16_t);
	case K8SNET_KIND_U32:
	case K8SNET_KIND_IPV4:
	case K8SNET_KIND_ENUM:
	case K8SNET_KIND_FLAGS:
		return len == sizeof(uint32_t);
	case K8SNET_KIND_U64:
		return len == sizeof(uint64_t);
	case K8SNET_KIND_IPV6:
		return len == sizeof(struct in6_addr);
	case K8SNET_KIND_STRING:
		return string_valid(attr);
	default:
		return true;
	}
}

static void print_binary(const struct nlattr *attr, char *buf, size_t size)
{
	const uint8_t *data = mnl_attr_get_payload(attr);
	uint16_t len = mnl_attr_get_payload_len(attr);
	const char *separator = len == 6 ? ":" : "";
	size_t used = 0;

	for (uint16_t i = 0; i < len && used < size; i++)
		used += snprintf(buf + used, size - used, "%s%02x", i ? separator : "", data[i]);
}

static void print_flags(const struct k8snet_spec_enum *e, uint32_t flags, char *buf, size_t size)
{
	size_t used = 0;

	for (unsigned int i = 0; i < e->count && used < size; i++)
		if (flags & e->values[i].value)
			used += snprintf(buf + used, size - used, "%s%s", used ? "," : "",
					 e->values[i].name);
}

/* What stands in front of an attribute of a nest, or NULL to leave it out. */
static const char *nest_separator(const struct k8snet_spec_attr *spec)
{
	if (spec->kind == K8SNET_KIND_IPV4 || spec->kind == K8SNET_KIND_IPV6)
		return "";
	if (!strcmp(spec->name, "length"))
		return "/";
	if (!strcmp(spec->name, "port"))
		return ":";
	return NULL;
}

/* ADDRESS/LENGTH, or ADDRESS:PORT, by what the nest holds. IPv6 with a port is in brackets. */
static void print_nest(const struct k8snet_spec_set *set, const struct nlattr *nest,
		       char *buf, size_t size)
{
	bool ports = set == &k8snet_spec_frontend_set || set == &k8snet_spec_backend_set;
	const struct nlattr *attr;
	char value[64];
	size_t used = 0;

	mnl_attr_for_each_nested(attr, nest) {
		const struct k8snet_spec_attr *spec;
		const char *separator;

		spec = k8snet_spec_attr_find(set, mnl_attr_get_type(attr));
		if (!spec || !k8snet_spec_attr_valid(set, attr))
			continue;
		separator = nest_separator(spec);
		if (!separator)
			continue;
		k8snet_spec_attr_print(spec, attr, value, sizeof(value));
		used += snprintf(buf + used, size - used,
				 ports && spec->kind == K8SNET_KIND_IPV6 ? "%s[%s]" : "%s%s",
				 separator, value);
		if (used >= size)
			return;
	}
}

/* Prints the value; the attribute must be valid. */
void k8snet_spec_attr_print(const struct k8snet_spec_attr *spec, const struct nlattr *attr,
			    char *buf, size_t size)
{
	uint32_t number;

	buf[0] = 0;
	switch (spec->kind) {
	case K8SNET_KIND_U16:
		snprintf(buf, size, "%u", mnl_attr_get_u16(attr));
		break;
	case K8SNET_KIND_PORT:
		snprintf(buf, size, "%u", ntohs(mnl_attr_get_u16(attr)));
		break;
	case K8SNET_KIND_U32:
		snprintf(buf, size, "%u", mnl_attr_get_u32(attr));
		break;
	case K8SNET_KIND_U64:
		snprintf(buf, size, "%" PRIu64, mnl_attr_get_u64(attr));
		break;
	case K8SNET_KIND_IPV4:
		number = mnl_attr_get_u32(attr);
		inet_ntop(AF_INET, &number, buf, size);
		break;
	case K8SNET_KIND_IPV6:
		inet_ntop(AF_INET6, mnl_attr_get_payload(attr), buf, size);
		break;
	case K8SNET_KIND_ENUM:
		number = mnl_attr_get_u32(attr);
		snprintf(buf, size, "%s", k8snet_spec_value_name(spec->values, number));
		break;
	case K8SNET_KIND_FLAGS:
		print_flags(spec->values, mnl_attr_get_u32(attr), buf, size);
		break;
	case K8SNET_KIND_STRING:
		snprintf(buf, size, "%s", mnl_attr_get_str(attr));
		break;
	case K8SNET_KIND_BINARY:
		print_binary(attr, buf, size);
		break;
	case K8SNET_KIND_NEST:
		print_nest(spec->nest, attr, buf, size);
		break;
	default:
		break;
	}
}
