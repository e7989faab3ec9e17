/* SPDX-License-Identifier: MIT */
/*
 * table.h - tables for people: columns described once, printed by libsmartcols
 *
 * A column turns a row, which is any struct of the caller's, into text. The human form is not
 * stable and not meant for programs: they use --json, or --raw --noheadings --output for shells.
 */
#pragma once

#include "ctl/ctl.h"

#define TABLE_COLUMNS_MAX 24
#define TABLE_CELL_MAX	  256

struct column {
	const char *name; /* upper case */
	bool shown;	  /* without --output */
	bool right;	  /* numbers */
	void (*format)(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes);
	const char *(*color)(const void *row); /* of the cell: a name libsmartcols knows, or NULL */
};

/* Which columns, in which order. */
struct table {
	const struct column *columns;
	size_t n_columns;
	unsigned selected[TABLE_COLUMNS_MAX];
	size_t n_selected;
};

/* Judge --output against @columns: before anything is asked of the daemon.
 * Return: CTL_OK, or CTL_USAGE after saying which column there isn't. */
int table_init(struct table *table, const struct ctl *ctl, const struct column *columns,
	       size_t n_columns);

/* Print @n_rows structs of @row_bytes each. Return: 0 or -errno. */
int table_print(const struct table *table, const struct ctl *ctl, const void *rows,
		size_t row_bytes, size_t n_rows);
