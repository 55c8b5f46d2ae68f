/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any bytes as a document: they lead to objects or to problems, each object with
 * a line that is in the text.
 */
#ifndef FUZZ_DOCUMENT_H
#define FUZZ_DOCUMENT_H

#include <stdint.h>
#include <stdlib.h>

#include "lib/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_take(const struct k8snet_item *item, void *lines)
{
	if (!item->origin.line || item->origin.line > *(size_t *)lines)
		abort();
}

/* What one of the readers makes of bytes with that many lines at most. */
static inline void fuzz_document(const uint8_t *data, size_t size, size_t lines,
				 void (*read)(const struct k8snet_document *document))
{
	struct k8snet_problems problems = { 0 };
	struct k8snet_document document = {
		.file = "input", .text = (const char *)data, .length = size, .problems = &problems,
		.take = fuzz_take, .arg = &lines,
	};

	read(&document);
	if (problems.kept > problems.count)
		abort();
	k8snet_problems_free(&problems);
}

#endif /* FUZZ_DOCUMENT_H */
