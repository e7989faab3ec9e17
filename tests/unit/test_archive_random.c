/* SPDX-License-Identifier: MIT */
/*
 * test_archive_random.c - properties of any message: it reads as it was written, whatever did not
 * fit; damaged, it is refused or harmless, and both validators say the same
 *
 * Every test prints the seed of a failure. SHMQ_TEST_SEED=n repeats one, SHMQ_TEST_ROUNDS=n makes a
 * longer run.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include <shmq/archive_decode.h>

#include "base/random.h"
#include "tests/unit/archive_cases.h"

TestSuite(archive_random, .timeout = 120);

#define BUFFER_BYTES (32u << 20)

static uint64_t seed;
static uint32_t n_rounds;
static unsigned char *buffer;

static void random_setup(void)
{
	const char *text = getenv("SHMQ_TEST_SEED"), *rounds = getenv("SHMQ_TEST_ROUNDS");

	cr_assert(eq(int, random_bytes(&seed, sizeof(seed)), 0));
	seed = text ? strtoull(text, NULL, 0) : seed >> 16;
	n_rounds = rounds ? (uint32_t)strtoul(rounds, NULL, 0) : 150;
	buffer = (unsigned char *)malloc(BUFFER_BYTES);
	cr_assert(ne(ptr, buffer, NULL));
}

static void random_teardown(void)
{
	free(buffer);
}

#define RandomTest(name) Test(archive_random, name, .init = random_setup, .fini = random_teardown)

static struct draw draw_at(uint64_t at)
{
	struct draw d = { at, 60, 3 };

	return d;
}

/* T_build_random(): a message from a seed into a buffer. Return: its length. */
#define BUILD_RANDOM(T)                                                                            \
	static int T##_build_random(uint64_t at, void *buf, size_t cap, int *ret_error)            \
	{                                                                                          \
		struct draw d = draw_at(at);                                                       \
		struct shmq_builder b;                                                             \
		struct T *o;                                                                       \
		int r = T##_build(&b, buf, cap, &o);                                               \
                                                                                                   \
		if (r < 0)                                                                         \
			return r;                                                                  \
		T##_fill(&d, &b, o, 0);                                                            \
		*ret_error = shmq_builder_error(&b);                                               \
		return T##_finish(&b);                                                             \
	}                                                                                          \
	/* Both validators' verdict; what they accept is touched. */                               \
	static int T##_judge(const void *buf, size_t len)                                          \
	{                                                                                          \
		const struct T *o;                                                                 \
		int r = T##_access(buf, len, &o);                                                  \
                                                                                                   \
		cr_assert(eq(int, shmq_archive_verify(T##_archive_type(), buf, len), r),           \
			  "the validators differ, seed %" PRIu64, seed);                           \
		if (r == 0)                                                                        \
			T##_touch(o);                                                              \
		return r;                                                                          \
	}                                                                                          \
	static void T##_round_trip(uint64_t at)                                                    \
	{                                                                                          \
		struct draw d = draw_at(at);                                                       \
		const struct T *o;                                                                 \
		int error = -1, len = T##_build_random(at, buffer, BUFFER_BYTES, &error);          \
                                                                                                   \
		cr_assert(eq(int, error, 0), "seed %" PRIu64, seed);                               \
		cr_assert(gt(int, len, 0), "seed %" PRIu64, seed);                                 \
		cr_assert(eq(int, T##_judge(buffer, (size_t)len), 0), "seed %" PRIu64, seed);      \
		cr_assert(eq(int, T##_access(buffer, (size_t)len, &o), 0));                        \
		cr_assert(eq(int, T##_meet(&d, o, 0), 0), "seed %" PRIu64, seed);                  \
	}

BUILD_RANDOM(scalars)
BUILD_RANDOM(sink)
BUILD_RANDOM(tree)

RandomTest(whatever_is_written_is_read)
{
	for (uint32_t i = 0; i < n_rounds; i++) {
		scalars_round_trip(seed + i);
		sink_round_trip(seed + i);
		tree_round_trip(seed + i);
	}
}

/* The buffer is filled with rubbish first: no old byte may travel along. */
RandomTest(the_same_values_make_the_same_bytes)
{
	unsigned char *other = (unsigned char *)malloc(BUFFER_BYTES);
	int error;

	cr_assert(ne(ptr, other, NULL));
	for (uint32_t i = 0; i < n_rounds; i++) {
		int len = sink_build_random(seed + i, buffer, BUFFER_BYTES, &error), again;

		memset(other, 0xa5, (size_t)len);
		again = sink_build_random(seed + i, other, BUFFER_BYTES, &error);
		cr_assert(eq(int, again, len));
		cr_assert(eq(int, memcmp(buffer, other, (size_t)len), 0), "seed %" PRIu64, seed);
	}
	free(other);
}

/* Where every build call may fail for want of room, the message is still one, and inside. */
#define CRAMP(T, at)                                                                               \
	do {                                                                                       \
		struct draw d = draw_at(~(at));                                                    \
		int error = 0, len = T##_build_random(at, buffer, BUFFER_BYTES, &error);           \
		size_t cap = draw_below(&d, (uint32_t)len + 16);                                   \
		unsigned char *small = (unsigned char *)malloc(cap ? cap : 1);                     \
		int r = T##_build_random(at, small, cap, &error);                                  \
                                                                                                   \
		if (r == -EMSGSIZE) {                                                              \
			cr_assert(lt(sz, cap, sizeof(struct T)), "seed %" PRIu64, seed);           \
		} else {                                                                           \
			cr_assert(le(int, r, (int)cap), "seed %" PRIu64, seed);                    \
			cr_assert(eq(int, T##_judge(small, (size_t)r), 0), "seed %" PRIu64, seed); \
			cr_assert(eq(int, error, r < len ? -EMSGSIZE : 0), "seed %" PRIu64, seed); \
		}                                                                                  \
		free(small);                                                                       \
	} while (0)

RandomTest(what_does_not_fit_is_left_out)
{
	for (uint32_t i = 0; i < n_rounds; i++) {
		CRAMP(scalars, seed + i);
		CRAMP(sink, seed + i);
		CRAMP(tree, seed + i);
	}
}

/* One to four words or bytes become something else, mostly something that might hurt. */
static void message_damage(struct draw *d, unsigned char *msg, uint32_t len)
{
	uint32_t hits = 1 + draw_below(d, 4), at, value;

	while (hits--) {
		at = draw_below(d, len);
		value = (uint32_t)draw_integer(d);
		if (draw_below(d, 3) == 0) {
			msg[at] = (unsigned char)value;
			continue;
		}
		at &= ~3u;
		if (draw_below(d, 2)) { /* near what it was */
			memcpy(&value, msg + at, 4);
			value += draw_below(d, 33) - 16;
		} else if (draw_below(d, 2)) { /* leading somewhere inside */
			value = draw_below(d, len) - at;
		}
		memcpy(msg + at, &value, 4);
	}
}

static void message_damage_and_judge(uint64_t at, int (*build)(uint64_t, void *, size_t, int *),
				     int (*judge)(const void *, size_t), uint32_t *accepted)
{
	struct draw d = draw_at(~at);
	int error, len = build(at, buffer, BUFFER_BYTES, &error);
	unsigned char *damaged = (unsigned char *)malloc((size_t)len);

	for (uint32_t i = 0; i < 20; i++) {
		size_t kept = draw_below(&d, 8) ? (size_t)len : draw_below(&d, (uint32_t)len);

		memcpy(damaged + len - kept, buffer, kept);
		if (((uintptr_t)(damaged + len - kept) & 7) != 0) {
			cr_assert(eq(int, judge(damaged + len - kept, kept), -EINVAL));
			continue;
		}
		if (kept)
			message_damage(&d, damaged + len - kept, (uint32_t)kept);
		*accepted += judge(damaged + len - kept, kept) == 0;
	}
	free(damaged);
}

RandomTest(damage_is_refused_or_harmless)
{
	uint32_t accepted = 0;

	for (uint32_t i = 0; i < n_rounds; i++) {
		message_damage_and_judge(seed + i, scalars_build_random, scalars_judge, &accepted);
		message_damage_and_judge(seed + i, sink_build_random, sink_judge, &accepted);
		message_damage_and_judge(seed + i, tree_build_random, tree_judge, &accepted);
	}
	/* Else the damage is so gross that nothing is proven. */
	cr_assert(gt(u32, accepted, 0));
	cr_assert(lt(u32, accepted, n_rounds * 60));
}
