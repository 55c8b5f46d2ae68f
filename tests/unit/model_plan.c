// SPDX-License-Identifier: GPL-2.0
/*
 * Plans from one state to another, both given in k8snet's own format.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plan.h"
#include "model.h"
#include "save.h"

struct test {
	const char *name;
	const char *current;
	const char *desired;
	bool keep;		/* do not remove */
	const char *plan;
};

#define S(name, rest) "- {name: " name ", protocol: tcp, frontends: [{address: 10.96.0.1, port: 80}]" rest "}\n"
#define N(name, rest) "- {name: " name ", via: 192.168.0.2, pods: [10.1.0.0/16]" rest "}\n"

static const struct test tests[] = {
	{
		"nothing from nothing",
		"services: []\nnodes: []\n",
		"services: []\nnodes: []\n",
		.plan = "nothing to change, 0 as desired\n",
	}, {
		"what comes, what stays and what goes",
		"services:\n" S("a/a", "") S("a/b", "") S("a/d", ""),
		"services:\n" S("a/c", "") S("a/b", "") S("a/e", ""),
		.plan = "- service a/a\n"
			"+ service a/c tcp 10.96.0.1:80\n"
			"- service a/d\n"
			"+ service a/e tcp 10.96.0.1:80\n"
			"2 to add, 0 to change, 2 to remove, 1 unchanged\n",
	}, {
		"nothing goes when all is to be kept",
		"services:\n" S("a/a", "") S("a/b", ", affinity: 5")
		"nodes:\n" N("w", ""),
		"services:\n" S("a/b", "") "nodes: []\n",
		.keep = true,
		.plan = "~ service a/b\n"
			"    ~ affinity 5 -> 0\n"
			"0 to add, 1 to change, 0 to remove, 2 unchanged\n",
	}, {
		"a section that is not there is left alone",
		"services:\n" S("a/a", "") "nodes:\n" N("w", ""),
		"nodes:\n" N("v", ""),
		.plan = "+ node v dev k8snet0 via 192.168.0.2 pods 10.1.0.0/16\n"
			"- node w dev k8snet0\n"
			"1 to add, 0 to change, 1 to remove, 0 unchanged\n",
	}, {
		"the order of lists means nothing",
		"services: [{name: a, protocol: tcp, frontends: [{address: 'fd00::1', port: 1}, {address: 1.2.3.4, port: 2}, {address: 1.2.3.4, port: 1}],"
		"ranges: [10.0.0.0/8, 9.0.0.0/8], endpoints: [{address: 10.0.0.2, port: 1}, {address: 10.0.0.1, port: 2}, {address: 10.0.0.1, port: 1}]}]\n"
		"nodes: [{name: w, via: 1.2.3.4, pods: ['fd00::/64', 10.0.0.0/8, 9.0.0.0/8]}]\n",
		"services: [{name: a, protocol: tcp, frontends: [{address: 1.2.3.4, port: 1}, {address: 1.2.3.4, port: 2}, {address: 'fd00::1', port: 1}],"
		"ranges: [9.0.0.0/8, 10.0.0.0/8], endpoints: [{address: 10.0.0.1, port: 1}, {address: 10.0.0.1, port: 2}, {address: 10.0.0.2, port: 1}]}]\n"
		"nodes: [{name: w, via: 1.2.3.4, pods: [9.0.0.0/8, 10.0.0.0/8, 'fd00::/64']}]\n",
		.plan = "nothing to change, 2 as desired\n",
	}, {
		"all that a service can change",
		"services:\n" S("a/b", ""),
		"services: [{name: a/b, protocol: udp, frontends: [{address: 10.96.0.2, port: 80}, {type: node-port, address: 0.0.0.0, port: 80}, {type: external, address: 10.96.0.1, port: 80}, {type: load-balancer, address: 10.96.0.1, port: 80}],"
		"internal_policy: local, external_policy: local, ranges: [10.0.0.0/8], ranges_on: external, affinity: 1, algorithm: rr, on_remove: reset, limit: 9}]\n",
		.plan = "~ service a/b\n"
			"    ~ protocol tcp -> udp\n"
			"    - clusterip 10.96.0.1:80\n"
			"    + clusterip 10.96.0.2:80\n"
			"    + nodeport 0.0.0.0:80\n"
			"    + loadbalancer 10.96.0.1:80\n"
			"    + external 10.96.0.1:80\n"
			"    ~ internal cluster -> local\n"
			"    ~ external-policy cluster -> local\n"
			"    ~ ranges none -> 10.0.0.0/8\n"
			"    ~ ranges-on load-balancer -> external\n"
			"    ~ affinity 0 -> 1\n"
			"    ~ algorithm maglev -> rr\n"
			"    ~ on-remove drain -> reset\n"
			"    ~ limit 0 -> 9\n"
			"0 to add, 1 to change, 0 to remove, 0 unchanged\n",
	}, {
		"all that an endpoint can change",
		"services:\n" S("a/b", ", endpoints: [{address: 10.0.0.1, port: 1}, {address: 10.0.0.2, port: 1}, {address: 10.0.0.3, port: 1}, {address: 10.0.0.4, port: 1}, {address: 10.0.0.5, port: 1}, {address: 10.0.0.6, port: 1}]"),
		"services:\n" S("a/b", ", endpoints: [{address: 10.0.0.1, port: 2}, {address: 10.0.0.2, port: 1, weight: 2}, {address: 10.0.0.3, port: 1, flags: [serving]}, {address: 10.0.0.4, port: 1, flags: [cluster, local, serving]}, {address: 10.0.0.5, port: 1, flags: [cluster, on-node, serving]}, {address: 10.0.0.6, port: 1, flags: [cluster]}]"),
		.plan = "~ service a/b\n"
			"    - endpoint 10.0.0.1:1,cluster,serving\n"
			"    + endpoint 10.0.0.1:2,cluster,serving\n"
			"    ~ endpoint 10.0.0.2:1,cluster,serving -> 10.0.0.2:1,cluster,serving,weight=2\n"
			"    ~ endpoint 10.0.0.3:1,cluster,serving -> 10.0.0.3:1,serving\n"
			"    ~ endpoint 10.0.0.4:1,cluster,serving -> 10.0.0.4:1,cluster,local,serving\n"
			"    ~ endpoint 10.0.0.5:1,cluster,serving -> 10.0.0.5:1,cluster,on-node,serving\n"
			"    ~ endpoint 10.0.0.6:1,cluster,serving -> 10.0.0.6:1,cluster\n"
			"0 to add, 1 to change, 0 to remove, 0 unchanged\n",
	}, {
		"ranges that differ in length only",
		"services:\n" S("a/b", ", ranges: [10.0.0.0/8, 10.0.0.0/9]"),
		"services:\n" S("a/b", ", ranges: [10.0.0.0/8, 10.0.0.0/10]"),
		.plan = "~ service a/b\n"
			"    ~ ranges 10.0.0.0/8,10.0.0.0/9 -> 10.0.0.0/8,10.0.0.0/10\n"
			"0 to add, 1 to change, 0 to remove, 0 unchanged\n",
	}, {
		"all that a node can change",
		"nodes:\n" N("w", ", format: vxlan, port: 8472, mac: '0a:58:c0:a8:00:02'"),
		"nodes:\n- {name: w, via: 'fd00::1', pods: [10.1.0.0/16, 'fd01::/64'], format: direct, port: 1, mac: '0a:58:c0:a8:00:03'}\n",
		.plan = "~ node w dev k8snet0\n"
			"    ~ via 192.168.0.2 -> fd00::1\n"
			"    ~ format vxlan -> direct\n"
			"    ~ port 8472 -> 1\n"
			"    ~ mac 0a:58:c0:a8:00:02 -> 0a:58:c0:a8:00:03\n"
			"    ~ pods 10.1.0.0/16 -> 10.1.0.0/16,fd01::/64\n"
			"0 to add, 1 to change, 0 to remove, 0 unchanged\n",
	}, {
		"all that settings can change",
		"config: {pods: [10.1.0.0/16, 10.2.0.0/16]}\n"
		"egress: {enabled: true, source: 1.2.3.4}\n",
		"config: {pods: [10.2.0.0/16, 10.1.0.0/16], services: [10.96.0.0/16], seed: ffffffffffffffffffffffffffffffff,"
		"nodeport_addresses: [192.168.0.0/24], nodeports_min: 1, nodeports_max: 2, vip_ping: true}\n"
		"egress: {source: 1.2.3.5, source_ipv6: 'fd00::1', exclude: ['fd00::/8']}\n",
		.plan = "~ config\n"
			"    ~ services none -> 10.96.0.0/16\n"
			"    ~ seed 00000000000000000000000000000000 -> ffffffffffffffffffffffffffffffff\n"
			"    ~ nodeport-addresses none -> 192.168.0.0/24\n"
			"    ~ nodeports 30000-32767 -> 1-2\n"
			"    ~ vip-ping off -> on\n"
			"~ egress\n"
			"    ~ on -> off\n"
			"    ~ source 1.2.3.4 -> 1.2.3.5\n"
			"    ~ source auto -> fd00::1\n"
			"    ~ exclude none -> fd00::/8\n"
			"0 to add, 2 to change, 0 to remove, 0 unchanged\n",
	}, {
		"settings that stay",
		"config: {vip_ping: on}\negress: {}\n",
		"egress: {enabled: off}\nconfig: {vip_ping: on}\n",
		.plan = "nothing to change, 2 as desired\n",
	}, {
		"a node of one name behind another device is another node",
		"nodes:\n" N("w", ", ifname: a"),
		"nodes:\n" N("w", ", ifname: b"),
		.plan = "- node w dev a\n"
			"+ node w dev b via 192.168.0.2 pods 10.1.0.0/16\n"
			"1 to add, 0 to change, 1 to remove, 0 unchanged\n",
	},
};

