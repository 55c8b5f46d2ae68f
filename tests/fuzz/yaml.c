// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of YAML documents alone.
 */
#include "document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* YAML has more line breaks than one. */
	fuzz_document(data, size, size + 1, k8snet_document_read_yaml);
	return 0;
}
