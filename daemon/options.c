/* SPDX-License-Identifier: MIT */
/*
 * options.c - the command line, and the configuration beneath it; see options.h
 */
#include "daemon/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/setting.h"

#define DAEMON_USER   "shmq"
#define SYSTEM_SOCKET "/run/shmqd/control.sock"
#define USER_SOCKET   "shmqd/control.sock" /* below $XDG_RUNTIME_DIR */

enum action {
	SAY_SYSTEM, SAY_USER, SAY_SOCKET, SAY_INSTANCE, SAY_CONFIG, SAY_CHECK, SAY_HELP, SAY_VERSION,
};

/* What is not a setting. */
static const struct option_row {
	const char *name;
	char letter;
	const char *argument;	/* NULL: takes none */
	enum action action;
	const char *help;
} rows[] = {
	{ "system", 0, NULL, SAY_SYSTEM, "serve the system: instance 'sys' at " SYSTEM_SOCKET
	  "\n(what root and user '" DAEMON_USER "' get without being asked)" },
	{ "user", 0, NULL, SAY_USER,
	  "serve this user: instance 'u<uid>' at $XDG_RUNTIME_DIR/" USER_SOCKET
	  "\n(what everybody else gets)" },
	{ "socket", 0, "PATH", SAY_SOCKET,
	  "serve a private instance at this socket; needs --instance" },
	{ "instance", 0, "NAME", SAY_INSTANCE,
	  "its name: 1 to 31 of a-z, 0-9 and '-'; part of all names in /dev/shm" },
	{ "config", 0, "FILE", SAY_CONFIG,
	  "read this file, and no other; see shmqd.conf(5)" },
	{ "check-config", 0, NULL, SAY_CHECK,
	  "print what is wrong with the configuration, and end" },
	{ "help", 'h', NULL, SAY_HELP, "print this and end" },
	{ "version", 'V', NULL, SAY_VERSION, "print the version and end" },
};

#define N_ROWS	  (sizeof(rows) / sizeof(rows[0]))
#define LONGS_MAX 32 /* settings */
#define GIVEN_MAX 128

/* What was said, besides the values. */
struct said {
	bool system, user;
	const char *socket, *instance;
	bool check;
	struct {
		const struct setting *setting;
		const char *text;
	} given[GIVEN_MAX];
	size_t n_given;
};

bool options_instance_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= OPTIONS_INSTANCE_MAX && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void print_row(char letter_or_0, const char *name, const char *argument, const char *text,
		      const char *initial)
{
	char left[48], letter[8] = "    ";

	if (letter_or_0)
		snprintf(letter, sizeof(letter), "-%c, ", letter_or_0);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, name, argument ? "=" : "",
		 argument ? argument : "");
	printf("  %-36s", left);
	for (const char *nl; (nl = strchr(text, '\n')); text = nl + 1)
		printf("%.*s\n  %-36s", (int)(nl - text), text, "");
	if (initial)
		printf("%s [%s]\n", text, initial);
	else
		printf("%s\n", text);
}

static void print_help(void)
{
	printf("usage: shmqd [--system | --user | --socket PATH --instance NAME] [options]\n"
	       "Own named rings in shared memory: make them, grant them, clean up after the dead.\n\n");
	for (size_t i = 0; i < N_ROWS; i++)
		print_row(rows[i].letter, rows[i].name, rows[i].argument, rows[i].help, NULL);
	printf("\nSettings, which beat those of the configuration:\n");
	for (size_t i = 0; i < daemon_settings.n; i++) {
		const struct setting *setting = &daemon_settings.rows[i];

		print_row(0, setting->name, setting->argument, setting->help, setting->initial);
	}
}

/* Wanted is only whether it can be taken: it counts when the configuration has been read. */
static enum options_result take_setting(const struct setting *setting, const char *text,
					struct options *scratch, struct said *said)
{
	char must[256];
	int r = setting_set(setting, text, scratch);

