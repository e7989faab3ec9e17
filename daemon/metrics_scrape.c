/* SPDX-License-Identifier: MIT */
/*
 * metrics_scrape.c - the text of one scrape, piece by piece; see metrics_scrape.h
 */
#include "daemon/metrics_scrape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/shell.h"
#include "daemon/stats.h"

#define COLLECTED_PER_TURN 32u	 /* two or more pread(2) each */
#define LOOKED_AT_PER_TURN 4096u /* records, most of them free */
#define WRITTEN_PER_TURN   256u

static const struct metric ring_rows[] = { SHMQ_RING_METRICS(METRIC_ROW) };
static const struct metric daemon_rows[] = { SHMQ_DAEMON_METRICS(METRIC_ROW) };

static const struct metric_table ring_table = {
	"shmq_ring_", "ring", ring_rows, SHMQ_N_RING_METRICS,
};
static const struct metric_table daemon_table = {
	"shmqd_", NULL, daemon_rows, SHMQ_N_DAEMON_METRICS,
};

/* ---- collecting ---- */

static struct control_ring_stats *ring_add(struct metrics_scrape *scrape)
{
	if (scrape->n_rings == scrape->cap_rings) {
		size_t cap = scrape->cap_rings ? 2 * scrape->cap_rings : 64;
		void *rings = reallocarray(scrape->rings, cap, sizeof(*scrape->rings));

		if (!rings)
			return NULL;
		scrape->rings = rings;
		scrape->cap_rings = cap;
	}
	return &scrape->rings[scrape->n_rings++];
}

static int collect(struct metrics_scrape *scrape)
{
	const struct core *core = scrape->shell->core;
	uint32_t last = scrape->next_ring + LOOKED_AT_PER_TURN;

	for (unsigned i = 0; i < COLLECTED_PER_TURN; i++) {
		uint32_t ring = core_next_ring(core, scrape->next_ring, last);
		struct control_ring_stats *to;

		scrape->next_ring = ring;
		if (ring >= last || ring >= core_n_rings(core))
			return 1;
		to = ring_add(scrape);
		if (!to)
			return -ENOMEM;
		stats_of_ring(scrape->shell, ring, to);
		scrape->next_ring = ring + 1;
	}
	return 1;
}

static bool has_collected(const struct metrics_scrape *scrape)
{
	return scrape->n_rings >= SCRAPE_RINGS_MAX ||
	       scrape->next_ring >= core_n_rings(scrape->shell->core);
}

static int collected(struct metrics_scrape *scrape)
{
	scrape->values = calloc(scrape->n_rings + 1, sizeof(*scrape->values));
	if (!scrape->values)
		return -ENOMEM;
	for (size_t i = 0; i < scrape->n_rings; i++)
		scrape->values[i] = (struct metric_values){
			.object = scrape->rings[i].name,
			.values = scrape->rings[i].values,
			.n_values = SHMQ_N_RING_METRICS,
		};
	return 1;
}

/* ---- writing ---- */

static void write_daemon(struct metrics_scrape *scrape)
{
	uint64_t values[SHMQ_N_DAEMON_METRICS];
	const struct metric_values daemon = {
		.values = values, .n_values = SHMQ_N_DAEMON_METRICS,
	};

	core_daemon_stats(scrape->shell->core, clock_monotonic_ns(), values);
	stats_of_shell(scrape->shell, values);
	metric_write_table(scrape->out, &daemon_table, &daemon, 1, scrape->format);
}

static void write_piece(struct metrics_scrape *scrape)
{
	size_t left = scrape->n_rings - scrape->n_out;
	size_t n = left < WRITTEN_PER_TURN ? left : WRITTEN_PER_TURN;

	if (scrape->n_out == 0)
		metric_write_head(scrape->out, &ring_table, scrape->row, scrape->format);
	metric_write_samples(scrape->out, &ring_table, scrape->row,
			     &scrape->values[scrape->n_out], n);
	scrape->n_out += n;
	if (scrape->n_out < scrape->n_rings)
		return;
	scrape->n_out = 0;
	do {
		scrape->row++;
	} while (scrape->row < ring_table.n_rows &&
		 !metric_begins_family(&ring_table, scrape->row));
}

static int finish(struct metrics_scrape *scrape)
{
	FILE *out = scrape->out;
	bool failed;

	write_daemon(scrape);
	metric_write_end(out, scrape->format);
	failed = ferror(out);
	scrape->out = NULL;
	return fclose(out) != 0 || failed ? -ENOMEM : 0;
}

int metrics_scrape_go_on(struct metrics_scrape *scrape)
{
	if (!has_collected(scrape))
		return collect(scrape);
	if (!scrape->values)
		return collected(scrape);
	if (scrape->row < ring_table.n_rows) {
		write_piece(scrape);
		return 1;
	}
	return finish(scrape);
}

struct metrics_scrape *metrics_scrape_new(struct shell *shell, enum metric_format format)
{
	struct metrics_scrape *scrape = calloc(1, sizeof(*scrape));

	if (!scrape)
		return NULL;
	scrape->shell = shell;
	scrape->format = format;
	scrape->out = open_memstream(&scrape->text, &scrape->len_bytes);
	return scrape->out ? scrape : metrics_scrape_free(scrape);
}

struct metrics_scrape *metrics_scrape_free(struct metrics_scrape *scrape)
{
	if (!scrape)
		return NULL;
	if (scrape->out)
		fclose(scrape->out);
	free(scrape->text);
	free(scrape->values);
	free(scrape->rings);
	free(scrape);
	return NULL;
}
