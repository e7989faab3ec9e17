/* SPDX-License-Identifier: MIT */
/*
 * option_table.h - the one table of what shmqd can be told, on its command line or in a file
 *
 * Parser, --help and the list in shmqd.conf(5) are made from it. A row is a name, its argument, its
 * default (read like an argument), where the value goes, and what it is for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "daemon/options.h"

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
	VALUE_CONFIG,
	VALUE_CHECK_CONFIG,
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
	unsigned flags;
	const char *help;
};

#define OPTION_FILE   1u /* can stand in [Daemon] of a configuration file, too */
#define OPTION_RELOAD 2u /* takes effect when the configuration is read again */


extern const struct option_row option_rows[];
extern const size_t n_option_rows;

/* Return: 0; -EINVAL, -ERANGE, -ENOENT: @text is no value for it. */
int option_set(const struct option_row *row, const char *text, struct options *options);
/* What a value must be that option_set() has refused with @error. Return: @buf. */
const char *option_complaint(const struct option_row *row, int error, char *buf, size_t cap_bytes);
/* All values that a row has from the start. */
void option_set_defaults(struct options *options);
void option_print_help(void);
