// SPDX-License-Identifier: GPL-2.0
/*
 * A plan as text: "+", "-" or "~" and an object in the words of the command
 * line, and below it, by four spaces, what of it.
 */
#include <stdarg.h>
#include <string.h>

#include "generated/names.h"
#include "plan.h"

#define TARGET_STRLEN	(K8SNET_ADDRESS_STRLEN + 8)	/* "[addr]:65535" and the end */

static const char *print_target(const struct k8snet_address *addr, uint16_t port, char *buf)
{
	char text[K8SNET_ADDRESS_STRLEN];
	bool ipv6 = addr->family == AF_INET6;

	snprintf(buf, TARGET_STRLEN, "%s%s%s:%u", ipv6 ? "[" : "",
		 k8snet_address_print(addr, text), ipv6 ? "]" : "", port);
	return buf;
}

static void print_prefixes(const struct k8snet_prefixes *list, FILE *out)
{
	char text[K8SNET_PREFIX_STRLEN];

	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i ? "," : "", k8snet_prefix_print(&list->prefix[i], text));
	if (!list->count)
		fputs("none", out);
}

static void print_addresses(const struct k8snet_addresses *list, FILE *out)
{
	char text[K8SNET_ADDRESS_STRLEN];

	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i ? "," : "",
			k8snet_address_print(&list->address[i], text));
	if (!list->count)
		fputs("none", out);
}

static void print_mac(const struct k8snet_state_node *node, FILE *out)
{
	if (node->has_mac)
		fprintf(out, "%02x:%02x:%02x:%02x:%02x:%02x", node->mac[0], node->mac[1],
			node->mac[2], node->mac[3], node->mac[4], node->mac[5]);
	else
		fputs("default", out);
}

static void print_format(const struct k8snet_state_node *node, FILE *out)
{
	fputs(node->has_format ? k8snet_spec_value_name(&k8snet_spec_format, node->format) :
	      "default", out);
}

static void print_new_node(const struct k8snet_state_node *node, FILE *out)
{
	char addr[K8SNET_ADDRESS_STRLEN];

	fprintf(out, " via %s pods ", k8snet_address_print(&node->via, addr));
	print_prefixes(&node->pods, out);
	if (node->also.count) {
		fputs(" also ", out);
		print_addresses(&node->also, out);
	}
	if (node->has_format && !(node->defaults & K8SNET_STATE_DEFAULT_FORMAT))
		fprintf(out, " format %s", k8snet_spec_value_name(&k8snet_spec_format,
								  node->format));
	if (node->port && !(node->defaults & K8SNET_STATE_DEFAULT_PORT))
		fprintf(out, " port %u", node->port);
	if (node->has_mac && !(node->defaults & K8SNET_STATE_DEFAULT_MAC)) {
		fputs(" mac ", out);
		print_mac(node, out);
	}
}

