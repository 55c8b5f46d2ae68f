// SPDX-License-Identifier: GPL-2.0
/*
 * A server behind a service, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "array.h"
#include "endpoint.h"
#include "endpointset.h"
#include "generated/names.h"

/* By address and port, IPv4 first. */
int k8snet_endpoint_compare(const struct k8snet_endpoint *a, const struct k8snet_endpoint *b)
{
	size_t size = a->addr.family == AF_INET6 ? sizeof(a->addr.ipv6) : sizeof(a->addr.ipv4);
	int order;

	if (a->addr.family != b->addr.family)
		return a->addr.family == AF_INET6 ? 1 : -1;
	order = memcmp(&a->addr.ipv6, &b->addr.ipv6, size);
	if (order)
		return order;
	return (a->port > b->port) - (a->port < b->port);
}

/* buf has K8SNET_ENDPOINT_STRLEN bytes. */
const char *k8snet_endpoint_print(const struct k8snet_address *addr, uint16_t port, char *buf)
{
	char text[K8SNET_ADDRESS_STRLEN];

	snprintf(buf, K8SNET_ENDPOINT_STRLEN, addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 k8snet_address_print(addr, text), port);
	return buf;
}

static bool is_ready(const struct k8snet_endpoint *endpoint)
{
	return !endpoint->terminating && !endpoint->notready;
}

static void set_flags(struct k8snet_endpoint *endpoint, bool cluster, bool local)
{
	endpoint->flags = 0;
	if (cluster)
		endpoint->flags |= K8SNET_ENDPOINT_FLAG_CLUSTER;
	if (local)
		endpoint->flags |= K8SNET_ENDPOINT_FLAG_LOCAL;
	if (endpoint->local)
		endpoint->flags |= K8SNET_ENDPOINT_FLAG_ON_NODE;
	if (!endpoint->notready)
		endpoint->flags |= K8SNET_ENDPOINT_FLAG_SERVING;
}

/* One on its own, without those beside it: only a ready one is in a set. */
void k8snet_endpoint_flags(struct k8snet_endpoint *endpoint)
{
	set_flags(endpoint, is_ready(endpoint), is_ready(endpoint) && endpoint->local);
}

/* What was said of an endpoint, as a cluster would say it. */
static struct k8snet_candidate candidate_of(const struct k8snet_endpoint *endpoint,
					    const struct k8snet_place *here)
{
	return (struct k8snet_candidate) {
		.ready = is_ready(endpoint),
		.serving = !endpoint->notready,
		.terminating = endpoint->terminating,
		.node = endpoint->local ? here->node : NULL,
	};
}

/*
 * Decides which of a service's endpoints are in its sets, as
 * k8snet_endpointset_compute() does, each family on its own. Either set is
 * decided whatever the policies are, which can change. Returns 0 or ENOMEM.
 */
int k8snet_endpoint_sets(struct k8snet_endpoint *endpoint, size_t count)
{
	static const struct k8snet_endpointset_policy both = { .internal_local = true };
	static const struct k8snet_place here = { .node = "this node" };
	static const int families[] = { AF_INET, AF_INET6 };
	struct k8snet_candidate *candidate;

	candidate = calloc(count ? count : 1, sizeof(*candidate));
	if (!candidate)
		return ENOMEM;
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		size_t n = 0;

		for (size_t i = 0; i < count; i++)
			if (endpoint[i].addr.family == families[f])
				candidate[n++] = candidate_of(&endpoint[i], &here);
		k8snet_endpointset_compute(candidate, n, &both, &here);
		n = 0;
		for (size_t i = 0; i < count; i++) {
			if (endpoint[i].addr.family != families[f])
				continue;
			set_flags(&endpoint[i], candidate[n].in_cluster_set,
				  candidate[n].in_local_set);
			n++;
		}
	}
	free(candidate);
	return 0;
}

void k8snet_endpoint_encode(const struct k8snet_endpoint *endpoint, struct k8snet_msg *msg)
{
	k8snet_msg_put_string(msg, K8SNET_A_ENDPOINT_SERVICE, endpoint->service);
	k8snet_address_encode(&endpoint->addr, msg, K8SNET_A_ENDPOINT_IPV4,
			      K8SNET_A_ENDPOINT_IPV6);
	k8snet_msg_put_port(msg, K8SNET_A_ENDPOINT_PORT, endpoint->port);
	if (endpoint->has_weight)
		k8snet_msg_put_u32(msg, K8SNET_A_ENDPOINT_WEIGHT, endpoint->weight);
	if (endpoint->flags != K8SNET_ENDPOINT_FLAGS_DEFAULT)
		k8snet_msg_put_u32(msg, K8SNET_A_ENDPOINT_FLAGS, endpoint->flags);
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
			k8snet_address_decode(&endpoint->addr, AF_INET, attr);
			break;
		case K8SNET_A_ENDPOINT_IPV6:
			k8snet_address_decode(&endpoint->addr, AF_INET6, attr);
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
		case K8SNET_A_ENDPOINT_FLAGS:
			endpoint->flags = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_ENDPOINT_PROTOCOL:
			endpoint->protocol = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_ENDPOINT_ACTIVE:
			endpoint->tally.active = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_ENDPOINT_IN_PACKETS:
			endpoint->tally.in_packets = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_ENDPOINT_IN_BYTES:
			endpoint->tally.in_bytes = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_ENDPOINT_OUT_PACKETS:
			endpoint->tally.out_packets = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_ENDPOINT_OUT_BYTES:
			endpoint->tally.out_bytes = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}
