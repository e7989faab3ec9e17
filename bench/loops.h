/* SPDX-License-Identifier: MIT */
/*
 * loops.h - the same loops for everybody: produce, consume, ask, answer
 *
 * A queue says in struct bench_ops how one message is sent and received; the loops take it as a
 * constant and are inlined, so that the compiler sees the calls behind the pointers and a queue that
 * lives in a header is inlined as in a program written for it. copy: fill a private buffer, copy it
 * in, copy it out, sum. in place: fill in the queue's memory, sum there. Every word is written and
 * summed, in loops whose length the compiler knows, so that they cost all alike and next to nothing;
 * a queue of any length doesn't get to know it, one that is made for a type does.
 */
#pragma once

#include "bench/common.h"

#define BENCH_SIZE_MAX 65536

/* All return 0; 1: full or empty, try again; negative: failed. Those that sleep never return 1. */
struct bench_ops {
	int (*send)(void *end, const void *msg, size_t len);
	int (*receive)(void *end, void *buf, size_t len);
	int (*reserve)(void *end, size_t len, void **ret_payload);
	int (*commit)(void *end, size_t len);
	int (*peek)(void *end, const void **ret_msg);
	int (*release)(void *end);
	bool pauses; /* one pause per poll */
};

/* What a half uses. */
struct bench_ends {
	void *out, *in;
};

/* In the half's own process, before the clock: @is_a is half_a. Return: 0; negative: failed. */
typedef int (*bench_attach_fn)(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends);

BENCH_INLINE void bench_pause(const struct bench_ops *ops)
{
#if defined(__x86_64__)
	if (ops->pauses)
		__builtin_ia32_pause();
#else
	(void)ops;
#endif
}

static unsigned char bench_buf[BENCH_SIZE_MAX] __attribute__((aligned(64), unused));

/* What a queue is told of a length that these loops know. */
BENCH_INLINE size_t bench_told(size_t len, bool typed)
{
	if (!typed)
		__asm__("" : "+r"(len));
	return len;
}

BENCH_INLINE int bench_put(const struct bench_ops *ops, void *end, size_t len, uint64_t i,
			   bool in_place, bool typed)
{
	void *to = bench_buf;
	int r;

	if (in_place) {
		while ((r = ops->reserve(end, bench_told(len, typed), &to)) == 1)
			bench_pause(ops);
		if (r < 0)
			return r;
		bench_fill(to, len, i);
		return ops->commit(end, bench_told(len, typed));
	}
	bench_fill(to, len, i);
	while ((r = ops->send(end, to, bench_told(len, typed))) == 1)
		bench_pause(ops);
	return r;
}

/* Return: 0 right, 1 wrong, negative: failed. */
BENCH_INLINE int bench_take(const struct bench_ops *ops, void *end, size_t len, uint64_t i,
			    bool in_place, bool typed)
{
	const void *from = bench_buf;
	int r, wrong;

	if (in_place) {
		while ((r = ops->peek(end, &from)) == 1)
			bench_pause(ops);
	} else {
		while ((r = ops->receive(end, bench_buf, bench_told(len, typed))) == 1)
			bench_pause(ops);
	}
	if (r < 0)
		return r;
	wrong = bench_sum(from, len) != bench_sum_expected(len, i);
	r = in_place ? ops->release(end) : 0;
	return r < 0 ? r : wrong;
}

/* What a half does, once for each length. */
#define BENCH_HALF_ARGUMENTS                                                                       \
	const struct bench_run *run, const struct bench_ops *ops, bench_attach_fn attach,          \
		size_t len, bool in_place, bool typed

BENCH_INLINE int bench_produce(BENCH_HALF_ARGUMENTS)
{
	struct bench_ends ends = { NULL, NULL };
	int r = attach(run, true, &ends);

	if (r < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++)
		r = bench_put(ops, ends.out, len, i, in_place, typed);
	return r != 0;
}

BENCH_INLINE int bench_consume(BENCH_HALF_ARGUMENTS)
{
	struct bench_ends ends = { NULL, NULL };
	int r = attach(run, false, &ends);

	if (r < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++)
		r = bench_take(ops, ends.in, len, i, in_place, typed);
	return r != 0;
}

BENCH_INLINE int bench_ask(BENCH_HALF_ARGUMENTS)
{
	struct bench_ends ends = { NULL, NULL };
	int r = attach(run, true, &ends);

	if (r < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		uint64_t start = bench_ticks();

		r = bench_put(ops, ends.out, len, i, in_place, typed);
		if (r == 0)
			r = bench_take(ops, ends.in, len, i + 1, in_place, typed);
		run->samples[i] = bench_ticks() - start;
	}
	return r != 0;
}

