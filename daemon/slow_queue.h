/* SPDX-License-Identifier: MIT */
/*
 * slow_queue.h - actions that take a millisecond: a chunk's worth of them per turn of the loop
 *
 * Giving a ring its memory is done in chunks, so that a ring of gigabytes holds nobody up; chunks that
 * take no longer than a request does are not worth a turn and done at once. Rings take turns, for a
 * chunk is asked for when the one before is answered. What comes later for a ring that has a chunk
 * waiting waits behind it: actions of a ring are done in their order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "daemon/core/core.h"

struct shell;

struct slow_queue {
	struct shell *shell;
	struct event *turn;
	struct core_action *first, **end;
	uint32_t *n_waiting;	/* per ring */
};

int slow_queue_init(struct slow_queue *queue, struct shell *shell, uint32_t n_rings);
void slow_queue_deinit(struct slow_queue *queue); /* zeroed memory is fine */

/* Does this action have to wait? */
bool slow_queue_takes(const struct slow_queue *queue, const struct core_action *action);
/* Takes it over. */
void slow_queue_add(struct slow_queue *queue, struct core_action *action);
