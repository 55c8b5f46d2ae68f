/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the object model share.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>

/* Print "ok NAME" or "FAIL NAME" and count. */
void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_text(const char *got, const char *want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void test_endpointset(void);

#endif /* MODEL_H */
