/* SPDX-License-Identifier: MIT */
/*
 * ctl.c - what all verbs share: the invocation and its options, the connection
 */
#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/failure.h"

static struct ctl invocation = { .timeout_ns = CTL_TIMEOUT_UNSET, .watch_ns = CTL_TIMEOUT_UNSET,
				 .color_when = "auto" };

struct ctl *ctl_invocation(void)
{
	return &invocation;
}

static const struct option_spec common_options[] = {
	{ 0, "socket", "PATH", OPTION_TEXT, &invocation.socket, 0,
	  "shmqd's control socket [SHMQ_SOCKET, else the user's\n"
	  "own, else the system's]" },
	{ 'u', "user", NULL, OPTION_FLAG, &invocation.user, 0, "the user's own shmqd, no other" },
	{ 't', "timeout", "TIME", OPTION_DURATION, &invocation.timeout_ns, 0,
	  "wait no longer than this" },
	{ 'J', "json", NULL, OPTION_FLAG, &invocation.json, 0,
	  "print JSON, on standard error too (stable)" },
	{ 'q', "quiet", NULL, OPTION_FLAG, &invocation.quiet, 0, "print facts and failures only" },
	{ 0, "color", "WHEN", OPTION_TEXT, &invocation.color_when, 0,
	  "auto, always, never; NO_COLOR in the environment wins" },
	{ 'h', "help", NULL, OPTION_FLAG, &invocation.help, 0, "print this" },
	{ 'V', "version", NULL, OPTION_FLAG, &invocation.version, 0, "print the versions" },
	{ 0 },
};

static const struct option_spec table_options[] = {
	{ 'o', "output", "COL,...", OPTION_TEXT, &invocation.columns, 0,
	  "these columns; +COL,... adds to the usual ones" },
	{ 'n', "noheadings", NULL, OPTION_FLAG, &invocation.noheadings, 0, "no heading line" },
	{ 'r', "raw", NULL, OPTION_FLAG, &invocation.raw, 0,
	  "one blank between columns, plain numbers" },
	{ 'b', "bytes", NULL, OPTION_FLAG, &invocation.bytes, 0, "sizes in bytes" },
	{ 0 },
};

static const struct option_spec repeat_options[] = {
	{ 'w', "watch", "TIME", OPTION_DURATION, &invocation.watch_ns, 0,
	  "again and again, so often; q ends it" },
	{ 0 },
};

void ctl_option_tables(const struct verb *verb,
		       const struct option_spec *ret_tables[OPTION_TABLES_MAX])
{
	size_t n = 0;

	if (verb && verb->options)
		ret_tables[n++] = verb->options;
	if (verb && verb->flags & VERB_TABLE)
		ret_tables[n++] = table_options;
	if (verb && verb->flags & VERB_REPEAT)
		ret_tables[n++] = repeat_options;
	ret_tables[n++] = common_options;
	if (!verb)
		ret_tables[n++] = table_options;
	ret_tables[n] = NULL;
}

const char *ctl_socket(const struct ctl *ctl)
{
	static char path[4096];
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (ctl->socket || !ctl->user)
		return ctl->socket;
	if (!runtime || !*runtime)
		return NULL;
	snprintf(path, sizeof(path), "%s/shmqd/control.sock", runtime);
	return path;
}

int64_t ctl_timeout_ns(const struct ctl *ctl, int64_t otherwise_ns)
{
	return ctl->timeout_ns == CTL_TIMEOUT_UNSET ? otherwise_ns : ctl->timeout_ns;
}

int ctl_try_connect(struct ctl *ctl)
{
	const char *path = ctl_socket(ctl);

	if (ctl->client)
		return 0; /* --watch */
	if (ctl->user && !path)
		return -EINVAL;
	if (ctl->timeout_ns != CTL_TIMEOUT_UNSET && !(ctl->verb->flags & VERB_STREAM))
		return shmq_connect_timeout(&ctl->client, path, ctl->timeout_ns);
	return shmq_connect(&ctl->client, path);
}

int ctl_connect(struct ctl *ctl)
{
	const char *path = ctl_socket(ctl);
	int r = ctl_try_connect(ctl);

	if (r == -EINVAL && ctl->user && !path)
		return fail(ctl, CTL_NO_DAEMON, "not_reachable", "--user",
			    "Log in to a session, or name the socket: --socket PATH",
			    "XDG_RUNTIME_DIR is not set, so there is no daemon of yours.");
	return r < 0 ? fail_call(ctl, path, r) : CTL_OK;
}
