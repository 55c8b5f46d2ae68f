// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl explain: what would become of a new connection, step by step.
 */
#include <stdarg.h>
#include <string.h>

#include "command.h"
#include "lib/generated/names.h"
#include "lib/state.h"
#include "show.h"
#include "value.h"

static int parse_protocol(struct request *rq, const char *text)
{
	for (unsigned int i = 0; k8snet_state_protocols[i]; i++) {
		if (strcmp(text, k8snet_state_protocols[i]))
			continue;
		rq->question.protocol = k8snet_state_protocol(i);
		return 0;
	}
	rq->question.ping = !strcmp(text, "ping");
	return rq->question.ping ? 0 :
	       request_fail(rq, "\"%s\" is none of tcp, udp, sctp, ping", text);
}

/* The protocol comes first. */
static int parse_end(struct request *rq, const char *text, struct k8snet_address *addr,
		     uint16_t *port)
{
	if (rq->question.ping)
		return value_address(rq, text, addr);
	return value_address_port(rq, text, addr, port);
}

static int parse_source(struct request *rq, const char *text)
{
	return parse_end(rq, text, &rq->question.source, &rq->question.source_port);
}

static int parse_dest(struct request *rq, const char *text)
{
	return parse_end(rq, text, &rq->question.dest, &rq->question.dest_port);
}

static int parse_iif(struct request *rq, const char *text)
{
	return value_device(rq, text, rq->question.iif);
}

/* "ADDR:PORT", or "*:PORT" for the port of a node. */
static const char *where(const struct k8snet_address *addr, uint16_t port, bool any, char *buf,
			 size_t size)
{
	char text[K8SNET_ADDRESS_STRLEN];

	k8snet_address_print(addr, text);
	snprintf(buf, size, addr->family == AF_INET6 && !any ? "[%s]:%u" : "%s:%u",
		 any ? "*" : text, port);
	return buf;
}

