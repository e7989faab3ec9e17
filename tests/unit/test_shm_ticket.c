/* SPDX-License-Identifier: MIT */
/*
 * test_shm_ticket.c - one wake-up per sleep: when the ticket's position is passed, at its slot
 */
#include <criterion/criterion.h>

#include "tests/unit/shm_sleeper.h"

TestSuite(ticket, .timeout = 60);

static uint64_t n_wakes_of_producer(const struct ends *ends)
{
	return ends->memory.producer_page->n_wakes;
}

static uint64_t n_wakes_of_consumer(const struct ends *ends)
{
	return ends->memory.consumer_page->n_wakes;
}

Test(ticket, one_wakeup_per_ticket)
{
	struct ends ends;

	ends_init(&ends, 16, 8);
	push_many(&ends, 2);
	cr_assert_eq(n_wakes_of_producer(&ends), 0);
	ends.memory.consumer_page->ticket = 3;
	push_many(&ends, 1);
	cr_assert_eq(n_wakes_of_producer(&ends), 1);
	push_many(&ends, 3);
	cr_assert_eq(n_wakes_of_producer(&ends), 1);
	ends.memory.consumer_page->ticket = 7;
	push_many(&ends, 1);
	cr_assert_eq(n_wakes_of_producer(&ends), 2);
	ends.memory.consumer_page->ticket = 0;
	push_many(&ends, 1);
	cr_assert_eq(n_wakes_of_producer(&ends), 2);
	ends_deinit(&ends);
}

Test(ticket, no_wakeup_before_the_position_is_passed)
{
	struct ends ends;

	ends_init(&ends, 16, 8);
	ends.memory.consumer_page->ticket = 5; /* for position 4 */
	push_many(&ends, 4);
	cr_assert_eq(n_wakes_of_producer(&ends), 0);
	push_many(&ends, 1);
	cr_assert_eq(n_wakes_of_producer(&ends), 1);
	ends_deinit(&ends);
}

Test(ticket, a_consumer_announces_the_position_it_waits_for)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init_at(&ends, 16, 8, 1000);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	cr_assert_eq(ends.memory.consumer_page->ticket, 1001);
	push_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 8);
	cr_assert_eq(ends.memory.consumer_page->ticket, 0);
	ends_deinit(&ends);
}

Test(ticket, a_producer_waits_for_an_eighth_of_the_ring)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init_at(&ends, 64, 8, 1000);
	push_many(&ends, 64);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	/* the release of message 1007 makes the eighth slot free */
	cr_assert_eq(ends.memory.producer_page->ticket, 1008);
	pop_many(&ends, 8);
	cr_assert_eq(sleeper_result(&sleeper), 0);
	ends_deinit(&ends);
}

Test(ticket, a_full_ring_does_not_wake_per_message)
{
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 64);
	ends.memory.producer_page->ticket = 8;
	pop_many(&ends, 7);
	cr_assert_eq(n_wakes_of_consumer(&ends), 0);
	pop_many(&ends, 1);
	cr_assert_eq(n_wakes_of_consumer(&ends), 1);
	pop_many(&ends, 56);
	cr_assert_eq(n_wakes_of_consumer(&ends), 1);
	ends_deinit(&ends);
}

Test(ticket, a_release_of_several_wakes_once)
{
	struct shmq_view views[64];
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 64);
	ends.memory.producer_page->ticket = 8;
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 64), 64);
	cr_assert_eq(ring_release_n(&ends.consumer, 7), 0);
	cr_assert_eq(n_wakes_of_consumer(&ends), 0);
	cr_assert_eq(ring_release_n(&ends.consumer, 57), 0);
	cr_assert_eq(n_wakes_of_consumer(&ends), 1);
	ends_deinit(&ends);
}

/* The consumer takes the first messages of a batch and sleeps on a later one of it: the wake-up
 * must go to that slot. Here the consumer is made to sleep on each slot of a batch in turn. */
