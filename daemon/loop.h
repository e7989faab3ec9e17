/* SPDX-License-Identifier: MIT */
/*
 * loop.h - how the daemon uses libevent: priorities, times
 *
 * Deaths come first: they are rare, end by themselves, and somebody sleeps until they are told.
 * Everything else has one priority. A lower one would never run while a client keeps the daemon
 * busy; long work is cut into pieces and does one per turn of the loop instead (slow_queue.h).
 */
#pragma once

#include <stdint.h>

#include <event2/event.h>

#include "base/clock.h"

enum loop_priority {
	LOOP_DEATHS,	/* pidfds, signals */
	LOOP_WORK,	/* what event_new() gives by default: number of priorities / 2 */
	LOOP_PRIORITIES,
};

static inline struct timeval timeval_from_ns(int64_t ns)
{
	int64_t us = ns / NS_PER_US + (ns % NS_PER_US > 0); /* never too early */

	return (struct timeval){ .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
}
