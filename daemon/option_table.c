/* SPDX-License-Identifier: MIT */
/*
 * option_table.c - options and their values; see option_table.h
 */
#include "daemon/option_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "daemon/create_rule.h"
#include "daemon/log.h"

#define FIELD(name) offsetof(struct options, name)
#define LIVE	    (OPTION_FILE | OPTION_RELOAD)

const struct option_row option_rows[] = {
	{ "system", 0, NULL, NULL, VALUE_SYSTEM, 0, 0, 0,
	  "serve the system: instance 'sys' at " OPTIONS_SYSTEM_SOCKET
	  "\n(what root and user '" OPTIONS_DAEMON_USER "' get without being asked)" },
	{ "user", 0, NULL, NULL, VALUE_USER, 0, 0, 0,
	  "serve this user: instance 'u<uid>' at $XDG_RUNTIME_DIR/" OPTIONS_USER_SOCKET
	  "\n(what everybody else gets)" },
	{ "socket", 0, "PATH", NULL, VALUE_SOCKET, 0, 0, 0,
	  "serve a private instance at this socket; needs --instance" },
	{ "instance", 0, "NAME", NULL, VALUE_INSTANCE, 0, 0, 0,
	  "its name: 1 to 31 of a-z, 0-9 and '-'; part of all names in /dev/shm" },
	{ "socket-mode", 0, "MODE", NULL, VALUE_MODE, FIELD(socket_mode), 0, OPTION_FILE,
	  "access to the socket, octal [0660 for the system, else 0600]" },
	{ "max-rings", 0, "N", "4096", VALUE_COUNT, FIELD(max_rings), 1u << 20, OPTION_FILE,
	  "rings at most; a start that finds rings keeps the number it finds" },
	{ "max-rings-per-uid", 0, "N", NULL, VALUE_COUNT, FIELD(max_rings_per_uid), 1u << 20, LIVE,
	  "rings of one user [half of all for the system, else all]" },
	{ "max-bytes", 0, "SIZE", NULL, VALUE_SIZE, FIELD(max_bytes), 0, LIVE,
	  "memory of all rings together [what /dev/shm may hold]" },
	{ "max-bytes-per-uid", 0, "SIZE", NULL, VALUE_SIZE, FIELD(max_bytes_per_uid), 0, LIVE,
	  "memory of one user's rings [half of all for the system, else all]" },
	{ "max-attachments-per-uid", 0, "N", NULL, VALUE_COUNT,
	  FIELD(max_attachments_per_uid), 3u << 20, LIVE,
	  "roles held by one user's processes [three per ring]" },
	{ "max-connections", 0, "N", NULL, VALUE_COUNT, FIELD(max_connections), 1u << 20, LIVE,
	  "connections at most [what the limit of open files allows]" },
	{ "max-connections-per-uid", 0, "N", NULL, VALUE_COUNT,
	  FIELD(max_connections_per_uid), 1u << 20, LIVE,
	  "connections of one user [half of all for the system, else all]" },
	{ "max-watches-per-uid", 0, "N", "32", VALUE_COUNT,
	  FIELD(max_watches_per_uid), 1u << 20, LIVE,
	  "connections of one user that watch events" },
	{ "max-requests-per-uid", 0, "N", "1000", VALUE_COUNT,
	  FIELD(max_requests_per_uid), 1u << 20, LIVE,
	  "requests of one user per second; more are read later" },
	{ "create-rule", 0, "PREFIX:WHO", NULL, VALUE_CREATE_RULE, 0, 0, LIVE,
	  "rings whose names begin so are for user=NAME, group=NAME or\n"
	  "unit=NAME to make; may be given again, the longest prefix counts;\n"
	  "empty, it takes back those that were" },
	{ "linger", 0, "TIME", "30s", VALUE_SECONDS, FIELD(linger_s), UINT32_MAX, LIVE,
	  "how long an unused, empty ring stays when its maker doesn't say" },
	{ "linger-unread", 0, "TIME", "1h", VALUE_SECONDS, FIELD(linger_unread_s), UINT32_MAX, LIVE,
	  "how long an unused ring with unread messages stays" },
	{ "grace", 0, "TIME", "5s", VALUE_SPAN_NS, FIELD(grace_ns), 0, OPTION_FILE,
	  "no ring ends within this time after a start" },
	{ "metrics", 0, "ADDRESS", NULL, VALUE_ADDRESS, FIELD(metrics), 0, OPTION_FILE,
	  "serve GET /metrics by HTTP at IP:PORT, or at a socket's path" },
	{ "log-level", 0, "LEVEL", "info", VALUE_LEVEL, FIELD(log_level), 0, LIVE,
	  "error, warning, notice, info or debug" },
	{ "config", 0, "FILE", NULL, VALUE_CONFIG, 0, 0, 0,
	  "read this file and FILE.d/*.conf, instead of what shmqd.conf(5)\n"
	  "names" },
	{ "check-config", 0, NULL, NULL, VALUE_CHECK_CONFIG, 0, 0, 0,
	  "read the configuration, say what is wrong with it, and end" },
	{ "help", 'h', NULL, NULL, VALUE_HELP, 0, 0, 0,
	  "print this and end" },
	{ "version", 'V', NULL, NULL, VALUE_VERSION, 0, 0, 0,
	  "print the version and end" },
};

const size_t n_option_rows = sizeof(option_rows) / sizeof(option_rows[0]);

void option_print_help(void)
{
	printf("usage: shmqd [--system | --user | --socket PATH --instance NAME] [options]\n"
	       "Own named rings in shared memory: make them, grant them, clean up after the dead.\n\n");
	for (size_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];
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

int option_set(const struct option_row *row, const char *text, struct options *options)
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
		if (!text[0]) {
			options->n_create_rules = 0;
			return 0;
		}
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

const char *option_complaint(const struct option_row *row, int error, char *buf, size_t cap_bytes)
{
	if (row->type == VALUE_COUNT)
		snprintf(buf, cap_bytes, "must be a number from 1 to %llu",
			 (unsigned long long)row->max);
	else if (error == -ERANGE)
		snprintf(buf, cap_bytes, "out of range");
	else if (row->type == VALUE_MODE)
		snprintf(buf, cap_bytes, "must be an octal mode that includes 0600");
	else if (row->type == VALUE_SIZE)
		snprintf(buf, cap_bytes, "must be a size such as 64M or 2G");
	else if (row->type == VALUE_ADDRESS)
		snprintf(buf, cap_bytes, "must be an address such as 127.0.0.1:9464, or a path");
	else if (row->type == VALUE_CREATE_RULE)
		snprintf(buf, cap_bytes, "must be PREFIX:user=NAME, PREFIX:group=NAME or "
			 "PREFIX:unit=NAME.service%s",
			 error == -ENOENT ? "; there is no such user or group" : "");
	else if (row->type == VALUE_LEVEL)
		snprintf(buf, cap_bytes, "must be error, warning, notice, info or debug");
	else
		snprintf(buf, cap_bytes, "must be a span of time such as 30s or 1h%s",
			 row->type == VALUE_SECONDS ? ", in whole seconds" : "");
	return buf;
}

void option_set_defaults(struct options *options)
{
	for (size_t i = 0; i < n_option_rows; i++)
		if (option_rows[i].initial &&
		    option_set(&option_rows[i], option_rows[i].initial, options) < 0)
			abort();
}
