/* SPDX-License-Identifier: MIT */
/*
 * ring_timers.h - one timer per ring that the core has given a deadline
 */
#pragma once

#include <stdint.h>

#include <event2/event.h>

struct shell;
struct ring_timer;

struct ring_timers {
	struct shell *shell;
	struct ring_timer *timers;	/* one per record */
	uint32_t n_rings;
};

int ring_timers_init(struct ring_timers *timers, struct shell *shell, uint32_t n_rings);
void ring_timers_deinit(struct ring_timers *timers); /* zeroed memory is fine */
void ring_timers_set(struct ring_timers *timers, uint32_t ring, int64_t delay_ns);
void ring_timers_clear(struct ring_timers *timers, uint32_t ring);
