/* SPDX-License-Identifier: MIT */
/*
 * test_base_format.c - what people read is short, exact enough, and safe on a terminal
 */
#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"

TestSuite(format, .timeout = 10);

#define N_ROWS(table) (sizeof(table) / sizeof((table)[0]))

Test(format, sizes_have_at_most_three_digits)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0B" },
		{ 512, "512B" },
		{ 999, "999B" },
		{ 1000, "0.98K" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ 65536, "64K" },
		{ 1153434, "1.1M" },
		{ 1187512, "1.13M" },
		{ (UINT64_C(10) << 20) - 1, "10M" },
		{ (UINT64_C(25) << 20) / 2, "12.5M" },
		{ (UINT64_C(1) << 20) - 1, "1M" },
		{ UINT64_C(999) << 20, "999M" },
		{ UINT64_C(3) << 30, "3G" },
		{ UINT64_C(5) << 40, "5T" },
		{ UINT64_MAX, "16E" },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		char buf[32];

		cr_expect_str_eq(format_size(rows[i].bytes, buf, sizeof(buf)), rows[i].text);
	}
}

Test(format, a_whole_size_is_read_back)
{
	for (unsigned shift = 0; shift < 42; shift++) {
		uint64_t bytes = 0;
		char buf[32];

		format_size(UINT64_C(3) << shift, buf, sizeof(buf));
		if (!strchr(buf, '.')) {
			cr_expect_eq(parse_size(buf, &bytes), 0, "%s", buf);
			cr_expect_eq(bytes, UINT64_C(3) << shift, "%s", buf);
		}
	}
}

Test(format, durations_show_the_two_largest_units)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "0ns" },
		{ 1, "1ns" },
		{ 999, "999ns" },
		{ 1000, "1us" },
		{ 1500, "1.5us" },
		{ 410 * NS_PER_US, "410us" },
		{ 12345678, "12ms" },
		{ 3200 * NS_PER_MS, "3.2s" },
		{ 59999 * NS_PER_MS, "59s" },
		{ 60 * NS_PER_S, "1m" },
		{ 61 * NS_PER_S, "1m 1s" },
		{ (6 * 3600 + 12 * 60 + 59) * NS_PER_S, "6h 12m" },
		{ 3600 * NS_PER_S, "1h" },
		{ (2 * 86400 + 4 * 3600 + 1) * NS_PER_S, "2d 4h" },
		{ (2 * 86400 + 3599) * NS_PER_S, "2d" },
		{ INT64_MAX, "106751d 23h" },
		{ -1, "infinity" },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		char buf[48];

		cr_expect_str_eq(format_duration_ns(rows[i].ns, buf, sizeof(buf)), rows[i].text);
	}
}

Test(format, counts_are_grouped)
{
	char buf[32];

	cr_expect_str_eq(format_count(0, buf, sizeof(buf)), "0");
	cr_expect_str_eq(format_count(999, buf, sizeof(buf)), "999");
	cr_expect_str_eq(format_count(1000, buf, sizeof(buf)), "1,000");
	cr_expect_str_eq(format_count(1234567, buf, sizeof(buf)), "1,234,567");
	cr_expect_str_eq(format_count(UINT64_MAX, buf, sizeof(buf)), "18,446,744,073,709,551,615");
}

Test(format, a_small_buffer_is_terminated_and_not_overrun)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	format_count(1234567, buf, 4);
	cr_expect_str_eq(buf, "1,2");
	cr_expect_eq(buf[4], 'x');
	format_printable("abcdef", buf, 4);
	cr_expect_str_eq(buf, "abc");
	cr_expect_eq(buf[4], 'x');
	format_printable("abcdef", buf, 1);
	cr_expect_str_eq(buf, "");
}

Test(format, printable_keeps_what_people_write)
{
	char buf[64];

	cr_expect_str_eq(format_printable("", buf, sizeof(buf)), "");
	cr_expect_str_eq(format_printable("a ring: ~!", buf, sizeof(buf)), "a ring: ~!");
	cr_expect_str_eq(format_printable("gr\u00fc\u00df \u20ac \U0001f600", buf, sizeof(buf)),
			 "gr\u00fc\u00df \u20ac \U0001f600");
}

Test(format, printable_disarms_the_rest)
{
	static const struct {
		const char *text, *safe;
	} rows[] = {
		{ "\x1b[31mred", "?[31mred" },
		{ "two\nlines\ttab\r", "two?lines?tab?" },
		{ "del\x7f", "del?" },
		{ "c1 \xc2\x9b.", "c1 ?." },	     /* U+009B, a control sequence introducer */
		{ "bidi \xe2\x80\xae.", "bidi ?." }, /* U+202E */
		{ "line \xe2\x80\xa8.", "line ?." }, /* U+2028 */
		{ "lone \x80\xbf.", "lone ??." },
		{ "cut \xe2\x82", "cut ??" },
		{ "overlong \xc0\xaf.", "overlong ??." },
		{ "overlong \xe0\x80\xaf.", "overlong ???." },
		{ "surrogate \xed\xa0\x80.", "surrogate ???." },
		{ "beyond \xf4\x90\x80\x80.", "beyond ????." },
		{ "no utf8 \xff\xfe.", "no utf8 ??." },
	};

	for (size_t i = 0; i < N_ROWS(rows); i++) {
		char buf[64];

		cr_expect_str_eq(format_printable(rows[i].text, buf, sizeof(buf)), rows[i].safe);
	}
}

Test(format, printable_does_not_cut_a_character_in_two)
{
	char buf[8];

	cr_expect_str_eq(format_printable("abc\u20ac", buf, 6), "abc");
	cr_expect_str_eq(format_printable("abc\u20ac", buf, 7), "abc\u20ac");
}
