/* SPDX-License-Identifier: MIT */
/*
 * slow_queue.c - one chunk's worth per turn of the loop; see slow_queue.h
 *
 * A timer without delay is due at the next turn, behind everything that is ready by then: an event
 * that is made active at once would run again before the loop has looked at any descriptor.
 */
#include "daemon/slow_queue.h"

#include <errno.h>
#include <stdlib.h>

#define AT_ONCE_BYTES (64u << 10) /* about 20 us */
#define TURN_BYTES    (4u << 20)  /* about a millisecond; a chunk is no larger */

int slow_queue_init(struct slow_queue *queue, struct event_base *base, uint32_t n_rings,
		    event_callback_fn on_turn, void *arg)
{
	queue->end = &queue->first;
	queue->n_waiting = calloc(n_rings, sizeof(*queue->n_waiting));
	queue->turn = evtimer_new(base, on_turn, arg);
	return queue->n_waiting && queue->turn ? 0 : -ENOMEM;
}

void slow_queue_deinit(struct slow_queue *queue)
{
	while (queue->first) {
		struct core_action *action = queue->first;

		queue->first = action->next;
		free(action);
	}
	if (queue->turn)
		event_free(queue->turn);
	queue->turn = NULL;
	free(queue->n_waiting);
	queue->n_waiting = NULL;
}

bool slow_queue_takes(const struct slow_queue *queue, const struct core_action *action)
{
	switch (action->type) {
	case CORE_SEGMENT_ALLOCATE:
	case CORE_SEGMENT_PUNCH:
		return action->bytes > AT_ONCE_BYTES || queue->n_waiting[action->ring] > 0;
	case CORE_SEGMENT_CREATE:
	case CORE_SEGMENT_SHARE:
	case CORE_SEGMENT_UNLINK:
	case CORE_SEGMENT_CLOSE:
	case CORE_SEGMENT_PROBE:
		return queue->n_waiting[action->ring] > 0;
	default:
		return false;
	}
}

void slow_queue_ask_turn(struct slow_queue *queue)
{
	static const struct timeval at_once;

	if (queue->first && !evtimer_pending(queue->turn, NULL))
		evtimer_add(queue->turn, &at_once);
}

void slow_queue_add(struct slow_queue *queue, struct core_action *action)
{
	action->next = NULL;
	*queue->end = action;
	queue->end = &action->next;
	queue->n_waiting[action->ring]++;
	slow_queue_ask_turn(queue);
}

struct core_action *slow_queue_take(struct slow_queue *queue, uint64_t *done_bytes)
{
	struct core_action *action = queue->first;

	if (!action || (*done_bytes && *done_bytes + action->bytes > TURN_BYTES))
		return NULL;
	queue->first = action->next;
	if (!queue->first)
		queue->end = &queue->first;
	action->next = NULL;
	queue->n_waiting[action->ring]--;
	*done_bytes += action->bytes + AT_ONCE_BYTES; /* none is for nothing */
	return action;
}