/* "    ~ limit 0 -> 5" */
static void print_change(FILE *out, const char *format, ...)
{
	va_list args;

	fputs("    ~ ", out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
}

static void print_list_change(const char *word, const struct k8snet_prefixes *from,
			      const struct k8snet_prefixes *to, FILE *out)
{
	fprintf(out, "    ~ %s ", word);
	print_prefixes(from, out);
	fputs(" -> ", out);
	print_prefixes(to, out);
	fputc('\n', out);
}

static const char *print_seed(const uint8_t *seed, char *buf)
{
	for (int i = 0; i < K8SNET_SEED_LEN; i++)
		sprintf(buf + 2 * i, "%02x", seed[i]);
	return buf;
}

static const char *print_switch(bool on)
{
	return on ? "on" : "off";
}

static void print_config(uint32_t changed, const struct k8snet_state_config *from,
			 const struct k8snet_state_config *to, FILE *out)
{
	char a[2 * K8SNET_SEED_LEN + 1], b[2 * K8SNET_SEED_LEN + 1];

	fputs("~ config\n", out);
	if (changed & K8SNET_PLAN_CONFIG_PODS)
		print_list_change("pods", &from->pods, &to->pods, out);
	if (changed & K8SNET_PLAN_CONFIG_SERVICES)
		print_list_change("services", &from->services, &to->services, out);
	if (changed & K8SNET_PLAN_CONFIG_SEED)
		print_change(out, "seed %s -> %s", print_seed(from->seed, a),
			     print_seed(to->seed, b));
	if (changed & K8SNET_PLAN_CONFIG_NODEPORT_ADDRESSES)
		print_list_change("nodeport-addresses", &from->nodeport_addresses,
				  &to->nodeport_addresses, out);
	if (changed & K8SNET_PLAN_CONFIG_NODEPORTS)
		print_change(out, "nodeports %u-%u -> %u-%u", from->nodeports_min,
			     from->nodeports_max, to->nodeports_min, to->nodeports_max);
	if (changed & K8SNET_PLAN_CONFIG_VIP_PING)
		print_change(out, "vip-ping %s -> %s", print_switch(from->vip_ping),
			     print_switch(to->vip_ping));
}

static void print_source_change(const char *word, const struct k8snet_address *from,
				const struct k8snet_address *to, FILE *out)
{
	char a[K8SNET_ADDRESS_STRLEN], b[K8SNET_ADDRESS_STRLEN];

	print_change(out, "%s %s -> %s", word,
		     from->family ? k8snet_address_print(from, a) : "auto",
		     to->family ? k8snet_address_print(to, b) : "auto");
}

static void print_flow(uint32_t changed, const struct k8snet_state_flow *from,
		       const struct k8snet_state_flow *to, FILE *out)
{
	fputs("~ flow\n", out);
	if (changed & K8SNET_PLAN_FLOW_ENABLED)
		print_change(out, "%s -> %s", print_switch(from->enabled),
			     print_switch(to->enabled));
	if (changed & K8SNET_PLAN_FLOW_LIMIT)
		print_change(out, "limit %u -> %u", from->limit, to->limit);
	if (changed & K8SNET_PLAN_FLOW_PEER)
		print_change(out, "peer %s -> %s", print_switch(from->peer),
			     print_switch(to->peer));
	if (changed & K8SNET_PLAN_FLOW_INGRESS)
		print_change(out, "ingress %s -> %s", print_switch(from->ingress),
			     print_switch(to->ingress));
	if (changed & K8SNET_PLAN_FLOW_EARLY)
		print_change(out, "early %s -> %s", print_switch(from->early),
			     print_switch(to->early));
}

static void print_egress(uint32_t changed, const struct k8snet_state_egress *from,
			 const struct k8snet_state_egress *to, FILE *out)
{
	fputs("~ egress\n", out);
	if (changed & K8SNET_PLAN_EGRESS_ENABLED)
		print_change(out, "%s -> %s", print_switch(from->enabled),
			     print_switch(to->enabled));
	if (changed & K8SNET_PLAN_EGRESS_SOURCE)
		print_source_change("source", &from->source, &to->source, out);
	if (changed & K8SNET_PLAN_EGRESS_SOURCE_IPV6)
		print_source_change("source", &from->source_ipv6, &to->source_ipv6, out);
	if (changed & K8SNET_PLAN_EGRESS_EXCLUDE)
		print_list_change("exclude", &from->exclude, &to->exclude, out);
}

/* What a number says that is special, in the words of the command. */
static const char *print_number(uint32_t number, uint32_t special, const char *word, char *buf,
				size_t size)
{
	if (number == special)
		snprintf(buf, size, "%s", word);
	else
		snprintf(buf, size, "%u", number);
	return buf;
}

static void print_number_change(const char *key, uint32_t from, uint32_t to, uint32_t special,
				const char *word, FILE *out)
{
	char a[16], b[16];

	print_change(out, "%s %s -> %s", key, print_number(from, special, word, a, sizeof(a)),
		     print_number(to, special, word, b, sizeof(b)));
}

static const char *print_link_mac(const uint8_t *mac, char *buf)
{
	static const uint8_t none[K8SNET_MAC_LEN];

	if (memcmp(mac, none, sizeof(none)))
		sprintf(buf, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			mac[4], mac[5]);
	else
		strcpy(buf, "auto");
	return buf;
}

static void print_link_headers(uint32_t changed, const struct k8snet_state_link *from,
			       const struct k8snet_state_link *to, FILE *out)
{
	char a[18], b[18];

	if (changed & K8SNET_PLAN_LINK_TTL)
		print_number_change("ttl", from->ttl, to->ttl, 0, "inherit", out);
	if (changed & K8SNET_PLAN_LINK_DSCP)
		print_number_change("dscp", from->dscp, to->dscp, K8SNET_STATE_DSCP_INHERIT,
				    "inherit", out);
	if (changed & K8SNET_PLAN_LINK_DF)
		print_change(out, "df %s -> %s", k8snet_spec_value_name(&k8snet_spec_df, from->df),
			     k8snet_spec_value_name(&k8snet_spec_df, to->df));
	if (changed & K8SNET_PLAN_LINK_MAC)
		print_change(out, "mac %s -> %s", print_link_mac(from->mac, a),
			     print_link_mac(to->mac, b));
}

static void print_link(const struct k8snet_plan_link *step, FILE *out)
{
	const struct k8snet_state_link *from = step->current, *to = step->desired;
	uint32_t changed = step->changed;

	fprintf(out, "~ link %s\n", to->name);
	if (changed & K8SNET_PLAN_LINK_FORMAT)
		print_change(out, "format %s -> %s",
			     k8snet_spec_value_name(&k8snet_spec_format, from->format),
			     k8snet_spec_value_name(&k8snet_spec_format, to->format));
	if (changed & K8SNET_PLAN_LINK_ID)
		print_change(out, "id %u -> %u", from->id, to->id);
	if (changed & K8SNET_PLAN_LINK_PORT)
		print_change(out, "port %u -> %u", from->port, to->port);
	if (changed & K8SNET_PLAN_LINK_LOCAL)
		print_source_change("local", &from->local, &to->local, out);
	if (changed & K8SNET_PLAN_LINK_LOCAL_IPV6)
		print_source_change("local", &from->local_ipv6, &to->local_ipv6, out);
	if (changed & K8SNET_PLAN_LINK_STRICT)
		print_change(out, "strict %s -> %s", print_switch(from->strict),
			     print_switch(to->strict));
	if (changed & K8SNET_PLAN_LINK_CROSS_SUBNET)
		print_change(out, "cross-subnet %s -> %s", print_switch(from->cross_subnet),
			     print_switch(to->cross_subnet));
	if (changed & K8SNET_PLAN_LINK_MTU)
		print_number_change("mtu", from->mtu, to->mtu, 0, "auto", out);
	print_link_headers(changed, from, to, out);
}

static void print_node_changes(const struct k8snet_plan_node *step, FILE *out)
{
	const struct k8snet_state_node *from = step->current, *to = step->desired;
	char a[K8SNET_ADDRESS_STRLEN], b[K8SNET_ADDRESS_STRLEN];

	if (step->changed & K8SNET_PLAN_NODE_VIA)
		print_change(out, "via %s -> %s", k8snet_address_print(&from->via, a),
			     k8snet_address_print(&to->via, b));
	if (step->changed & K8SNET_PLAN_NODE_ALSO) {
		fputs("    ~ also ", out);
		print_addresses(&from->also, out);
		fputs(" -> ", out);
		print_addresses(&to->also, out);
		fputc('\n', out);
	}
	if (step->changed & K8SNET_PLAN_NODE_FORMAT) {
		fputs("    ~ format ", out);
		print_format(from, out);
		fputs(" -> ", out);
		print_format(to, out);
		fputc('\n', out);
	}
	if (step->changed & K8SNET_PLAN_NODE_PORT)
		print_change(out, "port %u -> %u", from->port, to->port);
	if (step->changed & K8SNET_PLAN_NODE_MAC) {
		fputs("    ~ mac ", out);
		print_mac(from, out);
		fputs(" -> ", out);
		print_mac(to, out);
		fputc('\n', out);
	}
	if (step->changed & K8SNET_PLAN_NODE_PODS)
		print_list_change("pods", &from->pods, &to->pods, out);
}

static void print_node(const struct k8snet_plan_node *step, FILE *out)
{
	const struct k8snet_state_node *node = step->desired ? step->desired : step->current;

	fprintf(out, "%c node %s dev %s", step->action, node->name, node->device);
	if (step->action == K8SNET_PLAN_ADD)
		print_new_node(node, out);
	fputc('\n', out);
	if (step->action == K8SNET_PLAN_CHANGE)
		print_node_changes(step, out);
}

/* In the words of "k8snetctl service add". */
static const char *const frontend_words[] = { "", "nodeport ", "loadbalancer ", "external " };

static void print_frontend(const struct k8snet_state_frontend *frontend, FILE *out)
{
	char target[TARGET_STRLEN];

	fprintf(out, "%s%s", frontend_words[frontend->type],
		print_target(&frontend->addr, frontend->port, target));
}

static void print_endpoint(const struct k8snet_state_endpoint *endpoint, FILE *out)
{
	char target[TARGET_STRLEN];

	fputs(print_target(&endpoint->addr, endpoint->port, target), out);
	if (endpoint->in_cluster_set)
		fputs(",cluster", out);
	if (endpoint->in_local_set)
		fputs(",local", out);
	if (endpoint->on_node)
		fputs(",on-node", out);
	if (endpoint->serving)
		fputs(",serving", out);
	if (endpoint->weight != 1)
		fprintf(out, ",weight=%u", endpoint->weight);
}

static void print_settings(const struct k8snet_state_service *service, FILE *out)
{
	if (service->internal_local)
		fputs(" internal local", out);
	if (service->external_local)
		fputs(" external-policy local", out);
	if (service->ranges.count) {
		fputs(" ranges ", out);
		print_prefixes(&service->ranges, out);
	}
	if (service->range_scope)
		fprintf(out, " ranges-on %s", k8snet_state_range_scopes[service->range_scope]);
	if (service->affinity)
		fprintf(out, " affinity %u", service->affinity);
	if (service->algorithm)
		fprintf(out, " algorithm %s", k8snet_state_algorithms[service->algorithm]);
	if (service->on_remove)
		fprintf(out, " on-remove %s", k8snet_state_on_removes[service->on_remove]);
	if (service->limit)
		fprintf(out, " limit %u", service->limit);
}

static void print_new_service(const struct k8snet_state_service *service, FILE *out)
{
	fprintf(out, " %s", k8snet_state_protocol_name(service->protocol));
	for (size_t i = 0; i < service->frontend_count; i++) {
		fputc(' ', out);
		print_frontend(&service->frontend[i], out);
	}
	print_settings(service, out);
	fputc('\n', out);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		fputs("    + endpoint ", out);
		print_endpoint(&service->endpoint[i], out);
		fputc('\n', out);
	}
}

