/* SPDX-License-Identifier: MIT */
/*
 * test_shm_wrap.c - nothing happens where the lap (32 bits) and the position (64 bits) wrap
 *
 * Rings are preset so that they have seen almost that many messages.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>

#include "shm/wait.h"
#include "tests/unit/shm_ends.h"

TestSuite(wrap, .timeout = 60);

#define SPIN_NS	   0
#define TIMEOUT_NS INT64_C(20000000000)

/* Positions a few messages before which something wraps, for a ring of @slots. */
static uint64_t start_before(uint64_t slots, int what)
{
	switch (what) {
	case 0: /* the lap, at 2^32 laps */
		return (UINT64_C(1) << 32) * slots - 2 * slots - 3;
	case 1: /* the low half of a position, which a producer sleeps on */
		return (UINT64_C(1) << 32) - 5;
	case 2: /* the sign */
		return (UINT64_C(1) << 63) - 2 * slots - 3;
	default: /* the position */
		return 0 - 2 * slots - 3;
	}
}

struct wrap_case {
	uint64_t slots;
	int what;
};

static struct wrap_case *wrap_cases(size_t *ret_n)
{
	static const uint64_t slots[] = { 1, 2, 16, 1024, 4096 };
	static struct wrap_case cases[20];
	size_t n = 0;

	for (size_t i = 0; i < 5; i++)
		for (int what = 0; what < 4; what++)
			cases[n++] = (struct wrap_case){ slots[i], what };
	*ret_n = n;
	return cases;
}

ParameterizedTestParameters(wrap, singles)
{
	size_t n;
	struct wrap_case *cases = wrap_cases(&n);

	return cr_make_param_array(struct wrap_case, cases, n);
}

ParameterizedTest(struct wrap_case *wrap, wrap, singles, .timeout = 60)
{
	struct ends ends;

	ends_init_at(&ends, (uint32_t)wrap->slots, 8, start_before(wrap->slots, wrap->what));
	for (uint64_t i = 0; i < 6 * wrap->slots + 20; i++) {
		push_many(&ends, 1);
		pop_many(&ends, 1);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

ParameterizedTestParameters(wrap, full_rings)
{
	size_t n;
	struct wrap_case *cases = wrap_cases(&n);

	return cr_make_param_array(struct wrap_case, cases, n);
}

ParameterizedTest(struct wrap_case *wrap, wrap, full_rings, .timeout = 60)
{
	struct ends ends;

	ends_init_at(&ends, (uint32_t)wrap->slots, 8, start_before(wrap->slots, wrap->what));
	for (int round = 0; round < 7; round++) {
		push_many(&ends, wrap->slots);
		cr_assert_eq(push_next(&ends), -EAGAIN);
		cr_assert_eq(ring_depth(&ends.consumer), wrap->slots);
		pop_many(&ends, wrap->slots);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

ParameterizedTestParameters(wrap, successors_at_every_position)
{
	size_t n;
	struct wrap_case *cases = wrap_cases(&n);

	return cr_make_param_array(struct wrap_case, cases, n < 12 ? n : 12);
}

ParameterizedTest(struct wrap_case *wrap, wrap, successors_at_every_position, .timeout = 60)
{
	struct ends ends;

	ends_init_at(&ends, (uint32_t)wrap->slots, 8, start_before(wrap->slots, wrap->what));
	for (uint64_t i = 0; i < 5 * wrap->slots + 10; i++) {
		push_many(&ends, 1);
		ends_attach(&ends);
		pop_many(&ends, 1);
		ends_attach(&ends);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

ParameterizedTestParameters(wrap, batches)
{
	size_t n;
	struct wrap_case *cases = wrap_cases(&n);

	return cr_make_param_array(struct wrap_case, cases, n);
}

ParameterizedTest(struct wrap_case *wrap, wrap, batches, .timeout = 60)
{
	struct shmq_view views[64];
	void *payloads[64];
	size_t lens[64];
	struct ends ends;
	uint64_t total = 6 * wrap->slots + 20;

	ends_init_at(&ends, (uint32_t)wrap->slots, 8, start_before(wrap->slots, wrap->what));
	for (uint64_t done = 0; done < total;) {
		size_t most =
			ring_batch_max(&ends.producer) < 64 ? ring_batch_max(&ends.producer) : 64;
		ssize_t n = ring_reserve_n(&ends.producer, payloads, most);

		cr_assert_eq(n, (ssize_t)most);
		for (ssize_t i = 0; i < n; i++) {
			uint64_t message = ends.producer.position + (uint64_t)i;

			memcpy(payloads[i], &message, 8);
			lens[i] = 8;
		}
		cr_assert_eq(ring_commit_n(&ends.producer, lens, (size_t)n), 0);
		cr_assert_eq(ring_peek_n(&ends.consumer, views, most), n);
		for (ssize_t i = 0; i < n; i++)
			cr_assert_eq(*(const uint64_t *)views[i].data, views[i].seq);
		cr_assert_eq(ring_release_n(&ends.consumer, (size_t)n), 0);
		done += (uint64_t)n;
	}
	ends_deinit(&ends);
}

/* Both ends sleep for every message; at the wrap of the position a ticket would be 0. */
static void *push_slowly(void *arg)
{
	struct ends *ends = arg;

	for (int i = 0; i < 60; i++) {
		uint64_t position = ends->producer.position;

		if (ring_push(&ends->producer, SPIN_NS, &position, 8, TIMEOUT_NS) < 0)
			return arg;
	}
	return NULL;
}

ParameterizedTestParameters(wrap, sleepers)
{
	size_t n;
	struct wrap_case *cases = wrap_cases(&n);

	return cr_make_param_array(struct wrap_case, cases, n < 12 ? n : 12);
}

ParameterizedTest(struct wrap_case *wrap, wrap, sleepers, .timeout = 60)
{
	pthread_t thread;
	struct ends ends;
	void *failed;

	ends_init_at(&ends, (uint32_t)wrap->slots, 8, start_before(wrap->slots, wrap->what));
	cr_assert_eq(pthread_create(&thread, NULL, push_slowly, &ends), 0);
	for (int i = 0; i < 60; i++) {
		uint64_t message = 0, expected = ends.consumer.position;

		cr_assert_eq(ring_pop(&ends.consumer, SPIN_NS, &message, 8, TIMEOUT_NS), 8);
		cr_assert_eq(message, expected);
	}
	cr_assert_eq(pthread_join(thread, &failed), 0);
	cr_assert_null(failed);
	ends_deinit(&ends);
}
