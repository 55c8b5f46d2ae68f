// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl apply: makes the kernel's state that of a file, and changes only what
 * differs, all of it or nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply_print.h"
#include "command.h"
#include "fetch.h"
#include "lib/actual.h"
#include "lib/change.h"
#include "lib/input.h"
#include "lib/transaction.h"
#include "usage.h"
#include "value.h"

/* How often it starts over when others change the state meanwhile. */
#define TRIES	10

static int parse_file(struct request *rq, const char *text)
{
	const char **bigger;

	bigger = k8snet_arena_grow(&rq->arena, rq->file, rq->file_count, sizeof(*bigger));
	if (!bigger)
		return request_fail(rq, "%s", strerror(ENOMEM));
	rq->file = bigger;
	rq->file[rq->file_count++] = text;
	return 0;
}

static int parse_dry_run(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->dry_run = true;
	return 0;
}

static int parse_keep(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->keep = true;
	return 0;
}

static int parse_device(struct request *rq, const char *text)
{
	return value_device(rq, text, rq->link.ifname);
}

static int parse_node(struct request *rq, const char *text)
{
	rq->node_name = text;
	return 0;
}

/* Prints the problems; returns an exit status. */
static int refuse(const struct k8snet_problems *problems)
{
	for (size_t i = 0; i < problems->kept; i++)
		complain("apply: %s", problems->text[i]);
	if (problems->count > problems->kept)
		complain("apply: and %zu more", problems->count - problems->kept);
	if (problems->failed)
		complain("apply: %s", strerror(problems->failed));
	complain("apply: nothing was applied");
	return EXIT_REFUSED;
}

static void tell_notes(const struct k8snet_problems *notes)
{
	for (size_t i = 0; i < notes->kept; i++)
		complain("apply: note: %s", notes->text[i]);
	if (notes->count > notes->kept)
		complain("apply: note: and %zu more", notes->count - notes->kept);
}

/* --- what is asked for --- */

/* The device of nodes that name none: the one named, or the only one there is. */
static int choose_device(struct tool *tool, struct request *rq)
{
	const struct k8snet_link *link;
	struct k8snet_list list;
	int status;

	if (*rq->link.ifname)
		return EXIT_DONE;
	status = fetch_links(tool, &list);
	link = list.items;
	if (!status && list.count == 1)
		memcpy(rq->link.ifname, link->ifname, sizeof(rq->link.ifname));
	k8snet_list_free(&list);
	return status;
}

/* The host's name, unless it was told another. */
static const char *own_name(struct request *rq, char *host, size_t size)
{
	if (rq->node_name)
		return rq->node_name;
	if (gethostname(host, size))
		*host = 0;
	host[size - 1] = 0;
	return host;
}

static int read_input(struct k8snet_input *input, struct request *rq)
{
	for (size_t i = 0; i < rq->file_count; i++)
		k8snet_input_file(input, rq->file[i]);
	if (!k8snet_input_finish(input))
		return refuse(&input->problems);
	tell_notes(&input->notes);
	return EXIT_DONE;
}

static bool has_link(const struct k8snet_state *state, const char *name)
{
	for (size_t i = 0; i < state->link_count; i++)
		if (!strcmp(state->link[i].name, name))
			return true;
	return false;
}

#define MAKE_ONE	"make it with: ip link add %s type k8snet"

/* Devices are made with ip(8), so those that are spoken of must be there. */
static int check_devices(struct k8snet_input *input, const struct k8snet_state *actual)
{
	const struct k8snet_state *state = &input->state;
	struct k8snet_problems *problems = &input->problems;

	for (size_t i = 0; i < state->link_count; i++) {
		const char *name = state->link[i].name;

		if (!*name)
			k8snet_problems_add(problems, &state->link[i].origin,
					    "link: ifname: is missing");
		else if (!has_link(actual, name))
			k8snet_problems_add(problems, &state->link[i].origin,
					    "link %s: there is no such k8snet device; " MAKE_ONE,
					    name, name);
	}
	for (size_t i = 0; i < state->node_count; i++) {
		const struct k8snet_state_node *node = &state->node[i];

		if (!*node->device && actual->link_count)
			k8snet_problems_add(problems, &node->origin,
					    "node %s: there are several k8snet devices; say which one: apply dev DEV",
					    node->name);
		else if (!*node->device)
			k8snet_problems_add(problems, &node->origin,
					    "node %s: there is no k8snet device; " MAKE_ONE,
					    node->name, "k8snet0");
		else if (!has_link(actual, node->device))
			k8snet_problems_add(problems, &node->origin,
					    "node %s: there is no k8snet device %s; " MAKE_ONE,
					    node->name, node->device, node->device);
	}
	return problems->count ? refuse(problems) : EXIT_DONE;
}

/* --- how it is done --- */

struct sent {
	const char *object;
	const char *name;
	const struct k8snet_origin *origin;
};

struct change {
	struct tool *tool;
	struct k8snet_transaction transaction;
	struct k8snet_arena arena;
	struct sent *sent;		/* by message */
	size_t count;
	size_t links;			/* that are done */
	bool restart;
};

/* Says what was refused, where it stood, and why. */
static int refused(const struct sent *sent, const char *text)
{
	struct k8snet_problems problems = { 0 };

	if (sent)
		k8snet_problems_add(&problems, sent->origin, "%s%s%s: %s", sent->object,
				    sent->name ? " " : "", sent->name ? sent->name : "", text);
	else
		k8snet_problems_add(&problems, NULL, "%s", text);
	refuse(&problems);
	k8snet_problems_free(&problems);
	return EXIT_REFUSED;
}

