/* SPDX-License-Identifier: MIT */
/*
 * cmd_stat.c - shmqctl stat: figures of rings, once or again and again, as vmstat(8) does
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"
#include "ctl/failure.h"
#include "ctl/facts.h"
#include "ctl/stat.h"
#include "ctl/stat_table.h"

static struct {
	int64_t interval_ns;
	uint64_t count;
	bool daemon;
} options;

static int print_once(const struct table *table, struct ctl *ctl, const struct snapshot *before,
		      const struct snapshot *now)
{
	int r;

	if (ctl->json) {
		json_print(stat_json(before, now), before);
		return CTL_OK;
	}
	r = stat_table_print(table, ctl, before, now);
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	return r < 0 ? fail_file(ctl, "standard output", r) : CTL_OK;
}

int stat_repeat(struct ctl *ctl, char *const *names, int n_names, int64_t interval_ns,
		uint64_t count)
{
	struct snapshot before, now;
	struct table table;
	const char *name;
	int exit = stat_table_init(&table, ctl, true);
	int64_t next_ns = clock_monotonic_ns();
	int r;

	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = snapshot_take(ctl, names, n_names, &before, &name);
	if (r < 0)
		return fail_call(ctl, name, r);
	for (uint64_t i = 0; exit == CTL_OK && (!count || i < count); i++) {
		struct timespec at;

		next_ns += interval_ns;
		if (next_ns < clock_monotonic_ns()) /* we were stopped: don't make up for it */
			next_ns = clock_monotonic_ns() + interval_ns;
		at = timespec_from_ns(next_ns);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		r = snapshot_take(ctl, names, n_names, &now, &name);
		if (r < 0) {
			exit = fail_call(ctl, name, r);
			break;
		}
		if (i > 0 && !ctl->json && !ctl->raw)
			putchar('\n');
		exit = print_once(&table, ctl, &before, &now);
		snapshot_release(&before);
		before = now;
	}
	snapshot_release(&before);
	return exit;
}

/* ---- the daemon's own figures ---- */

static void put_key(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	const unsigned *metric = row;

	(void)ctl;
	snprintf(buf, cap_bytes, "%s", daemon_metrics.rows[*metric].key);
}

static struct shmq_daemon_stats daemon_stats;

static void put_figure(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	const unsigned *metric = row;
	uint64_t value = daemon_stats.values[*metric];
	enum metric_unit unit = daemon_metrics.rows[*metric].unit;

	if (ctl->raw)
		snprintf(buf, cap_bytes, "%llu", (unsigned long long)value);
	else if (unit == METRIC_BYTES && !ctl->bytes)
		format_size(value, buf, cap_bytes);
	else if (unit == METRIC_NS)
		format_duration_ns((int64_t)value, buf, cap_bytes);
	else
		format_count(value, buf, cap_bytes);
}

static void put_meaning(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	const unsigned *metric = row;

	(void)ctl;
	snprintf(buf, cap_bytes, "%s", daemon_metrics.rows[*metric].help);
}

static const struct column daemon_columns[] = {
	{ "FIGURE", true, false, put_key, NULL },
	{ "VALUE", true, true, put_figure, NULL },
	{ "MEANING", true, false, put_meaning, NULL },
};

static int print_daemon(struct ctl *ctl)
{
	unsigned rows[SHMQ_N_DAEMON_METRICS];
	struct table table;
	struct json_object *root;
	unsigned n = 0;
	int r, exit = table_init(&table, ctl, daemon_columns, 3);

	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = shmq_stats(ctl->client, NULL, NULL, NULL, &daemon_stats);
	if (r < 0)
		return fail_call(ctl, NULL, r);
	if (ctl->json) {
		root = json_root();
		json_object_object_add(root, "daemon",
				       json_of_values(&daemon_metrics, daemon_stats.values,
						      daemon_stats.n_values));
		json_print(root, false);
		return CTL_OK;
	}
	for (; n < SHMQ_N_DAEMON_METRICS && n < daemon_stats.n_values; n++)
		rows[n] = n;
	r = table_print(&table, ctl, rows, sizeof(rows[0]), n);
	return r < 0 ? fail_file(ctl, "standard output", r) : CTL_OK;
}

/* ---- once ---- */

static int print_totals(struct ctl *ctl, char *const *names, int n_names)
{
	struct snapshot now;
	struct table table;
	const char *name;
	int exit = stat_table_init(&table, ctl, false);
	int r;

	if (exit == CTL_OK)
		exit = ctl_connect(ctl);
	if (exit != CTL_OK)
		return exit;
	r = snapshot_take(ctl, names, n_names, &now, &name);
	if (r < 0)
		return fail_call(ctl, name, r);
	exit = print_once(&table, ctl, NULL, &now);
	snapshot_release(&now);
	return exit;
}

static int stat_run(struct ctl *ctl, int n_args, char **args)
{
	if (options.daemon && (n_args || options.interval_ns || options.count))
		return fail(ctl, CTL_USAGE, "usage", "--daemon", NULL,
			    "it goes with neither rings, --interval nor --count.");
	if (options.daemon)
		return print_daemon(ctl);
	if (options.interval_ns < 0)
		return fail(ctl, CTL_USAGE, "usage", "--interval", NULL, "it must end.");
	if (!options.interval_ns && !options.count)
		return print_totals(ctl, args, n_args);
	return stat_repeat(ctl, args, n_args,
			   options.interval_ns ? options.interval_ns : NS_PER_S, options.count);
}

static const struct option_spec option_specs[] = {
	{ 'i', "interval", "TIME", OPTION_DURATION, &options.interval_ns, 0,
	  "again and again, with rates per second [1s with --count]" },
	{ 'c', "count", "N", OPTION_COUNT, &options.count, 0, "end after so many times" },
	{ 'd', "daemon", NULL, OPTION_FLAG, &options.daemon, 0, "shmqd's own figures instead" },
	{ 0 },
};

const struct verb verb_stat = {
	.name = "stat",
	.args = "[RING...]",
	.summary = "show figures of rings, or their rates per second",
	.details = "Totals since the ring was made (attachments: since shmqd's start), or with\n"
		   "--interval what was counted per second meanwhile: the columns are then called\n"
		   "PUSHED/S and so on. What each of them means: shmq-metrics(7).",
	.examples = "  shmqctl stat\n"
		    "  shmqctl stat ticks --interval 1s --count 10\n"
		    "  shmqctl stat --interval 5s --output NAME,PUSHED/S,DEPTH\n"
		    "  shmqctl stat --json | jq '.rings[] | {name, depth}'",
	.n_args_max = 1000,
	.flags = VERB_TABLE,
	.columns = stat_totals,
	.n_columns = STAT_COLUMNS,
	.options = option_specs,
	.run = stat_run,
};
