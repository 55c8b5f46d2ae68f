// SPDX-License-Identifier: GPL-2.0
/*
 * One port of a Kubernetes service, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "array.h"
#include "generated/names.h"
#include "service.h"

/* Returns 0 or ENOMEM. */
int k8snet_service_add_frontend(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_frontend *frontend)
{
	struct k8snet_frontend *bigger;

	bigger = k8snet_arena_grow(arena, service->frontend, service->frontend_count,
				   sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	service->frontend = bigger;
	service->frontend[service->frontend_count++] = *frontend;
	return 0;
}

/* Returns 0 or ENOMEM. */
int k8snet_service_add_endpoint(struct k8snet_service *service, struct k8snet_arena *arena,
				const struct k8snet_endpoint *endpoint)
{
	struct k8snet_endpoint *bigger;

	bigger = k8snet_arena_grow(arena, service->endpoint, service->endpoint_count,
				   sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	service->endpoint = bigger;
	service->endpoint[service->endpoint_count++] = *endpoint;
	return 0;
}

static void encode_frontend(const struct k8snet_frontend *frontend, struct k8snet_msg *msg)
{
	size_t nest = k8snet_msg_nest_start(msg, K8SNET_A_SERVICE_FRONTEND);

	k8snet_msg_put_u32(msg, K8SNET_A_FRONTEND_TYPE, frontend->type);
	k8snet_address_encode(&frontend->addr, msg, K8SNET_A_FRONTEND_IPV4,
			      K8SNET_A_FRONTEND_IPV6);
	k8snet_msg_put_port(msg, K8SNET_A_FRONTEND_PORT, frontend->port);
	k8snet_msg_nest_end(msg, nest);
}

static void encode_endpoint(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg)
{
	size_t nest = k8snet_msg_nest_start(msg, K8SNET_A_SERVICE_ENDPOINT);

	k8snet_address_encode(&endpoint->addr, msg, K8SNET_A_BACKEND_IPV4,
			      K8SNET_A_BACKEND_IPV6);
	k8snet_msg_put_port(msg, K8SNET_A_BACKEND_PORT, endpoint->port);
	if (endpoint->has_weight)
		k8snet_msg_put_u32(msg, K8SNET_A_BACKEND_WEIGHT, endpoint->weight);
	if (endpoint->flags != K8SNET_ENDPOINT_FLAGS_DEFAULT)
		k8snet_msg_put_u32(msg, K8SNET_A_BACKEND_FLAGS, endpoint->flags);
	k8snet_msg_nest_end(msg, nest);
}

/* The families that the service has addresses of; both if it has none. */
static void families_of(const struct k8snet_service *service, bool *ipv4, bool *ipv6)
{
	*ipv4 = false;
	*ipv6 = false;
	for (size_t i = 0; i < service->frontend_count; i++) {
		*ipv4 |= service->frontend[i].addr.family == AF_INET;
		*ipv6 |= service->frontend[i].addr.family == AF_INET6;
	}
	if (!*ipv4 && !*ipv6) {
		*ipv4 = true;
		*ipv6 = true;
	}
}

/*
 * Completes what was said in short: a node port is one of every family that the
 * service has, an address alone has the service's first port, and the sets
 * follow from the endpoints' conditions. Returns 0 or ENOMEM.
 */
int k8snet_service_complete(struct k8snet_service *service, struct k8snet_arena *arena)
{
	size_t count = service->frontend_count;
	bool ipv4, ipv6;

	families_of(service, &ipv4, &ipv6);
	for (size_t i = 0; i < count; i++) {
		struct k8snet_frontend *frontend = &service->frontend[i], other;

		if (frontend->port_of_first)
			frontend->port = service->frontend[0].port;
		if (frontend->type != K8SNET_FRONTEND_TYPE_NODE_PORT || frontend->addr.family)
			continue;
		frontend->addr.family = ipv4 ? AF_INET : AF_INET6;
		other = *frontend;
		other.addr.family = AF_INET6;
		if (ipv4 && ipv6 && k8snet_service_add_frontend(service, arena, &other))
			return ENOMEM;
	}
	return k8snet_endpoint_sets(service->endpoint, service->endpoint_count);
}

static void encode_rules(const struct k8snet_service *service, struct k8snet_msg *msg)
{
	const struct {
		uint16_t type;
		uint32_t value;
	} rules[] = {
		{ K8SNET_A_SERVICE_INTERNAL_POLICY, service->internal_policy },
		{ K8SNET_A_SERVICE_EXTERNAL_POLICY, service->external_policy },
		{ K8SNET_A_SERVICE_RANGE_SCOPE, service->range_scope },
		{ K8SNET_A_SERVICE_ON_REMOVE, service->on_remove },
		{ K8SNET_A_SERVICE_LIMIT, service->limit },
		{ K8SNET_A_SERVICE_AFFINITY, service->affinity },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (service->has & 1ULL << rules[i].type)
			k8snet_msg_put_u32(msg, rules[i].type, rules[i].value);
	k8snet_prefixes_encode(&service->ranges, msg, K8SNET_A_SERVICE_RANGE);
}

/* Puts the fields that are there. */
void k8snet_service_encode(const struct k8snet_service *service, struct k8snet_msg *msg)
{
	if (service->has & 1ULL << K8SNET_A_SERVICE_NAME)
		k8snet_msg_put_string(msg, K8SNET_A_SERVICE_NAME, service->name);
	if (service->has & 1ULL << K8SNET_A_SERVICE_PROTOCOL)
		k8snet_msg_put_u32(msg, K8SNET_A_SERVICE_PROTOCOL, service->protocol);
	for (size_t i = 0; i < service->frontend_count; i++)
		encode_frontend(&service->frontend[i], msg);
	if (service->has & 1ULL << K8SNET_A_SERVICE_ALGORITHM)
		k8snet_msg_put_u32(msg, K8SNET_A_SERVICE_ALGORITHM, service->algorithm);
	encode_rules(service, msg);
	for (size_t i = 0; i < service->endpoint_count; i++)
		encode_endpoint(&service->endpoint[i], msg);
}

int k8snet_frontend_decode(struct k8snet_frontend *frontend, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_frontend_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_FRONTEND_TYPE:
			frontend->type = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FRONTEND_IPV4:
			k8snet_address_decode(&frontend->addr, AF_INET, attr);
			break;
		case K8SNET_A_FRONTEND_IPV6:
			k8snet_address_decode(&frontend->addr, AF_INET6, attr);
			break;
		case K8SNET_A_FRONTEND_PORT:
			frontend->port = ntohs(mnl_attr_get_u16(attr));
			break;
		}
	}
	return 0;
}

static int decode_frontend(struct k8snet_service *service, const struct nlattr *nest,
			   struct k8snet_arena *arena)
{
	struct k8snet_frontend frontend = { 0 };
	int err = k8snet_frontend_decode(&frontend, nest);

	return err ?: k8snet_service_add_frontend(service, arena, &frontend);
}

static int decode_attr(struct k8snet_service *service, const struct nlattr *attr,
		       struct k8snet_arena *arena)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_SERVICE_NAME:
		service->name = k8snet_arena_strdup(arena, mnl_attr_get_str(attr));
		return service->name ? 0 : ENOMEM;
	case K8SNET_A_SERVICE_PROTOCOL:
		service->protocol = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_FRONTEND:
		return decode_frontend(service, attr, arena);
	case K8SNET_A_SERVICE_ALGORITHM:
		service->algorithm = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_ENDPOINTS:
		service->endpoints = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_NEW:
		service->new = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_REJECTED:
		service->rejected = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_INTERNAL_POLICY:
		service->internal_policy = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_EXTERNAL_POLICY:
		service->external_policy = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_RANGE:
		return k8snet_prefixes_decode(&service->ranges, arena, attr);
	case K8SNET_A_SERVICE_RANGE_SCOPE:
		service->range_scope = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_ON_REMOVE:
		service->on_remove = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_LIMIT:
		service->limit = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_AFFINITY:
		service->affinity = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_SERVICE_ACTIVE:
		service->tally.active = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_IN_PACKETS:
		service->tally.in_packets = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_IN_BYTES:
		service->tally.in_bytes = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_OUT_PACKETS:
		service->tally.out_packets = mnl_attr_get_u64(attr);
		break;
	case K8SNET_A_SERVICE_OUT_BYTES:
		service->tally.out_bytes = mnl_attr_get_u64(attr);
		break;
	}
	return 0;
}

int k8snet_service_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_service *service = item;
	const struct nlattr *attr;
	int err;

	service->name = "";
	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_find(&k8snet_spec_service_set, mnl_attr_get_type(attr)))
			continue;
		if (!k8snet_spec_attr_valid(&k8snet_spec_service_set, attr))
			return EBADMSG;
		err = decode_attr(service, attr, arena);
		if (err)
			return err;
		service->has |= 1ULL << mnl_attr_get_type(attr);
	}
	return 0;
}
