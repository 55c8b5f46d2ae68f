// SPDX-License-Identifier: GPL-2.0
/*
 * One port of a Kubernetes service, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

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
	k8snet_msg_put_ipv4(msg, K8SNET_A_FRONTEND_IPV4, frontend->addr);
	k8snet_msg_put_port(msg, K8SNET_A_FRONTEND_PORT, frontend->port);
	k8snet_msg_nest_end(msg, nest);
}

static void encode_endpoint(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg)
{
	size_t nest = k8snet_msg_nest_start(msg, K8SNET_A_SERVICE_ENDPOINT);

	k8snet_msg_put_ipv4(msg, K8SNET_A_BACKEND_IPV4, endpoint->addr);
	k8snet_msg_put_port(msg, K8SNET_A_BACKEND_PORT, endpoint->port);
	if (endpoint->has_weight)
		k8snet_msg_put_u32(msg, K8SNET_A_BACKEND_WEIGHT, endpoint->weight);
	k8snet_msg_nest_end(msg, nest);
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
	for (size_t i = 0; i < service->endpoint_count; i++)
		encode_endpoint(&service->endpoint[i], msg);
}

static int decode_frontend(struct k8snet_service *service, const struct nlattr *nest,
			   struct k8snet_arena *arena)
{
	struct k8snet_frontend frontend = { 0 };
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_frontend_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_FRONTEND_TYPE:
			frontend.type = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FRONTEND_IPV4:
			frontend.addr.s_addr = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FRONTEND_PORT:
			frontend.port = ntohs(mnl_attr_get_u16(attr));
			break;
		}
	}
	return k8snet_service_add_frontend(service, arena, &frontend);
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
