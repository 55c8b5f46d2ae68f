// SPDX-License-Identifier: GPL-2.0
/*
 * The load of tests/bench/sockets.sh: what programs do with sockets, and little else.
 *
 * usage: load server PORT
 *        load udp-echo|tcp-connect ADDRESS PORT COUNT SIZE
 *        load tcp-stream ADDRESS PORT MEGABYTES SIZE
 *
 * server	answers each UDP message with itself; of a TCP connection it reads
 *		what there is, and answers the end of it with one byte
 * udp-echo	COUNT messages of SIZE bytes from port 4000, each when the last one
 *		has come back
 * tcp-connect	COUNT connections: connect, SIZE bytes, the answer, close
 * tcp-stream	one connection with so much in it, by writes of SIZE bytes
 *
 * The client prints nanoseconds for each of COUNT, or for each megabyte. Exit status: 0, or 1 with a
 * sentence if anything did not go as it should.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS	16
#define UDP_SOURCE	4000

static char buffer[1 << 20];

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int number(const char *text, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > max) {
		fprintf(stderr, "load: \"%s\" is no number from 1 to %d\n", text, max);
		exit(1);
	}
	return n;
}

/* Both families; of IPv4 the server sees mapped addresses. */
static int server_socket(int type, int port)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		fail("bind");
	if (type == SOCK_STREAM && listen(fd, CONNECTIONS))
		fail("listen");
	return fd;
}

static void serve_udp(int fd)
{
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &len);

	if (n >= 0 && sendto(fd, buffer, n, 0, (struct sockaddr *)&from, len) != n)
		fail("sendto");
}

/* False when the connection has ended, and was answered. */
static int serve_tcp(int fd)
{
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

	if (n > 0 || (n < 0 && errno == EAGAIN))
		return 1;
	if (!n && send(fd, "", 1, MSG_NOSIGNAL) != 1)
		fail("send");
	close(fd);
	return 0;
}

static void __attribute__((noreturn)) serve(int port)
{
	struct pollfd fds[2 + CONNECTIONS] = {
		{ .fd = server_socket(SOCK_DGRAM, port), .events = POLLIN },
		{ .fd = server_socket(SOCK_STREAM, port), .events = POLLIN },
	};
	int n = 2;

	puts("ready");
	fflush(stdout);
	for (;;) {
		if (poll(fds, n, -1) < 0)
			fail("poll");
		if (fds[0].revents)
			serve_udp(fds[0].fd);
		for (int i = 2; i < n; i++)
			if (fds[i].revents && !serve_tcp(fds[i].fd))
				fds[i--] = fds[--n];
		if (fds[1].revents && n < 2 + CONNECTIONS) {
			fds[n] = (struct pollfd){
				.fd = accept4(fds[1].fd, NULL, NULL, SOCK_NONBLOCK),
				.events = POLLIN,
			};
			if (fds[n].fd >= 0)
				n++;
		}
	}
}

static struct sockaddr_storage peer;
static socklen_t peer_len;

static void parse_peer(const char *address, int port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&peer;
	struct sockaddr_in *in = (struct sockaddr_in *)&peer;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		peer_len = sizeof(*in);
	} else if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		peer_len = sizeof(*in6);
	} else {
		fprintf(stderr, "load: \"%s\" is no address\n", address);
		exit(1);
	}
}

/* Whatever is lost must not hang the bench. */
static int client_socket(int type)
{
	const struct timeval patience = { .tv_sec = 5 };
	/* The port is at the same place in both families' addresses. */
	struct sockaddr_in6 from = {
		.sin6_family = peer.ss_family,
		.sin6_port = type == SOCK_DGRAM ? htons(UDP_SOURCE) : 0,
	};
	int fd = socket(peer.ss_family, type, 0);

	if (fd < 0)
		fail("socket");
	if (bind(fd, (struct sockaddr *)&from, peer_len))
		fail("bind");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&peer, peer_len))
		fail("connect");
	return fd;
}

static void udp_echo(int fd, int size)
{
	if (send(fd, buffer, size, 0) != size)
		fail("send");
	if (recv(fd, buffer, sizeof(buffer), 0) != size)
		fail("no answer");
}

/* All is written: the server says when it has it. */
static void tcp_end(int fd)
{
	if (shutdown(fd, SHUT_WR))
		fail("shutdown");
	if (recv(fd, buffer, 1, 0) != 1)
		fail("no answer");
	close(fd);
}

static void tcp_write(int fd, int size)
{
	for (ssize_t n; size; size -= n) {
		n = send(fd, buffer, size, MSG_NOSIGNAL);
		if (n < 0)
			fail("send");
	}
}

static void tcp_connect(int size)
{
	int fd = client_socket(SOCK_STREAM);

	tcp_write(fd, size);
	tcp_end(fd);
}

static void tcp_stream(int megabytes, int size)
{
	long long left = megabytes * 1000000ll;
	int fd = client_socket(SOCK_STREAM);

	for (; left > 0; left -= size)
		tcp_write(fd, left < size ? left : size);
	tcp_end(fd);
}

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* For profile.c */
static void mark(void)
{
	if (getenv("BENCH_MARK"))
		sethostname("load", 4);
}

static void run(const char *what, int count, int size)
{
	int fd = strncmp(what, "udp-", 4) ? -1 : client_socket(SOCK_DGRAM);

	if (!strcmp(what, "tcp-stream"))
		return tcp_stream(count, size);
	while (count--) {
		if (fd >= 0)
			udp_echo(fd, size);
		else
			tcp_connect(size);
	}
}

int main(int argc, char **argv)
{
	long long start;
	int count;

	if (argc == 3 && !strcmp(argv[1], "server"))
		serve(number(argv[2], 65535));
	if (argc != 6) {
		fputs("usage: see tests/bench/load.c\n", stderr);
		return 2;
	}
	parse_peer(argv[2], number(argv[3], 65535));
	count = number(argv[4], 100000000);
	mark();
	start = now();
	run(argv[1], count, number(argv[5], sizeof(buffer)));
	printf("%lld\n", (now() - start) / count);
	mark();
	return 0;
}