static void print_lost_or_won(char sign, const struct k8snet_state_frontend *frontend, FILE *out)
{
	fprintf(out, "    %c ", sign);
	if (frontend->type == K8SNET_STATE_CLUSTER_IP)
		fputs("clusterip ", out);
	print_frontend(frontend, out);
	fputc('\n', out);
}

static void print_frontend_changes(const struct k8snet_state_service *from,
				   const struct k8snet_state_service *to, FILE *out)
{
	size_t i = 0, j = 0;

	while (i < from->frontend_count || j < to->frontend_count) {
		int order = i == from->frontend_count ? 1 : j == to->frontend_count ? -1 :
			    k8snet_state_compare_frontend(&from->frontend[i], &to->frontend[j]);

		if (order < 0)
			print_lost_or_won('-', &from->frontend[i], out);
		else if (order > 0)
			print_lost_or_won('+', &to->frontend[j], out);
		i += order <= 0;
		j += order >= 0;
	}
}

static void print_endpoint_change(const struct k8snet_plan_endpoint *step, FILE *out)
{
	fprintf(out, "    %c endpoint ", step->action);
	if (step->current)
		print_endpoint(step->current, out);
	if (step->action == K8SNET_PLAN_CHANGE)
		fputs(" -> ", out);
	if (step->desired)
		print_endpoint(step->desired, out);
	fputc('\n', out);
}

