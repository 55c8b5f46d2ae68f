// SPDX-License-Identifier: GPL-2.0
/*
 * What a user gives to be applied, from JSON and YAML text to a plan. Whatever
 * can be applied must be left as it is when it is applied a second time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/input.h"
#include "lib/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_plan(const struct k8snet_state *desired, const struct k8snet_state *current,
		       FILE *out)
{
	struct k8snet_plan plan;

	if (k8snet_plan_make(&plan, desired, current, true))
		abort();
	k8snet_plan_print(&plan, out);
	if (desired == current && !k8snet_plan_is_empty(&plan))
		abort();
	k8snet_plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct k8snet_input input = { .view = { "node1", "k8snet0" } };
	static const struct k8snet_state empty;
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "w");
	k8snet_input_text(&input, "input", (const char *)data, size);
	if (k8snet_input_finish(&input)) {
		print_plan(&input.state, &empty, out);
		print_plan(&empty, &input.state, out);
		print_plan(&input.state, &input.state, out);
	}
	k8snet_input_free(&input);
	return 0;
}
