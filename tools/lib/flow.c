// SPDX-License-Identifier: GPL-2.0
/*
 * The flow cache, to and from netlink.
 */
#include <arpa/inet.h>
#include <errno.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "flow.h"
#include "generated/names.h"

void k8snet_flow_cache_encode(const struct k8snet_flow_cache *cache, struct k8snet_msg *msg)
{
	if (cache->has_enabled)
		k8snet_msg_put_u32(msg, K8SNET_A_FLOW_CACHE_ENABLED, cache->enabled);
	if (cache->has_limit)
		k8snet_msg_put_u32(msg, K8SNET_A_FLOW_CACHE_LIMIT, cache->limit);
	if (cache->has_peer)
		k8snet_msg_put_u32(msg, K8SNET_A_FLOW_CACHE_PEER, cache->peer);
	if (cache->has_ingress)
		k8snet_msg_put_u32(msg, K8SNET_A_FLOW_CACHE_INGRESS, cache->ingress);
	if (cache->has_early)
		k8snet_msg_put_u32(msg, K8SNET_A_FLOW_CACHE_EARLY, cache->early);
}

static int decode_count(struct k8snet_flow_cache *cache, const struct nlattr *nest,
			struct k8snet_arena *arena)
{
	struct k8snet_flow_count *bigger, *count;
	const struct nlattr *attr;

	bigger = k8snet_arena_grow(arena, cache->count, cache->count_count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	cache->count = bigger;
	count = &cache->count[cache->count_count++];
	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_flow_count_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_FLOW_COUNT_COUNTER:
			count->counter = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_COUNT_VALUE:
			count->value = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}

int k8snet_flow_cache_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena,
			     void *item)
{
	struct k8snet_flow_cache *cache = item;
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_flow_cache_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_FLOW_CACHE_ENABLED:
			cache->enabled = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_LIMIT:
			cache->limit = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_FLOWS:
			cache->flows = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_PEER:
			cache->peer = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_INGRESS:
			cache->ingress = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_EARLY:
			cache->early = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_CACHE_COUNT:
			err = decode_count(cache, attr, arena);
			if (err)
				return err;
			break;
		}
	}
	return 0;
}

/* True if the attribute is of the ends. */
static bool decode_in(struct k8snet_flow_ends *ends, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_FLOW_SOURCE_IPV4:
		k8snet_address_decode(&ends->source, AF_INET, attr);
		return true;
	case K8SNET_A_FLOW_SOURCE_IPV6:
		k8snet_address_decode(&ends->source, AF_INET6, attr);
		return true;
	case K8SNET_A_FLOW_SOURCE_PORT:
		ends->source_port = ntohs(mnl_attr_get_u16(attr));
		return true;
	case K8SNET_A_FLOW_DEST_IPV4:
		k8snet_address_decode(&ends->dest, AF_INET, attr);
		return true;
	case K8SNET_A_FLOW_DEST_IPV6:
		k8snet_address_decode(&ends->dest, AF_INET6, attr);
		return true;
	case K8SNET_A_FLOW_DEST_PORT:
		ends->dest_port = ntohs(mnl_attr_get_u16(attr));
		return true;
	}
	return false;
}

static bool decode_out(struct k8snet_flow_ends *ends, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case K8SNET_A_FLOW_NEW_SOURCE_IPV4:
		k8snet_address_decode(&ends->source, AF_INET, attr);
		return true;
	case K8SNET_A_FLOW_NEW_SOURCE_IPV6:
		k8snet_address_decode(&ends->source, AF_INET6, attr);
		return true;
	case K8SNET_A_FLOW_NEW_SOURCE_PORT:
		ends->source_port = ntohs(mnl_attr_get_u16(attr));
		return true;
	case K8SNET_A_FLOW_NEW_DEST_IPV4:
		k8snet_address_decode(&ends->dest, AF_INET, attr);
		return true;
	case K8SNET_A_FLOW_NEW_DEST_IPV6:
		k8snet_address_decode(&ends->dest, AF_INET6, attr);
		return true;
	case K8SNET_A_FLOW_NEW_DEST_PORT:
		ends->dest_port = ntohs(mnl_attr_get_u16(attr));
		return true;
	}
	return false;
}

int k8snet_flow_decode(const struct nlmsghdr *reply, struct k8snet_arena *arena, void *item)
{
	struct k8snet_flow *flow = item;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_flow_set, attr))
			return EBADMSG;
		if (decode_in(&flow->in, attr) || decode_out(&flow->out, attr))
			continue;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_FLOW_PROTOCOL:
			flow->protocol = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_IIF:
			flow->iif = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_OIF:
			flow->oif = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_NODE:
			flow->node = k8snet_arena_strdup(arena, mnl_attr_get_str(attr));
			if (!flow->node)
				return ENOMEM;
			break;
		case K8SNET_A_FLOW_PACKETS:
			flow->packets = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_FLOW_BYTES:
			flow->bytes = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_FLOW_AGE:
			flow->age = mnl_attr_get_u32(attr);
			break;
		case K8SNET_A_FLOW_IDLE:
			flow->idle = mnl_attr_get_u32(attr);
			break;
		}
	}
	return 0;
}
