// SPDX-License-Identifier: GPL-2.0
/*
 * A server behind a service, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "endpoint.h"
#include "generated/names.h"

/* By address and port. */
int k8snet_endpoint_compare(const struct k8snet_endpoint *a, const struct k8snet_endpoint *b)
{
	uint32_t x = ntohl(a->addr.s_addr), y = ntohl(b->addr.s_addr);

	if (x != y)
		return x < y ? -1 : 1;
	return (a->port > b->port) - (a->port < b->port);
}

/* buf has K8SNET_ENDPOINT_STRLEN bytes. */
const char *k8snet_endpoint_print(struct in_addr addr, uint16_t port, char *buf)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	snprintf(buf, K8SNET_ENDPOINT_STRLEN, "%s:%u", text, port);
	return buf;
}

void k8snet_endpoint_encode(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg)
{
	k8snet_msg_put_string(msg, K8SNET_A_ENDPOINT_SERVICE, endpoint->service);
	k8snet_msg_put_ipv4(msg, K8SNET_A_ENDPOINT_IPV4, endpoint->addr);
	k8snet_msg_put_port(msg, K8SNET_A_ENDPOINT_PORT, endpoint->port);
	if (endpoint->has_weight)
		k8snet_msg_put_u32(msg, K8SNET_A_ENDPOINT_WEIGHT, endpoint->weight);
}

int k8snet_endpoint_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_endpoint *endpoint = item;
	const struct nlattr *attr;

	endpoint->service = "";
	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_endpoint_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_ENDPOINT_SERVICE:
			endpoint->service = k8snet_arena_strdup(arena, mnl_attr_get_str(attr));
			if (!endpoint->service)
				return ENOMEM;
			break;
		case K8SNET_A_ENDPOINT_IPV4:
			endpoint->addr.s_addr = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_ENDPOINT_PORT:
			endpoint->port = ntohs(mnl_attr_get_u16(attr));
			break;
		case K8SNET_A_ENDPOINT_WEIGHT:
			endpoint->weight = mnl_attr_get_u32(attr);
			endpoint->has_weight = true;
			break;
		case K8SNET_A_ENDPOINT_NEW:
			endpoint->new = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}
