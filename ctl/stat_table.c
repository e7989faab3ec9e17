/* SPDX-License-Identifier: MIT */
/*
 * stat_table.c - figures of rings as a table and as JSON; see stat_table.h
 */
#include "ctl/stat_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "ctl/facts.h"
#include "ctl/rate.h"

static void put_name(const struct ctl *ctl, const void *row, char *buf, size_t cap_bytes)
{
	const struct stat_row *stat = row;

	(void)ctl;
	snprintf(buf, cap_bytes, "%s", stat->now->name);
}

static void put_value(const struct ctl *ctl, const struct stat_row *row, unsigned metric, char *buf,
		      size_t cap_bytes)
{
	uint64_t value = row->now->values[metric];
	enum metric_unit unit = ring_metrics.rows[metric].unit;

	if (metric >= row->now->n_values)
		snprintf(buf, cap_bytes, "-"); /* the daemon is older than we are */
	else if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRIu64, value);
	else if (unit == METRIC_BYTES && !ctl->bytes)
		format_size(value, buf, cap_bytes);
	else if (unit == METRIC_SECONDS)
		format_age(value, buf, cap_bytes);
	else
		format_count(value, buf, cap_bytes);
}

static void put_rate(const struct ctl *ctl, const struct stat_row *row, unsigned metric, char *buf,
		     size_t cap_bytes)
{
	double rate = metric_rate(row->before, row->now, metric, row->span_ns);

	if (metric >= row->now->n_values)
		snprintf(buf, cap_bytes, "-");
	else if (ctl->raw)
		snprintf(buf, cap_bytes, "%" PRIu64, (uint64_t)(rate + 0.5));
	else
		format_rate(rate, buf, cap_bytes);
}

/* One function per metric and set, for a column carries no number. */
#define PUT_GAUGE   put_value
#define PUT_COUNTER put_rate

#define PUTTERS(symbol_, key_, family_, label_, kind_, unit_, help_)                               \
	static void put_##symbol_(const struct ctl *ctl, const void *row, char *buf,               \
				  size_t cap_bytes)                                                \
	{                                                                                          \
		put_value(ctl, row, SHMQ_RING_##symbol_##_METRIC, buf, cap_bytes);                 \
	}                                                                                          \
	static void put_##symbol_##_rate(const struct ctl *ctl, const void *row, char *buf,        \
					 size_t cap_bytes)                                         \
	{                                                                                          \
		PUT_##kind_(ctl, row, SHMQ_RING_##symbol_##_METRIC, buf, cap_bytes);               \
	}

SHMQ_RING_METRICS(PUTTERS)

#define BIT(symbol_) (1u << SHMQ_RING_##symbol_##_METRIC)
#define SHOWN_TOTALS                                                                               \
	(BIT(PUSHED) | BIT(POPPED) | BIT(DEPTH) | BIT(SLOTS) | BIT(FULL) | BIT(DRY) |              \
	 BIT(SLEEPS) | BIT(WAKES) | BIT(DIED))
#define SHOWN_RATES (SHOWN_TOTALS & ~BIT(DIED))

#define NAME_GAUGE(symbol_)   #symbol_
#define NAME_COUNTER(symbol_) #symbol_ "/S"

#define TOTAL_COLUMN(symbol_, key_, family_, label_, kind_, unit_, help_)                          \
	{ #symbol_, !!(SHOWN_TOTALS & BIT(symbol_)), true, put_##symbol_, NULL },
#define RATE_COLUMN(symbol_, key_, family_, label_, kind_, unit_, help_)                           \
	{ NAME_##kind_(symbol_), !!(SHOWN_RATES & BIT(symbol_)), true, put_##symbol_##_rate, NULL },

const struct column stat_totals[STAT_COLUMNS] = {
	{ "NAME", true, false, put_name, NULL },
	SHMQ_RING_METRICS(TOTAL_COLUMN)
};
const struct column stat_rates[STAT_COLUMNS] = {
	{ "NAME", true, false, put_name, NULL },
	SHMQ_RING_METRICS(RATE_COLUMN)
};

_Static_assert(STAT_COLUMNS <= TABLE_COLUMNS_MAX, "room in struct table");
_Static_assert((int)SHMQ_N_RING_METRICS <= 32, "room in BIT()");

int stat_table_init(struct table *table, const struct ctl *ctl, bool rates)
{
	return table_init(table, ctl, rates ? stat_rates : stat_totals, STAT_COLUMNS);
}

int stat_table_print(const struct table *table, const struct ctl *ctl, const struct snapshot *before,
		     const struct snapshot *now)
{
	_cleanup_(freep) struct stat_row *rows = calloc(now->n_rings + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < now->n_rings; i++)
		rows[i] = (struct stat_row){
			.now = &now->rings[i],
			.before = before ? snapshot_find(before, now->rings[i].name) : NULL,
			.span_ns = before ? now->taken_ns - before->taken_ns : 0,
		};
	return table_print(table, ctl, rows, sizeof(*rows), now->n_rings);
}

static struct json_object *json_of_rates(const struct shmq_ring_stats *before,
					 const struct shmq_ring_stats *now, int64_t span_ns)
{
	struct json_object *json = json_object_new_object();

	for (unsigned i = 0; i < ring_metrics.n_rows && i < now->n_values; i++)
		if (ring_metrics.rows[i].kind == METRIC_COUNTER)
			json_object_object_add(json, ring_metrics.rows[i].key,
					       json_object_new_double(
						       metric_rate(before, now, i, span_ns)));
	return json;
}

struct json_object *stat_json(const struct snapshot *before, const struct snapshot *now)
{
	int64_t span_ns = before ? now->taken_ns - before->taken_ns : 0;
	struct json_object *root = json_root();
	struct json_object *rings = json_object_new_array();

	for (size_t i = 0; i < now->n_rings; i++) {
		const struct shmq_ring_stats *ring = &now->rings[i];
		struct json_object *json =
			json_of_values(&ring_metrics, ring->values, ring->n_values);

		json_add_text(json, "name", ring->name);
		if (before)
			json_object_object_add(json, "rates",
					       json_of_rates(snapshot_find(before, ring->name),
							     ring, span_ns));
		json_object_array_add(rings, json);
	}
	if (before)
		json_add_count(root, "span_ns", (uint64_t)span_ns);
	json_object_object_add(root, "daemon",
			       json_of_values(&daemon_metrics, now->daemon.values,
					      now->daemon.n_values));
	json_object_object_add(root, "rings", rings);
	return root;
}
