// SPDX-License-Identifier: GPL-2.0
/*
 * Builds a generic netlink request of any size.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "msg.h"

/* Returns len zeroed bytes at the end of the message, or NULL. */
static void *extend(struct k8snet_msg *msg, size_t len)
{
	char *data;

	len = NLMSG_ALIGN(len);
	if (msg->failed)
		return NULL;
	if (msg->len + len > msg->size) {
		size_t size = 2 * (msg->len + len);

		data = realloc(msg->data, size);
		if (!data) {
			msg->failed = ENOMEM;
			return NULL;
		}
		msg->data = data;
		msg->size = size;
	}
	data = msg->data + msg->len;
	memset(data, 0, len);
	msg->len += len;
	k8snet_msg_header(msg)->nlmsg_len = msg->len;
	return data;
}

void k8snet_msg_init(struct k8snet_msg *msg, uint8_t cmd)
{
	struct genlmsghdr *genl;

	memset(msg, 0, sizeof(*msg));
	genl = extend(msg, NLMSG_HDRLEN + GENL_HDRLEN);
	if (!genl)
		return;
	genl = NLMSG_DATA(k8snet_msg_header(msg));
	genl->cmd = cmd;
	genl->version = K8SNET_FAMILY_VERSION;
}

void k8snet_msg_free(struct k8snet_msg *msg)
{
	free(msg->data);
	memset(msg, 0, sizeof(*msg));
}

/* NULL if there was no memory for a message at all. */
struct nlmsghdr *k8snet_msg_header(const struct k8snet_msg *msg)
{
	return (struct nlmsghdr *)msg->data;
}

uint8_t k8snet_msg_cmd(const struct k8snet_msg *msg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(k8snet_msg_header(msg));

	return genl->cmd;
}

void k8snet_msg_put(struct k8snet_msg *msg, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr;

	/* The length of an attribute has 16 bits. */
	if (len > UINT16_MAX - NLA_HDRLEN) {
		msg->failed = EMSGSIZE;
		return;
	}
	attr = extend(msg, NLA_HDRLEN + len);
	if (!attr)
		return;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
}

void k8snet_msg_put_u32(struct k8snet_msg *msg, uint16_t type, uint32_t value)
{
	k8snet_msg_put(msg, type, &value, sizeof(value));
}

void k8snet_msg_put_port(struct k8snet_msg *msg, uint16_t type, uint16_t port)
{
	uint16_t value = htons(port);

	k8snet_msg_put(msg, type, &value, sizeof(value));
}

void k8snet_msg_put_ipv4(struct k8snet_msg *msg, uint16_t type, struct in_addr addr)
{
	k8snet_msg_put(msg, type, &addr.s_addr, sizeof(addr.s_addr));
}

void k8snet_msg_put_ipv6(struct k8snet_msg *msg, uint16_t type, const struct in6_addr *addr)
{
	k8snet_msg_put(msg, type, addr->s6_addr, sizeof(addr->s6_addr));
}

void k8snet_msg_put_string(struct k8snet_msg *msg, uint16_t type, const char *text)
{
	k8snet_msg_put(msg, type, text, strlen(text) + 1);
}

/* Returns what k8snet_msg_nest_end() needs. */
size_t k8snet_msg_nest_start(struct k8snet_msg *msg, uint16_t type)
{
	size_t start = msg->len;

	k8snet_msg_put(msg, type | NLA_F_NESTED, NULL, 0);
	return start;
}

void k8snet_msg_nest_end(struct k8snet_msg *msg, size_t start)
{
	struct nlattr *nest;

	if (msg->failed)
		return;
	nest = (struct nlattr *)(msg->data + start);
	nest->nla_len = msg->len - start;
}
