/* SPDX-License-Identifier: MIT */
/*
 * archive_stock.h - three versions of one message type
 *
 * As in life each is compiled by itself, in archive_stock_<n>.c, and they meet in a buffer.
 */
#pragma once

#include "tests/unit/archive_cases.h"

#define STOCK_1 (u64, id), (utf8, symbol), (vector(struct tick), ticks), (u8, side)
/* side ends at byte 41: venue stands in what was padding */
#define STOCK_2                                                                                    \
	STOCK_1, (u8, venue, added(7)), (utf8, note, added), (f64, fee, added(-0.5)),              \
		(i16, skew, added(-3)), (bool, live, added(true)), (f32, rate, added)
#define STOCK_3                                                                                    \
	STOCK_2, (struct shelf, shelf, added), (array(u32, 4), codes, added),                      \
		(vector(struct mark), marks, added), (optional(f32), hint, added),                 \
		(optional(struct node), more, added), (array(struct mark, 2), pair, added),        \
		(vector(string), lines, added), (vector(u16), sizes, added),                       \
		(optional(utf8), alias, added), (struct lamp, lamp, added), (u64, last, added(9))

struct stock_version {
	int (*write)(uint64_t seed, void *buf, size_t cap);		/* 0: -errno or length */
	int (*meet)(uint64_t seed, const void *buf, size_t len);	/* all that this version knows */
	int (*access)(const void *buf, size_t len);
	const struct shmq_archive_type *(*type)(void);
};

extern const struct stock_version stock_1, stock_2, stock_3;

/* Whether version 3 reads the fields that came with 2, with 3, as if they were missing. Return: 0, or
 * the line of the check that failed. */
int stock_3_lacks_2(const void *msg);
int stock_3_lacks_3(const void *msg);

#define STOCK_VERSION(n)                                                                           \
	static int stock_write(uint64_t seed, void *buf, size_t cap)                               \
	{                                                                                          \
		struct draw d = { seed, 20, 3 };                                                   \
		struct shmq_builder b;                                                             \
		struct stock *o;                                                                   \
		int r = stock_build(&b, buf, cap, &o);                                             \
                                                                                                   \
		if (r < 0)                                                                         \
			return r;                                                                  \
		stock_fill(&d, &b, o, 0);                                                          \
		return shmq_builder_error(&b) ? shmq_builder_error(&b) : stock_finish(&b);         \
	}                                                                                          \
	static int stock_meet_message(uint64_t seed, const void *buf, size_t len)                  \
	{                                                                                          \
		struct draw d = { seed, 20, 3 };                                                   \
		const struct stock *o;                                                             \
		int r = stock_access(buf, len, &o);                                                \
                                                                                                   \
		return r < 0 ? r : stock_meet(&d, o, 0);                                           \
	}                                                                                          \
	static int stock_judge(const void *buf, size_t len)                                        \
	{                                                                                          \
		const struct stock *o;                                                             \
		int r = stock_access(buf, len, &o);                                                \
                                                                                                   \
		if (r == 0)                                                                        \
			stock_touch(o);                                                            \
		return r;                                                                          \
	}                                                                                          \
	const struct stock_version stock_##n = { stock_write, stock_meet_message, stock_judge,     \
						 stock_archive_type }