__attribute__((format(printf, 2, 3)))
static void step(const char *name, const char *format, ...)
{
	va_list args;

	printf("%-10s ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void print_service(const struct k8snet_answer *a)
{
	char text[K8SNET_ADDRESS_STRLEN + 16];

	step("service", "%s", a->service);
	step("frontend", "%s %s",
	     k8snet_spec_value_name(&k8snet_spec_frontend_type, a->frontend.type),
	     where(&a->frontend.addr, a->frontend.port,
		   a->frontend.type == K8SNET_FRONTEND_TYPE_NODE_PORT, text, sizeof(text)));
	if (a->range_state != K8SNET_RANGE_STATE_NONE)
		step("ranges", "the client is %s",
		     k8snet_spec_value_name(&k8snet_spec_range_state, a->range_state));
	step("policy", "%s, %u endpoint%s",
	     k8snet_spec_value_name(&k8snet_spec_policy, a->policy), a->endpoints,
	     a->endpoints == 1 ? "" : "s");
	if (a->verdict != K8SNET_VERDICT_TRANSLATE)
		return;
	if (a->affinity_state != K8SNET_AFFINITY_STATE_NONE)
		step("affinity", "%s",
		     k8snet_spec_value_name(&k8snet_spec_affinity_state, a->affinity_state));
	if (a->affinity_state != K8SNET_AFFINITY_STATE_KEPT && a->endpoints > 1)
		step("algorithm", "%s%s",
		     k8snet_spec_value_name(&k8snet_spec_algorithm, a->algorithm),
		     a->endpoint.family ? "" : ": any of them");
	if (a->endpoint.family)
		step("endpoint", "%s", where(&a->endpoint, a->endpoint_port, false, text,
					     sizeof(text)));
}

static void print_way(const struct k8snet_answer *a)
{
	char text[K8SNET_ADDRESS_STRLEN];

	if (a->has_source_state && a->source_state != K8SNET_SOURCE_STATE_KEPT)
		step("source", "%s%s%s",
		     k8snet_spec_value_name(&k8snet_spec_source_state, a->source_state),
		     a->new_source.family ? " " : "",
		     a->new_source.family ? k8snet_address_print(&a->new_source, text) : "");
	if (!a->has_source_state)
		return;
	if (!a->oif) {
		step("route", "none");
		return;
	}
	step("device", "%s", a->oif);
	if (a->node)
		step("node", "%s via %s format %s", a->node,
		     k8snet_address_print(&a->via, text),
		     k8snet_spec_value_name(&k8snet_spec_format, a->format));
	if (a->mtu)
		step("mtu", "%u", a->mtu);
}

static void print_flow(const struct k8snet_answer *a)
{
	static const char *const meaning[] = {
		[K8SNET_FLOW_STATE_OFF] = "the flow cache is off",
		[K8SNET_FLOW_STATE_UNKNOWN] = "no packets of this connection go past the stack",
		[K8SNET_FLOW_STATE_KNOWN] = "its packets go past the stack",
		[K8SNET_FLOW_STATE_STALE] = "its next packet goes through the stack",
	};

	if (a->flow_state < ARRAY_SIZE(meaning) && meaning[a->flow_state])
		step("flow", "%s: %s",
		     k8snet_spec_value_name(&k8snet_spec_flow_state, a->flow_state),
		     meaning[a->flow_state]);
}

static void print_steps(const struct k8snet_answer *a)
{
	const struct k8snet_spec_value *reason;

	if (a->service)
		print_service(a);
	if (a->verdict == K8SNET_VERDICT_REJECT || a->verdict == K8SNET_VERDICT_DROP) {
		reason = k8snet_spec_value_find(&k8snet_spec_drop_reason, a->reason);
		step("verdict", "%s, %s", k8snet_spec_value_name(&k8snet_spec_verdict, a->verdict),
		     reason ? reason->name : "unknown");
		if (reason)
			step("", "%s", reason->doc);
		return;
	}
	step("verdict", "%s", k8snet_spec_value_name(&k8snet_spec_verdict, a->verdict));
	print_way(a);
}

static void json_where(struct json *json, const char *key, const char *port_key,
		       const struct k8snet_address *addr, uint16_t port)
{
	show_json_address(json, key, addr);
	if (addr->family)
		json_number(json, port_key, port);
	else
		json_null(json, port_key);
}

static void json_text(struct json *json, const char *key, const char *text)
{
	if (text)
		json_string(json, key, text);
	else
		json_null(json, key);
}

static void json_enum(struct json *json, const char *key, bool there,
		      const struct k8snet_spec_enum *e, uint32_t value)
{
	json_text(json, key, there ? k8snet_spec_value_name(e, value) : NULL);
}

static void print_json(const struct tool *tool, const struct k8snet_answer *a)
{
	bool refused = a->verdict == K8SNET_VERDICT_REJECT || a->verdict == K8SNET_VERDICT_DROP;
	bool chosen = a->service && a->verdict == K8SNET_VERDICT_TRANSLATE;
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	json_enum(&json, "verdict", true, &k8snet_spec_verdict, a->verdict);
	json_enum(&json, "reason", refused, &k8snet_spec_drop_reason, a->reason);
	json_text(&json, "service", a->service);
	json_enum(&json, "frontend", a->service, &k8snet_spec_frontend_type, a->frontend.type);
	json_enum(&json, "policy", a->service, &k8snet_spec_policy, a->policy);
	json_enum(&json, "ranges", a->service, &k8snet_spec_range_state, a->range_state);
	json_number(&json, "endpoints", a->endpoints);
	json_enum(&json, "affinity", chosen, &k8snet_spec_affinity_state, a->affinity_state);
	json_enum(&json, "algorithm", chosen, &k8snet_spec_algorithm, a->algorithm);
	json_where(&json, "endpoint", "endpoint_port", &a->endpoint, a->endpoint_port);
	json_enum(&json, "source", a->has_source_state, &k8snet_spec_source_state,
		  a->source_state);
	show_json_address(&json, "new_source", &a->new_source);
	json_text(&json, "device", a->oif);
	json_text(&json, "node", a->node);
	show_json_address(&json, "via", &a->via);
	json_enum(&json, "format", a->node, &k8snet_spec_format, a->format);
	if (a->mtu)
		json_number(&json, "mtu", a->mtu);
	else
		json_null(&json, "mtu");
	json_enum(&json, "flow", true, &k8snet_spec_flow_state, a->flow_state);
	json_close(&json, '}');
	json_end(&json);
}

static int explain(struct tool *tool, struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_answer), k8snet_answer_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_EXPLAIN);
	k8snet_question_encode(&rq->question, &msg);
	status = tool_get(tool, &msg, "explain", NULL, &list);
	if (!status && tool->json) {
		print_json(tool, list.items);
	} else if (!status) {
		print_steps(list.items);
		print_flow(list.items);
	}
	k8snet_list_free(&list);
	return status;
}

static const struct arg args[] = {
	{ .value = "tcp|udp|sctp|ping", .required = true, .parse = parse_protocol },
	{ .value = "ADDR[:PORT]", .required = true, .parse = parse_source },
	{ "to", .value = "ADDR[:PORT]", .required = true, .parse = parse_dest },
	{ "iif", .value = "DEV", .names = NAMES_DEVICE, .parse = parse_iif },
};

static const struct command commands[] = {
	{
		.help = "tell what would become of a new connection, step by step",
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.run = explain,
	},
};

const struct object object_explain = {
	.name = "explain",
	.help = "what would become of a new connection, step by step",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
