/* SPDX-License-Identifier: MIT */
/*
 * completion.h - completions for shells, generated from the tables that parse the command line
 *
 * So none of them can name a verb or an option that there isn't, or forget one. Names of rings are
 * asked of the daemon while one types, through --socket and --user if they stand on the line.
 */
#pragma once

#include <stdio.h>

#include "ctl/ctl.h"

/* What a value or an operand can be completed with. */
enum completion {
	COMPLETION_NONE,
	COMPLETION_RINGS,
	COMPLETION_FILES,
	COMPLETION_COLOR,
	COMPLETION_COLUMNS,
};

enum completion completion_of_operands(const struct verb *verb);
enum completion completion_of_value(const struct option_spec *spec);
/* The columns that @verb's --output may name, in lower case, with blanks between. */
void completion_columns(FILE *out, const struct verb *verb);
/* As it stands between single quotes in all three shells; @also: characters to put a backslash before.
 * The first line of @text only, and nothing from " [" on: what the default is. */
void completion_escape(FILE *out, const char *text, const char *also);
/* Whether an earlier one of @tables has this letter or this name already. */
bool completion_is_hidden(const struct option_spec *const *tables, const struct option_spec *spec,
			  bool letter);

void completion_bash(FILE *out, const struct verb *const *verbs, size_t n_verbs);
void completion_zsh(FILE *out, const struct verb *const *verbs, size_t n_verbs);
void completion_fish(FILE *out, const struct verb *const *verbs, size_t n_verbs);