static void print_service_changes(const struct k8snet_plan_service *step, FILE *out)
{
	const struct k8snet_state_service *from = step->current, *to = step->desired;

	if (step->changed & K8SNET_PLAN_SERVICE_PROTOCOL)
		print_change(out, "protocol %s -> %s", k8snet_state_protocol_name(from->protocol),
			     k8snet_state_protocol_name(to->protocol));
	if (step->changed & K8SNET_PLAN_SERVICE_FRONTENDS)
		print_frontend_changes(from, to, out);
	if (step->changed & K8SNET_PLAN_SERVICE_INTERNAL)
		print_change(out, "internal %s -> %s", k8snet_state_policies[from->internal_local],
			     k8snet_state_policies[to->internal_local]);
	if (step->changed & K8SNET_PLAN_SERVICE_EXTERNAL)
		print_change(out, "external-policy %s -> %s",
			     k8snet_state_policies[from->external_local],
			     k8snet_state_policies[to->external_local]);
	if (step->changed & K8SNET_PLAN_SERVICE_RANGES)
		print_list_change("ranges", &from->ranges, &to->ranges, out);
	if (step->changed & K8SNET_PLAN_SERVICE_RANGE_SCOPE)
		print_change(out, "ranges-on %s -> %s",
			     k8snet_state_range_scopes[from->range_scope],
			     k8snet_state_range_scopes[to->range_scope]);
	if (step->changed & K8SNET_PLAN_SERVICE_AFFINITY)
		print_change(out, "affinity %u -> %u", from->affinity, to->affinity);
	if (step->changed & K8SNET_PLAN_SERVICE_ALGORITHM)
		print_change(out, "algorithm %s -> %s", k8snet_state_algorithms[from->algorithm],
			     k8snet_state_algorithms[to->algorithm]);
	if (step->changed & K8SNET_PLAN_SERVICE_ON_REMOVE)
		print_change(out, "on-remove %s -> %s", k8snet_state_on_removes[from->on_remove],
			     k8snet_state_on_removes[to->on_remove]);
	if (step->changed & K8SNET_PLAN_SERVICE_LIMIT)
		print_change(out, "limit %u -> %u", from->limit, to->limit);
	for (size_t i = 0; i < step->endpoint_count; i++)
		print_endpoint_change(&step->endpoint[i], out);
}

