/* SPDX-License-Identifier: MIT */
/*
 * test_shm_patience.c - how long a handle spins, and when a sleeper looks again by itself
 */
#include <criterion/criterion.h>

#include "tests/unit/shm_sleeper.h"

TestSuite(patience, .timeout = 60);

#define MISSES_MAX 8u

/* ---- spinning ---- */

static void pop_nothing(struct ends *ends, unsigned n)
{
	uint64_t buf;

	for (unsigned i = 0; i < n; i++)
		cr_assert_eq(ring_pop(&ends->consumer, WAIT_SPIN_ADAPTIVE, &buf, 8, NS_PER_US),
			     -ETIMEDOUT);
}

static void until_it_spins_no_more(struct ends *ends)
{
	if (!cpus_allow_spinning())
		cr_skip_test("one CPU");
	pop_nothing(ends, MISSES_MAX);
	cr_assert_eq(ends->consumer.spin_misses, MISSES_MAX);
}

Test(patience, a_handle_whose_spinning_never_pays_tries_it_now_and_then)
{
	unsigned n_tries = 0;
	struct ends ends;

	ends_init(&ends, 2, 8);
	until_it_spins_no_more(&ends);
	for (int i = 0; i < 1000; i++) {
		uint32_t skips = ends.consumer.spin_skips;

		pop_nothing(&ends, 1);
		n_tries += ends.consumer.spin_skips <= skips;
	}
	cr_assert(n_tries >= 10 && n_tries <= 20, "%u", n_tries);
	ends_deinit(&ends);
}

Test(patience, what_was_asked_for_is_done_whether_it_pays_or_not)
{
	struct ends ends;
	uint64_t buf;

	ends_init(&ends, 2, 8);
	until_it_spins_no_more(&ends);
	for (int i = 0; i < 100; i++) {
		uint32_t skips = ends.consumer.spin_skips;

		cr_assert_eq(ring_pop(&ends.consumer, 1000, &buf, 8, NS_PER_US), -ETIMEDOUT);
		cr_assert_eq(ends.consumer.spin_skips, skips);
		cr_assert_eq(ends.consumer.spin_misses, MISSES_MAX);
	}
	ends_deinit(&ends);
}

struct stream {
	struct ends ends;
	bool done;
};

/* One message after the other, each when the one before was taken. */
static void *push_on_and_on(void *arg)
{
	struct stream *stream = arg;
	uint64_t number = 0;

	while (!__atomic_load_n(&stream->done, __ATOMIC_ACQUIRE)) {
		if (ring_depth(&stream->ends.producer) == 0)
			shmq_hot_try_push(&stream->ends.producer, &number, sizeof(number));
		shmq_pause();
	}
	return NULL;
}

Test(patience, it_spins_again_when_that_pays)
{
	int64_t deadline_ns = clock_monotonic_ns() + SLEEPER_DEADLINE_NS;
	struct stream stream = { .done = false };
	pthread_t thread;
	uint64_t buf;

	ends_init(&stream.ends, 2, 8);
	until_it_spins_no_more(&stream.ends);
	cr_assert_eq(pthread_create(&thread, NULL, push_on_and_on, &stream), 0);
	while (stream.ends.consumer.spin_misses == MISSES_MAX) {
		cr_assert_eq(ring_pop(&stream.ends.consumer, WAIT_SPIN_ADAPTIVE, &buf, 8,
				      SLEEPER_DEADLINE_NS), 8);
		cr_assert_lt(clock_monotonic_ns(), deadline_ns);
	}
	__atomic_store_n(&stream.done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ends_deinit(&stream.ends);
}

/* ---- looking again ---- */

/* A waker that was stopped between its publication and the wake-up. */
Test(patience, a_message_without_a_wakeup_is_found)
{
	struct sleeper sleeper;
	struct ends ends;
	uint64_t *header;

	ends_init(&ends, 4, 8);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	header = ring_memory_header(&ends.memory, 0);
	header[1] = 4711;
	__atomic_store_n(header, ring_memory_full(&ends.memory, 0, 8), __ATOMIC_RELEASE);
	cr_assert_eq(sleeper_result(&sleeper), 8);
	cr_assert_eq(sleeper.message, 4711);
	cr_assert_leq(ends.memory.consumer_page->n_sleeps, 2, "it looked again, and that was all");
	ends_deinit(&ends);
}

/* At first it would like an eighth; then one slot is enough, and its release wakes. */
Test(patience, a_producer_gets_modest)
{
	int64_t deadline_ns = clock_monotonic_ns() + SLEEPER_DEADLINE_NS;
	struct sleeper sleeper;
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 64);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	while (__atomic_load_n(&ends.memory.producer_page->ticket, __ATOMIC_ACQUIRE) != 1) {
		cr_assert_lt(clock_monotonic_ns(), deadline_ns);
		sched_yield();
	}
	pop_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 0);
	cr_assert_eq(ends.memory.consumer_page->n_wakes, 1);
	ends_deinit(&ends);
}
