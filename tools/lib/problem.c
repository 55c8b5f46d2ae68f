// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong with objects that were read, and where each stood.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "problem.h"

#define TEXT_SIZE	1024

/* "FILE:LINE: LIST[INDEX]: ", as far as it is known. */
static size_t print_origin(const struct k8snet_origin *origin, char *buf, size_t size)
{
	size_t used;

	if (!origin || !origin->file)
		return 0;
	used = snprintf(buf, size, "%s:", origin->file);
	if (origin->line && used < size)
		used += snprintf(buf + used, size - used, "%zu:", origin->line);
	if (origin->list && origin->index != K8SNET_NO_INDEX && used < size)
		used += snprintf(buf + used, size - used, " %s[%zu]:", origin->list,
				 origin->index);
	if (used < size)
		used += snprintf(buf + used, size - used, " ");
	return used < size ? used : size - 1;
}

/* What was read is repeated to a terminal. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void k8snet_problems_vadd(struct k8snet_problems *problems, const struct k8snet_origin *origin,
			  const char *format, va_list args)
{
	char text[TEXT_SIZE];
	const char **bigger;
	size_t used;

	used = print_origin(origin, text, sizeof(text));
	vsnprintf(text + used, sizeof(text) - used, format, args);
	clean(text);
	/* Several fields can suffer from one thing. */
	if (problems->kept && !strcmp(problems->text[problems->kept - 1], text))
		return;
	if (problems->count++ >= K8SNET_PROBLEMS_KEPT)
		return;
	bigger = k8snet_arena_grow(&problems->arena, problems->text, problems->kept,
				   sizeof(*bigger));
	if (!bigger)
		goto err;
	problems->text = bigger;
	problems->text[problems->kept] = k8snet_arena_strdup(&problems->arena, text);
	if (!problems->text[problems->kept])
		goto err;
	problems->kept++;
	return;
err:
	problems->failed = ENOMEM;
}

/* origin may be NULL. */
void k8snet_problems_add(struct k8snet_problems *problems, const struct k8snet_origin *origin,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	k8snet_problems_vadd(problems, origin, format, args);
	va_end(args);
}

void k8snet_problems_free(struct k8snet_problems *problems)
{
	k8snet_arena_free(&problems->arena);
	*problems = (struct k8snet_problems){ 0 };
}
