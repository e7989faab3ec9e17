/* SPDX-License-Identifier: MIT */
/*
 * ours.c - shmq/archive.h: built in the slot, and read there after access(), from a private copy
 * after access_copy(), or trusted
 */
#include <shmq/archive.h>

#include "bench/archive/ours.h"

SHMQ_RECORD(level, (f64, price), (u32, quantity), (u32, orders));
SHMQ_MESSAGE(fixed, (u64, id), (u64, time), (f64, price), (u32, quantity), (u32, venue), (bool, buy));
SHMQ_MESSAGE(small, (u64, id), (u64, time), (f64, price), (u32, quantity), (bool, buy), (utf8, symbol));
SHMQ_MESSAGE(large, (u64, id), (vector(struct level), levels), (vector(utf8), texts));

static size_t fixed_make(uint64_t i, void *slot, size_t cap)
{
	struct shmq_builder b;
	struct fixed *o;

	if (fixed_build(&b, slot, cap, &o) < 0)
		return 0;
	o->id = i;
	o->time = bench_time(i);
	o->price = bench_price(i);
	o->quantity = bench_quantity(i);
	o->venue = (uint32_t)i & 7;
	o->buy = i & 1;
	return (size_t)fixed_finish(&b);
}

static uint64_t fixed_sum(const struct fixed *o)
{
	return sum_of_scalars(fixed_id(o), fixed_time(o), fixed_price(o), fixed_quantity(o),
			      fixed_venue(o), fixed_buy(o));
}

static size_t small_make(uint64_t i, void *slot, size_t cap)
{
	const struct bench_text *symbol = bench_symbol(i);
	struct shmq_builder b;
	struct small *o;

	if (small_build(&b, slot, cap, &o) < 0)
		return 0;
	o->id = i;
	o->time = bench_time(i);
	o->price = bench_price(i);
	o->quantity = bench_quantity(i);
	o->buy = i & 1;
	if (small_put_symbol(&b, o, symbol->text, symbol->len) < 0)
		return 0;
	return (size_t)small_finish(&b);
}

static uint64_t small_sum(const struct small *o)
{
	return sum_of_scalars(small_id(o), small_time(o), small_price(o), small_quantity(o), 0,
			      small_buy(o)) +
	       sum_of_text(small_symbol(o), small_len_symbol(o));
}

static size_t large_make(uint64_t i, void *slot, size_t cap)
{
	struct large_texts_list texts;
	struct shmq_builder b;
	struct level *levels;
	struct large *o;

	if (large_build(&b, slot, cap, &o) < 0 || large_new_levels(&b, o, LARGE_LEVELS, &levels) < 0)
		return 0;
	o->id = i;
	for (uint32_t k = 0; k < LARGE_LEVELS; k++) {
		levels[k].price = bench_price(i + k);
		levels[k].quantity = bench_quantity(i + k);
		levels[k].orders = k;
	}
	if (large_begin_texts(&b, o, &texts) < 0)
		return 0;
	for (uint32_t k = 0; k < LARGE_TEXTS; k++) {
		const struct bench_text *text = bench_text(i, k);

		if (large_addn_texts(&texts, text->text, text->len) < 0)
			return 0;
	}
	large_end_texts(&texts);
	return (size_t)large_finish(&b);
}

static uint64_t large_sum(const struct large *o)
{
	const struct level *levels = large_levels(o);
	size_t n = large_n_levels(o), n_texts = large_n_texts(o);
	uint64_t sum = large_id(o);
	double prices = 0;

	for (size_t k = 0; k < n; k++) {
		prices += levels[k].price;
		sum += levels[k].quantity + (uint64_t)levels[k].orders;
	}
	for (size_t k = 0; k < n_texts; k++)
		sum += sum_of_text(large_texts(o, k), large_len_texts(o, k));
	return sum + (uint64_t)(prices * 4);
}

#define READERS(kind)                                                                              \
	static uint64_t kind##_read_checked(const void *msg, size_t len)                           \
	{                                                                                          \
		const struct kind *o;                                                              \
                                                                                                   \
		return kind##_access(msg, len, &o) == 0 ? kind##_sum(o) : 0;                       \
	}                                                                                          \
	static uint64_t kind##_read_copied(const void *msg, size_t len)                            \
	{                                                                                          \
		static _Alignas(64) unsigned char own[SLOT_LARGE];                                 \
		const struct kind *o;                                                              \
                                                                                                   \
		return kind##_access_copy(msg, len, own, sizeof(own), &o) == 0 ? kind##_sum(o) : 0; \
	}                                                                                          \
	static uint64_t kind##_read_unchecked(const void *msg, size_t len)                         \
	{                                                                                          \
		(void)len;                                                                         \
		return kind##_sum(kind##_access_unchecked(msg));                                   \
	}

READERS(fixed)
READERS(small)
READERS(large)

const struct contestant archive_checked = {
	"shmq/archive.h",
	{ fixed_make, small_make, large_make },
	{ fixed_read_checked, small_read_checked, large_read_checked },
};
const struct contestant archive_copied = {
	"shmq/archive.h, hostile peer",
	{ fixed_make, small_make, large_make },
	{ fixed_read_copied, small_read_copied, large_read_copied },
};
const struct contestant archive_unchecked = {
	"shmq/archive.h, trusted peer",
	{ fixed_make, small_make, large_make },
	{ fixed_read_unchecked, small_read_unchecked, large_read_unchecked },
};
