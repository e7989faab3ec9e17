/* SPDX-License-Identifier: MIT */
/*
 * options.c - defaults, then the files, then the command line; see options.h
 *
 * The command line is read twice: which files there are depends on it, and it goes before them.
 */
#include "daemon/options.h"

#include <assert.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_file.h"
#include "daemon/option_table.h"

#define ROWS_MAX 48

/* What was said, besides the values. */
struct said {
	bool system, user, check_config;
	const char *socket, *instance, *config;
};

bool options_instance_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= OPTIONS_INSTANCE_MAX && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static enum options_result row_apply(const struct option_row *row, const char *text,
				     struct options *options, struct said *said)
{
	char must_be[256];
	int r;

	switch (row->type) {
	case VALUE_SYSTEM:
		said->system = true;
		return OPTIONS_RUN;
	case VALUE_USER:
		said->user = true;
		return OPTIONS_RUN;
	case VALUE_SOCKET:
		said->socket = text;
		return OPTIONS_RUN;
	case VALUE_INSTANCE:
		said->instance = text;
		return OPTIONS_RUN;
	case VALUE_CONFIG:
		said->config = text;
		return OPTIONS_RUN;
	case VALUE_CHECK_CONFIG:
		said->check_config = true;
		return OPTIONS_RUN;
	case VALUE_HELP:
		option_print_help();
		return OPTIONS_DONE;
	case VALUE_VERSION:
		printf("shmqd %s\n", PACKAGE_VERSION);
		return OPTIONS_DONE;
	default:
		r = option_set(row, text, options);
		if (r == 0)
			return OPTIONS_RUN;
		fprintf(stderr, "shmqd: --%s=%s: %s\n", row->name, text,
			option_complaint(row, r, must_be, sizeof(must_be)));
		return OPTIONS_BAD;
	}
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

static enum options_result choose_user(const struct said *said, uid_t uid, struct options *options)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char path[4096];

	options->kind = OPTIONS_USER;
	snprintf(options->instance, sizeof(options->instance), "u%u", (unsigned)uid);
	if (said->check_config)
		return OPTIONS_RUN; /* which needs no socket */
	if (!dir || dir[0] != '/')
		return bad("a daemon of one's own (--user) needs $XDG_RUNTIME_DIR, which a login "
			   "session sets; without one use --socket=PATH --instance=NAME");
	snprintf(path, sizeof(path), "%s/%s", dir, OPTIONS_USER_SOCKET);
	return set_socket(path, options);
}

static bool uid_is_system(uid_t uid)
{
	const struct passwd *user = uid == 0 ? NULL : getpwnam(OPTIONS_DAEMON_USER);

	return uid == 0 || (user && user->pw_uid == uid);
}

static enum options_result choose(const struct said *said, uid_t uid, struct options *options)
{
	if (said->system && said->user)
		return bad("--system and --user exclude each other");
	if (said->socket || said->instance)
		return choose_private(said, options);
	if (said->user || (!said->system && !uid_is_system(uid)))
		return choose_user(said, uid, options);
	options->kind = OPTIONS_SYSTEM;
	strcpy(options->instance, "sys");
	return set_socket(OPTIONS_SYSTEM_SOCKET, options);
}

/* ---- all of it ---- */

static enum options_result parse_all(int argc, char **argv, struct options *options,
				     struct said *said)
{
	struct option longs[ROWS_MAX] = { { 0 } };
	enum options_result result = OPTIONS_RUN;
	int c, index;

	assert(n_option_rows < ROWS_MAX);
	for (size_t i = 0; i < n_option_rows; i++)
		longs[i] = (struct option){
			.name = option_rows[i].name,
			.has_arg = option_rows[i].argument ? required_argument : no_argument,
			.val = option_rows[i].letter,
		};
	optind = 0; /* start anew: tests parse more than once */
	while (result == OPTIONS_RUN &&
	       (c = getopt_long(argc, argv, "hV", longs, (index = -1, &index))) != -1) {
		for (size_t i = 0; index < 0 && c != '?' && i < n_option_rows; i++)
			index = option_rows[i].letter == c ? (int)i : -1;
		if (index < 0 || c == '?')
			result = bad("try 'shmqd --help'");
		else
			result = row_apply(&option_rows[index], optarg, options, said);
	}
	if (result == OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "shmqd: '%s': shmqd takes options only; try 'shmqd --help'\n",
			argv[optind]);
		return OPTIONS_BAD;
	}
	return result;
}

/* ---- files ---- */

/* Of a user: $XDG_CONFIG_HOME/shmqd, else ~/.config/shmqd. */
static const char *user_dir(char *buf, size_t cap_bytes)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0] == '/')
		snprintf(buf, cap_bytes, "%s/shmqd", config);
	else if (home && home[0] == '/')
		snprintf(buf, cap_bytes, "%s/.config/shmqd", home);
	else
		return NULL;
	return buf;
}

static int read_files(const struct said *said, enum options_kind kind, options_tell tell,
		      struct options *options)
{
	struct config_place place = { .file = said->config };
	char dir[4096];

	if (kind == OPTIONS_SYSTEM)
		memcpy(place.dirs, (const char *[]){ CONFIG_ETC_DIR, CONFIG_RUN_DIR, CONFIG_LIB_DIR },
		       sizeof(place.dirs[0]) * CONFIG_DIRS_MAX);
	else if (kind == OPTIONS_USER)
		place.dirs[0] = user_dir(dir, sizeof(dir));
	return config_read(&place, tell, options);
}

static void tell_stderr(const char *line)
{
	fprintf(stderr, "shmqd: %s\n", line);
}

void options_deinit(struct options *options)
{
	declared_rings_free(&options->declared);
}

enum options_result options_parse(int argc, char **argv, uid_t uid, options_tell tell,
				  struct options *ret_options)
{
	struct options first = { 0 }, options = { 0 };
	struct said said = { 0 };
	enum options_result result = parse_all(argc, argv, &first, &said);
	int n_files = 0;

	if (result == OPTIONS_RUN)
		result = choose(&said, uid, &first);
	if (result != OPTIONS_RUN)
		return result;
	option_set_defaults(&options);
	n_files = read_files(&said, first.kind, tell ? tell : tell_stderr, &options);
	if (n_files < 0)
		result = OPTIONS_BAD;
	else
		result = parse_all(argc, argv, &options, &said);
	if (result == OPTIONS_RUN && said.check_config) {
		printf("The configuration is right: %d file%s, %zu declared ring%s.\n", n_files,
		       n_files == 1 ? "" : "s", options.declared.n, options.declared.n == 1 ? "" : "s");
		result = OPTIONS_DONE;
	}
	if (result == OPTIONS_RUN)
		result = choose(&said, uid, &options);
	if (result != OPTIONS_RUN) {
		options_deinit(&options);
		return result;
	}
	if (!options.socket_mode)
		options.socket_mode = options.kind == OPTIONS_SYSTEM ? 0660 : 0600;
	*ret_options = options;
	return OPTIONS_RUN;
}