Test(ticket, a_batch_wakes_at_the_slot_that_the_ticket_names)
{
	struct shmq_message msgs[8];
	uint64_t numbers[8];

	for (uint64_t n_before = 0; n_before < 8; n_before++) {
		struct sleeper sleeper;
		struct ends ends;

		ends_init(&ends, 64, 8);
		/* publish the first ones of the batch by hand; the consumer takes them */
		for (uint64_t i = 0; i < 8; i++) {
			numbers[i] = i;
			msgs[i] = (struct shmq_message){ &numbers[i], 8 };
		}
		for (uint64_t i = 0; i < n_before; i++) {
			uint64_t *header = ring_memory_header(&ends.memory, i);

			header[1] = i;
			__atomic_store_n(header, ring_memory_full(&ends.memory, i, 8),
					 __ATOMIC_RELEASE);
		}
		pop_many(&ends, n_before);
		sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
		cr_assert_eq(ends.memory.consumer_page->ticket, n_before + 1);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), 8);
		cr_assert_eq(sleeper_result(&sleeper), 8);
		cr_assert_eq(sleeper.message, n_before);
		ends_deinit(&ends);
	}
}

/* A raw sleeper on one word, which nothing but a wake-up at this very word ends. */
struct raw_sleeper {
	struct futex_word word;
	int result;
	bool done;
	pthread_t thread;
};

static void *sleep_raw(void *arg)
{
	struct raw_sleeper *sleeper = arg;

	sleeper->result =
		futex_wait_any(&sleeper->word, 1, clock_monotonic_ns() + SLEEPER_DEADLINE_NS);
	__atomic_store_n(&sleeper->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Serve @ticket until somebody who sleeps on @word is woken. */
static void assert_wakes_at(struct shmq_hot *waker, uint64_t ticket, const void *word)
{
	struct raw_sleeper sleeper = { .word = { word, *(const uint32_t *)word } };

	cr_assert_eq(pthread_create(&sleeper.thread, NULL, sleep_raw, &sleeper), 0);
	while (!__atomic_load_n(&sleeper.done, __ATOMIC_ACQUIRE)) {
		shmq_hot_wake(waker, ticket);
		sched_yield();
	}
	pthread_join(sleeper.thread, NULL);
	cr_assert_eq(sleeper.result, 0);
}

Test(ticket, the_wakeup_goes_to_the_word_that_is_slept_on)
{
	struct ends ends;

	ends_init(&ends, 16, 8);
	push_many(&ends, 9);
	pop_many(&ends, 5);
	for (uint64_t position = 0; position < 9; position++)
		assert_wakes_at(&ends.producer, position + 1,
				(uint32_t *)(void *)ring_memory_header(&ends.memory, position) + 1);
	for (uint64_t position = 0; position < 5; position++)
		assert_wakes_at(&ends.consumer, position + 1, &ends.memory.consumer_page->position);
	ends_deinit(&ends);
}

Test(ticket, rings_without_wakeups_look_at_no_ticket)
{
	struct ends ends;

	ring_memory_init(&ends.memory, 16, 8, RING_WAKE_NEVER, 0);
	ends_attach(&ends);
	ends.memory.consumer_page->ticket = 1;
	ends.memory.producer_page->ticket = 1;
	push_many(&ends, 3);
	pop_many(&ends, 3);
	cr_assert_eq(n_wakes_of_producer(&ends), 0);
	cr_assert_eq(n_wakes_of_consumer(&ends), 0);
	ends_deinit(&ends);
}

Test(ticket, a_successor_serves_the_ticket_that_his_predecessor_left)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init(&ends, 16, 8);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	cr_assert_eq(ring_attach_producer(&ends.memory.producer, &ends.producer), 0);
	push_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 8);
	cr_assert_eq(n_wakes_of_producer(&ends), 1);
	ends_deinit(&ends);
}
