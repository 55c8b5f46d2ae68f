// SPDX-License-Identifier: GPL-2.0
/*
 * Turns the kernel's extended acknowledgment into a sentence that names the
 * attribute and its value.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "array.h"
#include "generated/names.h"
#include "refusal.h"

/* NL_POLICY_TYPE_ATTR_* values have 32 or 64 bits. */
static uint64_t policy_number(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	default:
		return 0;
	}
}

static void parse_policy(struct k8snet_refusal_policy *policy, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			policy->has_range = true;
			policy->min = policy_number(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
			policy->has_range = true;
			policy->max = policy_number(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MASK:
			policy->has_mask = true;
			policy->mask = policy_number(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MIN_LENGTH:
			policy->min_length = policy_number(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_LENGTH:
			policy->max_length = policy_number(attr);
			break;
		}
	}
}

/* Takes the attributes that follow an error message or the end of a dump. */
void k8snet_refusal_parse(struct k8snet_refusal *refusal, int code,
			  const void *attrs, size_t len)
{
	const struct nlattr *attr;

	memset(refusal, 0, sizeof(*refusal));
	refusal->code = code;
	mnl_attr_for_each_payload(attrs, len) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(refusal->text, sizeof(refusal->text), "%.*s",
				 (int)mnl_attr_get_payload_len(attr),
				 (const char *)mnl_attr_get_payload(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			refusal->offset = policy_number(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			refusal->missing = true;
			refusal->missing_type = policy_number(attr);
			break;
		case NLMSGERR_ATTR_MISS_NEST:
			refusal->missing_nest = policy_number(attr);
			break;
		case NLMSGERR_ATTR_POLICY:
			parse_policy(&refusal->policy, attr);
			break;
		}
	}
}

/* The way from the root of a message to the attribute at an offset. */
struct path {
	const struct nlattr *attr[4];
	const struct k8snet_spec_attr *spec[4];
	unsigned int depth;
	const struct k8snet_spec_set *set;	/* what the last attribute may hold */
};

static bool walk(struct path *path, const struct k8snet_spec_set *set,
		 const void *attrs, size_t len, const char *target)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload(attrs, len) {
		const struct k8snet_spec_attr *spec;
		const char *next = (const char *)mnl_attr_next(attr);

		if (target >= next)
			continue;
		spec = k8snet_spec_attr_find(set, mnl_attr_get_type(attr));
		if (!spec || !k8snet_spec_attr_valid(set, attr) ||
		    path->depth == ARRAY_SIZE(path->attr))
			return false;
		path->attr[path->depth] = attr;
		path->spec[path->depth] = spec;
		path->depth++;
		path->set = spec->nest;
		if (target == (const char *)attr)
			return true;
		return spec->nest && walk(path, spec->nest, mnl_attr_get_payload(attr),
					  mnl_attr_get_payload_len(attr), target);
	}
	return false;
}

static const struct k8snet_spec_set *request_set(const struct k8snet_msg *request)
{
	uint8_t cmd = k8snet_msg_cmd(request);

	return cmd < k8snet_spec_op_count ? k8snet_spec_ops[cmd].set : NULL;
}

/* Whether the offset is that of an attribute in the request; fills the path. */
static bool find(struct path *path, const struct k8snet_msg *request, uint32_t offset)
{
	memset(path, 0, sizeof(*path));
	path->set = request_set(request);
	if (!offset)
		return true;
	if (offset >= request->len)
		return false;
	return walk(path, path->set, request->data + NLMSG_HDRLEN + GENL_HDRLEN,
		    request->len - NLMSG_HDRLEN - GENL_HDRLEN, request->data + offset);
}

struct sentence {
	char *buf;
	size_t size;
	size_t used;
};

__attribute__((format(printf, 2, 3)))
static void say(struct sentence *s, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(s->buf + s->used, s->size - s->used, format, args);
	va_end(args);
	if (len > 0)
		s->used += (size_t)len < s->size - s->used ? (size_t)len : s->size - s->used - 1;
}

/*
 * "WORD VALUE: ". The attribute that names the object itself is left out, and
 * so are an address, a port and a length in a nest: they are in its value.
 */
static void say_path(struct sentence *s, const struct path *path, const char *name)
{
	char value[256];

	for (unsigned int i = 0; i < path->depth; i++) {
		const struct k8snet_spec_attr *spec = path->spec[i];

		k8snet_spec_attr_print(spec, path->attr[i], value, sizeof(value));
		if (name && !strcmp(value, name))
			continue;
		if (i && spec->kind != K8SNET_KIND_ENUM && strcmp(spec->word, "weight"))
			continue;
		say(s, "%s%s%s: ", spec->word, *value ? " " : "", value);
	}
}

static void say_missing(struct sentence *s, const struct k8snet_refusal *refusal,
			const struct k8snet_msg *request, const char *name)
{
	const struct k8snet_spec_attr *spec = NULL;
	struct path path;

	if (find(&path, request, refusal->missing_nest)) {
		say_path(s, &path, name);
		spec = k8snet_spec_attr_find(path.set, refusal->missing_type);
	}
	if (spec)
		say(s, "%s: ", spec->word);
	if (!*refusal->text)
		say(s, "required, but not given");
}

static void say_policy(struct sentence *s, const struct k8snet_refusal_policy *policy)
{
	if (policy->has_range)
		say(s, " (allowed: %" PRIu64 " to %" PRIu64 ")", policy->min, policy->max);
	else if (policy->has_mask)
		say(s, " (allowed bits: 0x%" PRIx64 ")", policy->mask);
	else if (policy->max_length && policy->max_length == policy->min_length)
		say(s, " (allowed: %u bytes)", policy->max_length);
	else if (policy->max_length)
		say(s, " (allowed: at most %u bytes)", policy->max_length);
}

static void say_errno(struct sentence *s, const struct k8snet_refusal *refusal)
{
	if (refusal->family) {
		say(s, "the k8snet module is not loaded; load it with: modprobe k8snet");
		return;
	}
	say(s, "%s", strerror(refusal->code));
	if (refusal->code == EPERM)
		say(s, " (needs CAP_NET_ADMIN in the network namespace)");
}

/*
 * Prints the offending attribute with its value and the kernel's sentence.
 * name is that of the object that the request is about, or NULL.
 */
void k8snet_refusal_print(const struct k8snet_refusal *refusal, const struct k8snet_msg *request,
			  const char *name, char *buf, size_t size)
{
	struct sentence s = { .buf = buf, .size = size };
	struct path path;

	buf[0] = 0;
	if (refusal->missing && request)
		say_missing(&s, refusal, request, name);
	else if (refusal->offset && request && find(&path, request, refusal->offset))
		say_path(&s, &path, name);

	if (*refusal->text)
		say(&s, "%s", refusal->text);
	else if (!refusal->missing)
		say_errno(&s, refusal);
	say_policy(&s, &refusal->policy);
}
