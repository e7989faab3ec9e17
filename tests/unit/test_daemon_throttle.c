/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_throttle.c - a second's worth at once, then as time passes; each user for himself
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/throttle.h"

#define RATE 100u
#define USER 1000u

TestSuite(throttle, .timeout = 20);

static struct throttle throttle = { .cost_ns = NS_PER_S / RATE };
static const int64_t start_ns = 50 * NS_PER_S;

static unsigned passed(uid_t uid, int64_t now_ns, unsigned n_tries)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_tries; i++)
		n += throttle_pass(&throttle, uid, now_ns);
	return n;
}

Test(throttle, a_second_at_once_and_then_as_time_passes)
{
	cr_assert(eq(uint, passed(USER, start_ns, 10 * RATE), RATE + 1));
	cr_assert(eq(uint, passed(USER, start_ns + NS_PER_S / 2, 10 * RATE), RATE / 2));
	cr_assert(eq(uint, passed(USER, start_ns + 60 * NS_PER_S, 10 * RATE), RATE + 1));
}

Test(throttle, one_user_spends_nothing_of_anothers)
{
	for (unsigned i = 0; i < THROTTLE_WAYS; i++)
		cr_expect(eq(uint, passed(USER + i * THROTTLE_SETS, start_ns, 10 * RATE), RATE + 1));
	for (unsigned i = 0; i < THROTTLE_WAYS; i++)
		cr_expect(eq(uint, passed(USER + i * THROTTLE_SETS, start_ns, 10 * RATE), 0));
}

Test(throttle, who_comes_under_many_uids_gains_little)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 1000; i++)
		n += passed(USER + i * THROTTLE_SETS, start_ns, 10 * RATE);
	cr_assert(eq(uint, n, (THROTTLE_WAYS + 1) * (RATE + 1)));
	cr_assert(eq(uint, passed(USER + 1, start_ns, 1), 1), "the others' sets are theirs");
	cr_assert(eq(uint, passed(77, start_ns + 10 * NS_PER_S, 1), 1));
}

Test(throttle, root_and_the_daemons_user_are_not_slowed)
{
	cr_assert(eq(uint, passed(0, start_ns, 10 * RATE), 10 * RATE));
	cr_assert(eq(uint, passed(geteuid(), start_ns, 10 * RATE), 10 * RATE));
	throttle.cost_ns = 0;
	cr_assert(eq(uint, passed(USER, start_ns, 10 * RATE), 10 * RATE));
}
