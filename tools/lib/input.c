// SPDX-License-Identifier: GPL-2.0
/*
 * What a user gives to be applied.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "input.h"
#include "native.h"

static void take(const struct k8snet_item *item, void *arg)
{
	struct k8snet_input *input = arg;

	if (item->section) {
		input->has_native = true;
		k8snet_native_take(&input->state, item, input->view.device, &input->problems);
	} else {
		input->has_kube = true;
		k8snet_kube_take(&input->kube, item, &input->problems);
	}
}

/* file is kept, text is not. */
void k8snet_input_text(struct k8snet_input *input, const char *file, const char *text,
		       size_t length)
{
	struct k8snet_document document = {
		.file = file,
		.text = text,
		.length = length,
		.problems = &input->problems,
		.take = take,
		.arg = input,
	};

	k8snet_document_read(&document);
}

/* All of it, or NULL with errno. */
static char *read_all(FILE *stream, size_t *length)
{
	char *text = NULL, *bigger;
	size_t size = 0;

	*length = 0;
	do {
		if (*length == size) {
			size = size ? 2 * size : 64 * 1024;
			bigger = realloc(text, size);
			if (!bigger)
				goto err;
			text = bigger;
		}
		*length += fread(text + *length, 1, size - *length, stream);
		if (ferror(stream))
			goto err;
	} while (!feof(stream));
	return text;
err:
	free(text);
	return NULL;
}

void k8snet_input_file(struct k8snet_input *input, const char *file)
{
	bool is_stdin = !strcmp(file, "-");
	FILE *stream = is_stdin ? stdin : fopen(file, "r");
	char *text = NULL;
	size_t length;

	if (is_stdin)
		file = "standard input";
	if (stream)
		text = read_all(stream, &length);
	if (text)
		k8snet_input_text(input, file, text, length);
	else
		k8snet_problems_add(&input->problems, NULL, "%s: %s", file, strerror(errno));
	free(text);
	if (stream && !is_stdin)
		fclose(stream);
}

bool k8snet_input_finish(struct k8snet_input *input)
{
	struct k8snet_problems *problems = &input->problems;

	if (input->has_native && input->has_kube)
		k8snet_problems_add(problems, NULL,
				    "there are objects of Kubernetes and of k8snet's own format; give one or the other");
	else if (!input->has_native && !input->has_kube && !problems->count)
		k8snet_problems_add(problems, NULL, "there is nothing to apply");
	else if (input->has_kube && !problems->count)
		k8snet_kube_state(&input->kube, &input->view, &input->state, problems,
				  &input->notes);
	else if (!problems->count)
		k8snet_state_sort(&input->state, problems);
	if (input->notes.failed)
		problems->failed = input->notes.failed;
	return !problems->count && !problems->failed;
}

void k8snet_input_free(struct k8snet_input *input)
{
	k8snet_kube_free(&input->kube);
	k8snet_state_free(&input->state);
	k8snet_problems_free(&input->problems);
	k8snet_problems_free(&input->notes);
}
