// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the object model: endpoint sets, Kubernetes objects, desired state
 * and plans. Ends with "N passed, N failed".
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

int main(void)
{
	test_endpointset();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
