/* SPDX-License-Identifier: MIT */
/*
 * settings.c - the tables of settings, and what is the same for each row; see setting.h
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "daemon/config.h"
#include "daemon/options.h"
#include "daemon/setting.h"

#define NAMES_MAX 64

/* A field of an object: where it is, and how large. */
#define AT(object, field) offsetof(struct object, field), sizeof(((struct object *)0)->field)
#define OF_DAEMON(field) AT(options, field)
#define OF_RING(field)   AT(declared_ring, field)

static const struct setting daemon_rows[] = {
	{ "socket-mode", "MODE", NULL, &setting_socket_mode, OF_DAEMON(socket_mode), 0, true, false,
	  "access to the socket, octal [0660 for the system, else 0600]" },
	{ "max-rings", "N", "4096", &setting_count, OF_DAEMON(max_rings), 1u << 20, true, false,
	  "rings at most, at the same time" },
	{ "max-rings-per-uid", "N", NULL, &setting_count, OF_DAEMON(max_rings_per_uid), 1u << 20,
	  false, false, "rings of one user [half of all for the system, else all]" },
	{ "max-bytes", "SIZE", NULL, &setting_size, OF_DAEMON(max_bytes), 0, false, false,
	  "memory of all rings together [what /dev/shm may hold]" },
	{ "max-bytes-per-uid", "SIZE", NULL, &setting_size, OF_DAEMON(max_bytes_per_uid), 0, false,
	  false, "memory of one user's rings [half of all for the system, else all]" },
	{ "max-attachments-per-uid", "N", NULL, &setting_count, OF_DAEMON(max_attachments_per_uid),
	  3u << 20, false, false, "roles held by one user's processes [three per ring]" },
	{ "max-connections", "N", NULL, &setting_count, OF_DAEMON(max_connections), 1u << 20, false,
	  false, "connections at most [what the limit of open files allows]" },
	{ "max-connections-per-uid", "N", NULL, &setting_count, OF_DAEMON(max_connections_per_uid),
	  1u << 20, false, false,
	  "connections of one user [half of all for the system, else all]" },
	{ "max-watches-per-uid", "N", "32", &setting_count, OF_DAEMON(max_watches_per_uid), 1u << 20,
	  false, false, "connections of one user that watch events" },
	{ "max-requests-per-uid", "N", "1000", &setting_count, OF_DAEMON(max_requests_per_uid),
	  1u << 20, true, false, "requests of one user per second; more are read later" },
	{ "create-rule", "PREFIX:WHO", NULL, &setting_create_rule, OF_DAEMON(n_create_rules), 0, false,
	  true, "rings whose names begin so are for user=NAME, group=NAME or\n"
	  "unit=NAME to make; may be given again, the longest prefix counts" },
	{ "linger", "TIME", "30s", &setting_seconds, OF_DAEMON(linger_s), UINT32_MAX, false, false,
	  "how long an unused, empty ring stays when its maker doesn't say" },
	{ "linger-unread", "TIME", "1h", &setting_seconds, OF_DAEMON(linger_unread_s), UINT32_MAX,
	  false, false, "how long an unused ring with unread messages stays" },
	{ "grace", "TIME", "5s", &setting_span, OF_DAEMON(grace_ns), 0, true, false,
	  "no ring ends within this time after a start" },
	{ "metrics", "ADDRESS", NULL, &setting_address, OF_DAEMON(metrics), 0, true, false,
	  "serve GET /metrics by HTTP at IP:PORT, or at a socket's path" },
	{ "log-level", "LEVEL", "info", &setting_level, OF_DAEMON(log_level), 0, false, false,
	  "error, warning, notice, info or debug" },
};

static const struct setting ring_rows[] = {
	{ "slots", "N", "1024", &setting_slots, OF_RING(config.slots), 1u << 20, false, false,
	  "messages it holds: a power of two" },
	{ "size", "SIZE", "256", &setting_size32, OF_RING(config.size_bytes), 16u << 20, false, false,
	  "largest message" },
	{ "linger", "TIME", NULL, &setting_linger, OF_RING(config.linger_s), UINT32_MAX, false, false,
	  "let it end when it was empty and unused for so long [it stays]" },
	{ "mode", "MODE", NULL, &setting_ring_mode, OF_RING(config.mode), 0, false, false,
	  "who may use it: 0600 the daemon's user, 0660 a group, 0666 all\n"
	  "[0600; with a group 0660]" },
	{ "group", "GROUP", NULL, &setting_group, OF_RING(group), 0, false, false,
	  "the group of 0660, which it implies" },
	{ "allow", "RIGHT[+RIGHT]:WHO", NULL, &setting_allow, OF_RING(config.n_rules), 0, false, true,
	  "who else may produce, consume or see it: user=NAME, group=NAME or\n"
	  "unit=NAME; may be given again" },
	{ "sealed", "BOOL", "no", &setting_flag, OF_RING(config.sealed), 0, false, false,
	  "memory without a name, which nobody can shrink" },
	{ "wake", "HOW", "membarrier", &setting_wake, OF_RING(config.wake), 0, false, false,
	  "how sleepers are found: membarrier, fence or never" },
	{ "align", "BOOL", "no", &setting_flag, OF_RING(config.align_payload), 0, false, false,
	  "let payloads start on 64-byte lines" },
};

const struct setting_table daemon_settings = {
	daemon_rows, sizeof(daemon_rows) / sizeof(daemon_rows[0]),
};
const struct setting_table ring_settings = {
	ring_rows, sizeof(ring_rows) / sizeof(ring_rows[0]),
};

const struct setting *setting_find(const struct setting_table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}

const char *setting_suggest(const struct setting_table *table, const char *name)
{
	const char *names[NAMES_MAX];
	size_t n = 0;

	for (; n < table->n && n < NAMES_MAX; n++)
		names[n] = table->rows[n].name;
	return suggest(name, names, n);
}

int setting_set(const struct setting *setting, const char *text, void *object)
{
	return setting->type->set(setting, text, object);
}

void setting_reset(const struct setting *setting, void *object)
{
	memset((char *)object + setting->offset, 0, setting->bytes);
	if (setting->initial && setting_set(setting, setting->initial, object) < 0)
		abort(); /* the table is wrong */
}

void settings_reset(const struct setting_table *table, void *object)
{
	for (size_t i = 0; i < table->n; i++)
		setting_reset(&table->rows[i], object);
}

const char *setting_explain(const struct setting *setting, int error, char *buf, size_t cap_bytes)
{
	if (setting->type == &setting_count)
		snprintf(buf, cap_bytes, "must be a number from 1 to %llu",
			 (unsigned long long)setting->max);
	else if (error == -E2BIG)
		snprintf(buf, cap_bytes, "is one too many: give the right to a group");
	else
		snprintf(buf, cap_bytes, "%smust be %s%s", error == -ERANGE ? "out of range: " : "",
			 setting->type->must,
			 error == -ENOENT ? "; there is no such user or group" : "");
	return buf;
}

bool setting_differs(const struct setting *setting, const void *a, const void *b)
{
	return memcmp((const char *)a + setting->offset, (const char *)b + setting->offset,
		      setting->bytes) != 0;
}

void setting_copy(const struct setting *setting, const void *from, void *to)
{
	memcpy((char *)to + setting->offset, (const char *)from + setting->offset, setting->bytes);
}
