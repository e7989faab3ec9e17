/* SPDX-License-Identifier: MIT */
/*
 * test_base_clock.c - deadlines saturate, never wrap, and round so that nobody wakes too early
 */
#include <criterion/criterion.h>
#include <limits.h>

#include "base/clock.h"

TestSuite(clock, .timeout = 10);

Test(clock, never_goes_back)
{
	int64_t before_ns = clock_monotonic_ns();

	for (int i = 0; i < 1000; i++) {
		int64_t now_ns = clock_monotonic_ns();

		cr_assert_geq(now_ns, before_ns);
		before_ns = now_ns;
	}
}

Test(clock, realtime_is_the_epochs)
{
	int64_t before_s = time(NULL);
	int64_t now_s = clock_realtime_ns() / NS_PER_S;

	/* time(2) may lag by a tick of the coarse clock. */
	cr_assert_geq(now_s, before_s);
	cr_assert_leq(now_s, (int64_t)time(NULL) + 1);
}

Test(clock, a_deadline_lies_its_timeout_ahead)
{
	int64_t before_ns = clock_monotonic_ns();
	int64_t deadline_ns = deadline_after_ns(NS_PER_S);
	int64_t after_ns = clock_monotonic_ns();

	cr_assert_geq(deadline_ns, before_ns + NS_PER_S);
	cr_assert_leq(deadline_ns, after_ns + NS_PER_S);
	cr_assert_leq(deadline_left_ns(deadline_ns), NS_PER_S);
}

Test(clock, negative_timeouts_are_for_ever)
{
	cr_assert_eq(deadline_after_ns(-1), DEADLINE_NEVER);
	cr_assert_eq(deadline_after_ns(INT64_MIN), DEADLINE_NEVER);
	cr_assert_eq(deadline_left_ns(DEADLINE_NEVER), DEADLINE_NEVER);
	cr_assert_eq(deadline_poll_timeout_ms(DEADLINE_NEVER), -1);
}

Test(clock, timeouts_beyond_the_clock_are_for_ever)
{
	cr_assert_eq(deadline_after_ns(INT64_MAX), DEADLINE_NEVER);
	cr_assert_eq(deadline_after_ns(INT64_MAX - 1), DEADLINE_NEVER);
}

Test(clock, a_past_deadline_has_nothing_left)
{
	cr_assert_eq(deadline_left_ns(deadline_after_ns(0)), 0);
	cr_assert_eq(deadline_left_ns(0), 0);
	cr_assert_eq(deadline_left_ns(INT64_MIN), 0);
	cr_assert_eq(deadline_poll_timeout_ms(0), 0);
}

Test(clock, poll_timeouts_are_rounded_up)
{
	int64_t far_ns = clock_monotonic_ns() + 3600 * NS_PER_S;
	int timeout_ms = deadline_poll_timeout_ms(far_ns);
	int64_t left_ns = deadline_left_ns(far_ns);

	/* What was left when it was asked, in whole ms upwards, is at least what is left now. */
	cr_assert_geq((int64_t)timeout_ms * NS_PER_MS, left_ns);
	cr_assert_leq(timeout_ms, 3600 * 1000);
}

Test(clock, poll_timeouts_fit_an_int)
{
	cr_assert_eq(deadline_poll_timeout_ms(DEADLINE_NEVER - 1), INT_MAX);
}

Test(clock, timespecs_are_normal)
{
	struct timespec ts = timespec_from_ns(3 * NS_PER_S + 5);

	cr_assert_eq(ts.tv_sec, 3);
	cr_assert_eq(ts.tv_nsec, 5);
	ts = timespec_from_ns(NS_PER_S - 1);
	cr_assert_eq(ts.tv_sec, 0);
	cr_assert_eq(ts.tv_nsec, 999999999);
}