	if (r < 0) {
		fprintf(stderr, "shmqd: --%s=%s: %s\n", setting->name, text,
			setting_explain(setting, r, must, sizeof(must)));
		return OPTIONS_BAD;
	}
	if (said->n_given == GIVEN_MAX) {
		fprintf(stderr, "shmqd: there are more than %d options\n", GIVEN_MAX);
		return OPTIONS_BAD;
	}
	said->given[said->n_given].setting = setting;
	said->given[said->n_given++].text = text;
	return OPTIONS_RUN;
}

static enum options_result row_apply(const struct option_row *row, const char *text,
				     struct options *options, struct said *said)
{
	switch (row->action) {
	case SAY_SYSTEM:
		said->system = true;
		break;
	case SAY_USER:
		said->user = true;
		break;
	case SAY_SOCKET:
		said->socket = text;
		break;
	case SAY_INSTANCE:
		said->instance = text;
		break;
	case SAY_CONFIG:
		options->config = text;
		break;
	case SAY_CHECK:
		said->check = true;
		break;
	case SAY_HELP:
		print_help();
		return OPTIONS_DONE;
	case SAY_VERSION:
		printf("shmqd %s\n", PACKAGE_VERSION);
		return OPTIONS_DONE;
	}
	return OPTIONS_RUN;
}

/* ---- which instance ---- */

static enum options_result bad(const char *text)
{
	fprintf(stderr, "shmqd: %s\n", text);
	return OPTIONS_BAD;
}

static enum options_result set_socket(const char *path, struct options *options)
{
	if (path[0] != '/')
		return bad("--socket needs an absolute path");
	if (strlen(path) > OPTIONS_SOCKET_MAX) {
		fprintf(stderr, "shmqd: the socket's path has more than %d characters: %s\n",
			OPTIONS_SOCKET_MAX, path);
		return OPTIONS_BAD;
	}
	strcpy(options->socket, path);
	return OPTIONS_RUN;
}

static enum options_result choose_private(const struct said *said, struct options *options)
{
	if (said->system || said->user)
		return bad("--socket and --instance are for a private instance: leave out --system "
			   "and --user");
	if (!said->instance)
		return bad("--socket needs --instance=NAME: it tells apart what lies in /dev/shm");
	if (!said->socket)
		return bad("--instance needs --socket=PATH");
	if (!options_instance_is_valid(said->instance)) {
		fprintf(stderr, "shmqd: --instance=%s: must be 1 to %d of a-z, 0-9 and '-', not "
			"beginning with '-'\n", said->instance, OPTIONS_INSTANCE_MAX);
		return OPTIONS_BAD;
	}
	if (strcmp(said->instance, "sys") == 0)
		return bad("--instance=sys is the system's own name: use another, or --system");
	options->kind = OPTIONS_PRIVATE;
	strcpy(options->instance, said->instance);
	return set_socket(said->socket, options);
}

static enum options_result choose_user(uid_t uid, struct options *options)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char path[4096];

	if (!dir || dir[0] != '/')
		return bad("--user needs $XDG_RUNTIME_DIR, which a login session sets; without one "
			   "use --socket=PATH --instance=NAME");
	options->kind = OPTIONS_USER;
	snprintf(options->instance, sizeof(options->instance), "u%u", (unsigned)uid);
	snprintf(path, sizeof(path), "%s/%s", dir, USER_SOCKET);
	return set_socket(path, options);
}

static bool uid_is_system(uid_t uid)
{
	const struct passwd *user = uid == 0 ? NULL : getpwnam(DAEMON_USER);

	return uid == 0 || (user && user->pw_uid == uid);
}

static enum options_result choose(const struct said *said, uid_t uid, struct options *options)
{
	if (said->system && said->user)
		return bad("--system and --user exclude each other");
	if (said->socket || said->instance)
		return choose_private(said, options);
	if (said->user || (!said->system && !uid_is_system(uid)))
		return choose_user(uid, options);
	options->kind = OPTIONS_SYSTEM;
	strcpy(options->instance, "sys");
	return set_socket(SYSTEM_SOCKET, options);
}

/* ---- all of it ---- */

static struct option long_option(const char *name, const char *argument, int letter)
{
	return (struct option){
		.name = name,
		.has_arg = argument ? required_argument : no_argument,
		.val = letter,
	};
}

