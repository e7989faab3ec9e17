/* SPDX-License-Identifier: MIT */
/*
 * options.h - command line and configuration, checked: which instance to serve, where, within which
 * limits
 *
 * One table (option_table.h) makes parser, --help and manual. The command line goes before the files.
 * What is 0 here was not given and depends on the machine: limits.c fills it in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/core/core.h"
#include "daemon/declared_ring.h"

#define OPTIONS_DAEMON_USER   "shmq"
#define OPTIONS_SYSTEM_SOCKET "/run/shmqd/control.sock"
#define OPTIONS_USER_SOCKET   "shmqd/control.sock" /* below $XDG_RUNTIME_DIR */

#define OPTIONS_INSTANCE_MAX 31	 /* characters of an instance's name */
#define OPTIONS_CREATE_RULES_MAX 32
#define OPTIONS_SOCKET_MAX   103 /* of sun_path's 107, less ".new" */

enum options_kind { OPTIONS_SYSTEM, OPTIONS_USER, OPTIONS_PRIVATE };

struct options {
	enum options_kind kind;
	char instance[OPTIONS_INSTANCE_MAX + 1];
	char socket[OPTIONS_SOCKET_MAX + 1];
	uint32_t socket_mode;
	uint32_t max_rings, max_rings_per_uid;
	uint64_t max_bytes, max_bytes_per_uid;
	uint32_t max_attachments_per_uid;
	uint32_t max_connections, max_connections_per_uid;
	uint32_t max_watches_per_uid;
	uint32_t max_requests_per_uid;	/* per second */
	struct core_create_rule create_rules[OPTIONS_CREATE_RULES_MAX];
	size_t n_create_rules;
	uint32_t linger_s, linger_unread_s;
	int64_t grace_ns;
	char metrics[OPTIONS_SOCKET_MAX + 1]; /* ADDRESS:PORT or path; "": not asked for */
	int log_level;
	struct declared_rings declared; /* [Ring NAME] of the configuration */
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_BAD };

typedef void (*options_tell)(const char *line);

/*
 * options_parse() - the command line, and the configuration below it; @ret_options is written on
 * OPTIONS_RUN, and freed by options_deinit()
 * @uid: who runs the daemon: decides between system and user instance when nothing is said.
 * @tell: where mistakes go, one line each, without a newline; NULL: standard error.
 * OPTIONS_DONE: what was asked for was printed. OPTIONS_BAD: the mistakes were told.
 */
enum options_result options_parse(int argc, char **argv, uid_t uid, options_tell tell,
				  struct options *ret_options);
void options_deinit(struct options *options);

/* [a-z0-9][a-z0-9-]{0,30}: no dot, so that names in /dev/shm can be taken apart. */
bool options_instance_is_valid(const char *name);
