/* SPDX-License-Identifier: MIT */
/*
 * options.h - option tables: one row gives the parser, the check of the value and the help line
 *
 * A table ends with a row without a name. Where two tables have the same letter or name, the one
 * that comes first has it: a verb's own options come before the common ones.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
	OPTION_FLAG,	 /* bool, becomes true */
	OPTION_COUNT,	 /* uint64_t, 1 to .max */
	OPTION_SIZE,	 /* uint64_t bytes, 1 to .max: "64K" */
	OPTION_DURATION, /* int64_t ns, -1 for ever: "2s" */
	OPTION_TEXT,	 /* const char *, as it stands in argv */
};

struct option_spec {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* how help calls the value, NULL for flags */
	enum option_type type;
	void *value;	  /* where it goes; of the C type above */
	uint64_t max;	  /* of counts and sizes; 0: no limit of its own */
	const char *help; /* lines after the first are indented by the printer */
};

#define OPTION_TABLES_MAX 5
#define OPTION_TEXT_MAX	  256

struct option_error {
	char object[OPTION_TEXT_MAX]; /* "--slots" */
	char message[OPTION_TEXT_MAX];
	char hint[OPTION_TEXT_MAX];
};

/*
 * options_parse() - take options out of @argv (argv[0] is skipped)
 * @tables: up to OPTION_TABLES_MAX, NULL ends the list; entries may be empty.
 * @permute: operands may stand between options; else the first operand ends it.
 * Return: index of the first operand, @argv reordered so that all follow; -EINVAL and @ret_error.
 */
int options_parse(const struct option_spec *const *tables, bool permute, int argc, char **argv,
		  struct option_error *ret_error);

/* One line (or more) per option of @table. */
void options_print_help(FILE *out, const struct option_spec *table);
