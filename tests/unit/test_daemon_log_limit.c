/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_log_limit.c - one user can't fill the journal, and can't silence another
 */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "daemon/log_limit.h"

#define BURST 10u

TestSuite(log_limit, .timeout = 20);

static unsigned passed(struct log_limit *limit, uint64_t key, int64_t now_ns, unsigned n_tries,
		       unsigned *ret_swallowed)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_tries; i++)
		n += log_limit_pass(limit, key, now_ns, ret_swallowed);
	return n;
}

Test(log_limit, a_burst_passes_and_then_one_a_second)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed = 99;

	cr_assert_eq(passed(&limit, 7, 5 * NS_PER_S, 100, &swallowed), BURST);
	cr_assert_eq(swallowed, 0);
	cr_assert_eq(passed(&limit, 7, 5 * NS_PER_S + NS_PER_S - 1, 100, &swallowed), 0);
	cr_assert_eq(passed(&limit, 7, 6 * NS_PER_S, 1, &swallowed), 1);
	cr_assert_eq(swallowed, 190, "what was left out is told");
	cr_assert_eq(passed(&limit, 7, 9 * NS_PER_S, 100, &swallowed), 3);
}

Test(log_limit, a_bucket_is_never_more_than_full)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed;

	passed(&limit, 7, 0, 100, &swallowed);
	cr_assert_eq(passed(&limit, 7, INT64_MAX, 100, &swallowed), BURST);
}

Test(log_limit, users_have_buckets_of_their_own)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed;

	passed(&limit, 7, 0, 100, &swallowed);
	cr_assert_eq(passed(&limit, 8, 0, 100, &swallowed), BURST);
	cr_assert_eq(passed(&limit, 0, 0, 100, &swallowed), BURST);
	cr_assert_eq(passed(&limit, 7, 0, 100, &swallowed), 0);
}

Test(log_limit, more_than_one_a_second_comes_back_if_so_configured)
{
	struct log_limit limit = { .burst = BURST, .per_s = 4 };
	unsigned swallowed;

	passed(&limit, 7, 0, 100, &swallowed);
	cr_assert_eq(passed(&limit, 7, NS_PER_S, 100, &swallowed), 4);
	cr_assert_eq(passed(&limit, 7, 9 * NS_PER_S, 100, &swallowed), BURST);
}

Test(log_limit, what_another_limit_left_out_is_told_as_well)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed = 99;

	log_limit_swallow(&limit, 7, 0);
	log_limit_swallow(&limit, 7, 0);
	cr_assert_eq(passed(&limit, 7, 0, 1, &swallowed), 1);
	cr_assert_eq(swallowed, 2);
}
