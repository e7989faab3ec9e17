/* SPDX-License-Identifier: MIT */
/*
 * options.c - one table of options; see options.h
 *
 * A row is a name, its argument, its default (read like an argument), and where the value goes.
 */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "daemon/create_rule.h"
#include "daemon/log.h"

#define DAEMON_USER   "shmq"
#define SYSTEM_SOCKET "/run/shmqd/control.sock"
#define USER_SOCKET   "shmqd/control.sock" /* below $XDG_RUNTIME_DIR */

enum value_type {
	VALUE_SYSTEM,
	VALUE_USER,
	VALUE_SOCKET,
	VALUE_INSTANCE,
	VALUE_MODE,
	VALUE_COUNT,	/* uint32_t, from 1 */
	VALUE_SIZE,	/* uint64_t bytes */
	VALUE_SECONDS,	/* uint32_t */
	VALUE_SPAN_NS,	/* int64_t */
	VALUE_LEVEL,
	VALUE_CREATE_RULE,
	VALUE_ADDRESS,	/* char [OPTIONS_SOCKET_MAX + 1] */
	VALUE_HELP,
	VALUE_VERSION,
};

struct option_row {
	const char *name;
	char letter;
	const char *argument;	/* NULL: takes none */
	const char *initial;	/* NULL: zero, filled in later */
	enum value_type type;
	size_t offset;
	uint64_t max;
	const char *help;
};

#define FIELD(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{ "system", 0, NULL, NULL, VALUE_SYSTEM, 0, 0,
	  "serve the system: instance 'sys' at " SYSTEM_SOCKET
	  "\n(what root and user '" DAEMON_USER "' get without being asked)" },
	{ "user", 0, NULL, NULL, VALUE_USER, 0, 0,
	  "serve this user: instance 'u<uid>' at $XDG_RUNTIME_DIR/" USER_SOCKET
	  "\n(what everybody else gets)" },
	{ "socket", 0, "PATH", NULL, VALUE_SOCKET, 0, 0,
	  "serve a private instance at this socket; needs --instance" },
	{ "instance", 0, "NAME", NULL, VALUE_INSTANCE, 0, 0,
	  "its name: 1 to 31 of a-z, 0-9 and '-'; part of all names in /dev/shm" },
	{ "socket-mode", 0, "MODE", NULL, VALUE_MODE, FIELD(socket_mode), 0,
	  "access to the socket, octal [0660 for the system, else 0600]" },
	{ "max-rings", 0, "N", "4096", VALUE_COUNT, FIELD(max_rings), 1u << 20,
	  "rings at most, at the same time" },
	{ "max-rings-per-uid", 0, "N", NULL, VALUE_COUNT, FIELD(max_rings_per_uid), 1u << 20,
	  "rings of one user [half of all for the system, else all]" },
	{ "max-bytes", 0, "SIZE", NULL, VALUE_SIZE, FIELD(max_bytes), 0,
	  "memory of all rings together [what /dev/shm may hold]" },
	{ "max-bytes-per-uid", 0, "SIZE", NULL, VALUE_SIZE, FIELD(max_bytes_per_uid), 0,
	  "memory of one user's rings [half of all for the system, else all]" },
	{ "max-attachments-per-uid", 0, "N", NULL, VALUE_COUNT, FIELD(max_attachments_per_uid),
	  3u << 20, "roles held by one user's processes [three per ring]" },
	{ "max-connections", 0, "N", NULL, VALUE_COUNT, FIELD(max_connections), 1u << 20,
	  "connections at most [what the limit of open files allows]" },
	{ "max-connections-per-uid", 0, "N", NULL, VALUE_COUNT, FIELD(max_connections_per_uid),
	  1u << 20, "connections of one user [half of all for the system, else all]" },
	{ "max-watches-per-uid", 0, "N", "32", VALUE_COUNT, FIELD(max_watches_per_uid), 1u << 20,
	  "connections of one user that watch events" },
	{ "max-requests-per-uid", 0, "N", "1000", VALUE_COUNT, FIELD(max_requests_per_uid),
	  1u << 20, "requests of one user per second; more are read later" },
	{ "create-rule", 0, "PREFIX:WHO", NULL, VALUE_CREATE_RULE, 0, 0,
	  "rings whose names begin so are for user=NAME, group=NAME or\n"
	  "unit=NAME to make; may be given again, the longest prefix counts" },
	{ "linger", 0, "TIME", "30s", VALUE_SECONDS, FIELD(linger_s), UINT32_MAX,
	  "how long an unused, empty ring stays when its maker doesn't say" },
	{ "linger-unread", 0, "TIME", "1h", VALUE_SECONDS, FIELD(linger_unread_s), UINT32_MAX,
	  "how long an unused ring with unread messages stays" },
	{ "grace", 0, "TIME", "5s", VALUE_SPAN_NS, FIELD(grace_ns), 0,
	  "no ring ends within this time after a start" },
	{ "metrics", 0, "ADDRESS", NULL, VALUE_ADDRESS, FIELD(metrics), 0,
	  "serve GET /metrics by HTTP at IP:PORT, or at a socket's path" },
	{ "log-level", 0, "LEVEL", "info", VALUE_LEVEL, FIELD(log_level), 0,
	  "error, warning, notice, info or debug" },
	{ "help", 'h', NULL, NULL, VALUE_HELP, 0, 0, "print this and end" },
	{ "version", 'V', NULL, NULL, VALUE_VERSION, 0, 0, "print the version and end" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* What was said, besides the values. */
struct said {
	bool system, user;
	const char *socket, *instance;
};

bool options_instance_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= OPTIONS_INSTANCE_MAX && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void print_help(void)
{
	printf("usage: shmqd [--system | --user | --socket PATH --instance NAME] [options]\n"
	       "Own named rings in shared memory: make them, grant them, clean up after the dead.\n\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct option_row *row = &rows[i];
		char left[48], letter[8] = "    ";
		const char *text = row->help;

		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name,
			 row->argument ? "=" : "", row->argument ? row->argument : "");
		printf("  %-36s", left);
		for (const char *nl; (nl = strchr(text, '\n')); text = nl + 1)
			printf("%.*s\n  %-36s", (int)(nl - text), text, "");
		if (row->initial)
			printf("%s [%s]\n", text, row->initial);
		else
			printf("%s\n", text);
	}
}

