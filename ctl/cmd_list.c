/* SPDX-License-Identifier: MIT */
/*
 * cmd_list.c - shmqctl list: every ring in one line
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <shmq/layout.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/table.h"

struct rings {
	struct shmq_ring_info *infos;
	size_t n, cap;
};

static void put_size(const struct ctl *ctl, uint64_t bytes, char *buf, size_t cap_bytes)
{
	if (ctl->bytes)
		snprintf(buf, cap_bytes, "%" PRIu64, bytes);
	else
		format_size(bytes, buf, cap_bytes);
}

/* Raw output is for programs: no thousands separators there. */
static void put_count(const struct ctl *ctl, uint64_t count, char *buf, size_t cap_bytes)
{
	if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRIu64, count);
	else
		format_count(count, buf, cap_bytes);
}

#define RING_COLUMN(name_, body_)                                                                  \
	static void column_##name_(const struct ctl *ctl, const void *row, char *buf,              \
				   size_t cap_bytes)                                               \
	{                                                                                          \
		const struct shmq_ring_info *ring = row;                                           \
		(void)ctl;                                                                         \
		body_;                                                                             \
	}                                                                                          \
	struct column_##name_##_needs_a_semicolon

static unsigned n_role(const struct shmq_ring_info *ring, uint32_t role)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < ring->n_holders && i < 3; i++)
		n += ring->holders[i].role == role;
	return n;
}

static void put_age(const struct ctl *ctl, uint64_t since_s, char *buf, size_t cap_bytes)
{
	if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRId64, age_ns(since_s) / NS_PER_S);
	else
		format_age(since_s, buf, cap_bytes);
}

RING_COLUMN(name, snprintf(buf, cap_bytes, "%s", ring->name));
RING_COLUMN(slots, snprintf(buf, cap_bytes, "%" PRIu32, ring->slots));
RING_COLUMN(msg, put_size(ctl, ring->size_bytes, buf, cap_bytes));
RING_COLUMN(size, put_size(ctl, ring->bytes, buf, cap_bytes));
RING_COLUMN(use, snprintf(buf, cap_bytes, "%" PRIu64 "%%",
			  ring->slots ? ring->depth * 100 / ring->slots : 0));
RING_COLUMN(depth, put_count(ctl, ring->depth, buf, cap_bytes));
RING_COLUMN(pushed, put_count(ctl, ring->pushed, buf, cap_bytes));
RING_COLUMN(popped, put_count(ctl, ring->popped, buf, cap_bytes));
RING_COLUMN(full, put_count(ctl, ring->n_full, buf, cap_bytes));
RING_COLUMN(prod, snprintf(buf, cap_bytes, "%u", n_role(ring, SHMQ_ROLE_PRODUCER)));
RING_COLUMN(cons, snprintf(buf, cap_bytes, "%u", n_role(ring, SHMQ_ROLE_CONSUMER)));
RING_COLUMN(state, snprintf(buf, cap_bytes, "%s", ring->state));
RING_COLUMN(user, user_name(ring->uid, buf, cap_bytes));
RING_COLUMN(age, put_age(ctl, ring->created_s, buf, cap_bytes));
RING_COLUMN(life, snprintf(buf, cap_bytes, "%s", lifetime_name(ring->lifetime)));
RING_COLUMN(wake, snprintf(buf, cap_bytes, "%s", wake_name(ring->wake)));
RING_COLUMN(mode, snprintf(buf, cap_bytes, "%04o", ring->mode & 07777));
RING_COLUMN(generation, snprintf(buf, cap_bytes, "%s", ring->generation));
RING_COLUMN(segment, snprintf(buf, cap_bytes, "%s", ring->segment));

static const char *state_color(const void *row)
{
	const struct shmq_ring_info *ring = row;

	return strcmp(ring->state, "live")  ? "red"
	       : ring->depth >= ring->slots ? "yellow"
					    : "green";
}

