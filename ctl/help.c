/* SPDX-License-Identifier: MIT */
/*
 * help.c - what --help prints
 */
#include "ctl/help.h"

#include <string.h>

static const char exit_statuses[] =
	"Exit status:\n"
	"  0 done                      5 exists differently, or in use\n"
	"  1 failed                    6 timeout, empty or full\n"
	"  2 wrong usage               7 not permitted\n"
	"  3 shmqd is not reachable    8 quota or memory\n"
	"  4 no such ring              9 versions don't fit\n";

void help_print_all(FILE *out, const struct verb *const *verbs, size_t n_verbs,
		    const struct option_spec *common)
{
	int width = 0;

	for (size_t i = 0; i < n_verbs; i++)
		if ((int)strlen(verbs[i]->args) > width)
			width = (int)strlen(verbs[i]->args);
	fprintf(out, "Usage: shmqctl VERB [RING] [OPTION...]\n"
		     "Look after the shared-memory rings of shmqd, and send and receive through "
		     "them.\n\n");
	for (size_t i = 0; i < n_verbs; i++)
		fprintf(out, "  %-8s %-*s  %s\n", verbs[i]->name, width, verbs[i]->args,
			verbs[i]->summary);
	fprintf(out, "\nOptions of all verbs (more: shmqctl VERB --help):\n");
	options_print_help(out, common);
	fprintf(out, "\n%s\nTry: shmqctl demo.  Manual: shmqctl(1).\n", exit_statuses);
}

void help_print_verb(FILE *out, const struct verb *verb, const struct option_spec *const *tables)
{
	fprintf(out, "Usage: shmqctl %s%s%s [OPTION...]\n", verb->name, *verb->args ? " " : "",
		verb->args);
	fprintf(out, "%c%s.\n", verb->summary[0] - 'a' + 'A', verb->summary + 1);
	if (verb->details)
		fprintf(out, "\n%s\n", verb->details);
	fprintf(out, "\nOptions:\n");
	for (; *tables; tables++)
		options_print_help(out, *tables);
	if (verb->examples)
		fprintf(out, "\nExamples:\n%s\n", verb->examples);
	fprintf(out, "\n%s", exit_statuses);
}
