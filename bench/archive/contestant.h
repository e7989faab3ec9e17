/* SPDX-License-Identifier: MIT */
/*
 * contestant.h - what every way of sending a structure has to do
 *
 * Three messages: fixed (6 scalars), small (5 scalars and a text), large (1,000 records and 50
 * texts). build() makes message i and puts it into a slot of the ring, whichever way is quickest;
 * read() looks at every field of it and returns a sum that is the same for all. Both are called
 * through a pointer, in C and C++ alike. Contestants are linked in or loaded as a plugin that exports
 * "contestants", an array that ends with one without a name.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bench_message { MESSAGE_FIXED, MESSAGE_SMALL, MESSAGE_LARGE, MESSAGES };

#define LARGE_LEVELS  1000
#define LARGE_TEXTS   50
#define SLOT_SMALL    256   /* bytes */
#define SLOT_LARGE    32768

struct contestant {
	const char *name;
	/* Return: length of the message, 0 if it could not be made. */
	size_t (*build[MESSAGES])(uint64_t i, void *slot, size_t cap);
	/* Return: the sum, 0 if the message was refused. */
	uint64_t (*read[MESSAGES])(const void *msg, size_t len);
};

/* ---- what is in message i ---- */

struct bench_text {
	const char *text;
	size_t len;
};

#define BENCH_TEXT(text) { text, sizeof(text) - 1 }

static const struct bench_text bench_symbols[8] = {
	BENCH_TEXT("EURUSD"), BENCH_TEXT("AAPL"),    BENCH_TEXT("BRK.B"),    BENCH_TEXT("GBPJPY.F"),
	BENCH_TEXT("7203.T"), BENCH_TEXT("FDAX 12"), BENCH_TEXT("ES 03-27"), BENCH_TEXT("X"),
};
static const struct bench_text bench_texts[8] = {
	BENCH_TEXT("filled in part"),
	BENCH_TEXT("resting at the second level of the book"),
	BENCH_TEXT("cancelled by the desk"),
	BENCH_TEXT("price improved by two ticks"),
	BENCH_TEXT("\xc3\x96l, K\xc3\xb6ln, ge\xc3\xb6" "ffnet"),
	BENCH_TEXT("held for review"),
	BENCH_TEXT("good till cancelled, all or none"),
	BENCH_TEXT("self-trade prevented"),
};

static inline uint64_t bench_time(uint64_t i)
{
	return i * 1000 + 7;
}

static inline double bench_price(uint64_t i)
{
	return 100 + (double)(i & 63) * 0.25;
}

static inline uint32_t bench_quantity(uint64_t i)
{
	return (uint32_t)(i & 1023) + 1;
}

static inline const struct bench_text *bench_symbol(uint64_t i)
{
	return bench_symbols + (i & 7);
}

static inline const struct bench_text *bench_text(uint64_t i, uint64_t k)
{
	return bench_texts + ((i + k) & 7);
}

/* ---- and what is made of it ---- */

static inline uint64_t sum_of_scalars(uint64_t id, uint64_t time, double price, uint32_t quantity,
				      uint32_t venue, int buy)
{
	return id + time + (uint64_t)(price * 4) + quantity + venue + (buy ? 1 : 0);
}

static inline uint64_t sum_of_text(const char *text, size_t len)
{
	return len * 31 + (unsigned char)text[0] * 7u + (unsigned char)text[len - 1];
}

#ifdef __cplusplus
}
#endif
