/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is wrong with objects that were read, and where each stood.
 */
#ifndef K8SNET_PROBLEM_H
#define K8SNET_PROBLEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define K8SNET_NO_INDEX		((size_t)-1)

/* Where an object stands. */
struct k8snet_origin {
	const char *file;
	size_t line;		/* from 1 */
	const char *list;	/* the list that it is in, or NULL */
	size_t index;
};

/*
 * All zeros is an empty list. The first ones are kept, all are counted. failed
 * is an errno (ENOMEM) that came up meanwhile: then nothing is complete.
 */
struct k8snet_problems {
	struct k8snet_arena arena;
	const char **text;
	size_t kept;
	size_t count;
	int failed;
};

#define K8SNET_PROBLEMS_KEPT	100

void k8snet_problems_add(struct k8snet_problems *problems, const struct k8snet_origin *origin,
			 const char *format, ...) __attribute__((format(printf, 3, 4)));
void k8snet_problems_vadd(struct k8snet_problems *problems, const struct k8snet_origin *origin,
			  const char *format, va_list args);
void k8snet_problems_free(struct k8snet_problems *problems);

#endif /* K8SNET_PROBLEM_H */
