/* SPDX-License-Identifier: MIT */
/*
 * command_line.c - from the command line to a verb
 *
 * shmqctl [COMMON...] VERB [COMMON or the verb's own...] [OPERAND...]
 */
#include "ctl/command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "ctl/ctl.h"
#include "ctl/failure.h"
#include "ctl/help.h"
#include "ctl/repeat.h"

static const struct verb *const verbs[] = {
	&verb_list,    &verb_show,  &verb_clients, &verb_watch,	  &verb_create,
	&verb_destroy, &verb_purge, &verb_send,	   &verb_recv,	  &verb_ping,
	&verb_version, &verb_demo,  &verb_reap,	   &verb_orphans, &verb_doctor,
	&verb_stat,    &verb_top,   &verb_metrics, &verb_events, &verb_check,
	&verb_bench,   &verb_tail,  &verb_reload,  &verb_completion,
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* All that aren't hidden, in the order of --help. Return: how many. */
static size_t verbs_shown(const struct verb *ret_verbs[N_VERBS])
{
	size_t n = 0;

	for (size_t i = 0; i < N_VERBS; i++)
		if (!(verbs[i]->flags & VERB_HIDDEN))
			ret_verbs[n++] = verbs[i];
	return n;
}

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static int unknown_verb(const struct ctl *ctl, const char *name)
{
	const char *names[N_VERBS];
	const char *best;
	char hint[128] = "All verbs: `shmqctl --help`.";

	for (size_t i = 0; i < N_VERBS; i++)
		names[i] = verbs[i]->name;
	best = suggest(name, names, N_VERBS);
	if (best)
		snprintf(hint, sizeof(hint), "Did you mean %s?  All verbs: `shmqctl --help`.",
			 best);
	return fail(ctl, CTL_USAGE, "usage", name, hint, "there is no such verb.");
}

static int usage_error(const struct ctl *ctl, const struct option_error *error)
{
	char hint[OPTION_TEXT_MAX + 64];

	if (error->hint[0])
		snprintf(hint, sizeof(hint), "%s", error->hint);
	else
		snprintf(hint, sizeof(hint), "See `shmqctl %s%s--help`.",
			 ctl->verb ? ctl->verb->name : "", ctl->verb ? " " : "");
	return fail(ctl, CTL_USAGE, "usage", error->object, hint, "%s", error->message);
}

static int pick_color(struct ctl *ctl)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (!strcmp(ctl->color_when, "always"))
		ctl->color = true;
	else if (!strcmp(ctl->color_when, "auto"))
		ctl->color = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
	else if (strcmp(ctl->color_when, "never"))
		return fail(ctl, CTL_USAGE, "usage", "--color", "auto, always or never",
			    "it can't be '%s'.", ctl->color_when);
	if (no_color && *no_color)
		ctl->color = false;
	return CTL_OK;
}

static int check_operands(const struct ctl *ctl, int n)
{
	const struct verb *verb = ctl->verb;
	char hint[128];

	if (n >= verb->n_args_min && n <= verb->n_args_max)
		return CTL_OK;
	snprintf(hint, sizeof(hint), "Usage: shmqctl %s%s%s [OPTION...]", verb->name,
		 *verb->args ? " " : "", verb->args);
	return fail(ctl, CTL_USAGE, "usage", verb->name, hint, "%s",
		    n < verb->n_args_min ? "an operand is missing." : "there are too many operands.");
}

/* The verb's options, its operands, and off. */
static int run_verb(struct ctl *ctl, int argc, char **argv)
{
	const struct verb *verb = ctl->verb;
	const struct option_spec *tables[OPTION_TABLES_MAX];
	struct option_error error;
	int exit, first;

	ctl_option_tables(verb, tables);
	first = options_parse(tables, true, argc, argv, &error);
	if (first < 0)
		return usage_error(ctl, &error);
	if (ctl->help) {
		help_print_verb(stdout, verb, tables);
		return CTL_OK;
	}
	if (ctl->version)
		ctl->verb = verb = &verb_version;
	exit = pick_color(ctl);
	if (exit == CTL_OK && !ctl->version)
		exit = check_operands(ctl, argc - first);
	if (exit == CTL_OK && ctl->watch_ns != CTL_TIMEOUT_UNSET)
		return repeat_run(ctl, argc - first, argv + first, ctl->watch_ns);
	return exit == CTL_OK ? verb->run(ctl, argc - first, argv + first) : exit;
}

/* Without a verb, and for `help VERB`. */
static int run_help(struct ctl *ctl, int argc, char **argv)
{
	char help[] = "--help";
	char *help_argv[] = { argv[0], help, NULL };
	const struct option_spec *tables[OPTION_TABLES_MAX];

	if (argc < 2) {
		ctl_option_tables(NULL, tables);
		help_print_all(stdout, ctl->verbs, ctl->n_verbs, tables[0]);
		return CTL_OK;
	}
	ctl->verb = verb_find(argv[1]);
	return ctl->verb ? run_verb(ctl, 2, help_argv) : unknown_verb(ctl, argv[1]);
}

/* A mistake before --json is to be JSON as well. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-J"))
			return true;
	return false;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	const struct option_spec *tables[OPTION_TABLES_MAX];
	struct option_error error;
	char version[] = "version";
	char *version_argv[] = { version, NULL };
	int first;

	ctl->json = asks_for_json(argc, argv);
	ctl_option_tables(NULL, tables);
	first = options_parse(tables, false, argc, argv, &error);
	if (first < 0)
		return usage_error(ctl, &error);
	if (ctl->version) {
		ctl->verb = &verb_version;
		return run_verb(ctl, 1, version_argv);
	}
	if (first == argc && !ctl->help)
		return fail(ctl, CTL_USAGE, "usage", NULL, "All verbs: `shmqctl --help`.",
			    "it is not said what to do.");
	if (first == argc || !strcmp(argv[first], "help"))
		return run_help(ctl, argc - first, argv + first);
	ctl->verb = verb_find(argv[first]);
	return ctl->verb ? run_verb(ctl, argc - first, argv + first)
			 : unknown_verb(ctl, argv[first]);
}

/* What was printed may still be in stdio's buffer, and the disk full. Nobody to read: no word. */
static int finish_output(const struct ctl *ctl, int exit)
{
	bool failed = ferror(stdout);
	int error = 0;

	if (fflush(stdout) != 0) {
		failed = true;
		error = errno;
	}
	if (!failed)
		return exit;
	if (error && error != EPIPE)
		fail_file(ctl, "standard output", -error);
	return exit == CTL_OK ? CTL_FAILED : exit;
}

/* Who was started without them must not find a socket of ours there. */
static void open_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			abort();
}

int ctl_main(int argc, char **argv)
{
	const struct verb *shown[N_VERBS];
	struct ctl *ctl = ctl_invocation();
	int exit;

	open_standard_fds();
	ctl->verbs = shown;
	ctl->n_verbs = verbs_shown(shown);
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN); /* a write that fails is an error like others */
	exit = finish_output(ctl, run(ctl, argc, argv));
	if (!ctl->die_attached)
		ctl->client = shmq_disconnect(ctl->client);
	return exit;
}
