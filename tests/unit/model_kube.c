// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of objects that a real API server gave: every one, in the forms
 * that they come in, as each node sees them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "save.h"

static const char *const nodes[] = { "node1", "node2", "node3" };

static void start(struct k8snet_input *input, const char *node)
{
	*input = (struct k8snet_input){ .view = { node, "k8snet0" } };
}

/* The three answers of the API. */
static void read_lists(struct k8snet_input *input, const char *node)
{
	start(input, node);
	k8snet_input_file(input, "kube/nodes.list.json");
	k8snet_input_file(input, "kube/services.list.json");
	k8snet_input_file(input, "kube/endpointslices.list.json");
	check(k8snet_input_finish(input), "lists, seen from %s: %s", node, first(&input->problems));
	check(!input->notes.count, "lists, seen from %s: no notes", node);
}

/* The same from one file, in another form. */
static void check_form(const struct k8snet_state *want, const char *node, const char *file)
{
	struct k8snet_input input;
	char *text;

	start(&input, node);
	k8snet_input_file(&input, file);
	check(k8snet_input_finish(&input), "%s, seen from %s: %s", file, node,
	      first(&input.problems));
	text = plan_text(&input.state, want, true);
	check_text(text, "nothing to change, 33 as desired\n", "%s, seen from %s", file, node);
	free(text);
	k8snet_input_free(&input);
}

/* What is saved and applied again changes nothing, in JSON of one or many lines. */
static void check_save(const struct k8snet_state *want, const char *node, bool pretty)
{
	struct k8snet_input input;
	struct json json;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	json_start(&json, out, pretty);
	save_json(&json, want);
	json_end(&json);
	fclose(out);

	start(&input, node);
	k8snet_input_text(&input, "saved", text, size);
	check(k8snet_input_finish(&input), "saved, of %s: %s", node, first(&input.problems));
	free(text);
	text = plan_text(&input.state, want, true);
	check_text(text, "nothing to change, 33 as desired\n", "save and apply, %s%s", node,
		   pretty ? ", pretty" : "");
	free(text);
	text = plan_text(want, &input.state, true);
	check_text(text, "nothing to change, 33 as desired\n", "apply and save, %s%s", node,
		   pretty ? ", pretty" : "");
	free(text);
	k8snet_input_free(&input);
}

/* Not in a plan, as it is not for the kernel. */
static void check_health_ports(const struct k8snet_state *state)
{
	for (size_t i = 0; i < state->service_count; i++) {
		const struct k8snet_state_service *service = &state->service[i];
		bool local = !strcmp(service->name, "sample/etp-local:http");

		if (service->health_check_port != (local ? 32000 : 0))
			check(false, "health check port of %s", service->name);
	}
	check(true, "health check ports");
}

/* Where each came from: the line and index of its item. */
static void check_origins(const struct k8snet_state *state)
{
	const struct k8snet_state_service *service = &state->service[0];

	check(!strcmp(service->name, "default/kubernetes:https") &&
	      !strcmp(service->origin.file, "kube/services.list.json") &&
	      service->origin.line == 8 && !strcmp(service->origin.list, "items") &&
	      service->origin.index == 0, "origin of a service");
	check(!strcmp(state->node[0].origin.file, "kube/nodes.list.json") &&
	      state->node[0].origin.index == 1 && state->node[0].origin.line > 8,
	      "origin of a node");
}

void test_kube(void)
{
	for (int i = 0; i < 3; i++) {
		struct k8snet_input input;
		char file[64], *text;

		read_lists(&input, nodes[i]);
		text = plan_text(&input.state, NULL, true);
		snprintf(file, sizeof(file), "kube/%s.plan", nodes[i]);
		check_fixture(text, file);
		free(text);
		check_form(&input.state, nodes[i], "kube/kubectl.json");
		check_form(&input.state, nodes[i], "kube/documents.yaml");
		check_save(&input.state, nodes[i], false);
		check_save(&input.state, nodes[i], true);
		check_health_ports(&input.state);
		if (!i)
			check_origins(&input.state);
		k8snet_input_free(&input);
	}
}
