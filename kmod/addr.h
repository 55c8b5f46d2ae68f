/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IP address of either family, as a key of hash tables.
 */
#ifndef K8SNET_ADDR_H
#define K8SNET_ADDR_H

#include <linux/build_bug.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
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

/*
 * From a tuple of conntrack, in which what the family does not use is zero, too:
 * nf_inet_addr_cmp() compares all of it.
 */
static inline struct k8snet_addr k8snet_addr_inet(u16 family,
						  const union nf_inet_addr *inet)
{
	return (struct k8snet_addr) { .family = family, .ip6 = inet->in6 };
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

static inline bool k8snet_addr_is_loopback(const struct k8snet_addr *addr)
{
	return addr->family == AF_INET ? ipv4_is_loopback(addr->ip) :
					 ipv6_addr_loopback(&addr->ip6);
}

static inline bool k8snet_addr_is_multicast(const struct k8snet_addr *addr)
{
	return addr->family == AF_INET ? ipv4_is_multicast(addr->ip) :
					 ipv6_addr_is_multicast(&addr->ip6);
}

/* Can a service or a server have it? */
static inline bool k8snet_addr_is_host(const struct k8snet_addr *addr)
{
	if (addr->family == AF_INET)
		return !ipv4_is_zeronet(addr->ip) &&
		       !ipv4_is_multicast(addr->ip) &&
		       !ipv4_is_lbcast(addr->ip) && !ipv4_is_loopback(addr->ip);
	return !(ipv6_addr_type(&addr->ip6) &
		 (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK | IPV6_ADDR_MAPPED |
		  IPV6_ADDR_LINKLOCAL)) && !ipv6_addr_any(&addr->ip6);
}

/* Orders addresses, IPv4 first, by value: the same on all machines. */
static inline int k8snet_addr_cmp(const struct k8snet_addr *a,
				  const struct k8snet_addr *b)
{
	if (a->family != b->family)
		return a->family == AF_INET ? -1 : 1;
	if (a->family == AF_INET)
		return memcmp(&a->ip, &b->ip, sizeof(a->ip));
	return memcmp(&a->ip6, &b->ip6, sizeof(a->ip6));
}

/* The source and the destination of an IP header, which must be there. */
static inline struct k8snet_addr k8snet_addr_source(const void *nh)
{
	const struct ipv6hdr *ip6 = nh;
	const struct iphdr *ip = nh;

	if (ip->version == 4)
		return k8snet_addr4(ip->saddr);
	return k8snet_addr6(&ip6->saddr);
}

static inline struct k8snet_addr k8snet_addr_dest(const void *nh)
{
	const struct ipv6hdr *ip6 = nh;
	const struct iphdr *ip = nh;

	if (ip->version == 4)
		return k8snet_addr4(ip->daddr);
	return k8snet_addr6(&ip6->daddr);
}

#endif /* K8SNET_ADDR_H */
