/* SPDX-License-Identifier: MIT */
/*
 * clock.h - monotonic time and deadlines in nanoseconds
 *
 * A timeout argument is relative: 0 does not wait, negative waits for ever. A deadline is an
 * absolute CLOCK_MONOTONIC instant, DEADLINE_NEVER never comes.
 */
#pragma once

#include <stdint.h>
#include <time.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

#define DEADLINE_NEVER INT64_MAX

int64_t clock_monotonic_ns(void);
int64_t clock_realtime_ns(void);
int64_t deadline_after_ns(int64_t timeout_ns);      /* saturates; negative: DEADLINE_NEVER */
int64_t deadline_left_ns(int64_t deadline_ns);      /* >= 0; DEADLINE_NEVER stays */
struct timespec timespec_from_ns(int64_t ns);
int deadline_poll_timeout_ms(int64_t deadline_ns);  /* for poll(2): rounded up, -1 for never */
