/* SPDX-License-Identifier: MIT */
/*
 * metric_tables.c - tables of metrics, snapshots of their values; see metric_tables.h
 */
#include "ctl/metric_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

static const struct metric ring_rows[] = { SHMQ_RING_METRICS(METRIC_ROW) };
static const struct metric daemon_rows[] = { SHMQ_DAEMON_METRICS(METRIC_ROW) };

const struct metric_table ring_metrics = { "shmq_ring_", "ring", ring_rows, SHMQ_N_RING_METRICS };
const struct metric_table daemon_metrics = { "shmqd_", NULL, daemon_rows, SHMQ_N_DAEMON_METRICS };

static int add_ring(const struct shmq_ring_stats *stats, void *arg)
{
	struct snapshot *snapshot = arg;

	if (snapshot->n_rings == snapshot->cap_rings) {
		size_t cap = snapshot->cap_rings ? 2 * snapshot->cap_rings : 16;
		void *rings = reallocarray(snapshot->rings, cap, sizeof(*snapshot->rings));

		if (!rings)
			return -ENOMEM;
		snapshot->rings = rings;
		snapshot->cap_rings = cap;
	}
	snapshot->rings[snapshot->n_rings++] = *stats;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct shmq_ring_stats *)a)->name,
		      ((const struct shmq_ring_stats *)b)->name);
}

int snapshot_take(struct ctl *ctl, char *const *names, int n_names, struct snapshot *ret_snapshot,
		  const char **ret_name)
{
	_cleanup_(snapshot_release) struct snapshot snapshot = {
		.taken_ns = clock_monotonic_ns(),
	};
	int r = 0;

	*ret_name = NULL;
	if (n_names == 0)
		r = shmq_stats(ctl->client, NULL, add_ring, &snapshot, &snapshot.daemon);
	for (int i = 0; i < n_names && r == 0; i++) {
		r = shmq_stats(ctl->client, names[i], add_ring, &snapshot, &snapshot.daemon);
		if (r < 0)
			*ret_name = names[i];
	}
	if (r < 0)
		return r;
	if (snapshot.n_rings)
		qsort(snapshot.rings, snapshot.n_rings, sizeof(*snapshot.rings), by_name);
	*ret_snapshot = snapshot;
	snapshot = (struct snapshot){ 0 };
	return 0;
}

void snapshot_release(struct snapshot *snapshot)
{
	free(snapshot->rings);
	*snapshot = (struct snapshot){ 0 };
}

const struct shmq_ring_stats *snapshot_find(const struct snapshot *snapshot, const char *ring)
{
	struct shmq_ring_stats key = { 0 };

	if (!snapshot->n_rings || strlen(ring) >= sizeof(key.name))
		return NULL;
	strcpy(key.name, ring);
	return bsearch(&key, snapshot->rings, snapshot->n_rings, sizeof(key), by_name);
}

double metric_rate(const struct shmq_ring_stats *before, const struct shmq_ring_stats *now,
		   unsigned metric, int64_t span_ns)
{
	uint64_t from = before ? before->values[metric] : 0;
	uint64_t to = now->values[metric];

	if (span_ns <= 0)
		return 0;
	return (double)(to >= from ? to - from : to) * (double)NS_PER_S / (double)span_ns;
}

struct json_object *json_of_values(const struct metric_table *table, const uint64_t *values,
				   size_t n_values)
{
	struct json_object *json = json_object_new_object();

	for (size_t i = 0; i < table->n_rows && i < n_values; i++)
		json_object_object_add(json, table->rows[i].key,
				       json_object_new_uint64(values[i]));
	return json;
}
