// SPDX-License-Identifier: GPL-2.0
/*
 * Prints a table of aligned columns.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "human.h"
#include "table.h"

#define GAP		2
#define WRAP_MIN	20	/* a column narrower than this is not worth wrapping */

/* Bold is for terminals whose user has not refused it (no-color.org). */
struct terminal table_terminal(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct terminal terminal = { 0 };
	struct winsize size;

	if (!isatty(fileno(out)))
		return terminal;
	terminal.bold = !(no_color && *no_color) && term && strcmp(term, "dumb");
	if (!ioctl(fileno(out), TIOCGWINSZ, &size))
		terminal.width = size.ws_col;
	return terminal;
}

void table_column(struct table *table, const char *name, bool right)
{
	table->columns[table->column_count++] = (struct column){ name, right };
}

static void out_of_memory(void)
{
	fputs("k8snetctl: out of memory\n", stderr);
	exit(1);
}

/* Cells come row by row; an empty one is shown as a dash. */
void table_cell(struct table *table, const char *format, ...)
{
	const char **bigger;
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = k8snet_arena_alloc(&table->arena, len + 1);
	bigger = k8snet_arena_grow(&table->arena, table->cells, table->cell_count,
				   sizeof(*bigger));
	if (!text || !bigger)
		out_of_memory();
	va_start(args, format);
	vsnprintf(text, len + 1, format, args);
	va_end(args);
	table->cells = bigger;
	table->cells[table->cell_count++] = *text ? text : "-";
}

void table_count(struct table *table, uint64_t count)
{
	char text[HUMAN_STRLEN];

	table_cell(table, "%s", human_count(count, text));
}

void table_bytes(struct table *table, uint64_t bytes)
{
	char text[HUMAN_STRLEN];

	table_cell(table, "%s", human_bytes(bytes, text));
}

static size_t width_of(const struct table *table, unsigned int column)
{
	size_t width = strlen(table->columns[column].name);

	for (size_t i = column; i < table->cell_count; i += table->column_count) {
		size_t len = strlen(table->cells[i]);

		if (len > width)
			width = len;
	}
	return width;
}

/* Prints text that stands at an indentation, broken between words. */
void table_wrap(FILE *out, const char *text, unsigned int indent, unsigned int width)
{
	size_t room = width - indent;

	while (strlen(text) > room) {
		size_t len = room;

		while (len && text[len] != ' ')
			len--;
		if (!len)
			len = strcspn(text, " ");
		if (!text[len])
			break;
		fprintf(out, "%.*s\n%*s", (int)len, text, (int)indent, "");
		text += len + 1;
	}
	fputs(text, out);
}

struct layout {
	size_t widths[TABLE_COLUMNS_MAX];
	unsigned int indent;	/* of the last column */
	unsigned int wrap;	/* columns of the terminal, or 0 not to wrap */
};

static void print_row(const struct table *table, FILE *out, const struct layout *layout,
		      const char *const *cells)
{
	unsigned int last = table->column_count - 1;

	for (unsigned int i = 0; i <= last; i++) {
		int width = layout->widths[i];

		if (table->columns[i].right)
			fprintf(out, "%*s", width, cells[i]);
		else if (i < last)
			fprintf(out, "%-*s", width, cells[i]);
		else if (layout->wrap)
			table_wrap(out, cells[i], layout->indent, layout->wrap);
		else
			fputs(cells[i], out);
		if (i < last)
			fprintf(out, "%*s", GAP, "");
	}
}

/* A table without rows is not printed at all. */
void table_print(struct table *table, FILE *out, struct terminal terminal)
{
	const char *names[TABLE_COLUMNS_MAX];
	struct layout layout = { 0 };

	if (!table->cell_count)
		return;
	for (unsigned int i = 0; i < table->column_count; i++) {
		names[i] = table->columns[i].name;
		layout.widths[i] = width_of(table, i);
		if (i < table->column_count - 1)
			layout.indent += layout.widths[i] + GAP;
	}
	if (terminal.width >= layout.indent + WRAP_MIN)
		layout.wrap = terminal.width;

	fputs(terminal.bold ? "\033[1m" : "", out);
	print_row(table, out, &layout, names);
	fputs(terminal.bold ? "\033[0m\n" : "\n", out);
	for (size_t i = 0; i < table->cell_count; i += table->column_count) {
		print_row(table, out, &layout, table->cells + i);
		fputc('\n', out);
	}
}

void table_free(struct table *table)
{
	k8snet_arena_free(&table->arena);
}
