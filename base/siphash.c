/* SPDX-License-Identifier: MIT */
/*
 * siphash.c - SipHash-2-4: two rounds for each eight bytes, four at the end; see siphash.h
 */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned n)
{
	for (; n > 0; n--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

/* The bytes that are no whole word, and the length. */
static uint64_t last_word(const uint8_t *bytes, size_t n, size_t len_bytes)
{
	uint8_t word[8] = { 0 };

	if (n)
		memcpy(word, bytes, n);
	word[7] = (uint8_t)len_bytes;
	return word_at(word);
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *data, size_t len_bytes)
{
	const uint8_t *bytes = data;
	uint64_t k0 = word_at(key), k1 = word_at(key + 8);
	uint64_t v[4] = {
		k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t left = len_bytes;

	for (; left >= 8; left -= 8, bytes += 8)
		take(v, word_at(bytes));
	take(v, last_word(bytes, left, len_bytes));
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
