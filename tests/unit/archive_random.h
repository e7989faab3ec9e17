/* SPDX-License-Identifier: MIT */
/*
 * archive_random.h - for any declared type: fill a message with random values, and meet them again
 *
 * Two more passes over a declaration. T_fill() draws values from a seeded generator and builds the
 * message from them, in ways that are drawn as well; T_meet() draws the same again from a copy of
 * the generator and compares what the accessors give. So no model of a message is kept, and every
 * kind of field is covered by whatever type is declared with RANDOM_RECORD or RANDOM_MESSAGE.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include <shmq/archive.h>

struct draw {
	uint64_t state;
	uint32_t longest; /* vectors have up to so many elements */
	uint32_t deepest; /* levels of self */
};

/* splitmix64 */
static inline uint64_t draw_bits(struct draw *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint32_t draw_below(struct draw *d, uint32_t n)
{
	return (uint32_t)(draw_bits(d) >> 32) % n;
}

static inline uint32_t draw_count(struct draw *d)
{
	return draw_below(d, draw_below(d, 8) ? 4 : d->longest + 1);
}

/* Values at the edges of their type as often as others; floats that compare equal to themselves. */
static inline uint64_t draw_integer(struct draw *d)
{
	static const uint64_t edges[] = { 0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 0x80,
					  0x7f, 0x8000, 0x7fff, 0x80000000, 0x7fffffff };
	uint64_t bits = draw_bits(d);

	return draw_below(d, 2) ? bits : edges[bits % (sizeof(edges) / sizeof(edges[0]))];
}

#define DRAW_u8(d)	((uint8_t)draw_integer(d))
#define DRAW_u16(d)	((uint16_t)draw_integer(d))
#define DRAW_u32(d)	((uint32_t)draw_integer(d))
#define DRAW_u64(d)	((uint64_t)draw_integer(d))
#define DRAW_i8(d)	((int8_t)draw_integer(d))
#define DRAW_i16(d)	((int16_t)draw_integer(d))
#define DRAW_i32(d)	((int32_t)draw_integer(d))
#define DRAW_i64(d)	((int64_t)draw_integer(d))
#define DRAW_f32(d)	((float)(int32_t)draw_integer(d) / 64)
#define DRAW_f64(d)	((double)(int64_t)draw_integer(d) / 1024)
#define DRAW_boolean(d) ((bool)(draw_integer(d) & 1))

#define DRAW_TEXT_MAX 400

static inline size_t draw_character(struct draw *d, unsigned char *to, int utf8)
{
	static const uint32_t ends[] = { 0x80, 0x800, 0x10000, 0x110000 };
	uint32_t c = 1 + draw_below(d, 0x7f);

	if (!utf8) {
		to[0] = (unsigned char)(1 + draw_below(d, 255));
		return 1;
	}
	if (draw_below(d, 4) == 0)
		c = 1 + draw_below(d, ends[draw_below(d, 4)] - 1);
	if (c >= 0xd800 && c < 0xe000)
		c -= 0x800; /* surrogates are no characters */
	if (c < 0x80) {
		to[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (unsigned char)(0xc0 | c >> 6);
		to[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (unsigned char)(0xe0 | c >> 12);
		to[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (unsigned char)(0xf0 | c >> 18);
	to[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/* A text and its NUL into @to, of DRAW_TEXT_MAX bytes. */
static inline size_t draw_text(struct draw *d, char *to, int utf8)
{
	uint32_t characters = draw_below(d, draw_below(d, 8) ? 12 : 90);
	size_t len = 0;

	while (characters--)
		len += draw_character(d, (unsigned char *)to + len, utf8);
	to[len] = 0;
	return len;
}

static inline int text_same(const char *got, size_t got_len, const char *want, size_t want_len)
{
	return got_len == want_len && memcmp(got, want, want_len) == 0 && got[got_len] == 0;
}

/* ---- p_fill: in a function of d, b, o and depth; what does not fit is left out ---- */

#define SHMQ_A_MISTAKE_p_fill(T, what, text)

#define SHMQ_A_p_fill_k_scalar(T, n, m, d_, t) T##_set_##n(o, DRAW_##t(d));
#define SHMQ_A_p_fill_k_text(T, n, m, d_, t)                                                       \
	{                                                                                          \
		char text[DRAW_TEXT_MAX];                                                          \
		size_t len = draw_text(d, text, SHMQ_A_UTF8_##t);                                  \
                                                                                                   \
		if (draw_below(d, 2))                                                              \
			T##_set_##n(b, o, text);                                                   \
		else                                                                               \
			T##_put_##n(b, o, text, len);                                              \
	}
#define SHMQ_A_p_fill_k_struct(T, n, m, d_, x) x##_fill(d, b, T##_edit_##n(o), depth);
#define SHMQ_A_p_fill_k_arrs(T, n, m, d_, t, N)                                                    \
	for (uint32_t i = 0; i < (N); i++)                                                         \
		T##_edit_##n(o)[i] = DRAW_##t(d);
#define SHMQ_A_p_fill_k_arrr(T, n, m, d_, x, N)                                                    \
	for (uint32_t i = 0; i < (N); i++)                                                         \
		x##_fill(d, b, T##_edit_##n(o) + i, depth);
#define SHMQ_A_p_fill_k_vecs(T, n, m, d_, t)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d), way = draw_below(d, 3);                            \
		SHMQ_A_C_##t values[1024], *first = values;                                        \
		struct T##_##n##_list list;                                                        \
                                                                                                   \
		for (uint32_t i = 0; i < count; i++)                                               \
			values[i] = DRAW_##t(d);                                                   \
		if (way == 0) {                                                                    \
			T##_put_##n(b, o, values, count);                                          \
		} else if (way == 1) {                                                             \
			if (T##_new_##n(b, o, count, &first) == 0 && count)                        \
				memcpy(first, values, count * sizeof(*first));                     \
		} else if (T##_begin_##n(b, o, &list) == 0) {                                      \
			for (uint32_t i = 0; i < count; i++)                                       \
				T##_add_##n(&list, values[i]);                                     \
			T##_end_##n(&list);                                                        \
		}                                                                                  \
	}
#define SHMQ_A_p_fill_k_vect(T, n, m, d_, t)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d);                                                    \
		struct T##_##n##_list list;                                                        \
		char text[DRAW_TEXT_MAX];                                                          \
                                                                                                   \
		if (T##_begin_##n(b, o, &list) < 0)                                                \
			count = 0;                                                                 \
		for (uint32_t i = 0; i < count; i++) {                                             \
			size_t len = draw_text(d, text, SHMQ_A_UTF8_##t);                          \
                                                                                                   \
			T##_addn_##n(&list, text, len);                                            \
		}                                                                                  \
		T##_end_##n(&list);                                                                \
	}
#define SHMQ_A_p_fill_k_vecr(T, n, m, d_, x)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d), way = draw_below(d, 2);                            \
		struct T##_##n##_list list;                                                        \
		struct x *first;                                                                   \
                                                                                                   \
		if (depth >= d->deepest)                                                           \
			count = 0;                                                                 \
		if (way == 0 && T##_new_##n(b, o, count, &first) == 0) {                           \
			for (uint32_t i = 0; i < count; i++)                                       \
				x##_fill(d, b, first + i, depth + 1);                              \
		} else if (way == 1 && T##_begin_##n(b, o, &list) == 0) {                          \
			for (uint32_t i = 0; i < count; i++)                                       \
				if (T##_add_##n(&list, &first) == 0)                               \
					x##_fill(d, b, first, depth + 1);                          \
			T##_end_##n(&list);                                                        \
		}                                                                                  \
	}
#define SHMQ_A_p_fill_k_vecself(T, n, m, d_, s) SHMQ_A_p_fill_k_vecr(T, n, m, d_, T)
#define SHMQ_A_p_fill_k_opts(T, n, m, d_, t)                                                       \
	if (draw_below(d, 2))                                                                      \
		T##_set_##n(o, DRAW_##t(d));
#define SHMQ_A_p_fill_k_optt(T, n, m, d_, t)                                                       \
	if (draw_below(d, 2))                                                                      \
		SHMQ_A_p_fill_k_text(T, n, m, d_, t)
#define SHMQ_A_p_fill_k_optr(T, n, m, d_, x)                                                       \
	if (draw_below(d, 2) && depth < d->deepest) {                                              \
		struct x *record;                                                                  \
                                                                                                   \
		if (T##_new_##n(b, o, &record) == 0)                                               \
			x##_fill(d, b, record, depth + 1);                                         \
	}
#define SHMQ_A_p_fill_k_optself(T, n, m, d_, s) SHMQ_A_p_fill_k_optr(T, n, m, d_, T)

#define RANDOM_FILL(T, ...)                                                                        \
	SHMQ_A_FN void T##_fill(struct draw *d, struct shmq_builder *b, struct T *o,               \
				uint32_t depth)                                                    \
	{                                                                                          \
		(void)b;                                                                           \
		(void)depth;                                                                       \
		SHMQ_A_EACH(p_fill, T, __VA_ARGS__)                                                \
	}

/* ---- p_meet: in a function of d, o and depth ---- */

#define SHMQ_A_MISTAKE_p_meet(T, what, text)
#define MEET(T, n, cond)                                                                           \
	if (!(cond)) {                                                                             \
		fprintf(stderr, "%s.%s differs\n", #T, #n);                                        \
		return -1;                                                                         \
	}

#define SHMQ_A_p_meet_k_scalar(T, n, m, d_, t) MEET(T, n, T##_##n(o) == DRAW_##t(d))
#define SHMQ_A_p_meet_k_text(T, n, m, d_, t)                                                       \
	{                                                                                          \
		char text[DRAW_TEXT_MAX];                                                          \
		size_t len = draw_text(d, text, SHMQ_A_UTF8_##t);                                  \
                                                                                                   \
		draw_below(d, 2);                                                                  \
		MEET(T, n, text_same(T##_##n(o), T##_len_##n(o), text, len))                       \
	}
#define SHMQ_A_p_meet_k_struct(T, n, m, d_, x) MEET(T, n, x##_meet(d, T##_##n(o), depth) == 0)
#define SHMQ_A_p_meet_k_arrs(T, n, m, d_, t, N)                                                    \
	for (uint32_t i = 0; i < (N); i++)                                                         \
		MEET(T, n, T##_##n(o)[i] == DRAW_##t(d))                                           \
	MEET(T, n, T##_n_##n(o) == (N))
#define SHMQ_A_p_meet_k_arrr(T, n, m, d_, x, N)                                                    \
	for (uint32_t i = 0; i < (N); i++)                                                         \
		MEET(T, n, x##_meet(d, T##_##n(o) + i, depth) == 0)
#define SHMQ_A_p_meet_k_vecs(T, n, m, d_, t)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d);                                                    \
                                                                                                   \
		draw_below(d, 3);                                                                  \
		MEET(T, n, T##_n_##n(o) == count)                                                  \
		for (uint32_t i = 0; i < count; i++)                                               \
			MEET(T, n, T##_##n(o)[i] == DRAW_##t(d))                                   \
	}
#define SHMQ_A_p_meet_k_vect(T, n, m, d_, t)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d);                                                    \
		char text[DRAW_TEXT_MAX];                                                          \
                                                                                                   \
		MEET(T, n, T##_n_##n(o) == count)                                                  \
		for (uint32_t i = 0; i < count; i++) {                                             \
			size_t len = draw_text(d, text, SHMQ_A_UTF8_##t);                          \
                                                                                                   \
			MEET(T, n, text_same(T##_##n(o, i), T##_len_##n(o, i), text, len))         \
		}                                                                                  \
		MEET(T, n, T##_len_##n(o, count) == 0 && T##_##n(o, count)[0] == 0)                \
	}
#define SHMQ_A_p_meet_k_vecr(T, n, m, d_, x)                                                       \
	{                                                                                          \
		uint32_t count = draw_count(d);                                                    \
                                                                                                   \
		draw_below(d, 2);                                                                  \
		if (depth >= d->deepest)                                                           \
			count = 0;                                                                 \
		MEET(T, n, T##_n_##n(o) == count)                                                  \
		for (uint32_t i = 0; i < count; i++)                                               \
			MEET(T, n, x##_meet(d, T##_##n(o) + i, depth + 1) == 0)                    \
	}
#define SHMQ_A_p_meet_k_vecself(T, n, m, d_, s) SHMQ_A_p_meet_k_vecr(T, n, m, d_, T)
#define SHMQ_A_p_meet_k_opts(T, n, m, d_, t)                                                       \
	if (draw_below(d, 2)) {                                                                    \
		MEET(T, n, T##_has_##n(o) && T##_##n(o) == DRAW_##t(d))                            \
	} else {                                                                                   \
		MEET(T, n, !T##_has_##n(o) && T##_##n(o) == 0)                                     \
	}
#define SHMQ_A_p_meet_k_optt(T, n, m, d_, t)                                                       \
	if (draw_below(d, 2)) {                                                                    \
		MEET(T, n, T##_has_##n(o))                                                         \
		SHMQ_A_p_meet_k_text(T, n, m, d_, t)                                               \
	} else {                                                                                   \
		MEET(T, n, !T##_has_##n(o) && T##_len_##n(o) == 0 && T##_##n(o)[0] == 0)           \
	}
#define SHMQ_A_p_meet_k_optr(T, n, m, d_, x)                                                       \
	if (draw_below(d, 2) && depth < d->deepest) {                                              \
		MEET(T, n, T##_has_##n(o) && x##_meet(d, T##_##n(o), depth + 1) == 0)              \
	} else {                                                                                   \
		MEET(T, n, !T##_has_##n(o) && T##_##n(o) == NULL)                                  \
	}
#define SHMQ_A_p_meet_k_optself(T, n, m, d_, s) SHMQ_A_p_meet_k_optr(T, n, m, d_, T)

#define RANDOM_MEET(T, ...)                                                                        \
	SHMQ_A_FN int T##_meet(struct draw *d, const struct T *o, uint32_t depth)                  \
	{                                                                                          \
		(void)depth;                                                                       \
		SHMQ_A_EACH(p_meet, T, __VA_ARGS__)                                                \
		return 0;                                                                          \
	}

#define RANDOM_RECORD(T, ...)                                                                      \
	SHMQ_RECORD(T, __VA_ARGS__);                                                               \
	RANDOM_FILL(T, __VA_ARGS__)                                                                \
	RANDOM_MEET(T, __VA_ARGS__)                                                                \
	TOUCH(T, __VA_ARGS__)                                                                      \
	struct T
#define RANDOM_MESSAGE(T, ...)                                                                     \
	SHMQ_MESSAGE(T, __VA_ARGS__);                                                              \
	RANDOM_FILL(T, __VA_ARGS__)                                                                \
	RANDOM_MEET(T, __VA_ARGS__)                                                                \
	TOUCH(T, __VA_ARGS__)                                                                      \
	struct T
