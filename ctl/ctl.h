/* SPDX-License-Identifier: MIT */
/*
 * ctl.h - what all verbs of shmqctl share: the invocation, a verb's description, exit statuses
 *
 * There is one struct ctl, filled from the command line before a verb runs. A verb is a constant in a
 * file of its own (cmd_*.c) and a row in command_line.c's table; help is generated from it.
 * Single-threaded. Facts go to standard output, everything else to standard error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <shmq/shmq.h>

#include "ctl/options.h"

/* Small numbers with one meaning each; 3 and 4 mean what they mean for systemctl(1). */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,	   /* failed, or a problem was found */
	CTL_USAGE = 2,	   /* the command line, a name or a size makes no sense */
	CTL_NO_DAEMON = 3, /* shmqd not reachable */
	CTL_NO_RING = 4,   /* no such ring, or no more */
	CTL_BUSY = 5,	   /* exists differently, or in use */
	CTL_TIMEOUT = 6,   /* timeout, empty or full */
	CTL_DENIED = 7,	   /* not permitted */
	CTL_NO_SPACE = 8,  /* quota or memory */
	CTL_MISMATCH = 9,  /* versions don't fit */
};

struct column;

#define CTL_TIMEOUT_UNSET INT64_MIN

struct ctl {
	const struct verb *verb;
	const struct verb *const *verbs; /* all but hidden ones, in the order of --help */
	size_t n_verbs;
	struct shmq_client *client; /* NULL until ctl_connect() */
	const char *socket;
	const char *columns; /* --output */
	const char *color_when;
	int64_t timeout_ns; /* CTL_TIMEOUT_UNSET, or of --timeout */
	int64_t watch_ns;   /* CTL_TIMEOUT_UNSET, or of --watch */
	bool user, json, noheadings, raw, bytes, quiet, help, version;
	bool color;	   /* decided: standard output gets colours */
	bool die_attached; /* end without detaching: the peer is to see a death */
};

#define VERB_TABLE  1u /* prints a table: takes --output, --raw, --noheadings, --bytes */
#define VERB_STREAM 2u /* --timeout is about messages, not about the daemon's answers */
#define VERB_REPEAT 8u /* takes --watch: its run() may be called again */
#define VERB_HIDDEN 4u /* for packagers: neither in --help nor completed */

struct verb {
	const char *name;
	const char *args;     /* "RING" */
	const char *summary;  /* one line, lower case, no full stop */
	const char *details;  /* paragraphs, lines of at most 80; may be NULL */
	const char *examples; /* one per line, indented by two; may be NULL */
	int n_args_min, n_args_max;
	unsigned flags;
	const struct option_spec *options;		      /* its own, may be NULL */
	const struct column *columns; /* with VERB_TABLE: what --output may name, for completions */
	size_t n_columns;
	int (*run)(struct ctl *ctl, int n_args, char **args); /* Return: an enum ctl_exit */
};

extern const struct verb verb_clients, verb_create, verb_demo, verb_destroy, verb_doctor, verb_list,
	verb_orphans, verb_ping, verb_purge, verb_reap, verb_recv, verb_send, verb_show,
	verb_metrics, verb_stat, verb_top, verb_version, verb_watch, verb_events,
	verb_check, verb_bench, verb_tail, verb_completion, verb_reload;

struct ctl *ctl_invocation(void);
/* The tables that @verb takes (NULL: shmqctl before its verb), its own first; NULL ends them. */
void ctl_option_tables(const struct verb *verb,
		       const struct option_spec *ret_tables[OPTION_TABLES_MAX]);

/* The socket that --socket or --user name; NULL: the library looks (SHMQ_SOCKET, the user's, the
 * system's). */
const char *ctl_socket(const struct ctl *ctl);
/* Connect there. Return: 0 or what shmq_connect() says; -EINVAL without XDG_RUNTIME_DIR. */
int ctl_try_connect(struct ctl *ctl);
/* The same for verbs that need it. Return: CTL_OK, or the status of the failure, which was printed.
 */
int ctl_connect(struct ctl *ctl);

/* --timeout, or @otherwise_ns when it wasn't given. */
int64_t ctl_timeout_ns(const struct ctl *ctl, int64_t otherwise_ns);
