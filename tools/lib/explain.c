// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a new connection, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>

#include <linux/genetlink.h>

#include "explain.h"
#include "generated/names.h"

void k8snet_question_encode(const struct k8snet_question *question, struct k8snet_msg *msg)
{
	uint32_t protocol = question->protocol;

	if (question->ping)
		protocol = question->source.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	k8snet_msg_put_u32(msg, K8SNET_A_EXPLAIN_PROTOCOL, protocol);
	k8snet_address_encode(&question->source, msg, K8SNET_A_EXPLAIN_SOURCE_IPV4,
			      K8SNET_A_EXPLAIN_SOURCE_IPV6);
	if (!question->ping)
		k8snet_msg_put_port(msg, K8SNET_A_EXPLAIN_SOURCE_PORT, question->source_port);
	k8snet_address_encode(&question->dest, msg, K8SNET_A_EXPLAIN_DEST_IPV4,
			      K8SNET_A_EXPLAIN_DEST_IPV6);
	if (!question->ping)
		k8snet_msg_put_port(msg, K8SNET_A_EXPLAIN_DEST_PORT, question->dest_port);
	if (*question->iif)
		k8snet_msg_put_string(msg, K8SNET_A_EXPLAIN_IIFNAME, question->iif);
}

static int decode_string(const char **to, struct k8snet_arena *arena, const struct nlattr *attr)
{
	*to = k8snet_arena_strdup(arena, mnl_attr_get_str(attr));
	return *to ? 0 : ENOMEM;
}

static int decode_attr(struct k8snet_answer *answer, struct k8snet_arena *arena,
		       const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_EXPLAIN_VERDICT:
		answer->verdict = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_REASON:
		answer->reason = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_SERVICE:
		return decode_string(&answer->service, arena, attr);
	case K8SNET_A_EXPLAIN_FRONTEND:
		return k8snet_frontend_decode(&answer->frontend, attr);
	case K8SNET_A_EXPLAIN_POLICY:
		answer->policy = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_RANGE_STATE:
		answer->range_state = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_ENDPOINTS:
		answer->endpoints = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_AFFINITY_STATE:
		answer->affinity_state = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_ALGORITHM:
		answer->algorithm = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_ENDPOINT_IPV4:
		k8snet_address_decode(&answer->endpoint, AF_INET, attr);
		break;
	case K8SNET_A_EXPLAIN_ENDPOINT_IPV6:
		k8snet_address_decode(&answer->endpoint, AF_INET6, attr);
		break;
	case K8SNET_A_EXPLAIN_ENDPOINT_PORT:
		answer->endpoint_port = ntohs(mnl_attr_get_u16(attr));
		break;
	case K8SNET_A_EXPLAIN_SOURCE_STATE:
		answer->has_source_state = true;
		answer->source_state = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_NEW_SOURCE_IPV4:
		k8snet_address_decode(&answer->new_source, AF_INET, attr);
		break;
	case K8SNET_A_EXPLAIN_NEW_SOURCE_IPV6:
		k8snet_address_decode(&answer->new_source, AF_INET6, attr);
		break;
	case K8SNET_A_EXPLAIN_OIFNAME:
		return decode_string(&answer->oif, arena, attr);
	case K8SNET_A_EXPLAIN_NODE:
		return decode_string(&answer->node, arena, attr);
	case K8SNET_A_EXPLAIN_VIA_IPV4:
		k8snet_address_decode(&answer->via, AF_INET, attr);
		break;
	case K8SNET_A_EXPLAIN_VIA_IPV6:
		k8snet_address_decode(&answer->via, AF_INET6, attr);
		break;
	case K8SNET_A_EXPLAIN_FORMAT:
		answer->format = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_MTU:
		answer->mtu = mnl_attr_get_u32(attr);
		break;
	case K8SNET_A_EXPLAIN_FLOW_STATE:
		answer->flow_state = mnl_attr_get_u32(attr);
		break;
	}
	return 0;
}

int k8snet_answer_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_explain_set, attr))
			return EBADMSG;
		err = decode_attr(item, arena, attr);
		if (err)
			return err;
	}
	return 0;
}
