// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl monitor: what is dropped because nobody should have sent it, which
 * endpoints have drained, and changes of the configuration, as it happens.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "command.h"
#include "lib/drop.h"
#include "lib/endpoint.h"
#include "lib/generated/names.h"
#include "show.h"
#include "value.h"

struct monitor {
	const struct tool *tool;
	bool limited;
	uint32_t left;		/* events, if they are limited */
};

static int parse_count(struct request *rq, const char *text)
{
	rq->has_count = true;
	return value_number(rq, text, &rq->count);
}

static int parse_drops(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->events |= K8SNET_NL_DROPS;
	return 0;
}

static int parse_drained(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->events |= K8SNET_NL_ENDPOINTS;
	return 0;
}

static int parse_changes(struct request *rq, __attribute__((unused)) const char *text)
{
	rq->events |= K8SNET_NL_CHANGES;
	return 0;
}

/* The device may be gone by now, or be in another namespace: then its number. */
static const char *iif_text(uint32_t iif, char *buf)
{
	if (iif && !if_indextoname(iif, buf))
		snprintf(buf, IF_NAMESIZE, "%" PRIu32, iif);
	return iif ? buf : "-";
}

static const char *address_text(const struct k8snet_address *addr, char *buf)
{
	return addr->family ? k8snet_address_print(addr, buf) : "-";
}

static void print_time(const struct timespec *now)
{
	char clock[sizeof("00:00:00")];
	struct tm tm;

	localtime_r(&now->tv_sec, &tm);
	strftime(clock, sizeof(clock), "%T", &tm);
	printf("%s.%03ld ", clock, now->tv_nsec / 1000000);
}

static void print_line(const struct k8snet_drop *drop, const struct timespec *now)
{
	char outer[K8SNET_ADDRESS_STRLEN], inner[K8SNET_ADDRESS_STRLEN], iif[IF_NAMESIZE];

	print_time(now);
	printf("%s %s from %s inner %s iif %s\n", *drop->ifname ? drop->ifname : "-",
	       k8snet_spec_value_name(&k8snet_spec_drop_reason, drop->reason),
	       address_text(&drop->outer, outer), address_text(&drop->inner, inner),
	       iif_text(drop->iif, iif));
}

/* RFC 3339, in UTC. */
static void print_json_time(struct json *json, const struct timespec *now)
{
	char date[32], text[48];
	struct tm tm;

	gmtime_r(&now->tv_sec, &tm);
	strftime(date, sizeof(date), "%FT%T", &tm);
	snprintf(text, sizeof(text), "%s.%03ldZ", date, now->tv_nsec / 1000000);
	json_string(json, "time", text);
}

static void print_json_device(struct json *json, const char *index_key, uint32_t index,
			      const char *name_key, const char *name)
{
	if (index)
		json_number(json, index_key, index);
	else
		json_null(json, index_key);
	if (name && *name)
		json_string(json, name_key, name);
	else
		json_null(json, name_key);
}

static void print_json(const struct tool *tool, const struct k8snet_drop *drop,
		       const struct timespec *now)
{
	char iif[IF_NAMESIZE];
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	print_json_time(&json, now);
	json_string(&json, "event", "drop");
	print_json_device(&json, "ifindex", drop->ifindex, "ifname", drop->ifname);
	json_string(&json, "reason",
		    k8snet_spec_value_name(&k8snet_spec_drop_reason, drop->reason));
	show_json_address(&json, "outer", &drop->outer);
	show_json_address(&json, "inner", &drop->inner);
	print_json_device(&json, "iif", drop->iif, "iifname",
			  drop->iif ? if_indextoname(drop->iif, iif) : NULL);
	json_close(&json, '}');
	json_end(&json);
}

static void print_drained(const struct tool *tool, const struct k8snet_endpoint *endpoint,
			  const struct timespec *now)
{
	char text[K8SNET_ENDPOINT_STRLEN];
	struct json json;

	if (!tool->json) {
		print_time(now);
		printf("- drained %s %s\n", endpoint->service,
		       k8snet_endpoint_print(&endpoint->addr, endpoint->port, text));
		return;
	}
	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	print_json_time(&json, now);
	json_string(&json, "event", "drained");
	json_string(&json, "service", endpoint->service);
	json_number(&json, "protocol", endpoint->protocol);
	show_json_address(&json, "address", &endpoint->addr);
	json_number(&json, "port", endpoint->port);
	json_close(&json, '}');
	json_end(&json);
}

static bool finished(const struct monitor *monitor)
{
	return (monitor->limited && !monitor->left) || ferror(stdout);
}