static const struct column columns[] = {
	{ "NAME", true, false, column_name, NULL },
	{ "SLOTS", true, true, column_slots, NULL },
	{ "MSG", true, true, column_msg, NULL },
	{ "SIZE", true, true, column_size, NULL },
	{ "USE%", true, true, column_use, NULL },
	{ "DEPTH", true, true, column_depth, NULL },
	{ "PROD", true, true, column_prod, NULL },
	{ "CONS", true, true, column_cons, NULL },
	{ "STATE", true, false, column_state, state_color },
	{ "USER", true, false, column_user, NULL },
	{ "AGE", true, false, column_age, NULL },
	{ "PUSHED", false, true, column_pushed, NULL },
	{ "POPPED", false, true, column_popped, NULL },
	{ "FULL", false, true, column_full, NULL },
	{ "LIFETIME", false, false, column_life, NULL },
	{ "WAKE", false, false, column_wake, NULL },
	{ "MODE", false, false, column_mode, NULL },
	{ "GENERATION", false, false, column_generation, NULL },
	{ "SEGMENT", false, false, column_segment, NULL },
};

static int rings_add(const struct shmq_ring_info *info, void *arg)
{
	struct rings *rings = arg;

	if (rings->n == rings->cap) {
		size_t cap = rings->cap ? 2 * rings->cap : 16;
		void *infos = reallocarray(rings->infos, cap, sizeof(*info));

		if (!infos)
			return -ENOMEM;
		rings->infos = infos;
		rings->cap = cap;
	}
	rings->infos[rings->n++] = *info;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct shmq_ring_info *)a)->name,
		      ((const struct shmq_ring_info *)b)->name);
}

/* "3 rings, 513M of 2G." - for people only, so only on a terminal. */
static void print_footer(struct ctl *ctl, size_t n_rings)
{
	struct shmq_daemon_info daemon;
	char used[16], max[16];

	if (ctl->noheadings || ctl->raw || ctl->quiet || !isatty(STDOUT_FILENO) ||
	    shmq_daemon_info(ctl->client, &daemon) < 0)
		return;
	printf("%zu ring%s, %s of %s.\n", n_rings, n_rings == 1 ? "" : "s",
	       format_size(daemon.bytes, used, sizeof(used)),
	       format_size(daemon.max_bytes, max, sizeof(max)));
	if (n_rings == 0)
		printf("  make one: shmqctl create NAME\n");
}

static void print_json(const struct rings *rings)
{
	struct json_object *root = json_root();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < rings->n; i++)
		json_object_array_add(array, json_of_ring(&rings->infos[i]));
	json_object_object_add(root, "rings", array);
	json_print(root, false);
}

static int list_run(struct ctl *ctl, int n_args, char **args)
{
	struct rings rings = { 0 };
	_cleanup_(freep) void *owned = NULL;
	struct table table;
	int r, exit;

	(void)n_args;
	(void)args;
	exit = table_init(&table, ctl, columns, sizeof(columns) / sizeof(columns[0]));
	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_list(ctl->client, rings_add, &rings);
	owned = rings.infos;
	if (r < 0)
		return fail_call(ctl, NULL, r);
	if (rings.n > 0)
		qsort(rings.infos, rings.n, sizeof(*rings.infos), by_name);
	if (ctl->json) {
		print_json(&rings);
		return CTL_OK;
	}
	r = table_print(&table, ctl, rings.infos, sizeof(*rings.infos), rings.n);
	if (r < 0)
		return fail_file(ctl, "standard output", r);
	print_footer(ctl, rings.n);
	return CTL_OK;
}

const struct verb verb_list = {
	.name = "list",
	.args = "",
	.summary = "show all rings",
	.details = "Columns: NAME SLOTS MSG SIZE USE% DEPTH PROD CONS STATE USER AGE, and by\n"
		   "--output also PUSHED POPPED FULL LIFETIME WAKE MODE GENERATION SEGMENT.",
	.examples = "  shmqctl list\n"
		    "  shmqctl list --raw --noheadings --output NAME,DEPTH\n"
		    "  shmqctl list --json | jq '.rings[] | select(.depth > 0).name'",
	.flags = VERB_TABLE | VERB_REPEAT,
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.run = list_run,
};