/* ---- values ---- */

static int parse_mode(const char *text, uint32_t *ret_mode)
{
	uint32_t mode = 0;

	if (!text[0] || strlen(text) > 4 || strspn(text, "01234567") != strlen(text))
		return -EINVAL;
	for (; *text; text++)
		mode = mode << 3 | (uint32_t)(*text - '0');
	if (mode & ~0777u || (mode & 0600) != 0600) /* the daemon's own user can always connect */
		return -EINVAL;
	*ret_mode = mode;
	return 0;
}

static int parse_seconds(const char *text, uint64_t max, uint32_t *ret_seconds)
{
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < 0 || ns % NS_PER_S != 0)
		return -EINVAL;
	if ((uint64_t)(ns / NS_PER_S) > max)
		return -ERANGE;
	*ret_seconds = (uint32_t)(ns / NS_PER_S);
	return 0;
}

static int parse_span(const char *text, int64_t *ret_ns)
{
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < 0)
		return -EINVAL;
	*ret_ns = ns;
	return 0;
}

/* What it means is found out when it is listened at. */
static int parse_address(const char *text, char *ret_address)
{
	if (text[0] != '/' && !strchr(text, ':'))
		return -EINVAL;
	if (strlen(text) > OPTIONS_SOCKET_MAX)
		return -ERANGE;
	strcpy(ret_address, text);
	return 0;
}

static int parse_positive_size(const char *text, uint64_t *ret_bytes)
{
	uint64_t bytes;
	int r = parse_size(text, &bytes);

	if (r < 0)
		return r;
	if (bytes == 0)
		return -ERANGE;
	*ret_bytes = bytes;
	return 0;
}

static int value_set(const struct option_row *row, const char *text, struct options *options)
{
	void *field = (char *)options + row->offset;
	uint64_t value;
	int r;

	switch (row->type) {
	case VALUE_MODE:
		return parse_mode(text, field);
	case VALUE_COUNT:
		r = parse_u64(text, 1, row->max, &value);
		if (r == 0)
			*(uint32_t *)field = (uint32_t)value;
		return r;
	case VALUE_SIZE:
		return parse_positive_size(text, field);
	case VALUE_SECONDS:
		return parse_seconds(text, row->max, field);
	case VALUE_SPAN_NS:
		return parse_span(text, field);
	case VALUE_LEVEL:
		return log_level_parse(text, field);
	case VALUE_CREATE_RULE:
		if (options->n_create_rules == OPTIONS_CREATE_RULES_MAX)
			return -ERANGE;
		r = create_rule_parse(text, &options->create_rules[options->n_create_rules]);
		options->n_create_rules += r == 0;
		return r;
	case VALUE_ADDRESS:
		return parse_address(text, field);
	default:
		return -EINVAL;
	}
}

