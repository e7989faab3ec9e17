/* SPDX-License-Identifier: MIT */
/*
 * turn.c - one turn of the loop: the core is told what happened, and what follows is done; see shell.h
 *
 * Whatever reports events ends here. How the rest is done, shell.c says: so nobody who reports needs
 * those who perform.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "daemon/shell.h"

/* From the kernel in portions of many: a create takes several steps. */
static void random_take(void *buf, size_t len_bytes)
{
	static uint8_t portion[1024];
	static size_t n_left;

	if (n_left < len_bytes) {
		if (random_bytes(portion, sizeof(portion)) < 0)
			abort(); /* generations and echoes must not be guessable */
		n_left = sizeof(portion);
	}
	n_left -= len_bytes;
	memcpy(buf, portion + n_left, len_bytes);
}

void shell_step(struct shell *shell, struct core_event *event)
{
	event->now_ns = clock_monotonic_ns();
	if (!shell->turn_began_ns)
		shell->turn_began_ns = event->now_ns;
	event->now_s = (uint64_t)(clock_realtime_ns() / NS_PER_S);
	random_take(event->random, sizeof(event->random));
	core_step(shell->core, event, shell->actions);
}

/* A turn of the loop that told the core nothing is not worth a look at the clock. */
static void count_turn(struct shell *shell)
{
	int64_t spent_ns;

	if (!shell->turn_began_ns)
		return;
	spent_ns = clock_monotonic_ns() - shell->turn_began_ns;
	shell->turn_began_ns = 0;
	if (spent_ns > shell->turn_max_ns)
		shell->turn_max_ns = spent_ns;
	core_count(shell->core, SHMQ_DAEMON_TURNS_METRIC, 1);
	core_count(shell->core, SHMQ_DAEMON_BUSY_METRIC, (uint64_t)spent_ns);
}

void shell_settle(struct shell *shell)
{
	shell->perform(shell);
	count_turn(shell);
}