BENCH_INLINE int bench_answer(BENCH_HALF_ARGUMENTS)
{
	struct bench_ends ends = { NULL, NULL };
	int r = attach(run, false, &ends);

	if (r < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		r = bench_take(ops, ends.in, len, i, in_place, typed);
		if (r == 0)
			r = bench_put(ops, ends.out, len, i + 1, in_place, typed);
	}
	return r != 0;
}

#define BENCH_HALF_(prefix, half, attach, in_place, typed, o8, o64, o256, o1024, o4096, o65536)    \
	static int prefix##_##half(const struct bench_run *run)                                    \
	{                                                                                          \
		switch (run->size_bytes) {                                                         \
		case 8:                                                                            \
			return bench_##half(run, &(o8), attach, 8, in_place, typed);               \
		case 64:                                                                           \
			return bench_##half(run, &(o64), attach, 64, in_place, typed);             \
		case 256:                                                                          \
			return bench_##half(run, &(o256), attach, 256, in_place, typed);           \
		case 1024:                                                                         \
			return bench_##half(run, &(o1024), attach, 1024, in_place, typed);         \
		case 4096:                                                                         \
			return bench_##half(run, &(o4096), attach, 4096, in_place, typed);         \
		case 65536:                                                                        \
			return bench_##half(run, &(o65536), attach, 65536, in_place, typed);       \
		default:                                                                           \
			return 1;                                                                  \
		}                                                                                  \
	}

/* A half of a queue that takes messages of any length. */
#define BENCH_HALF(prefix, half, ops, attach, in_place)                                            \
	BENCH_HALF_(prefix, half, attach, in_place, false, ops, ops, ops, ops, ops, ops)
/* The four halves: PREFIX_produce(), _consume(), _ask(), _answer(). */
#define BENCH_HALVES(prefix, ops, attach, in_place)                                                \
	BENCH_HALF(prefix, produce, ops, attach, in_place)                                         \
	BENCH_HALF(prefix, consume, ops, attach, in_place)                                         \
	BENCH_HALF(prefix, ask, ops, attach, in_place)                                             \
	BENCH_HALF(prefix, answer, ops, attach, in_place)

/* The same of one that is made for a type: OPS8, OPS64 and so on. */
#define BENCH_TYPED_HALF(prefix, half, ops, attach)                                                \
	BENCH_HALF_(prefix, half, attach, false, true, ops##8, ops##64, ops##256, ops##1024,       \
		    ops##4096, ops##65536)
#define BENCH_TYPED_HALVES(prefix, ops, attach)                                                    \
	BENCH_TYPED_HALF(prefix, produce, ops, attach)                                             \
	BENCH_TYPED_HALF(prefix, consume, ops, attach)                                             \
	BENCH_TYPED_HALF(prefix, ask, ops, attach)                                                 \
	BENCH_TYPED_HALF(prefix, answer, ops, attach)

/* A half HALF() with loops of its own, HALF_of(run, size), once for each length. */
#define BENCH_BY_SIZE(half)                                                                        \
	static int half(const struct bench_run *run)                                               \
	{                                                                                          \
		switch (run->size_bytes) {                                                         \
		case 8:                                                                            \
			return half##_of(run, 8);                                                  \
		case 64:                                                                           \
			return half##_of(run, 64);                                                 \
		case 256:                                                                          \
			return half##_of(run, 256);                                                \
		case 1024:                                                                         \
			return half##_of(run, 1024);                                               \
		case 4096:                                                                         \
			return half##_of(run, 4096);                                               \
		case 65536:                                                                        \
			return half##_of(run, 65536);                                              \
		default:                                                                           \
			return 1;                                                                  \
		}                                                                                  \
	}

/* What a queue has to measure: its stream, its round trips, or both. */
#define BENCH_STREAM(prefix, name, package, open, close, way, wait, max)                           \
	{                                                                                          \
		name, package, open, close, prefix##_produce, prefix##_consume, BENCH_THROUGHPUT,  \
			way, wait, max, false                                                      \
	}
#define BENCH_TRIP(prefix, name, package, open, close, way, wait, max)                             \
	{                                                                                          \
		name, package, open, close, prefix##_ask, prefix##_answer, BENCH_ROUND_TRIP, way,  \
			wait, max, false                                                           \
	}
#define BENCH_BOTH(prefix, name, package, open, close, way, wait, max)                             \
	BENCH_STREAM(prefix, name, package, open, close, way, wait, max),                          \
		BENCH_TRIP(prefix, name, package, open, close, way, wait, max)
#define BENCH_END                                                                                  \
	{                                                                                          \
		NULL, NULL, NULL, NULL, NULL, NULL, BENCH_THROUGHPUT, BENCH_COPY, BENCH_SPINS, 0,  \
			false                                                                      \
	}