static void read_native(struct k8snet_input *input, const char *text, const char *name)
{
	*input = (struct k8snet_input){ .view = { "node1", "k8snet0" } };
	k8snet_input_text(input, "f", text, strlen(text));
	check(k8snet_input_finish(input), "%s: %s", name, first(&input->problems));
}

/* What is saved and read again is the same. */
static void check_save(const struct k8snet_state *state, const char *name)
{
	struct k8snet_input input;
	struct json json;
	size_t size;
	char *saved, *text;
	FILE *out = open_memstream(&saved, &size);

	json_start(&json, out, true);
	save_json(&json, state);
	json_end(&json);
	fclose(out);
	read_native(&input, saved, name);
	free(saved);
	text = plan_text(&input.state, state, true);
	check(!strncmp(text, "nothing to change", 17), "%s: saved: %s", name, text);
	free(text);
	k8snet_input_free(&input);
}

static void run(const struct test *test)
{
	struct k8snet_input current, desired;
	char *text;

	read_native(&current, test->current, test->name);
	read_native(&desired, test->desired, test->name);
	text = plan_text(&desired.state, &current.state, !test->keep);
	check_text(text, test->plan, "%s", test->name);
	free(text);
	text = plan_text(&desired.state, &desired.state, true);
	check(!strncmp(text, "nothing to change", 17), "%s: then nothing", test->name);
	free(text);
	check_save(&desired.state, test->name);
	k8snet_input_free(&current);
	k8snet_input_free(&desired);
}

