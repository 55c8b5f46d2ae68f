// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl transaction: changes of a batch that are made all together.
 */
#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "command.h"
#include "show.h"
#include "value.h"

static int parse_generation(struct request *rq, const char *text)
{
	rq->has_count = true;
	return value_number(rq, text, &rq->count);
}

static int take_generation(const struct nlmsghdr *reply, void *arg)
{
	const struct nlattr *attr;
	struct tool *tool = arg;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == K8SNET_A_TRANSACTION_GENERATION &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			tool->generation = mnl_attr_get_u32(attr);
	return 0;
}

static int ask(struct tool *tool, struct k8snet_msg *msg)
{
	int status = tool_connect(tool);
	struct json json;

	if (!status && k8snet_nl_do(&tool->nl, msg, take_generation, tool))
		status = tool_refused(tool, msg, "transaction", NULL);
	k8snet_msg_free(msg);
	if (status || !tool->json)
		return status;
	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	json_number(&json, "generation", tool->generation);
	json_close(&json, '}');
	json_end(&json);
	return status;
}

static int begin(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_BEGIN);
	return ask(tool, &msg);
}

/* Without a generation it is the one that the transaction began with. */
static int commit(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_COMMIT);
	k8snet_msg_put_u32(&msg, K8SNET_A_TRANSACTION_GENERATION,
			   rq->has_count ? rq->count : tool->generation);
	return ask(tool, &msg);
}

static int abort_it(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_ABORT);
	return ask(tool, &msg);
}

static const struct arg commit_args[] = {
	{ "generation", .value = "N", .parse = parse_generation },
};

static const struct command commands[] = {
	{
		.verb = "begin",
		.help = "collect what follows in the batch",
		.run = begin,
	},
	{
		.verb = "commit",
		.help = "make all that was collected, or nothing of it",
		.args = commit_args,
		.arg_count = ARRAY_SIZE(commit_args),
		.run = commit,
	},
	{
		.verb = "abort",
		.help = "forget what was collected",
		.run = abort_it,
	},
};

const struct object object_transaction = {
	.name = "transaction",
	.help = "changes of a batch that are made all together",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
