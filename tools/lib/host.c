// SPDX-License-Identifier: GPL-2.0
/*
 * The network of this namespace as Linux has it, over rtnetlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "host.h"

#define BUFFER_SIZE	(32 * 1024)

/* Sends one request and takes its replies; returns 0 or an errno. */
static int ask(struct nlmsghdr *request, mnl_cb_t take, void *arg)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buf[BUFFER_SIZE];
	int got = 0, err = 0;

	if (!socket)
		return errno;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0) {
		err = errno;
		goto out;
	}
	do {
		ssize_t len = mnl_socket_recvfrom(socket, buf, sizeof(buf));

		got = len < 0 ? -1 : mnl_cb_run(buf, len, 1, mnl_socket_get_portid(socket), take,
						arg);
	} while (got > 0);
	if (got < 0)
		err = errno;
out:
	mnl_socket_close(socket);
	return err;
}

static void take_bridge(struct k8snet_host_link *link, const struct nlattr *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, data) {
		if (mnl_attr_get_type(attr) == IFLA_BR_NF_CALL_IPTABLES)
			link->nf_call_iptables = mnl_attr_get_u8(attr);
		else if (mnl_attr_get_type(attr) == IFLA_BR_NF_CALL_IP6TABLES)
			link->nf_call_ip6tables = mnl_attr_get_u8(attr);
	}
}

static void take_vxlan(struct k8snet_host_link *link, const struct nlattr *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, data)
		if (mnl_attr_get_type(attr) == IFLA_VXLAN_PORT)
			link->vxlan_port = ntohs(mnl_attr_get_u16(attr));
}

static void take_info(struct k8snet_host_link *link, const struct nlattr *info)
{
	const struct nlattr *attr, *data = NULL;

	mnl_attr_for_each_nested(attr, info) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			snprintf(link->kind, sizeof(link->kind), "%s", mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
			data = attr;
	}
	if (data && !strcmp(link->kind, "bridge"))
		take_bridge(link, data);
	else if (data && !strcmp(link->kind, "vxlan"))
		take_vxlan(link, data);
}

static int take_link(const struct nlmsghdr *reply, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(reply);
	struct k8snet_host_link *bigger, *link;
	struct k8snet_host *host = arg;
	const struct nlattr *attr;

	bigger = k8snet_arena_grow(&host->arena, host->link, host->link_count, sizeof(*bigger));
	if (!bigger) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	host->link = bigger;
	link = &host->link[host->link_count++];
	*link = (struct k8snet_host_link){
		.index = info->ifi_index,
		.up = info->ifi_flags & IFF_UP,
	};
	mnl_attr_for_each(attr, reply, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			snprintf(link->name, sizeof(link->name), "%s", mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == IFLA_MTU)
			link->mtu = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			take_info(link, attr);
	}
	return MNL_CB_OK;
}

static int take_address(const struct nlmsghdr *reply, void *arg)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(reply);
	struct k8snet_host_address *bigger, *address;
	size_t size = info->ifa_family == AF_INET6 ? 16 : 4;
	struct k8snet_host *host = arg;
	const struct nlattr *attr;
	bool local = false;

	if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6)
		return MNL_CB_OK;
	bigger = k8snet_arena_grow(&host->arena, host->address, host->address_count,
				   sizeof(*bigger));
	if (!bigger) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	host->address = bigger;
	address = &host->address[host->address_count++];
	*address = (struct k8snet_host_address){ .index = info->ifa_index };
	/* IFA_ADDRESS of a device with a peer is the peer's. */
	mnl_attr_for_each(attr, reply, sizeof(*info)) {
		if (mnl_attr_get_payload_len(attr) != size)
			continue;
		if (mnl_attr_get_type(attr) != IFA_LOCAL &&
		    (mnl_attr_get_type(attr) != IFA_ADDRESS || local))
			continue;
		local = mnl_attr_get_type(attr) == IFA_LOCAL;
		address->addr.family = info->ifa_family;
		memcpy(&address->addr.ipv6, mnl_attr_get_payload(attr), size);
	}
	return MNL_CB_OK;
}

static int list(uint16_t type, size_t size, mnl_cb_t take, struct k8snet_host *host)
{
	char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, size);
	return ask(request, take, host);
}

int k8snet_host_read(struct k8snet_host *host)
{
	int err;

	*host = (struct k8snet_host){ 0 };
	err = list(RTM_GETLINK, sizeof(struct ifinfomsg), take_link, host);
	if (!err)
		err = list(RTM_GETADDR, sizeof(struct ifaddrmsg), take_address, host);
	return err;
}

static int take_route(const struct nlmsghdr *reply, void *arg)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(reply);
	struct k8snet_host_route *route = arg;
	const struct nlattr *attr;

	if (reply->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	route->length = info->rtm_dst_len;
	mnl_attr_for_each(attr, reply, sizeof(*info))
		if (mnl_attr_get_type(attr) == RTA_OIF)
			route->oif = mnl_attr_get_u32(attr);
	return MNL_CB_STOP;
}

/* ENETUNREACH and the like if there is none. */
int k8snet_host_route(const struct k8snet_address *addr, struct k8snet_host_route *route)
{
	bool ipv6 = addr->family == AF_INET6;
	char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct rtmsg *info;

	*route = (struct k8snet_host_route){ 0 };
	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->rtm_family = addr->family;
	info->rtm_dst_len = ipv6 ? 128 : 32;
	info->rtm_flags = RTM_F_FIB_MATCH;
	mnl_attr_put(request, RTA_DST, ipv6 ? 16 : 4, &addr->ipv6);
	return ask(request, take_route, route);
}

const struct k8snet_host_link *k8snet_host_link(const struct k8snet_host *host, uint32_t index)
{
	for (size_t i = 0; i < host->link_count; i++)
		if (host->link[i].index == index)
			return &host->link[i];
	return NULL;
}

void k8snet_host_free(struct k8snet_host *host)
{
	k8snet_arena_free(&host->arena);
	*host = (struct k8snet_host){ 0 };
}
