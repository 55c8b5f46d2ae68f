/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of aligned columns.
 */
#ifndef K8SNETCTL_TABLE_H
#define K8SNETCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/arena.h"

#define TABLE_COLUMNS_MAX	24

/* Names in capitals; numbers stand at the right. */
struct column {
	const char *name;
	bool right;
};

struct table {
	struct k8snet_arena arena;
	struct column columns[TABLE_COLUMNS_MAX];
	unsigned int column_count;
	const char **cells;
	size_t cell_count;
};

/* What the table is printed to: 0 columns are any number of them. */
struct terminal {
	bool bold;
	unsigned int width;
};

struct terminal table_terminal(FILE *out);
void table_column(struct table *table, const char *name, bool right);
__attribute__((format(printf, 2, 3)))
void table_cell(struct table *table, const char *format, ...);
void table_count(struct table *table, uint64_t count);
void table_bytes(struct table *table, uint64_t bytes);
void table_print(struct table *table, FILE *out, struct terminal terminal);
void table_wrap(FILE *out, const char *text, unsigned int indent, unsigned int width);
void table_free(struct table *table);

#endif /* K8SNETCTL_TABLE_H */
