// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the object model: endpoint sets, Kubernetes objects, desired state
 * and plans. Runs in tests/fixtures; ends with "N passed, N failed".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plan.h"
#include "model.h"

static unsigned int passed, failed;

static void report(bool good, const char *format, va_list args)
{
	printf("%s ", good ? "ok" : "FAIL");
	vprintf(format, args);
	putchar('\n');
	passed += good;
	failed += !good;
}

void check(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(good, format, args);
	va_end(args);
}

void check_text(const char *got, const char *want, const char *format, ...)
{
	bool good = !strcmp(got, want);
	va_list args;

	va_start(args, format);
	report(good, format, args);
	va_end(args);
	if (!good)
		printf("got:\n%s\nwant:\n%s\n", got, want);
}

char *read_fixture(const char *file)
{
	FILE *in = fopen(file, "r");
	char *text = calloc(1, 1 << 20);

	if (!in || !text || !fread(text, 1, (1 << 20) - 1, in)) {
		perror(file);
		exit(1);
	}
	fclose(in);
	return text;
}

void check_fixture(const char *got, const char *file)
{
	char *want;
	FILE *out;

	if (getenv("UPDATE")) {
		out = fopen(file, "w");
		if (!out || fputs(got, out) < 0 || fclose(out)) {
			perror(file);
			exit(1);
		}
	}
	want = read_fixture(file);
	check_text(got, want, "%s", file);
	free(want);
}

char *plan_text(const struct k8snet_state *desired, const struct k8snet_state *current, bool prune)
{
	struct k8snet_state empty = { 0 };
	struct k8snet_plan plan;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (k8snet_plan_make(&plan, desired, current ? current : &empty, prune))
		exit(1);
	k8snet_plan_print(&plan, out);
	k8snet_plan_free(&plan);
	fclose(out);
	return text;
}

const char *first(const struct k8snet_problems *problems)
{
	return problems->kept ? problems->text[0] : "";
}

int main(void)
{
	test_endpointset();
	test_kube();
	test_life();
	test_input();
	test_plan();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
