/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the object model share.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>

#include "lib/input.h"
#include "lib/state.h"

/* Print "ok NAME" or "FAIL NAME" and count. */
void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_text(const char *got, const char *want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What is in a file, which the caller frees. */
char *read_fixture(const char *file);

/* Compares with a file, or, with UPDATE=1 in the environment, writes it. */
void check_fixture(const char *got, const char *file);

/* The plan from one state to another as text, which the caller frees; NULL is an empty state. */
char *plan_text(const struct k8snet_state *desired, const struct k8snet_state *current, bool prune);

/* The first problem or note, "" if there is none. */
const char *first(const struct k8snet_problems *problems);

void test_endpointset(void);
void test_kube(void);
void test_life(void);
void test_input(void);
void test_plan(void);

#endif /* MODEL_H */