static int take_drop(const struct nlmsghdr *event, const struct tool *tool,
		     const struct timespec *now)
{
	struct k8snet_drop drop;
	int err = k8snet_drop_decode(event, &drop);

	if (err)
		return err;
	if (tool->json)
		print_json(tool, &drop, now);
	else
		print_line(&drop, now);
	return 0;
}

static int take_drained(const struct nlmsghdr *event, const struct tool *tool,
			const struct timespec *now)
{
	struct k8snet_endpoint endpoint = { 0 };
	struct k8snet_arena arena = { 0 };
	int err = k8snet_endpoint_decode(event, &arena, &endpoint);

	if (!err)
		print_drained(tool, &endpoint, now);
	k8snet_arena_free(&arena);
	return err;
}

/* A commit, or a message on its own: the number of the state that it has made. */
static int take_change(const struct nlmsghdr *event, const struct tool *tool,
		       const struct timespec *now)
{
	uint32_t generation = 0, messages = 0;
	const struct nlattr *attr;
	struct json json;

	mnl_attr_for_each(attr, event, GENL_HDRLEN) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_transaction_set, attr))
			return EBADMSG;
		if (mnl_attr_get_type(attr) == K8SNET_A_TRANSACTION_GENERATION)
			generation = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == K8SNET_A_TRANSACTION_MESSAGES)
			messages = mnl_attr_get_u32(attr);
	}
	if (!tool->json) {
		print_time(now);
		printf("- changed generation %" PRIu32 " messages %" PRIu32 "\n", generation,
		       messages);
		return 0;
	}
	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	print_json_time(&json, now);
	json_string(&json, "event", "changed");
	json_number(&json, "generation", generation);
	json_number(&json, "messages", messages);
	json_close(&json, '}');
	json_end(&json);
	return 0;
}

static int take(const struct nlmsghdr *event, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(event);
	struct monitor *monitor = arg;
	struct timespec now;
	int err;

	if (finished(monitor))
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (genl->cmd == K8SNET_CMD_DRAINED_EVENT)
		err = take_drained(event, monitor->tool, &now);
	else if (genl->cmd == K8SNET_CMD_CHANGE_EVENT)
		err = take_change(event, monitor->tool, &now);
	else
		err = take_drop(event, monitor->tool, &now);
	if (err)
		return err;
	fflush(stdout);
	if (monitor->limited)
		monitor->left--;
	return 0;
}

/* More than the socket holds came at once; what comes next is not affected. */
static int take_events(struct tool *tool, struct monitor *monitor)
{
	if (!k8snet_nl_events(&tool->nl, take, monitor))
		return EXIT_DONE;
	if (tool->nl.refusal.code != ENOBUFS)
		return tool_refused(tool, NULL, "monitor", NULL);
	fputs("k8snetctl: monitor: events were lost: they came faster than they were printed\n",
	      stderr);
	return EXIT_DONE;
}

/* Returns a descriptor that becomes readable when the user has had enough. */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* A shell lets its background jobs ignore it, and ignored ones do not arrive. */
	signal(SIGINT, SIG_DFL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int follow(struct tool *tool, struct monitor *monitor, int signals)
{
	struct pollfd fds[] = {
		{ .fd = tool->nl.fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int status = EXIT_DONE;

	while (!status && !finished(monitor)) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[1].revents)
			break;
		if (fds[0].revents)
			status = take_events(tool, monitor);
	}
	return status;
}

static int run(struct tool *tool, struct request *rq)
{
	struct monitor monitor = {
		.tool = tool, .limited = rq->has_count, .left = rq->count,
	};
	int status = tool_connect(tool), signals;

	if (status)
		return status;
	signals = catch_signals();
	if (signals < 0) {
		perror("k8snetctl: monitor: signals");
		return EXIT_REFUSED;
	}
	if (k8snet_nl_join(&tool->nl, rq->events ? rq->events : K8SNET_NL_EVENTS)) {
		status = tool_refused(tool, NULL, "monitor", NULL);
	} else {
		/* Scripts wait for this line: from here on no event is missed. */
		fputs("monitoring drops\n", stderr);
		status = follow(tool, &monitor, signals);
	}
	close(signals);
	return status;
}

static const struct arg args[] = {
	{ "drops", .parse = parse_drops },
	{ "drained", .parse = parse_drained },
	{ "changes", .parse = parse_changes },
	{ "count", .value = "N", .parse = parse_count },
};

static const struct command commands[] = {
	{
		.help = "print events (by default of all kinds) until interrupted, or N of them",
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.run = run,
	},
};

const struct object object_monitor = {
	.name = "monitor",
	.help = "events as they happen: forged packets, drained endpoints, changes",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
