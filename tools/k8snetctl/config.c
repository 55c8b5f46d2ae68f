// SPDX-License-Identifier: GPL-2.0
/*
 * k8snetctl config: the settings of the network namespace.
 */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "lib/generated/names.h"
#include "show.h"
#include "value.h"

static int parse_prefixes(struct request *rq, const char *text, uint32_t field,
			  struct k8snet_prefixes *list)
{
	if (strcmp(text, "none"))
		return value_prefixes(rq, text, list);
	rq->config.clear |= field;
	return 0;
}

static int parse_pods(struct request *rq, const char *text)
{
	return parse_prefixes(rq, text, K8SNET_CONFIG_FIELD_PODS, &rq->config.pods);
}

static int parse_services(struct request *rq, const char *text)
{
	return parse_prefixes(rq, text, K8SNET_CONFIG_FIELD_SERVICES, &rq->config.services);
}

static int parse_nodeport_addresses(struct request *rq, const char *text)
{
	return parse_prefixes(rq, text, K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS,
			      &rq->config.nodeport_addresses);
}

/* LO-HI */
static int parse_nodeports(struct request *rq, const char *text)
{
	char *low = k8snet_arena_strdup(&rq->arena, text), *high = low;

	if (!low)
		return request_fail(rq, "%s", strerror(ENOMEM));
	if (!strcmp(text, "none")) {
		rq->config.clear |= K8SNET_CONFIG_FIELD_NODEPORTS;
		return 0;
	}
	strsep(&high, "-");
	if (!high)
		return request_fail(rq, "\"%s\" is not LO-HI", text);
	rq->config.has_nodeports = true;
	if (value_number(rq, low, &rq->config.nodeports_min))
		return -1;
	return value_number(rq, high, &rq->config.nodeports_max);
}

static int parse_vip_ping(struct request *rq, const char *text)
{
	rq->config.has_vip_ping = true;
	return value_switch(rq, text, &rq->config.vip_ping);
}

static int parse_seed(struct request *rq, const char *text)
{
	if (!strcmp(text, "none")) {
		rq->config.clear |= K8SNET_CONFIG_FIELD_SEED;
		return 0;
	}
	rq->config.has_seed = true;
	return value_bytes(rq, text, "32 hexadecimal digits", 0, rq->config.seed,
			   sizeof(rq->config.seed));
}

static int set(struct tool *tool, struct request *rq)
{
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_CONFIG_SET);
	k8snet_config_encode(&rq->config, &msg);
	return tool_change(tool, &msg, "config", NULL);
}

#define SEED_STRLEN	(2 * K8SNET_SEED_LEN + 1)

static const char *seed_text(const struct k8snet_config *config, char *buf)
{
	for (size_t i = 0; i < sizeof(config->seed); i++)
		sprintf(buf + 2 * i, "%02x", config->seed[i]);
	return buf;
}

static void print_json(const struct tool *tool, const struct k8snet_config *config)
{
	char seed[SEED_STRLEN];
	struct json json;

	json_start(&json, stdout, tool->pretty);
	json_open(&json, NULL, '{');
	show_json_prefixes(&json, "pods", &config->pods);
	show_json_prefixes(&json, "services", &config->services);
	json_string(&json, "seed", seed_text(config, seed));
	show_json_prefixes(&json, "nodeport_addresses", &config->nodeport_addresses);
	json_number(&json, "nodeports_min", config->nodeports_min);
	json_number(&json, "nodeports_max", config->nodeports_max);
	json_bool(&json, "vip_ping", config->vip_ping);
	json_close(&json, '}');
	json_end(&json);
}

static const char *prefixes_text(const struct k8snet_prefixes *list, const char *none,
				 struct k8snet_arena *arena)
{
	return list->count ? show_prefixes(list, arena) : none;
}

/* One object: a line for each setting, in the words of "config set". */
static void print_lines(const struct k8snet_config *config, struct k8snet_arena *arena)
{
	char seed[SEED_STRLEN];

	printf("pods                %s\n", prefixes_text(&config->pods, "none", arena));
	printf("services            %s\n", prefixes_text(&config->services, "none", arena));
	printf("nodeports           %u-%u\n", config->nodeports_min, config->nodeports_max);
	printf("nodeport-addresses  %s\n",
	       prefixes_text(&config->nodeport_addresses, "all", arena));
	printf("vip-ping            %s\n", config->vip_ping ? "on" : "off");
	printf("seed                %s\n", seed_text(config, seed));
}

static int show(struct tool *tool, __attribute__((unused)) struct request *rq)
{
	struct k8snet_list list;
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(&list, sizeof(struct k8snet_config), k8snet_config_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_CONFIG_GET);
	status = tool_get(tool, &msg, "config", NULL, &list);
	if (!status && tool->json)
		print_json(tool, list.items);
	else if (!status)
		print_lines(list.items, &list.arena);
	k8snet_list_free(&list);
	return status;
}

static const struct arg set_args[] = {
	{ "pods", .value = "CIDR[,CIDR...]|none", .parse = parse_pods },
	{ "services", .value = "CIDR[,CIDR...]|none", .parse = parse_services },
	{ "nodeport-addresses", .value = "CIDR[,CIDR...]|none", .parse = parse_nodeport_addresses },
	{ "nodeports", .value = "LO-HI|none", .parse = parse_nodeports },
	{ "vip-ping", .value = "on|off", .parse = parse_vip_ping },
	{ "seed", .value = "HEX32|none", .parse = parse_seed },
};

static const struct command commands[] = {
	{
		.verb = "show",
		.also = "list",
		.help = "show the settings of the namespace",
		.run = show,
	},
	{
		.verb = "set",
		.help = "change settings of the namespace",
		.args = set_args,
		.arg_count = ARRAY_SIZE(set_args),
		.run = set,
	},
};

const struct object object_config = {
	.name = "config",
	.help = "settings of the namespace: pod and service ranges, node ports, seed",
	.commands = commands,
	.command_count = ARRAY_SIZE(commands),
};
