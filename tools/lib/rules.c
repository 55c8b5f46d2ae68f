// SPDX-License-Identifier: GPL-2.0
/*
 * Chains of packet filter rules: nftables over netlink, the older iptables over
 * its socket options.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "rules.h"

#define BUFFER_SIZE	(32 * 1024)

struct taker {
	k8snet_rules_fn *take;
	void *arg;
};

static uint32_t hook_of(const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == NFTA_HOOK_HOOKNUM)
			return ntohl(mnl_attr_get_u32(attr));
	return UINT32_MAX;
}

static int take_chain(const struct nlmsghdr *reply, void *arg)
{
	const struct nfgenmsg *info = mnl_nlmsg_get_payload(reply);
	struct k8snet_rules_chain chain = { .family = info->nfgen_family, .table = "", .name = "" };
	struct taker *taker = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, reply, sizeof(*info)) {
		switch (mnl_attr_get_type(attr)) {
		case NFTA_CHAIN_TABLE:
			chain.table = mnl_attr_get_str(attr);
			break;
		case NFTA_CHAIN_NAME:
			chain.name = mnl_attr_get_str(attr);
			break;
		case NFTA_CHAIN_HOOK:
			chain.forwards = hook_of(attr) == NF_INET_FORWARD &&
					 info->nfgen_family != NFPROTO_NETDEV &&
					 info->nfgen_family != NFPROTO_BRIDGE;
			break;
		case NFTA_CHAIN_POLICY:
			chain.drops = ntohl(mnl_attr_get_u32(attr)) == NF_DROP;
			break;
		}
	}
	taker->take(&chain, taker->arg);
	return MNL_CB_OK;
}

int k8snet_rules_chains(k8snet_rules_fn *take, void *arg)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	struct taker taker = { take, arg };
	char buf[BUFFER_SIZE];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *info;
	int got = 1, err = 0;

	if (!socket)
		return errno == EPROTONOSUPPORT ? 0 : errno;
	request->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = 1;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->nfgen_family = NFPROTO_UNSPEC;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		got = -1;
	while (got > 0) {
		ssize_t len = mnl_socket_recvfrom(socket, buf, sizeof(buf));

		got = len < 0 ? -1 : mnl_cb_run(buf, len, 1, mnl_socket_get_portid(socket),
						take_chain, &taker);
	}
	/* The kernel has no nftables then. */
	if (got < 0 && errno != EINVAL && errno != EOPNOTSUPP)
		err = errno;
	mnl_socket_close(socket);
	return err;
}

/* Asking for a table that is not there would make it. */
static bool has_table(bool ipv6)
{
	FILE *names = fopen(ipv6 ? "/proc/net/ip6_tables_names" :
			    "/proc/net/ip_tables_names", "re");
	char line[64];
	bool found = false;

	while (names && fgets(line, sizeof(line), names))
		found |= !strcmp(line, "nat\n");
	if (names)
		fclose(names);
	return found;
}

static bool contains(const char *data, size_t size, const char *text)
{
	size_t len = strlen(text) + 1;

	for (size_t i = 0; i + len <= size; i++)
		if (!memcmp(data + i, text, len))
			return true;
	return false;
}

/* The two families' options have the same numbers and layouts. */
bool k8snet_rules_legacy(bool ipv6, const char *chain)
{
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, fd;
	struct ipt_getinfo info = { .name = "nat" };
	struct ipt_get_entries *entries = NULL;
	socklen_t len = sizeof(info);
	bool found = false;

	_Static_assert(IPT_SO_GET_INFO == IP6T_SO_GET_INFO, "options of the two families");
	_Static_assert(sizeof(info) == sizeof(struct ip6t_getinfo), "layouts of the two families");
	if (!has_table(ipv6))
		return false;
	fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		return false;
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len))
		goto out;
	len = sizeof(*entries) + info.size;
	entries = calloc(1, len);
	if (!entries)
		goto out;
	strcpy(entries->name, "nat");
	entries->size = info.size;
	/* A chain begins with an entry whose target holds its name. */
	if (!getsockopt(fd, level, IPT_SO_GET_ENTRIES, entries, &len))
		found = contains((const char *)entries->entrytable, info.size, chain);
out:
	free(entries);
	close(fd);
	return found;
}
