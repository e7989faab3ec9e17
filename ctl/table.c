/* SPDX-License-Identifier: MIT */
/*
 * table.c - choice of columns (--output), and printing through libsmartcols
 */
#include "ctl/table.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "base/cleanup.h"
#include "ctl/failure.h"

DEFINE_CLEANUP(struct libscols_table *, scols_unref_table);

static void select_default(struct table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].shown)
			table->selected[table->n_selected++] = (unsigned)i;
}

static int select_column(struct table *table, const struct ctl *ctl, const char *name, size_t len)
{
	char known[TABLE_CELL_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		const char *candidate = table->columns[i].name;

		if (strlen(candidate) == len && !strncasecmp(candidate, name, len)) {
			if (table->n_selected == TABLE_COLUMNS_MAX)
				return fail(ctl, CTL_USAGE, "usage", "--output", NULL,
					    "too many columns.");
			table->selected[table->n_selected++] = (unsigned)i;
			return CTL_OK;
		}
		if (used < sizeof(known))
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
						 i ? "," : "", candidate);
	}
	return fail(ctl, CTL_USAGE, "usage", "--output", known, "there is no column '%.*s'.",
		    (int)len, name);
}

int table_init(struct table *table, const struct ctl *ctl, const struct column *columns,
	       size_t n_columns)
{
	const char *names = ctl->columns;

	assert(n_columns <= TABLE_COLUMNS_MAX);
	*table = (struct table){ .columns = columns, .n_columns = n_columns };
	if (!names || *names == '+')
		select_default(table);
	if (names && *names == '+')
		names++;
	while (names && *names) {
		size_t len = strcspn(names, ",");
		int exit = select_column(table, ctl, names, len);

		if (exit != CTL_OK)
			return exit;
		names += len + (names[len] == ',');
	}
	return CTL_OK;
}

static int add_row(const struct table *table, const struct ctl *ctl, struct libscols_table *out,
		   const void *row)
{
	struct libscols_line *line = scols_table_new_line(out, NULL);
	char cell[TABLE_CELL_MAX];

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_selected; i++) {
		const struct column *column = &table->columns[table->selected[i]];

		column->format(ctl, row, cell, sizeof(cell));
		if (scols_line_set_data(line, i, cell) < 0)
			return -ENOMEM;
		if (ctl->color && column->color && column->color(row))
			scols_cell_set_color(scols_line_get_cell(line, i), column->color(row));
	}
	return 0;
}

int table_print(const struct table *table, const struct ctl *ctl, const void *rows,
		size_t row_bytes, size_t n_rows)
{
	_cleanup_(scols_unref_tablep) struct libscols_table *out = scols_new_table();

	if (!out)
		return -ENOMEM;
	scols_table_enable_raw(out, ctl->raw);
	scols_table_enable_noheadings(out, ctl->noheadings);
	scols_table_enable_colors(out, ctl->color);
	for (size_t i = 0; i < table->n_selected; i++) {
		const struct column *column = &table->columns[table->selected[i]];

		if (!scols_table_new_column(out, column->name, 0,
					    column->right ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	}
	for (size_t i = 0; i < n_rows; i++) {
		int r = add_row(table, ctl, out, (const char *)rows + i * row_bytes);

		if (r < 0)
			return r;
	}
	return scols_print_table(out) < 0 ? -EIO : 0;
}
