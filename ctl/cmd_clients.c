/* SPDX-License-Identifier: MIT */
/*
 * cmd_clients.c - shmqctl clients: who holds which role of which ring
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/table.h"

static struct {
	uint64_t pid;
} options;

struct holders {
	struct shmq_holder *holders;
	size_t n, cap;
	const char *ring; /* only of this one; NULL: of all */
};

#define HOLDER_COLUMN(name_, body_)                                                                \
	static void column_##name_(const struct ctl *ctl, const void *row, char *buf,              \
				   size_t cap_bytes)                                               \
	{                                                                                          \
		const struct shmq_holder *holder = row;                                            \
		(void)ctl;                                                                         \
		body_;                                                                             \
	}                                                                                          \
	struct column_##name_##_needs_a_semicolon

static void put_since(const struct ctl *ctl, uint64_t since_s, char *buf, size_t cap_bytes)
{
	if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRId64, age_ns(since_s) / NS_PER_S);
	else
		format_age(since_s, buf, cap_bytes);
}

HOLDER_COLUMN(pid, snprintf(buf, cap_bytes, "%d", (int)holder->pid));
HOLDER_COLUMN(command, format_printable(holder->comm, buf, cap_bytes));
HOLDER_COLUMN(user, user_name(holder->uid, buf, cap_bytes));
HOLDER_COLUMN(ring, snprintf(buf, cap_bytes, "%s", holder->ring));
HOLDER_COLUMN(role, snprintf(buf, cap_bytes, "%s", role_name(holder->role)));
HOLDER_COLUMN(since, put_since(ctl, holder->since_s, buf, cap_bytes));
HOLDER_COLUMN(state, snprintf(buf, cap_bytes, "%s", holder->unverified ? "UNVERIFIED" : "alive"));
HOLDER_COLUMN(id, snprintf(buf, cap_bytes, "%" PRIu64, holder->id));
HOLDER_COLUMN(incarnation, snprintf(buf, cap_bytes, "%" PRIu64, holder->incarnation));

static const char *state_color(const void *row)
{
	return ((const struct shmq_holder *)row)->unverified ? "yellow" : NULL;
}

static const struct column columns[] = {
	{ "PID", true, true, column_pid, NULL },
	{ "COMMAND", true, false, column_command, NULL },
	{ "USER", true, false, column_user, NULL },
	{ "RING", true, false, column_ring, NULL },
	{ "ROLE", true, false, column_role, NULL },
	{ "SINCE", true, false, column_since, NULL },
	{ "STATE", true, false, column_state, state_color },
	{ "ID", false, true, column_id, NULL },
	{ "INCARNATION", false, true, column_incarnation, NULL },
};

static int holders_add(const struct shmq_holder *holder, void *arg)
{
	struct holders *all = arg;

	if ((all->ring && strcmp(all->ring, holder->ring)) ||
	    (options.pid && options.pid != (uint64_t)holder->pid))
		return 0;
	if (all->n == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 16;
		void *holders = reallocarray(all->holders, cap, sizeof(*holder));

		if (!holders)
			return -ENOMEM;
		all->holders = holders;
		all->cap = cap;
	}
	all->holders[all->n++] = *holder;
	return 0;
}

static int by_ring_and_role(const void *a, const void *b)
{
	const struct shmq_holder *x = a, *y = b;
	int order = strcmp(x->ring, y->ring);

	return order ? order : (int)x->role - (int)y->role;
}

static void print_json(const struct holders *all)
{
	struct json_object *root = json_root();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < all->n; i++)
		json_object_array_add(array, json_of_holder(&all->holders[i]));
	json_object_object_add(root, "clients", array);
	json_print(root, false);
}

/* A name that no ring has is a slip, not an empty answer. */
static int collect(struct ctl *ctl, struct holders *all)
{
	struct shmq_ring_info info;
	int r = all->ring ? shmq_show(ctl->client, all->ring, &info) : 0;

	if (r >= 0)
		r = shmq_clients(ctl->client, holders_add, all);
	return r < 0 ? fail_call(ctl, all->ring, r) : CTL_OK;
}

static int clients_run(struct ctl *ctl, int n_args, char **args)
{
	struct holders all = { .ring = n_args > 0 ? args[0] : NULL };
	_cleanup_(freep) void *owned = NULL;
	struct table table;
	int exit = table_init(&table, ctl, columns, sizeof(columns) / sizeof(columns[0]));
	int r;

	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit == CTL_OK)
		exit = collect(ctl, &all);
	owned = all.holders;
	if (exit != CTL_OK)
		return exit;
	if (all.n > 0)
		qsort(all.holders, all.n, sizeof(*all.holders), by_ring_and_role);
	if (ctl->json) {
		print_json(&all);
		return CTL_OK;
	}
	r = table_print(&table, ctl, all.holders, sizeof(*all.holders), all.n);
	return r < 0 ? fail_file(ctl, "standard output", r) : CTL_OK;
}

static const struct option_spec option_specs[] = {
	{ 'p', "pid", "PID", OPTION_COUNT, &options.pid, INT32_MAX,
	  "only what this process holds" },
	{ 0 },
};

const struct verb verb_clients = {
	.name = "clients",
	.args = "[RING]",
	.summary = "show who holds which role",
	.details = "Columns: PID COMMAND USER RING ROLE SINCE STATE, and by --output also ID and\n"
		   "INCARNATION. STATE is UNVERIFIED where shmqd can't see whether the process\n"
		   "still lives.",
	.examples = "  shmqctl clients\n"
		    "  shmqctl clients md.ticks --json",
	.n_args_max = 1,
	.flags = VERB_TABLE | VERB_REPEAT,
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.options = option_specs,
	.run = clients_run,
};
