/* SPDX-License-Identifier: MIT */
/*
 * test_base_siphash.c - the test values of the paper and of its reference implementation
 */
#include <criterion/criterion.h>

#include "base/siphash.h"

TestSuite(siphash, .timeout = 20);

/* The key is 00 01 ... 0f, the text 00 01 02 ... of the length given. */
static uint64_t of_length(size_t len_bytes)
{
	uint8_t key[SIPHASH_KEY_BYTES], text[64];

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	return siphash(key, text, len_bytes);
}

Test(siphash, says_what_the_paper_says)
{
	cr_assert_eq(of_length(15), UINT64_C(0xa129ca6149be45e5));
}

Test(siphash, says_what_the_reference_says)
{
	cr_assert_eq(of_length(0), UINT64_C(0x726fdb47dd0e0e31));
	cr_assert_eq(of_length(1), UINT64_C(0x74f839c593dc67fd));
	cr_assert_eq(of_length(7), UINT64_C(0xab0200f58b01d137));
	cr_assert_eq(of_length(8), UINT64_C(0x93f5f5799a932462));
	cr_assert_eq(of_length(63), UINT64_C(0x958a324ceb064572));
}

Test(siphash, another_key_another_hash)
{
	static const uint8_t keys[2][SIPHASH_KEY_BYTES] = { { 1 }, { [15] = 1 } };

	cr_assert_neq(siphash(keys[0], "x", 1), siphash(keys[1], "x", 1));
}
