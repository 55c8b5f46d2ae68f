// SPDX-License-Identifier: GPL-2.0
/*
 * Objects out of JSON or YAML text.
 */
#include <ctype.h>
#include <string.h>

#include "array.h"
#include "document.h"

static const char *const sections[] = { "links", "nodes", "services" };

const char *k8snet_document_section(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (!strcmp(sections[i], key))
			return sections[i];
	return NULL;
}

/* YAML that begins with a brace is JSON too, or should be. */
void k8snet_document_read(const struct k8snet_document *document)
{
	size_t i = 0;

	while (i < document->length && isspace((unsigned char)document->text[i]))
		i++;
	if (i < document->length && (document->text[i] == '{' || document->text[i] == '['))
		k8snet_document_read_json(document);
	else
		k8snet_document_read_yaml(document);
}