static void print_service(const struct k8snet_plan_service *step, FILE *out)
{
	const struct k8snet_state_service *service = step->desired ? step->desired : step->current;

	fprintf(out, "%c service %s", step->action, service->name);
	if (step->action == K8SNET_PLAN_ADD) {
		print_new_service(service, out);
		return;
	}
	fputc('\n', out);
	if (step->action == K8SNET_PLAN_CHANGE)
		print_service_changes(step, out);
}

/* Without the line that counts. */
void k8snet_plan_print_steps(const struct k8snet_plan *plan, FILE *out)
{
	const struct k8snet_state *from = plan->current, *to = plan->desired;

	if (plan->config_changed)
		print_config(plan->config_changed, &from->config, &to->config, out);
	if (plan->egress_changed)
		print_egress(plan->egress_changed, &from->egress, &to->egress, out);
	if (plan->flow_changed)
		print_flow(plan->flow_changed, &from->flow, &to->flow, out);
	for (size_t i = 0; i < plan->link_count; i++)
		print_link(&plan->link[i], out);
	for (size_t i = 0; i < plan->node_count; i++)
		print_node(&plan->node[i], out);
	for (size_t i = 0; i < plan->service_count; i++)
		print_service(&plan->service[i], out);
}

void k8snet_plan_print(const struct k8snet_plan *plan, FILE *out)
{
	k8snet_plan_print_steps(plan, out);
	if (k8snet_plan_is_empty(plan))
		fprintf(out, "nothing to change, %zu as desired\n", plan->unchanged);
	else
		fprintf(out, "%zu to add, %zu to change, %zu to remove, %zu unchanged\n",
			k8snet_plan_count(plan, K8SNET_PLAN_ADD),
			k8snet_plan_count(plan, K8SNET_PLAN_CHANGE),
			k8snet_plan_count(plan, K8SNET_PLAN_REMOVE), plan->unchanged);
}
