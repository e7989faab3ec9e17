/* SPDX-License-Identifier: MIT */
/*
 * stats.c - the core's figures and the shell's put together; see stats.h
 */
#include "daemon/stats.h"

#include "daemon/shell.h"

void stats_of_ring(struct shell *shell, uint32_t ring, struct control_ring_stats *ret_stats)
{
	struct segment_figures figures = { 0 };
	uint64_t *values = ret_stats->values;

	core_ring_stats(shell->core, ring, ret_stats);
	if (segment_file_probe(&shell->segments, ring, &figures) < 0)
		return; /* it has no segment (yet, any more) */
	values[SHMQ_RING_PUSHED_METRIC] = figures.pushed;
	values[SHMQ_RING_POPPED_METRIC] = figures.popped;
	/* read one after the other: the consumer may be ahead of what was seen of the producer */
	values[SHMQ_RING_DEPTH_METRIC] =
		figures.pushed > figures.popped ? figures.pushed - figures.popped : 0;
	values[SHMQ_RING_FULL_METRIC] = figures.n_full;
	values[SHMQ_RING_DRY_METRIC] = figures.n_dry;
	values[SHMQ_RING_SLEEPS_METRIC] = figures.n_sleeps;
	values[SHMQ_RING_WAKES_METRIC] = figures.n_wakes;
}

void stats_of_shell(const struct shell *shell, uint64_t values[SHMQ_N_DAEMON_METRICS])
{
	values[SHMQ_DAEMON_TURN_MAX_METRIC] = (uint64_t)shell->turn_max_ns;
}