static enum options_result parse_all(int argc, char **argv, struct options *options,
				     struct said *said)
{
	struct option longs[N_ROWS + LONGS_MAX + 1] = { { 0 } };
	enum options_result result = OPTIONS_RUN;
	int c, index;

	for (size_t i = 0; i < N_ROWS; i++)
		longs[i] = long_option(rows[i].name, rows[i].argument, rows[i].letter);
	for (size_t i = 0; i < daemon_settings.n; i++)
		longs[N_ROWS + i] = long_option(daemon_settings.rows[i].name,
						daemon_settings.rows[i].argument, 0);
	optind = 0; /* start anew: this parses more than once */
	while (result == OPTIONS_RUN &&
	       (c = getopt_long(argc, argv, "hV", longs, (index = -1, &index))) != -1) {
		for (size_t i = 0; index < 0 && c != '?' && i < N_ROWS; i++)
			index = rows[i].letter == c ? (int)i : -1;
		if (index < 0 || c == '?')
			result = bad("try 'shmqd --help'");
		else if (index < (int)N_ROWS)
			result = row_apply(&rows[index], optarg, options, said);
		else
			result = take_setting(&daemon_settings.rows[index - (int)N_ROWS], optarg, options,
					      said);
	}
	if (result == OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "shmqd: '%s': shmqd takes options only; try 'shmqd --help'\n",
			argv[optind]);
		return OPTIONS_BAD;
	}
	return result;
}

/* A list that is given here replaces the configuration's. */
static void apply_given(const struct said *said, struct options *options)
{
	for (size_t i = 0; i < said->n_given; i++)
		setting_reset(said->given[i].setting, options);
	for (size_t i = 0; i < said->n_given; i++)
		if (setting_set(said->given[i].setting, said->given[i].text, options) < 0)
			log_line(LOG_WARNING, "--%s=%s: names nobody any more",
				 said->given[i].setting->name, said->given[i].text);
}

static void tell_stderr(const char *text)
{
	fprintf(stderr, "shmqd: %s\n", text);
}

static void print_files(const struct config_files *files)
{
	printf("no fault in %zu file%s of the configuration\n", files->n, files->n == 1 ? "" : "s");
	for (size_t i = 0; i < files->n; i++)
		printf("  %s\n", files->paths[i]);
}

static enum options_result parse(int argc, char **argv, uid_t uid, struct config_faults *faults,
				 struct options *options)
{
	struct config_files files = { 0 };
	struct said said = { 0 };
	enum options_result result;

	assert(daemon_settings.n <= LONGS_MAX);
	settings_reset(&daemon_settings, options);
	result = parse_all(argc, argv, options, &said);
	if (result == OPTIONS_RUN)
		result = choose(&said, uid, options);
	if (result != OPTIONS_RUN)
		return result;
	settings_reset(&daemon_settings, options);
	config_files_of(options, faults, &files);
	config_read(&files, options, faults);
	apply_given(&said, options);
	if (!options->socket_mode)
		options->socket_mode = options->kind == OPTIONS_SYSTEM ? 0660 : 0600;
	if (faults->n)
		result = OPTIONS_FAULTY;
	else if (said.check)
		result = OPTIONS_DONE;
	if (said.check && !faults->n)
		print_files(&files);
	config_files_release(&files);
	return result;
}

enum options_result options_parse(int argc, char **argv, uid_t uid, struct options *ret_options)
{
	struct config_faults faults = { .tell = tell_stderr };
	struct options options = { 0 };
	enum options_result result = parse(argc, argv, uid, &faults, &options);

	if (result == OPTIONS_RUN)
		*ret_options = options;
	else
		options_release(&options);
	return result;
}

int options_reread(int argc, char **argv, uid_t uid, struct config_faults *faults,
		   struct options *ret_options)
{
	struct options options = { 0 };

	if (parse(argc, argv, uid, faults, &options) != OPTIONS_RUN) {
		options_release(&options);
		return -EINVAL;
	}
	*ret_options = options;
	return 0;
}

void options_release(struct options *options)
{
	declared_rings_release(&options->declared);
}
