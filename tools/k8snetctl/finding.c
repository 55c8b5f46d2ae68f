// SPDX-License-Identifier: GPL-2.0
/*
 * What check finds, and how it is mended: the fix that is printed is the one that
 * is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "finding.h"
#include "lib/link.h"

extern char **environ;

#define WORDS_MAX	32

static const char *format_text(struct checkup *checkup, const char *format, va_list args)
{
	char text[1024];
	char *copy;

	vsnprintf(text, sizeof(text), format, args);
	copy = k8snet_arena_strdup(&checkup->arena, text);
	if (!copy)
		checkup->failed = true;
	return copy ? copy : "";
}

struct finding *finding_add(struct checkup *checkup, enum level level, const char *check,
			    const char *subject, const char *format, ...)
{
	static struct finding lost;
	struct finding *bigger;
	va_list args;

	bigger = k8snet_arena_grow(&checkup->arena, checkup->finding, checkup->count,
				   sizeof(*bigger));
	if (!bigger) {
		checkup->failed = true;
		return &lost;
	}
	checkup->finding = bigger;
	bigger += checkup->count++;
	va_start(args, format);
	*bigger = (struct finding){
		.check = check,
		.subject = k8snet_arena_strdup(&checkup->arena, subject),
		.level = level,
		.order = checkup->count,
		.text = format_text(checkup, format, args),
	};
	va_end(args);
	if (!bigger->subject)
		checkup->failed = true;
	return bigger;
}

void finding_fix(struct checkup *checkup, struct finding *finding, bool safe,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding->fix = format_text(checkup, format, args);
	va_end(args);
	finding->safe = safe;
}

long sysctl_read(const char *format, ...)
{
	char path[256] = "/proc/sys/";
	size_t used = strlen(path);
	long value = -1;
	va_list args;
	FILE *file;

	va_start(args, format);
	vsnprintf(path + used, sizeof(path) - used, format, args);
	va_end(args);
	file = fopen(path, "re");
	if (file && fscanf(file, "%ld", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

/* KEY=VALUE, as sysctl(8) takes it; returns an errno. */
static int sysctl_write(const char *assignment)
{
	const char *value = strchr(assignment, '=');
	char path[256];
	bool slashes = memchr(assignment, '/', value ? value - assignment : 0);
	ssize_t wrote;
	int fd, err = 0, used;

	if (!value)
		return EINVAL;
	used = snprintf(path, sizeof(path), "/proc/sys/%.*s", (int)(value - assignment),
			assignment);
	/* Keys are written with dots, or, for a device with a dot in its name, with slashes. */
	for (char *p = path + strlen("/proc/sys/"); p < path + used && !slashes; p++)
		*p = *p == '.' ? '/' : *p;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	wrote = write(fd, value + 1, strlen(value + 1));
	if (wrote < 0)
		err = errno;
	close(fd);
	return err;
}

/* Runs a command; returns an errno, or ECANCELED if it said no. */
static int run_words(char **words)
{
	int err, status;
	pid_t pid;

	err = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : ECANCELED;
}

static int set_mtu_auto(struct tool *tool, const char *device)
{
	struct k8snet_link link = {
		.has = 1ULL << K8SNET_A_LINK_IFNAME | 1ULL << K8SNET_A_LINK_MTU,
	};
	struct k8snet_msg msg;
	int err;

	snprintf(link.ifname, sizeof(link.ifname), "%s", device);
	k8snet_msg_init(&msg, K8SNET_CMD_LINK_SET);
	k8snet_link_encode(&link, &msg);
	err = k8snet_nl_do(&tool->nl, &msg, NULL, NULL) ? tool->nl.refusal.code : 0;
	k8snet_msg_free(&msg);
	return err;
}

static int run_fix(struct checkup *checkup, char **words, int count)
{
	if (count == 3 && !strcmp(words[0], "sysctl") && !strcmp(words[1], "-w"))
		return sysctl_write(words[2]);
	if (count == 6 && !strcmp(words[0], "k8snetctl"))
		return set_mtu_auto(checkup->tool, words[3]);
	return run_words(words);
}

/* Makes the fix if it is a safe one. */
void finding_mend(struct checkup *checkup, struct finding *finding)
{
	char *words[WORDS_MAX + 1] = { NULL }, *rest, *word;
	int count = 0, err;

	if (!finding->safe)
		return;
	rest = k8snet_arena_strdup(&checkup->arena, finding->fix);
	while (rest && count < WORDS_MAX && (word = strsep(&rest, " ")))
		words[count++] = word;
	err = count ? run_fix(checkup, words, count) : ENOMEM;
	finding->fixed = !err;
	if (err)
		finding->trouble = err == ECANCELED ? "the command failed" : strerror(err);
}
