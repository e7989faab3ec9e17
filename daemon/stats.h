/* SPDX-License-Identifier: MIT */
/*
 * stats.h - figures as the shell completes them: what segments say, and what the loop has done
 */
#pragma once

#include <stdint.h>

#include "daemon/core/core.h"

struct shell;

/* All figures of a ring; those of a segment that can't be read are 0. */
void stats_of_ring(struct shell *shell, uint32_t ring, struct control_ring_stats *ret_stats);
/* Put what only the shell knows into @values, which the core has filled. */
void stats_of_shell(const struct shell *shell, uint64_t values[SHMQ_N_DAEMON_METRICS]);
