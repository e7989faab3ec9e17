/* SPDX-License-Identifier: MIT */
/*
 * clock.c - one clock (CLOCK_MONOTONIC) and deadlines that can't overflow
 */
#include "base/clock.h"

#include <assert.h>
#include <limits.h>

static int64_t clock_ns(clockid_t id)
{
	struct timespec now;
	int r = clock_gettime(id, &now);

	assert(r == 0); /* both clocks exist on every Linux */
	(void)r;
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t deadline_after_ns(int64_t timeout_ns)
{
	int64_t deadline_ns;

	if (timeout_ns < 0)
		return DEADLINE_NEVER;
	if (__builtin_add_overflow(clock_monotonic_ns(), timeout_ns, &deadline_ns))
		return DEADLINE_NEVER;
	return deadline_ns;
}

int64_t deadline_left_ns(int64_t deadline_ns)
{
	int64_t now_ns;

	if (deadline_ns == DEADLINE_NEVER)
		return DEADLINE_NEVER;
	now_ns = clock_monotonic_ns();
	return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

struct timespec timespec_from_ns(int64_t ns)
{
	struct timespec ts;

	assert(ns >= 0);
	ts.tv_sec = (time_t)(ns / NS_PER_S);
	ts.tv_nsec = (long)(ns % NS_PER_S);
	return ts;
}

int deadline_poll_timeout_ms(int64_t deadline_ns)
{
	int64_t left_ns = deadline_left_ns(deadline_ns);
	int64_t left_ms;

	if (left_ns == DEADLINE_NEVER)
		return -1;
	left_ms = left_ns / NS_PER_MS + (left_ns % NS_PER_MS != 0);
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}
