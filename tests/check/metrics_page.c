/* SPDX-License-Identifier: MIT */
/*
 * metrics_page.c - prints the sections of shmq-metrics(7) that are made from the tables in metrics.h
 */
#include <stdio.h>
#include <string.h>

#include <shmq/metrics.h>

#include "base/metrics.h"

static const struct metric ring_rows[] = { SHMQ_RING_METRICS(METRIC_ROW) };
static const struct metric daemon_rows[] = { SHMQ_DAEMON_METRICS(METRIC_ROW) };

/* A line of text in mdoc: a full stop at its begin would be a macro. */
static void print_row(const char *prefix, const struct metric *metric)
{
	const char *unit = metric_unit_name(metric->unit);

	printf(".It Li %s\n.Li %s%s%s", metric->key, prefix, metric->family,
	       metric->kind == METRIC_COUNTER ? "_total" : "");
	if (*metric->label)
		printf("{%s}", metric->label);
	printf("\n.Pq %s%s%s%s\n.br\n%s.\n", metric->kind == METRIC_COUNTER ? "counter" : "gauge",
	       *unit ? ", " : "", unit, metric->unit == METRIC_NS ? "; nanoseconds in JSON" : "",
	       metric->help);
}

static void print_table(const char *title, const char *prefix, const struct metric *rows, size_t n)
{
	printf(".Ss %s\n.Bl -tag -width Ds -compact\n", title);
	for (size_t i = 0; i < n; i++)
		print_row(prefix, &rows[i]);
	printf(".El\n");
}

int main(void)
{
	print_table("Of a ring", "shmq_ring_", ring_rows, SHMQ_N_RING_METRICS);
	print_table("Of the daemon", "shmqd_", daemon_rows, SHMQ_N_DAEMON_METRICS);
	return 0;
}
