/* SPDX-License-Identifier: MIT */
/*
 * test_base_random.c - random bytes differ, and hex is strict
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/random.h"

TestSuite(random, .timeout = 10);

Test(random, two_draws_differ)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	cr_assert_eq(random_bytes(a, sizeof(a)), 0);
	cr_assert_eq(random_bytes(b, sizeof(b)), 0);
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
}

Test(random, every_byte_is_drawn)
{
	unsigned char seen[600] = {
		0
	}; /* more than getrandom(2) gives without interruption points */

	/* A byte that stays 0 in 20 draws is one that was not drawn: 256^-20. */
	for (int round = 0; round < 20; round++) {
		unsigned char draw[sizeof(seen)] = { 0 };

		cr_assert_eq(random_bytes(draw, sizeof(draw)), 0);
		for (size_t i = 0; i < sizeof(seen); i++)
			seen[i] |= draw[i];
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		cr_assert_neq(seen[i], 0, "byte %zu", i);
}

Test(random, a_value_is_never_none)
{
	uint64_t last = 0;

	for (int i = 0; i < 100; i++) {
		uint64_t value = 0;

		cr_assert_eq(random_u64(&value), 0);
		cr_assert_neq(value, 0);
		cr_assert_neq(value, last);
		last = value;
	}
}

Test(random, hex_goes_both_ways)
{
	const uint8_t bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xab, 0xff };
	uint8_t back[sizeof(bytes)];
	char hex[2 * sizeof(bytes) + 1];

	hex_encode(bytes, sizeof(bytes), hex);
	cr_assert_str_eq(hex, "00017f80abff");
	cr_assert_eq(hex_decode(hex, back, sizeof(back)), 0);
	cr_assert_eq(memcmp(bytes, back, sizeof(bytes)), 0);
	hex_encode(bytes, 0, hex);
	cr_assert_str_eq(hex, "");
}

Test(random, hex_of_another_form_is_refused_and_writes_nothing)
{
	static const char *const bad[] = { "",	   "0",	   "01",   "012",  "012345", "0g00",
					   "AB00", "0x12", " 012", "-012", "012 ",   "00\xff\xff" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t out[2] = { 0x55, 0x55 };

		cr_expect_eq(hex_decode(bad[i], out, sizeof(out)), -EINVAL, "\"%s\"", bad[i]);
		cr_expect(out[0] == 0x55 && out[1] == 0x55, "\"%s\" was written", bad[i]);
	}
}
