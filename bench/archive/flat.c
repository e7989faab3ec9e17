/* SPDX-License-Identifier: MIT */
/*
 * flat.c - the yardstick: a structure of fixed size, which is all there is when nothing may refer
 *
 * "flat, copied" is how it is mostly done: a local structure, memcpy() into the slot, and out of it
 * into a local one. "flat, in place" writes to the slot and reads there, and is what can't be beaten.
 * Texts stand in arrays as long as the longest may be.
 */
#include <string.h>

#include "bench/archive/ours.h"

#define TEXT_BYTES 48

struct flat_fixed {
	uint64_t id, time;
	double price;
	uint32_t quantity, venue;
	uint8_t buy;
};

struct flat_small {
	uint64_t id, time;
	double price;
	uint32_t quantity;
	uint8_t buy;
	char symbol[16];
};

struct flat_level {
	double price;
	uint32_t quantity, orders;
};

struct flat_large {
	uint64_t id;
	struct flat_level levels[LARGE_LEVELS];
	char texts[LARGE_TEXTS][TEXT_BYTES];
};

static size_t fixed_write(uint64_t i, struct flat_fixed *o)
{
	o->id = i;
	o->time = bench_time(i);
	o->price = bench_price(i);
	o->quantity = bench_quantity(i);
	o->venue = (uint32_t)i & 7;
	o->buy = i & 1;
	return sizeof(*o);
}

static uint64_t fixed_sum(const struct flat_fixed *o)
{
	return sum_of_scalars(o->id, o->time, o->price, o->quantity, o->venue, o->buy);
}

static size_t small_write(uint64_t i, struct flat_small *o)
{
	const struct bench_text *symbol = bench_symbol(i);

	o->id = i;
	o->time = bench_time(i);
	o->price = bench_price(i);
	o->quantity = bench_quantity(i);
	o->buy = i & 1;
	memcpy(o->symbol, symbol->text, symbol->len + 1);
	return sizeof(*o);
}

static uint64_t small_sum(const struct flat_small *o)
{
	return sum_of_scalars(o->id, o->time, o->price, o->quantity, 0, o->buy) +
	       sum_of_text(o->symbol, strnlen(o->symbol, sizeof(o->symbol)));
}

static size_t large_write(uint64_t i, struct flat_large *o)
{
	o->id = i;
	for (uint32_t k = 0; k < LARGE_LEVELS; k++) {
		o->levels[k].price = bench_price(i + k);
		o->levels[k].quantity = bench_quantity(i + k);
		o->levels[k].orders = k;
	}
	for (uint32_t k = 0; k < LARGE_TEXTS; k++) {
		const struct bench_text *text = bench_text(i, k);

		memcpy(o->texts[k], text->text, text->len + 1);
	}
	return sizeof(*o);
}

static uint64_t large_sum(const struct flat_large *o)
{
	uint64_t sum = o->id;
	double prices = 0;

	for (uint32_t k = 0; k < LARGE_LEVELS; k++) {
		prices += o->levels[k].price;
		sum += o->levels[k].quantity + (uint64_t)o->levels[k].orders;
	}
	for (uint32_t k = 0; k < LARGE_TEXTS; k++)
		sum += sum_of_text(o->texts[k], strnlen(o->texts[k], TEXT_BYTES));
	return sum + (uint64_t)(prices * 4);
}

#define FLAT(kind)                                                                                 \
	static size_t kind##_build_copied(uint64_t i, void *slot, size_t cap)                      \
	{                                                                                          \
		struct flat_##kind local;                                                          \
		size_t len = kind##_write(i, &local);                                              \
                                                                                                   \
		__asm__ volatile("" ::"r"(&local) : "memory"); /* it was made before it is sent */ \
		memcpy(slot, &local, len);                                                         \
		return len <= cap ? len : 0;                                                       \
	}                                                                                          \
	static uint64_t kind##_read_copied(const void *msg, size_t len)                            \
	{                                                                                          \
		struct flat_##kind local;                                                          \
                                                                                                   \
		if (len != sizeof(local))                                                          \
			return 0;                                                                  \
		memcpy(&local, msg, sizeof(local));                                                \
		__asm__ volatile("" ::"r"(&local) : "memory");                                     \
		return kind##_sum(&local);                                                         \
	}                                                                                          \
	static size_t kind##_build_in_place(uint64_t i, void *slot, size_t cap)                    \
	{                                                                                          \
		return cap >= sizeof(struct flat_##kind) ?                                         \
			       kind##_write(i, (struct flat_##kind *)slot) :                       \
			       0;                                                                  \
	}                                                                                          \
	static uint64_t kind##_read_in_place(const void *msg, size_t len)                          \
	{                                                                                          \
		return len == sizeof(struct flat_##kind) ?                                         \
			       kind##_sum((const struct flat_##kind *)msg) :                       \
			       0;                                                                  \
	}

FLAT(fixed)
FLAT(small)
FLAT(large)

const struct contestant flat_copied = {
	"flat structure, memcpy",
	{ fixed_build_copied, small_build_copied, large_build_copied },
	{ fixed_read_copied, small_read_copied, large_read_copied },
};
const struct contestant flat_in_place = {
	"flat structure, in place",
	{ fixed_build_in_place, small_build_in_place, large_build_in_place },
	{ fixed_read_in_place, small_read_in_place, large_read_in_place },
};