/* Of the transaction: someone else may have changed the state, then try again. */
static int transaction_failed(struct change *change)
{
	const struct k8snet_transaction *transaction = &change->transaction;
	const struct sent *sent = NULL;
	char text[1024];

	if (transaction->nl->refusal.code == ESTALE) {
		change->restart = true;
		return EXIT_REFUSED;
	}
	if (transaction->refused.data && transaction->refused_index < change->count)
		sent = &change->sent[transaction->refused_index];
	k8snet_transaction_refusal(transaction, sent ? sent->name : NULL, text, sizeof(text));
	return refused(sent, text);
}

static int set_link(const struct k8snet_change *one, void *arg)
{
	struct sent sent = { one->object, one->name, one->origin };
	struct change *change = arg;
	struct k8snet_nl *nl = &change->tool->nl;
	char text[1024];

	if (!k8snet_nl_do(nl, one->msg, NULL, NULL)) {
		change->links++;
		return 0;
	}
	k8snet_refusal_print(&nl->refusal, one->msg, one->name, text, sizeof(text));
	refused(&sent, text);
	return -1;
}

static int add(const struct k8snet_change *one, void *arg)
{
	struct change *change = arg;
	struct sent *bigger;

	bigger = k8snet_arena_grow(&change->arena, change->sent, change->count, sizeof(*bigger));
	if (!bigger)
		return ENOMEM;
	change->sent = bigger;
	change->sent[change->count++] = (struct sent){ one->object, one->name, one->origin };
	return k8snet_transaction_add(&change->transaction, one->msg) ? -1 : 0;
}

static int set_link_back(const struct k8snet_change *one, void *arg)
{
	struct change *change = arg;

	k8snet_nl_do(&change->tool->nl, one->msg, NULL, NULL);
	return 0;
}

/* Devices change at once, so they come last before the commit, and back if that fails. */
static int carry_out(struct change *change, const struct k8snet_plan *plan)
{
	int err = k8snet_change_tables(plan, add, change), status;

	if (err > 0) {
		complain("apply: %s; nothing was applied", strerror(err));
		return EXIT_REFUSED;
	}
	if (err)
		return transaction_failed(change);
	err = k8snet_change_links(plan, set_link, change);
	if (!err && !k8snet_transaction_commit(&change->transaction))
		return EXIT_DONE;
	status = err ? EXIT_REFUSED : transaction_failed(change);
	k8snet_change_links_back(plan, change->links, set_link_back, change);
	return status;
}

/* Reads what there is, and makes of it what is desired. */
static int apply_once(struct change *change, struct k8snet_input *input, struct request *rq)
{
	struct k8snet_state *desired = &input->state, actual = { 0 };
	const struct k8snet_state *links;
	struct tool *tool = change->tool;
	struct k8snet_plan plan = { 0 };
	int status;

	if (!rq->dry_run && k8snet_transaction_begin(&change->transaction, &tool->nl))
		return tool_refused(tool, NULL, "apply", NULL);
	if (k8snet_actual_read(&tool->nl, &actual)) {
		status = tool_refused(tool, NULL, "apply", NULL);
		goto out;
	}
	status = check_devices(input, &actual);
	if (status)
		goto out;
	/* Nodes have the defaults of their devices as these will be. */
	links = desired->has_links ? desired : &actual;
	k8snet_state_complete(desired, actual.link, actual.link_count);
	k8snet_state_complete(desired, links->link, links->link_count);
	if (k8snet_plan_make(&plan, desired, &actual, !rq->keep)) {
		complain("apply: %s", strerror(ENOMEM));
		status = EXIT_REFUSED;
		goto out;
	}
	if (!rq->dry_run && !k8snet_plan_is_empty(&plan))
		status = carry_out(change, &plan);
	if (!status)
		status = apply_print(tool, &plan, &input->notes, rq->dry_run);
out:
	k8snet_plan_free(&plan);
	k8snet_state_free(&actual);
	return status;
}

static int apply(struct tool *tool, struct k8snet_input *input, struct request *rq)
{
	int status = EXIT_REFUSED;

	for (int i = 0; i < TRIES; i++) {
		struct change change = { .tool = tool };

		status = apply_once(&change, input, rq);
		if (change.transaction.nl)
			k8snet_transaction_free(&change.transaction);
		k8snet_arena_free(&change.arena);
		if (!change.restart)
			return status;
	}
	complain("%s: others change the state all the time; nothing was applied, try again",
		 object_apply.name);
	return status;
}

static int run(struct tool *tool, struct request *rq)
{
	struct k8snet_input input = { 0 };
	char host[256];
	int status = tool_connect(tool);

	if (!status)
		status = choose_device(tool, rq);
	if (status)
		return status;
	input.view.node = own_name(rq, host, sizeof(host));
	input.view.device = rq->link.ifname;
	status = read_input(&input, rq);
	if (!status)
		status = apply(tool, &input, rq);
	k8snet_input_free(&input);
	return status;
}

static const struct arg args[] = {
	{ "-f", .value = "FILE", .names = NAMES_FILE, .required = true, .repeats = true,
	  .parse = parse_file },
	{ "--dry-run", .parse = parse_dry_run },
	{ "--keep", .parse = parse_keep },
	{ "dev", .value = "DEV", .names = NAMES_DEVICE, .parse = parse_device },
	{ "node", .value = "NAME", .parse = parse_node },
};

static const struct command commands[] = {
	{
		.help = "make the configuration that of a file (- for standard input)",
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.run = run,
	},
};

const struct object object_apply = {
	.name = "apply",
	.help = "Kubernetes objects or a saved configuration: changes what differs",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
