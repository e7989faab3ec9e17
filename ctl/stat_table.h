/* SPDX-License-Identifier: MIT */
/*
 * stat_table.h - one line per ring: columns made of the table of metrics
 *
 * Two sets of columns: what there is now and has been counted (PUSHED), or what was counted per
 * second between two snapshots (PUSHED/S).
 */
#pragma once

#include "ctl/metric_tables.h"
#include "ctl/table.h"

struct stat_row {
	const struct shmq_ring_stats *now;
	const struct shmq_ring_stats *before; /* NULL: the ring is new, or there are no rates */
	int64_t span_ns;
};

#define STAT_COLUMNS (1 + SHMQ_N_RING_METRICS)
extern const struct column stat_totals[STAT_COLUMNS], stat_rates[STAT_COLUMNS];

/* Choose columns as --output says. Return: as table_init(). */
int stat_table_init(struct table *table, const struct ctl *ctl, bool rates);
/* @before: NULL without rates. Return: 0 or -errno. */
int stat_table_print(const struct table *table, const struct ctl *ctl, const struct snapshot *before,
		     const struct snapshot *now);
/* The same as JSON: {"schema":1,"daemon":{…},"rings":[…]}, and "rates" in each ring. */
struct json_object *stat_json(const struct snapshot *before, const struct snapshot *now);
