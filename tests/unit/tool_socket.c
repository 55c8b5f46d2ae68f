// SPDX-License-Identifier: GPL-2.0
/*
 * Leads the netlink socket of the tool's twin to the kernel that the test
 * plays (see tool_kernel.py), if it plays one.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/netlink.h>

static int kernel_fd(void)
{
	const char *fd = getenv("K8SNET_TEST_FD");

	return fd ? atoi(fd) : -1;
}

int __wrap_socket(int domain, int type, int protocol)
{
	if (domain == AF_NETLINK && protocol == NETLINK_GENERIC && kernel_fd() >= 0)
		return kernel_fd();
	return syscall(SYS_socket, domain, type, protocol);
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return fd == kernel_fd() ? 0 : syscall(SYS_connect, fd, addr, len);
}

/* The played kernel hears of a group that is joined by its number alone. */
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (fd != kernel_fd() || level != SOL_NETLINK)
		return syscall(SYS_setsockopt, fd, level, name, value, len);
	if (name == NETLINK_ADD_MEMBERSHIP)
		return send(fd, value, len, 0) < 0 ? -1 : 0;
	return 0;
}

/* One byte alone stands for messages that were lost, two for that there are no more now. */
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	ssize_t got;

	if (fd == kernel_fd())
		flags &= ~MSG_DONTWAIT;
	got = syscall(SYS_recvfrom, fd, buf, size, flags, NULL, NULL);
	if (fd != kernel_fd() || (got != 1 && got != 2))
		return got;
	errno = got == 1 ? ENOBUFS : EAGAIN;
	return -1;
}
