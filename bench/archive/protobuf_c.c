/* SPDX-License-Identifier: MIT */
/*
 * protobuf_c.c - protobuf-c, as quick as it goes: packed into the slot, unpacked from it
 *
 * The structures to be packed are made once. Unpacking allocates, as it always does.
 */
#include <string.h>

#include "bench/archive/contestant.h"
#include "messages.pb-c.h"

static size_t fixed_build(uint64_t i, void *slot, size_t cap)
{
	Bench__Fixed o = BENCH__FIXED__INIT;

	o.id = i;
	o.time = bench_time(i);
	o.price = bench_price(i);
	o.quantity = bench_quantity(i);
	o.venue = (uint32_t)i & 7;
	o.buy = i & 1;
	(void)cap;
	return bench__fixed__pack(&o, slot);
}

static uint64_t fixed_read(const void *msg, size_t len)
{
	Bench__Fixed *o = bench__fixed__unpack(NULL, len, msg);
	uint64_t sum;

	if (!o)
		return 0;
	sum = sum_of_scalars(o->id, o->time, o->price, o->quantity, o->venue, o->buy);
	bench__fixed__free_unpacked(o, NULL);
	return sum;
}

static size_t small_build(uint64_t i, void *slot, size_t cap)
{
	Bench__Small o = BENCH__SMALL__INIT;

	o.id = i;
	o.time = bench_time(i);
	o.price = bench_price(i);
	o.quantity = bench_quantity(i);
	o.buy = i & 1;
	o.symbol = (char *)bench_symbol(i)->text;
	(void)cap;
	return bench__small__pack(&o, slot);
}

static uint64_t small_read(const void *msg, size_t len)
{
	Bench__Small *o = bench__small__unpack(NULL, len, msg);
	uint64_t sum;

	if (!o)
		return 0;
	sum = sum_of_scalars(o->id, o->time, o->price, o->quantity, 0, o->buy) +
	      sum_of_text(o->symbol, strlen(o->symbol));
	bench__small__free_unpacked(o, NULL);
	return sum;
}

static size_t large_build(uint64_t i, void *slot, size_t cap)
{
	static Bench__Level levels[LARGE_LEVELS], *level_pointers[LARGE_LEVELS];
	static char *texts[LARGE_TEXTS];
	Bench__Large o = BENCH__LARGE__INIT;

	if (!level_pointers[0]) {
		for (uint32_t k = 0; k < LARGE_LEVELS; k++) {
			bench__level__init(levels + k);
			level_pointers[k] = levels + k;
		}
	}
	o.id = i;
	o.levels = level_pointers;
	o.n_levels = LARGE_LEVELS;
	for (uint32_t k = 0; k < LARGE_LEVELS; k++) {
		levels[k].price = bench_price(i + k);
		levels[k].quantity = bench_quantity(i + k);
		levels[k].orders = k;
	}
	o.texts = texts;
	o.n_texts = LARGE_TEXTS;
	for (uint32_t k = 0; k < LARGE_TEXTS; k++)
		texts[k] = (char *)bench_text(i, k)->text;
	(void)cap;
	return bench__large__pack(&o, slot);
}

static uint64_t large_read(const void *msg, size_t len)
{
	Bench__Large *o = bench__large__unpack(NULL, len, msg);
	double prices = 0;
	uint64_t sum;

	if (!o)
		return 0;
	sum = o->id;
	for (size_t k = 0; k < o->n_levels; k++) {
		prices += o->levels[k]->price;
		sum += o->levels[k]->quantity + (uint64_t)o->levels[k]->orders;
	}
	for (size_t k = 0; k < o->n_texts; k++)
		sum += sum_of_text(o->texts[k], strlen(o->texts[k]));
	bench__large__free_unpacked(o, NULL);
	return sum + (uint64_t)(prices * 4);
}

extern const struct contestant contestants[];
const struct contestant contestants[] = {
	{ "protobuf-c",
	  { fixed_build, small_build, large_build },
	  { fixed_read, small_read, large_read } },
	{ NULL, { NULL, NULL, NULL }, { NULL, NULL, NULL } },
};
