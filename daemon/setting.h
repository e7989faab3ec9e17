/* SPDX-License-Identifier: MIT */
/*
 * setting.h - what can be set: the tables that make the configuration's parser, --help and manual
 *
 * A row is a name, what it takes, its default (read like a value), and where the value goes. The
 * daemon's settings are options of the command line and keys of section [Daemon] by the same name;
 * a ring's are keys of a section [Ring NAME]. shmqd.conf(5) is checked against both tables.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/core.h"

struct setting;

struct setting_type {
	/* Return: 0; -EINVAL, -ERANGE; -ENOENT: it names nobody; -E2BIG: one too many. */
	int (*set)(const struct setting *setting, const char *text, void *object);
	const char *must;	/* "must be …" */
};

struct setting {
	const char *name;
	const char *argument;
	const char *initial;	/* NULL: zero, filled in later */
	const struct setting_type *type;
	size_t offset, bytes;	/* of the field */
	uint64_t max;
	bool is_fixed;		/* while the daemon runs: needs a restart */
	bool is_list;		/* may be given again */
	const char *help;
};

extern const struct setting_type setting_count, setting_size, setting_seconds, setting_span,
	setting_socket_mode, setting_level, setting_create_rule, setting_address;
extern const struct setting_type setting_slots, setting_size32, setting_linger, setting_ring_mode,
	setting_group, setting_allow, setting_wake, setting_flag;

struct setting_table {
	const struct setting *rows;
	size_t n;
};

extern const struct setting_table daemon_settings;	/* of struct options */
extern const struct setting_table ring_settings;	/* of struct declared_ring */

const struct setting *setting_find(const struct setting_table *table, const char *name);
/* The name that may have been meant, or NULL. */
const char *setting_suggest(const struct setting_table *table, const char *name);
/* Return: as setting_type.set(). */
int setting_set(const struct setting *setting, const char *text, void *object);
/* Back to its default. */
void setting_reset(const struct setting *setting, void *object);
void settings_reset(const struct setting_table *table, void *object);
/* "must be …", for what setting_set() returned. Return: @buf. */
const char *setting_explain(const struct setting *setting, int error, char *buf, size_t cap_bytes);
bool setting_differs(const struct setting *setting, const void *a, const void *b);
void setting_copy(const struct setting *setting, const void *from, void *to);