/* What there is to send: whether the endpoints alone have changed, and which. */
static void test_steps(void)
{
	struct k8snet_input current, desired;
	const struct k8snet_plan_service *step;
	struct k8snet_plan plan;

	read_native(&current, "services:\n" S("a", ", endpoints: [{address: 10.0.0.1, port: 1}]")
	     S("b", "") S("c", ""), "steps");
	read_native(&desired, "services:\n" S("a", ", endpoints: [{address: 10.0.0.2, port: 1}]")
	     S("b", ", limit: 1, endpoints: [{address: 10.0.0.1, port: 1}]") S("d", ""), "steps");
	check(!k8snet_plan_make(&plan, &desired.state, &current.state, true) &&
	      plan.service_count == 4 && !plan.node_count, "steps: how many");
	step = plan.service;
	check(step[0].action == K8SNET_PLAN_CHANGE &&
	      step[0].changed == K8SNET_PLAN_SERVICE_ENDPOINTS && step[0].endpoint_count == 2 &&
	      step[0].endpoint[0].action == K8SNET_PLAN_REMOVE &&
	      step[0].endpoint[0].current == current.state.service[0].endpoint &&
	      !step[0].endpoint[0].desired &&
	      step[0].endpoint[1].action == K8SNET_PLAN_ADD &&
	      step[0].endpoint[1].desired == desired.state.service[0].endpoint &&
	      !step[0].endpoint[1].current, "steps: endpoints alone");
	check(step[1].action == K8SNET_PLAN_CHANGE &&
	      step[1].changed == (K8SNET_PLAN_SERVICE_LIMIT | K8SNET_PLAN_SERVICE_ENDPOINTS),
	      "steps: endpoints and more");
	check(step[2].action == K8SNET_PLAN_REMOVE && !step[2].desired &&
	      step[2].current == &current.state.service[2], "steps: one that goes");
	check(step[3].action == K8SNET_PLAN_ADD && !step[3].current &&
	      step[3].desired == &desired.state.service[2], "steps: one that comes");
	check(k8snet_plan_count(&plan, K8SNET_PLAN_ADD) == 1 &&
	      k8snet_plan_count(&plan, K8SNET_PLAN_CHANGE) == 2 &&
	      k8snet_plan_count(&plan, K8SNET_PLAN_REMOVE) == 1 && !plan.unchanged,
	      "steps: counts");
	k8snet_plan_free(&plan);
	k8snet_input_free(&current);
	k8snet_input_free(&desired);
}

