/* SPDX-License-Identifier: MIT */
/*
 * ring_timers.c - the rings' deadlines in the loop; see ring_timers.h
 *
 * An event is made when a ring gets its first deadline and kept: most rings never have one.
 */
#include "daemon/ring_timers.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/shell.h"

#define DELAY_MAX_NS (INT64_C(86400) * 36500 * NS_PER_S) /* a century: what libevent can add up */

struct ring_timer {
	struct ring_timers *timers;
	struct event *event;		/* NULL: never had a deadline */
};

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ring_timer *timer = arg;
	struct shell *shell = timer->timers->shell;
	struct core_event event = {
		.type = CORE_RING_TIMER,
		.ring = (uint32_t)(timer - timer->timers->timers),
	};

	(void)fd;
	(void)what;
	shell_step(shell, &event);
	shell_settle(shell);
}

int ring_timers_init(struct ring_timers *timers, struct shell *shell, uint32_t n_rings)
{
	timers->shell = shell;
	timers->n_rings = n_rings;
	timers->timers = calloc(n_rings, sizeof(*timers->timers));
	return timers->timers ? 0 : -ENOMEM;
}

void ring_timers_deinit(struct ring_timers *timers)
{
	for (uint32_t i = 0; timers->timers && i < timers->n_rings; i++)
		if (timers->timers[i].event)
			event_free(timers->timers[i].event);
	free(timers->timers);
	timers->timers = NULL;
}

void ring_timers_set(struct ring_timers *timers, uint32_t ring, int64_t delay_ns)
{
	struct timeval delay = timeval_from_ns(delay_ns < DELAY_MAX_NS ? delay_ns : DELAY_MAX_NS);
	struct ring_timer *timer = &timers->timers[ring];

	timer->timers = timers;
	if (!timer->event)
		timer->event = evtimer_new(timers->shell->base, on_timer, timer);
	if (!timer->event || evtimer_add(timer->event, &delay) < 0)
		log_line(LOG_ERR, "no memory for the timer of a ring: it outlives its time");
}

void ring_timers_clear(struct ring_timers *timers, uint32_t ring)
{
	if (timers->timers[ring].event)
		evtimer_del(timers->timers[ring].event);
}
