/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IP address of either family, as a key of hash tables.
 */
#ifndef K8SNET_ADDR_H
#define K8SNET_ADDR_H

#include <linux/build_bug.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

/* What the family does not use is zero: tables compare all bytes. */
struct k8snet_addr {
	u16 family;		/* AF_INET, AF_INET6, or AF_UNSPEC for none */
	u16 zero;
	union {
		__be32 ip;
		struct in6_addr ip6;
	};
};

static_assert(sizeof(struct k8snet_addr) == 20);

static inline struct k8snet_addr k8snet_addr4(__be32 ip)
{
	struct k8snet_addr addr = { .family = AF_INET };

	addr.ip = ip;
	return addr;
}

static inline struct k8snet_addr k8snet_addr6(const struct in6_addr *ip6)
{
	return (struct k8snet_addr) { .family = AF_INET6, .ip6 = *ip6 };
}

static inline bool k8snet_addr_equal(const struct k8snet_addr *a,
				     const struct k8snet_addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a->ip == b->ip;
	return ipv6_addr_equal(&a->ip6, &b->ip6);
}

/* The source and the destination of an IP header, which must be there. */
static inline struct k8snet_addr k8snet_addr_source(const void *nh)
{
	const struct ipv6hdr *ip6 = nh;
	const struct iphdr *ip = nh;

	return ip->version == 4 ? k8snet_addr4(ip->saddr) :
				  k8snet_addr6(&ip6->saddr);
}

static inline struct k8snet_addr k8snet_addr_dest(const void *nh)
{
	const struct ipv6hdr *ip6 = nh;
	const struct iphdr *ip = nh;

	return ip->version == 4 ? k8snet_addr4(ip->daddr) :
				  k8snet_addr6(&ip6->daddr);
}

#endif /* K8SNET_ADDR_H */
