/* SPDX-License-Identifier: MIT */
/*
 * completion_fish.c - for fish(1)
 */
#include <string.h>

#include "ctl/completion.h"

/* Options of shmqctl before the verb are the common ones: those with a value are put in here. */
static const char functions[] =
	"\n"
	"    set -e words[1]\n"
	"    while set -q words[1]\n"
	"        switch $words[1]\n"
	"            case $valued\n"
	"                set -e words[1]\n"
	"            case '-*'\n"
	"            case '*'\n"
	"                echo $words[1]\n"
	"                return\n"
	"        end\n"
	"        set -e words[1]\n"
	"    end\n"
	"end\n"
	"\n"
	"function __shmqctl_verb_is\n"
	"    set -l verb (__shmqctl_verb)\n"
	"    contains -- \"$verb\" $argv\n"
	"end\n"
	"\n"
	"function __shmqctl_rings\n"
	"    set -l words (commandline -opc)\n"
	"    set -l connection\n"
	"    for i in (seq (count $words))\n"
	"        switch $words[$i]\n"
	"            case -u --user\n"
	"                set connection --user\n"
	"            case --socket\n"
	"                set connection --socket $words[(math $i + 1)]\n"
	"            case '--socket=*'\n"
	"                set connection $words[$i]\n"
	"        end\n"
	"    end\n"
	"    shmqctl list $connection -t 1s -n -r -o name 2>/dev/null\n"
	"end\n"
	"\n"
	"complete -c shmqctl -f\n";

static void print_option(FILE *out, const struct option_spec *const *tables,
			 const struct option_spec *spec, const struct verb *verb)
{
	fprintf(out, "complete -c shmqctl -n '__shmqctl_verb_is %s' -l %s",
		verb ? verb->name : "\"\"", spec->name);
	if (spec->letter && !completion_is_hidden(tables, spec, true))
		fprintf(out, " -s %c", spec->letter);
	if (completion_of_value(spec) == COMPLETION_FILES)
		fputs(" -r -F", out);
	else if (spec->arg)
		fputs(" -x", out);
	if (completion_of_value(spec) == COMPLETION_COLOR)
		fputs(" -a 'auto always never'", out);
	if (verb && completion_of_value(spec) == COMPLETION_COLUMNS) {
		fputs(" -a '(__fish_append , ", out);
		completion_columns(out, verb);
		fputs(")'", out);
	}
	fputs(" -d '", out);
	completion_escape(out, spec->help, "");
	fputs("'\n", out);
}

/* @verb NULL: before there is one. */
static void print_options(FILE *out, const struct verb *verb)
{
	const struct option_spec *tables[OPTION_TABLES_MAX];

	ctl_option_tables(verb, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_spec *spec = tables[i]; spec->name; spec++)
			if (!completion_is_hidden(tables, spec, false))
				print_option(out, tables, spec, verb);
}

static void print_functions(FILE *out)
{
	const struct option_spec *tables[OPTION_TABLES_MAX];

	fputs("# fish completion for shmqctl, as `shmqctl completion fish` prints it\n\n"
	      "function __shmqctl_verb\n"
	      "    set -l words (commandline -opc)\n"
	      "    set -l valued", out);
	ctl_option_tables(NULL, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_spec *spec = tables[i]; spec->name; spec++) {
			if (!spec->arg)
				continue;
			fprintf(out, " --%s", spec->name);
			if (spec->letter)
				fprintf(out, " -%c", spec->letter);
		}
	fputs(functions, out);
}

void completion_fish(FILE *out, const struct verb *const *verbs, size_t n_verbs)
{
	print_functions(out);
	for (size_t i = 0; i < n_verbs; i++) {
		fprintf(out, "complete -c shmqctl -n '__shmqctl_verb_is \"\" help' -a %s -d '",
			verbs[i]->name);
		completion_escape(out, verbs[i]->summary, "");
		fputs("'\n", out);
	}
	fputs("complete -c shmqctl -n '__shmqctl_verb_is \"\"' -a help -d 'show what a verb does'\n",
	      out);
	print_options(out, NULL);
	for (size_t i = 0; i < n_verbs; i++) {
		print_options(out, verbs[i]);
		if (completion_of_operands(verbs[i]) == COMPLETION_RINGS)
			fprintf(out, "complete -c shmqctl -n '__shmqctl_verb_is %s' "
				     "-a '(__shmqctl_rings)' -d ring\n",
				verbs[i]->name);
	}
}
