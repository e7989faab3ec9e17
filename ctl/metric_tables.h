/* SPDX-License-Identifier: MIT */
/*
 * metric_tables.h - the tables of <shmq/metrics.h> as rows, and figures as shmqctl holds them
 *
 * A snapshot is what a daemon answered at one moment; two of them make rates.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/metrics.h"
#include "ctl/ctl.h"

extern const struct metric_table ring_metrics, daemon_metrics;

struct snapshot {
	int64_t taken_ns; /* CLOCK_MONOTONIC */
	struct shmq_daemon_stats daemon;
	struct shmq_ring_stats *rings; /* by name */
	size_t n_rings, cap_rings;
};

/*
 * snapshot_take() - ask for the figures of the rings named, or of all
 * @ret_name: which name there was no ring of, if it failed for one.
 * Return: 0 or what shmq_stats() says; -ENOMEM. Release it after success only.
 */
int snapshot_take(struct ctl *ctl, char *const *names, int n_names, struct snapshot *ret_snapshot,
		  const char **ret_name);
void snapshot_release(struct snapshot *snapshot);
/* Return: NULL when it has no such ring. */
const struct shmq_ring_stats *snapshot_find(const struct snapshot *snapshot, const char *ring);

/* How much a counter grew per second. One that has begun anew (another ring of the same name, another
 * daemon) grew from 0. @before may be NULL: the ring is new. */
double metric_rate(const struct shmq_ring_stats *before, const struct shmq_ring_stats *now,
		   unsigned metric, int64_t span_ns);

/* {"key":value,…} of as many values as there are. */
struct json_object *json_of_values(const struct metric_table *table, const uint64_t *values,
				   size_t n_values);
