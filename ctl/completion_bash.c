/* SPDX-License-Identifier: MIT */
/*
 * completion_bash.c - for bash(1), with or without the package bash-completion
 */
#include <string.h>

#include "ctl/completion.h"

/* Bash splits words at '=' and ':' too: "--socket=x" comes as three. */
static const char code[] =
	"_shmqctl_words() # CANDIDATE...: those that begin with what was typed\n"
	"{\n"
	"	local word\n"
	"	for word; do\n"
	"		[[ $word == \"$cur\"* ]] && COMPREPLY+=(\"$word\")\n"
	"	done\n"
	"}\n"
	"\n"
	"_shmqctl_lines() # the same of standard input\n"
	"{\n"
	"	local word\n"
	"	while IFS= read -r word; do\n"
	"		[[ $word == \"$cur\"* ]] && COMPREPLY+=(\"$word\")\n"
	"	done\n"
	"}\n"
	"\n"
	"_shmqctl_columns() # one more, behind those that stand there\n"
	"{\n"
	"	local before= column\n"
	"	[[ $cur == +* ]] && before=+\n"
	"	[[ $cur == *,* ]] && before=${cur%,*},\n"
	"	compopt -o nospace 2>/dev/null\n"
	"	for column in $columns; do\n"
	"		_shmqctl_words \"$before$column\"\n"
	"	done\n"
	"}\n"
	"\n"
	"_shmqctl_value() # OPTION: its value\n"
	"{\n"
	"	if [[ $files == *\" $1 \"* ]]; then\n"
	"		compopt -o filenames 2>/dev/null\n"
	"		_shmqctl_lines < <(compgen -f -- \"$cur\")\n"
	"	elif [[ $columned == *\" $1 \"* ]]; then\n"
	"		_shmqctl_columns\n"
	"	elif [[ $1 == --color ]]; then\n"
	"		_shmqctl_words auto always never\n"
	"	fi\n"
	"}\n"
	"\n"
	"_shmqctl()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} value= verb= word i options valued files columned columns operands\n"
	"	local -a connection=()\n"
	"\n"
	"	COMPREPLY=()\n"
	"	_shmqctl_verb ''\n"
	"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		[[ $word == = ]] && continue\n"
	"		if [[ $value ]]; then\n"
	"			[[ $value == --socket ]] && connection=(--socket \"${word/#~\\//$HOME/}\")\n"
	"			value=\n"
	"			continue\n"
	"		fi\n"
	"		case $word in\n"
	"		-u | --user) connection=(--user) ;;\n"
	"		-*) [[ $valued == *\" $word \"* ]] && value=$word ;;\n"
	"		*) [[ $verb ]] || { verb=$word; _shmqctl_verb \"$verb\"; } ;;\n"
	"		esac\n"
	"	done\n"
	"	[[ $cur == = ]] && cur=\n"
	"	if [[ $value ]]; then\n"
	"		_shmqctl_value \"$value\"\n"
	"	elif [[ $cur == -* ]]; then\n"
	"		_shmqctl_words $options\n"
	"	elif [[ ! $verb ]]; then\n"
	"		_shmqctl_words $operands help\n"
	"	elif [[ $verb == help ]]; then\n"
	"		_shmqctl_verb ''\n"
	"		_shmqctl_words $operands\n"
	"	elif [[ $operands == rings ]]; then\n"
	"		_shmqctl_lines < <(shmqctl list \"${connection[@]}\" -t 1s -n -r -o name 2>/dev/null)\n"
	"	fi\n"
	"}\n"
	"\n"
	"complete -F _shmqctl shmqctl\n";

typedef bool (*wanted_fn)(const struct option_spec *spec);

static bool takes_value(const struct option_spec *spec)
{
	return spec->arg != NULL;
}

static bool takes_columns(const struct option_spec *spec)
{
	return completion_of_value(spec) == COMPLETION_COLUMNS;
}

static bool takes_file(const struct option_spec *spec)
{
	return completion_of_value(spec) == COMPLETION_FILES;
}

/* KEY=' --name -n '. @wanted NULL: all, and no letters. */
static void print_list(FILE *out, const struct option_spec *const *tables, const char *key,
		       wanted_fn wanted)
{
	fprintf(out, "\t\t%s=' ", key);
	for (size_t i = 0; tables[i]; i++)
		for (const struct option_spec *spec = tables[i]; spec->name; spec++) {
			if ((wanted && !wanted(spec)) || completion_is_hidden(tables, spec, false))
				continue;
			fprintf(out, "--%s ", spec->name);
			if (wanted && spec->letter && !completion_is_hidden(tables, spec, true))
				fprintf(out, "-%c ", spec->letter);
		}
	fputs("'\n", out);
}

static void print_verb(FILE *out, const struct verb *verb)
{
	const struct option_spec *tables[OPTION_TABLES_MAX];

	ctl_option_tables(verb, tables);
	fprintf(out, "\t%s)\n", verb ? verb->name : "*");
	print_list(out, tables, "options", NULL);
	print_list(out, tables, "valued", takes_value);
	print_list(out, tables, "files", takes_file);
	print_list(out, tables, "columned", takes_columns);
	fputs("\t\tcolumns='", out);
	if (verb)
		completion_columns(out, verb);
	fputs("'\n", out);
	if (verb)
		fprintf(out, "\t\toperands=%s\n\t\t;;\n",
			completion_of_operands(verb) == COMPLETION_RINGS ? "rings" : "");
}

void completion_bash(FILE *out, const struct verb *const *verbs, size_t n_verbs)
{
	fputs("# bash completion for shmqctl, as `shmqctl completion bash` prints it\n\n"
	      "_shmqctl_verb() # VERB: what it takes\n{\n\tcase $1 in\n", out);
	for (size_t i = 0; i < n_verbs; i++)
		print_verb(out, verbs[i]);
	print_verb(out, NULL);
	fputs("\t\toperands='", out);
	for (size_t i = 0; i < n_verbs; i++)
		fprintf(out, "%s%s", i ? " " : "", verbs[i]->name);
	fprintf(out, "'\n\t\t;;\n\tesac\n}\n\n%s", code);
}
