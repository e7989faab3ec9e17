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

struct slow_queue {
	struct event *turn;
	struct core_action *first, **end;
	uint32_t *n_waiting;	/* per ring */
};

/* @on_turn: called once a turn while something waits, to take its share. Return: 0, -ENOMEM. */
int slow_queue_init(struct slow_queue *queue, struct event_base *base, uint32_t n_rings,
		    event_callback_fn on_turn, void *arg);
void slow_queue_deinit(struct slow_queue *queue); /* zeroed memory is fine */

/* Does this action have to wait? */
bool slow_queue_takes(const struct slow_queue *queue, const struct core_action *action);
/* Takes it over. */
void slow_queue_add(struct slow_queue *queue, struct core_action *action);

/* Return: the next one of this turn, which has done so much; it is the caller's. NULL: no more now. */
struct core_action *slow_queue_take(struct slow_queue *queue, uint64_t *done_bytes);
/* Another turn, if something waits. */
void slow_queue_ask_turn(struct slow_queue *queue);