/* Defaults of a device, as the kernel's replies have them. */
static void test_complete(void)
{
	static const struct k8snet_state_link devices[] = {
		{ .name = "k8snet0", .format = K8SNET_FORMAT_VXLAN, .port = 4789 },
		{ .name = "k8snet1", .format = K8SNET_FORMAT_UDP, .port = 1111 },
	};
	struct k8snet_input current, desired;
	char *text;

	read_native(&desired,
	     "nodes:\n"
	     "- {name: a, via: 192.168.99.2, pods: [10.1.0.0/16]}\n"
	     "- {name: b, via: 'fd00::1:2', pods: [10.2.0.0/16], format: udp}\n"
	     "- {name: c, via: 192.168.99.4, pods: [10.3.0.0/16], format: ipip}\n"
	     "- {name: d, via: 192.168.99.5, pods: [10.4.0.0/16], mac: '02:00:00:00:00:01', port: 5}\n"
	     "- {name: e, ifname: k8snet1, via: 192.168.99.5, pods: [10.4.0.0/16]}\n"
	     "- {name: f, ifname: k8snet1, via: 192.168.99.6, pods: [10.5.0.0/16], format: vxlan}\n",
	     "defaults");
	k8snet_state_complete(&desired.state, devices, 2);
	read_native(&current,
	     "nodes:\n"
	     "- {name: a, via: 192.168.99.2, pods: [10.1.0.0/16], format: vxlan, port: 4789, mac: '0a:58:c0:a8:63:02'}\n"
	     "- {name: b, via: 'fd00::1:2', pods: [10.2.0.0/16], format: udp, port: 8285, mac: '0a:58:00:01:00:02'}\n"
	     "- {name: c, via: 192.168.99.4, pods: [10.3.0.0/16], format: ipip, port: 4789, mac: '0a:58:c0:a8:63:04'}\n"
	     "- {name: d, via: 192.168.99.5, pods: [10.4.0.0/16], format: vxlan, mac: '02:00:00:00:00:01', port: 5}\n"
	     "- {name: e, ifname: k8snet1, via: 192.168.99.5, pods: [10.4.0.0/16], format: udp, port: 1111, mac: '0a:58:c0:a8:63:05'}\n"
	     "- {name: f, ifname: k8snet1, via: 192.168.99.6, pods: [10.5.0.0/16], format: vxlan, port: 8472, mac: '0a:58:c0:a8:63:06'}\n",
	     "defaults");
	text = plan_text(&desired.state, &current.state, true);
	check_text(text, "nothing to change, 6 as desired\n", "defaults");
	free(text);
	k8snet_input_free(&current);
	k8snet_input_free(&desired);
}

void test_plan(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		run(&tests[i]);
	test_steps();
	test_complete();
}
