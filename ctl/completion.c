/* SPDX-License-Identifier: MIT */
/*
 * completion.c - what the three shells have in common; see completion.h
 */
#include "ctl/completion.h"

#include <ctype.h>
#include <string.h>

#include "ctl/table.h"

enum completion completion_of_operands(const struct verb *verb)
{
	/* of a new ring nobody can know the name */
	return strstr(verb->args, "RING") && strcmp(verb->name, "create") ? COMPLETION_RINGS
									   : COMPLETION_NONE;
}

enum completion completion_of_value(const struct option_spec *spec)
{
	if (!spec->arg)
		return COMPLETION_NONE;
	if (!strcmp(spec->arg, "PATH") || !strcmp(spec->arg, "FILE"))
		return COMPLETION_FILES;
	if (!strcmp(spec->arg, "COL,..."))
		return COMPLETION_COLUMNS;
	return !strcmp(spec->arg, "WHEN") ? COMPLETION_COLOR : COMPLETION_NONE;
}

void completion_columns(FILE *out, const struct verb *verb)
{
	for (size_t i = 0; i < verb->n_columns; i++) {
		fputs(i ? " " : "", out);
		for (const char *at = verb->columns[i].name; *at; at++)
			fputc(tolower((unsigned char)*at), out);
	}
}

void completion_escape(FILE *out, const char *text, const char *also)
{
	const char *end = text + strcspn(text, "\n");
	const char *bracket = strstr(text, " [");

	if (bracket && bracket < end)
		end = bracket;
	for (; text < end; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr(also, *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

bool completion_is_hidden(const struct option_spec *const *tables, const struct option_spec *spec,
			  bool letter)
{
	for (; *tables; tables++)
		for (const struct option_spec *other = *tables; other->name; other++) {
			if (other == spec)
				return false;
			if (letter ? other->letter == spec->letter : !strcmp(other->name, spec->name))
				return true;
		}
	return false;
}
