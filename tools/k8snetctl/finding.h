/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What check finds, and how it is mended.
 */
#ifndef K8SNETCTL_FINDING_H
#define K8SNETCTL_FINDING_H

#include "lib/actual.h"
#include "lib/host.h"
#include "tool.h"

enum level {
	LEVEL_ERROR,		/* something does not work */
	LEVEL_WARNING,		/* something will not, sooner or later, or for some */
};

/* A fix that is safe takes nothing away from anybody. */
struct finding {
	const char *check;
	const char *subject;	/* a device, a setting */
	enum level level;
	const char *text;
	const char *fix;	/* a command line, or what is to be done */
	size_t order;		/* in which it was found */
	bool safe;
	bool fixed;
	const char *trouble;	/* why it could not be fixed, or NULL */
};

/* What checks look at, and where they put what they find. */
struct checkup {
	struct tool *tool;
	struct k8snet_arena arena;
	struct k8snet_state state;
	struct k8snet_host host;
	bool ipv4;		/* pods have addresses of this family */
	bool ipv6;
	unsigned int checks;	/* how many were made */
	struct finding *finding;
	size_t count;
	bool failed;		/* no memory */
};

/* Adds one; fix_format may be NULL. */
struct finding *finding_add(struct checkup *checkup, enum level level, const char *check,
			    const char *subject, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void finding_fix(struct checkup *checkup, struct finding *finding, bool safe,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void finding_mend(struct checkup *checkup, struct finding *finding);

/* -1 if it cannot be read. */
long sysctl_read(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The groups of checks. */
void check_module(struct checkup *checkup);
void check_settings(struct checkup *checkup);
void check_devices(struct checkup *checkup);
void check_rivals(struct checkup *checkup);

/* Whether an address is in one of the ranges. */
bool check_holds(const struct k8snet_prefixes *ranges, const struct k8snet_address *addr);

#endif /* K8SNETCTL_FINDING_H */
