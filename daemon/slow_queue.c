/* SPDX-License-Identifier: MIT */
/*
 * slow_queue.c - one chunk per turn of the loop; see slow_queue.h
 *
 * A timer without delay is due at the next turn, behind everything that is ready by then: an event
 * that is made active at once would run again before the loop has looked at any descriptor.
 */
#include "daemon/slow_queue.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/perform.h"
#include "daemon/shell.h"

static void turn_ask(struct slow_queue *queue)
{
	static const struct timeval at_once;

	if (queue->first && !evtimer_pending(queue->turn, NULL))
		evtimer_add(queue->turn, &at_once);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct slow_queue *queue = arg;
	struct core_action *action = queue->first;

	(void)fd;
	(void)what;
	if (!action)
		return;
	queue->first = action->next;
	if (!queue->first)
		queue->end = &queue->first;
	action->next = NULL;
	queue->n_waiting[action->ring]--;
	perform_action(queue->shell, action);
	free(action);
	turn_ask(queue);
	shell_settle(queue->shell);
}

int slow_queue_init(struct slow_queue *queue, struct shell *shell, uint32_t n_rings)
{
	queue->shell = shell;
	queue->end = &queue->first;
	queue->n_waiting = calloc(n_rings, sizeof(*queue->n_waiting));
	queue->turn = evtimer_new(shell->base, on_turn, queue);
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
		return true;
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

void slow_queue_add(struct slow_queue *queue, struct core_action *action)
{
	action->next = NULL;
	*queue->end = action;
	queue->end = &action->next;
	queue->n_waiting[action->ring]++;
	turn_ask(queue);
}
