/* SPDX-License-Identifier: MIT */
/*
 * test_base_parse.c - the whole string is a value, or nothing is written
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/parse.h"

TestSuite(parse, .timeout = 10);

#define N_ROWS(table) (sizeof(table) / sizeof((table)[0]))

Test(parse, numbers)
{
	uint64_t value = 7;

	cr_assert_eq(parse_u64("0", 0, 10, &value), 0);
	cr_assert_eq(value, 0);
	cr_assert_eq(parse_u64("18446744073709551615", 0, UINT64_MAX, &value), 0);
	cr_assert_eq(value, UINT64_MAX);
	cr_assert_eq(parse_u64("0010", 0, 10, &value), 0);
	cr_assert_eq(value, 10, "leading zeros are no octal");
}

Test(parse, what_is_no_number_is_refused)
{
	static const char *const bad[] = { "",	 " ",	 "-1", "+1",  " 1", "1 ",
					   "1x", "0x10", "x",  "1.0", "1e3" };

	for (size_t i = 0; i < N_ROWS(bad); i++) {
		uint64_t value = 7;

		cr_expect_eq(parse_u64(bad[i], 0, UINT64_MAX, &value), -EINVAL, "\"%s\"", bad[i]);
		cr_expect_eq(value, 7, "\"%s\" was written", bad[i]);
	}
}

Test(parse, numbers_out_of_range_are_told_from_garbage)
{
	uint64_t value = 7;

	cr_assert_eq(parse_u64("18446744073709551616", 0, UINT64_MAX, &value), -ERANGE);
	cr_assert_eq(parse_u64("99999999999999999999999", 0, UINT64_MAX, &value), -ERANGE);
	cr_assert_eq(parse_u64("4", 5, 10, &value), -ERANGE);
	cr_assert_eq(parse_u64("11", 5, 10, &value), -ERANGE);
	cr_assert_eq(value, 7);
}

Test(parse, sizes)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "512B", 512 },
		{ "64K", UINT64_C(65536) },
		{ "64k", UINT64_C(65536) },
		{ "64KiB", UINT64_C(65536) },
		{ "1M", UINT64_C(1) << 20 },
		{ "3G", UINT64_C(3) << 30 },
		{ "2T", UINT64_C(2) << 40 },
		{ "16777215T", UINT64_C(16777215) << 40 },
		{ "18446744073709551615", UINT64_MAX },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		uint64_t bytes = 7;

		cr_expect_eq(parse_size(rows[i].text, &bytes), 0, "\"%s\"", rows[i].text);
		cr_expect_eq(bytes, rows[i].bytes, "\"%s\" is %" PRIu64, rows[i].text, bytes);
	}
}

Test(parse, sizes_that_are_none)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ "", -EINVAL },
		{ "K", -EINVAL },
		{ "-1K", -EINVAL },
		{ "1KB", -EINVAL },
		{ "1Ki", -EINVAL },
		{ "1.5M", -EINVAL },
		{ "1 K", -EINVAL },
		{ "1KK", -EINVAL },
		{ "1P", -EINVAL },
		{ "1iB", -EINVAL },
		{ "1BB", -EINVAL },
		{ "16777216T", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "18446744073709551615K", -ERANGE },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		uint64_t bytes = 7;

		cr_expect_eq(parse_size(rows[i].text, &bytes), rows[i].error, "\"%s\"",
			     rows[i].text);
		cr_expect_eq(bytes, 7, "\"%s\" was written", rows[i].text);
	}
}

Test(parse, durations)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "0", 0 },
		{ "30", 30 * NS_PER_S },
		{ "7ns", 7 },
		{ "250ms", 250 * NS_PER_MS },
		{ "410us", 410 * NS_PER_US },
		{ "2s", 2 * NS_PER_S },
		{ "1.5s", 1500 * NS_PER_MS },
		{ "1.5", 1500 * NS_PER_MS },
		{ "0.000000001", 1 },
		{ "0.0000000019", 1 },
		{ "0.5ns", 0 },
		{ "5min", 300 * NS_PER_S },
		{ "5m", 300 * NS_PER_S },
		{ "0.25min", 15 * NS_PER_S },
		{ "1h", 3600 * NS_PER_S },
		{ "2d", 172800 * NS_PER_S },
		{ "0.5d", 43200 * NS_PER_S },
		{ "infinity", -1 },
		{ "9223372036854775807ns", INT64_MAX },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		int64_t ns = 7;

		cr_expect_eq(parse_duration_ns(rows[i].text, &ns), 0, "\"%s\"", rows[i].text);
		cr_expect_eq(ns, rows[i].ns, "\"%s\" is %" PRId64, rows[i].text, ns);
	}
}

Test(parse, durations_that_are_none)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ "", -EINVAL },
		{ "s", -EINVAL },
		{ "-1s", -EINVAL },
		{ "-1", -EINVAL },
		{ "1.", -EINVAL },
		{ ".5", -EINVAL },
		{ "1.s", -EINVAL },
		{ "1 s", -EINVAL },
		{ "1x", -EINVAL },
		{ "1.2.3", -EINVAL },
		{ "1s1s", -EINVAL },
		{ "inf", -EINVAL },
		{ "infinity ", -EINVAL },
		{ "9223372036854775808ns", -ERANGE },
		{ "9223372037", -ERANGE },
		{ "106752d", -ERANGE },
		{ "9223372036.9", -ERANGE },
		{ "99999999999999999999d", -ERANGE },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		int64_t ns = 7;

		cr_expect_eq(parse_duration_ns(rows[i].text, &ns), rows[i].error, "\"%s\"",
			     rows[i].text);
		cr_expect_eq(ns, 7, "\"%s\" was written", rows[i].text);
	}
}
