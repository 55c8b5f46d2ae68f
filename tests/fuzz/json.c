// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of JSON documents alone.
 */
#include "document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	fuzz_document(data, size, lines, k8snet_document_read_json);
	return 0;
}
