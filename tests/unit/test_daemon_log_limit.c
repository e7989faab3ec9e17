/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_log_limit.c - one user can't fill the journal, and can't silence another
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/log.h"
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

Test(log_limit, who_comes_under_many_keys_gains_nothing)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed, n = 0;

	/* two that a table by remainders would put into one place */
	for (unsigned i = 0; i < 100; i++) {
		n += passed(&limit, 1, 0, 1, &swallowed);
		n += passed(&limit, 1 + LOG_LIMIT_SLOTS, 0, 1, &swallowed);
	}
	cr_assert_eq(n, 2 * BURST);
	for (unsigned key = 100; key < 10000; key++)
		n += passed(&limit, key, 0, 100, &swallowed);
	cr_assert_eq(n, LOG_LIMIT_SLOTS * BURST);
	cr_assert_eq(passed(&limit, 1, 0, 1, &swallowed), 0);
	/* they have rested: their places are others' */
	cr_assert_eq(passed(&limit, 70000, BURST * NS_PER_S, 100, &swallowed), BURST);
}

Test(log_limit, many_who_write_little_are_all_heard)
{
	struct log_limit limit = { .burst = BURST, .per_s = 1 };
	unsigned swallowed;

	for (unsigned key = 0; key < 5 * LOG_LIMIT_SLOTS; key++)
		cr_assert_eq(passed(&limit, key, 0, 1, &swallowed), 1);
	cr_assert_eq(passed(&limit, 70000, 0, 100, &swallowed), BURST - 5);
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

static unsigned lines_written(FILE *file)
{
	unsigned n = 0;
	int c;

	rewind(file);
	while ((c = getc(file)) != EOF)
		n += c == '\n';
	return n;
}

/* Its pid namespace is out of sight, but its uid is known: it may make rings, and each is a line. */
Test(log_limit, who_shows_no_pid_is_limited_as_well)
{
	struct core_log log = {
		.id = CORE_LOG_RING_CREATED, .priority = LOG_INFO, .has_process = true,
		.process = { .pid = 0, .uid = 1000 }, .text = "made ring 'r'",
	};
	FILE *file = tmpfile();

	cr_assert_not_null(file);
	cr_assert_geq(dup2(fileno(file), STDERR_FILENO), 0);
	log_open(LOG_INFO, "test");
	for (unsigned i = 0; i < 5000; i++)
		log_core(&log, 5 * NS_PER_S);
	cr_assert_eq(lines_written(file), 100);
	fclose(file);
}
