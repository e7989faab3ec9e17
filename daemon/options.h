/* SPDX-License-Identifier: MIT */
/*
 * options.h - the command line, checked: which instance to serve, where, within which limits
 *
 * One table (options.c) makes parser and --help. What is 0 here was not given and depends on the
 * machine: limits.c fills it in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/core/core.h"

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
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_BAD };

/*
 * options_parse() - @ret_options is written on OPTIONS_RUN
 * @uid: who runs the daemon: decides between system and user instance when nothing is said.
 * OPTIONS_DONE: help or version was printed. OPTIONS_BAD: the mistake was printed to stderr.
 */
enum options_result options_parse(int argc, char **argv, uid_t uid, struct options *ret_options);

/* [a-z0-9][a-z0-9-]{0,30}: no dot, so that names in /dev/shm can be taken apart. */
bool options_instance_is_valid(const char *name);
