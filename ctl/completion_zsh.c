/* SPDX-License-Identifier: MIT */
/*
 * completion_zsh.c - for zsh(1)'s completion system
 */
#include <string.h>

#include "ctl/completion.h"

static const char head[] =
	"#compdef shmqctl\n"
	"# zsh completion for shmqctl, as `shmqctl completion zsh` prints it\n"
	"\n"
	"_shmqctl_rings() {\n"
	"	local -a rings\n"
	"	rings=(${(f)\"$(_call_program rings shmqctl list $connection -t 1s -n -r -o name "
	"2>/dev/null)\"})\n"
	"	compadd -a rings\n"
	"}\n"
	"\n"
	"_shmqctl_verbs() {\n"
	"	local -a verbs\n"
	"	verbs=(\n";

static const char middle[] =
	"	)\n"
	"	_describe -t verbs verb verbs\n"
	"}\n"
	"\n"
	"_shmqctl() {\n"
	"	local curcontext=$curcontext state line i ret=1\n"
	"	local -a connection\n"
	"	typeset -A opt_args\n"
	"\n"
	"	for ((i = 2; i < CURRENT; i++)); do\n"
	"		case $words[i] in\n"
	"		-u|--user) connection=(--user) ;;\n"
	"		--socket) connection=(--socket ${~words[i+1]}) ;;\n"
	"		--socket=*) connection=(--socket ${~words[i]#--socket=}) ;;\n"
	"		esac\n"
	"	done\n";

static const char *action_of(enum completion completion)
{
	return completion == COMPLETION_FILES	? "_files"
	       : completion == COMPLETION_COLOR ? "(auto always never)"
	       : completion == COMPLETION_RINGS ? "_shmqctl_rings"
						: " ";
}

/* '(-s --slots)'{-s+,--slots=}'[text]:N: '; the letter only where it is this option's. */
static void print_option(FILE *out, const struct option_spec *const *tables,
			 const struct option_spec *spec, const struct verb *verb)
{
	bool lettered = spec->letter && !completion_is_hidden(tables, spec, true);
	const char *plus = spec->arg ? "+" : "", *equals = spec->arg ? "=" : "";

	if (lettered)
		fprintf(out, " \\\n\t\t\t'(-%c --%s)'{-%c%s,--%s%s}", spec->letter, spec->name,
			spec->letter, plus, spec->name, equals);
	else
		fprintf(out, " \\\n\t\t\t--%s%s", spec->name, equals);
	fputs("'[", out);
	completion_escape(out, spec->help, "[]\\");
	fputc(']', out);
	if (spec->arg && verb && completion_of_value(spec) == COMPLETION_COLUMNS) {
		fprintf(out, ":%s:_sequence compadd - ", spec->arg);
		completion_columns(out, verb);
	} else if (spec->arg) {
		fprintf(out, ":%s:%s", spec->arg, action_of(completion_of_value(spec)));
	}
	fputc('\'', out);
}

static void print_options(FILE *out, const struct verb *verb)
{
	const struct option_spec *tables[OPTION_TABLES_MAX];

	ctl_option_tables(verb, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_spec *spec = tables[i]; spec->name; spec++)
			if (!completion_is_hidden(tables, spec, false))
				print_option(out, tables, spec, verb);
}

static void print_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "\t\t%s)\n\t\t\t_arguments -s", verb->name);
	print_options(out, verb);
	if (completion_of_operands(verb) == COMPLETION_RINGS)
		fputs(" \\\n\t\t\t'*:ring:_shmqctl_rings'", out);
	fputs(" && ret=0\n\t\t\t;;\n", out);
}

void completion_zsh(FILE *out, const struct verb *const *verbs, size_t n_verbs)
{
	fputs(head, out);
	for (size_t i = 0; i < n_verbs; i++) {
		fprintf(out, "\t\t'%s:", verbs[i]->name);
		completion_escape(out, verbs[i]->summary, "");
		fputs("'\n", out);
	}
	fputs("\t\t'help:show what a verb does'\n", out);
	fputs(middle, out);
	fputs("\t# the options after the verb are the verb's\n\t_arguments -s -C -A '-*'", out);
	print_options(out, NULL);
	fputs(" \\\n\t\t\t'1:verb:_shmqctl_verbs' \\\n\t\t\t'*::argument:->arguments' && ret=0\n"
	      "\tcase $state in\n\targuments)\n\t\tcase $words[1] in\n"
	      "\t\thelp) _shmqctl_verbs && ret=0 ;;\n", out);
	for (size_t i = 0; i < n_verbs; i++)
		print_verb(out, verbs[i]);
	fputs("\t\tesac\n\t\t;;\n\tesac\n\treturn ret\n}\n\n_shmqctl \"$@\"\n", out);
}
