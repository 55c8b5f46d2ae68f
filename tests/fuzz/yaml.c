// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of YAML documents alone: any bytes lead to objects or to problems,
 * each with a line that is in the text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines;

static void take(const struct k8snet_item *item, void *arg)
{
	(*(size_t *)arg)++;
	if (!item->origin.line || item->origin.line > lines)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct k8snet_problems problems = { 0 };
	size_t items = 0;
	struct k8snet_document document = {
		.file = "input", .text = (const char *)data, .length = size, .problems = &problems,
		.take = take, .arg = &items,
	};

	/* YAML has more line breaks than one. */
	lines = size + 1;
	k8snet_document_read_yaml(&document);
	if (problems.kept > problems.count)
		abort();
	k8snet_problems_free(&problems);
	return 0;
}