static enum options_result complain_value(const struct option_row *row, const char *text, int error)
{
	if (row->type == VALUE_COUNT)
		fprintf(stderr, "shmqd: --%s=%s: must be a number from 1 to %llu\n", row->name, text,
			(unsigned long long)row->max);
	else if (error == -ERANGE)
		fprintf(stderr, "shmqd: --%s=%s: out of range\n", row->name, text);
	else if (row->type == VALUE_MODE)
		fprintf(stderr, "shmqd: --%s=%s: must be an octal mode that includes 0600\n",
			row->name, text);
	else if (row->type == VALUE_SIZE)
		fprintf(stderr, "shmqd: --%s=%s: must be a size such as 64M or 2G\n", row->name, text);
	else if (row->type == VALUE_ADDRESS)
		fprintf(stderr, "shmqd: --%s=%s: must be an address such as 127.0.0.1:9464, or a "
			"path\n", row->name, text);
	else if (row->type == VALUE_CREATE_RULE)
		fprintf(stderr, "shmqd: --%s=%s: must be PREFIX:user=NAME, PREFIX:group=NAME or "
			"PREFIX:unit=NAME.service%s\n", row->name, text,
			error == -ENOENT ? "; there is no such user or group" : "");
	else if (row->type == VALUE_LEVEL)
		fprintf(stderr, "shmqd: --%s=%s: must be error, warning, notice, info or debug\n",
			row->name, text);
	else
		fprintf(stderr, "shmqd: --%s=%s: must be a span of time such as 30s or 1h%s\n",
			row->name, text, row->type == VALUE_SECONDS ? ", in whole seconds" : "");
	return OPTIONS_BAD;
}

static enum options_result row_apply(const struct option_row *row, const char *text,
				     struct options *options, struct said *said)
{
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
	case VALUE_HELP:
		print_help();
		return OPTIONS_DONE;
	case VALUE_VERSION:
		printf("shmqd %s\n", PACKAGE_VERSION);
		return OPTIONS_DONE;
	default:
		r = value_set(row, text, options);
		return r < 0 ? complain_value(row, text, r) : OPTIONS_RUN;
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

static enum options_result parse_all(int argc, char **argv, struct options *options,
				     struct said *said)
{
	struct option longs[N_ROWS + 1] = { { 0 } };
	enum options_result result = OPTIONS_RUN;
	int c, index;

	for (size_t i = 0; i < N_ROWS; i++)
		longs[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = rows[i].letter,
		};
	optind = 0; /* start anew: tests parse more than once */
	while (result == OPTIONS_RUN &&
	       (c = getopt_long(argc, argv, "hV", longs, (index = -1, &index))) != -1) {
		for (size_t i = 0; index < 0 && c != '?' && i < N_ROWS; i++)
			index = rows[i].letter == c ? (int)i : -1;
		if (index < 0 || c == '?')
			result = bad("try 'shmqd --help'");
		else
			result = row_apply(&rows[index], optarg, options, said);
	}
	if (result == OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "shmqd: '%s': shmqd takes options only; try 'shmqd --help'\n",
			argv[optind]);
		return OPTIONS_BAD;
	}
	return result;
}

enum options_result options_parse(int argc, char **argv, uid_t uid, struct options *ret_options)
{
	struct options options = { 0 };
	struct said said = { 0 };
	enum options_result result;

	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].initial && value_set(&rows[i], rows[i].initial, &options) < 0)
			abort();
	result = parse_all(argc, argv, &options, &said);
	if (result == OPTIONS_RUN)
		result = choose(&said, uid, &options);
	if (result != OPTIONS_RUN)
		return result;
	if (!options.socket_mode)
		options.socket_mode = options.kind == OPTIONS_SYSTEM ? 0660 : 0600;
	*ret_options = options;
	return OPTIONS_RUN;
}
