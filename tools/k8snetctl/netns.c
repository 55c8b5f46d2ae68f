// SPDX-License-Identifier: GPL-2.0
/*
 * Enters a network namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"
#include "tool.h"

/* A name as of "ip netns", or a path; returns an exit status. */
int netns_enter(const char *name)
{
	char path[PATH_MAX];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err = errno;
	if (fd >= 0)
		close(fd);
	if (!err)
		return EXIT_DONE;
	fprintf(stderr, "k8snetctl: network namespace %s: %s: %s%s\n", name, path, strerror(err),
		err == EPERM ? " (needs CAP_SYS_ADMIN)" : "");
	return EXIT_REFUSED;
}
