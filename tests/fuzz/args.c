// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines: the words of a text, up to where a command would be run. What
 * is accepted can be made a message, which has the length that it says.
 */
#include <stdlib.h>
#include <string.h>

#include "k8snetctl/args.h"
#include "k8snetctl/usage.h"

#define WORDS_MAX	256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_LINK_SET);
	k8snet_link_encode(&rq->link, &msg);
	k8snet_node_encode(&rq->node, &msg);
	if (k8snet_service_complete(&rq->service, &rq->arena))
		abort();
	k8snet_service_encode(&rq->service, &msg);
	if (rq->endpoint.service)
		k8snet_endpoint_encode(&rq->endpoint, &msg);
	k8snet_config_encode(&rq->config, &msg);
	k8snet_egress_encode(&rq->egress, &msg);
	if (!msg.failed && k8snet_msg_header(&msg)->nlmsg_len != msg.len)
		abort();
	k8snet_msg_free(&msg);
}

static void run(char **words, int count)
{
	int object = command_find_object(words[0]), verb = 0, skip = 1;
	struct request rq = { 0 };

	if (object < 0)
		return;
	if (objects[object]->commands[0].verb && count > 1) {
		verb = command_find_verb(objects[object], words[1]);
		skip = 2;
	}
	if (verb < 0)
		return;
	rq.command = &objects[object]->commands[verb];
	if (!args_parse(objects[object], rq.command, words + skip, count - skip, &rq))
		encode(&rq);
	k8snet_arena_free(&rq.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *words[WORDS_MAX];
	int count = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	while (rest && count < WORDS_MAX)
		words[count++] = strsep(&rest, " \n");
	run(words, count);
	free(text);
	return 0;
}
