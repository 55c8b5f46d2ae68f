// SPDX-License-Identifier: GPL-2.0
/*
 * A node whose pods' packets go through user space, as the udp backend of
 * flannel does it.
 *
 * usage: flanneld DEV LOCAL MTU NET/LEN=NEXTHOP...
 *
 * Makes the TUN device DEV, says "ready", and carries packets between it and
 * UDP port 8285 of LOCAL. What it checks and changes is what flannel's
 * pkg/backend/udp/proxy_amd64.c does: a datagram must have the 20 bytes of an
 * IPv4 header; nothing asks where it came from; the TTL is lowered on the way
 * in and on the way out, and the packet dropped when it was 1; what is longer
 * than the MTU is cut. Only the ICMP error for want of a route is left out.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PORT		8285
#define ROUTES_MAX	16
#define BURST		64

struct route {
	in_addr_t net;
	in_addr_t mask;
	struct sockaddr_in hop;
};

static struct route routes[ROUTES_MAX];
static int n_routes;

static int open_tun(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		err(1, "tun %s", name);
	return fd;
}

static int open_udp(const char *local)
{
	/* As Go's net package leaves it: DF is set. */
	const int pmtu = IP_PMTUDISC_WANT, size = 1 << 22;
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(local),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &pmtu, sizeof(pmtu)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "udp %s", local);
	return fd;
}

/* "10.244.1.0/24=192.168.99.1" */
static void parse_route(char *text)
{
	struct route *r = &routes[n_routes++];
	char *net = strtok(text, "/"), *len = strtok(NULL, "=");
	char *hop = strtok(NULL, "");

	if (!hop)
		errx(2, "a route is NET/LEN=NEXTHOP");
	r->net = inet_addr(net);
	r->mask = htonl(~0U << (32 - atoi(len)));
	r->hop.sin_family = AF_INET;
	r->hop.sin_port = htons(PORT);
	r->hop.sin_addr.s_addr = inet_addr(hop);
}

static const struct route *find_route(in_addr_t dst)
{
	int i;

	for (i = 0; i < n_routes; i++)
		if ((dst & routes[i].mask) == routes[i].net)
			return &routes[i];
	return NULL;
}

/* Whether it may go on; the checksum is patched (RFC 1141). */
static bool lower_ttl(struct iphdr *iph)
{
	unsigned int check = ntohs(iph->check) + 0x100;

	if (iph->ttl <= 1)
		return false;
	iph->ttl--;
	iph->check = htons((check & 0xffff) + (check >> 16));
	return true;
}

static bool is_header(ssize_t n)
{
	return n >= (ssize_t)sizeof(struct iphdr);
}

/* A full queue loses packets, as in any network. */
static void must(ssize_t n)
{
	if (n < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EMSGSIZE &&
	    errno != ECONNREFUSED && errno != EIO)
		warn("a packet is lost");
}

int main(int argc, char **argv)
{
	const struct route *route;
	struct pollfd fds[2];
	struct iphdr *iph;
	int i, tun, udp;
	size_t mtu;
	ssize_t n;

	if (argc < 5 || argc > 4 + ROUTES_MAX)
		errx(2, "usage: flanneld DEV LOCAL MTU NET/LEN=NEXTHOP...");
	mtu = atoi(argv[3]);
	iph = malloc(mtu);
	if (!iph)
		err(1, "no memory");
	for (i = 4; i < argc; i++)
		parse_route(argv[i]);
	tun = open_tun(argv[1]);
	udp = open_udp(argv[2]);
	fds[0] = (struct pollfd){ .fd = tun, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = udp, .events = POLLIN };
	puts("ready");
	fflush(stdout);
	while (poll(fds, 2, -1) >= 0) {
		for (i = 0; i < BURST; i++) {
			n = recv(udp, iph, mtu, 0);
			if (n < 0)
				break;
			if (is_header(n) && lower_ttl(iph))
				must(write(tun, iph, n));
		}
		for (i = 0; i < BURST; i++) {
			n = read(tun, iph, mtu);
			if (n < 0)
				break;
			if (!is_header(n))
				continue;
			route = find_route(iph->daddr);
			if (route && lower_ttl(iph))
				must(sendto(udp, iph, n, 0,
					    (const struct sockaddr *)&route->hop,
					    sizeof(route->hop)));
		}
	}
	err(1, "poll");
}
