/* SPDX-License-Identifier: MIT */
/*
 * test_shm_ring.c - messages through a ring: order, full, empty, sizes, views
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/unit/shm_ends.h"

TestSuite(ring, .timeout = 60);

Test(ring, zero_memory_is_an_empty_ring)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	cr_assert_eq(ring_depth(&ends.producer), 0);
	cr_assert_eq(ring_depth(&ends.consumer), 0);
	ends_deinit(&ends);
}

ParameterizedTestParameters(ring, fills_up_drains_and_goes_round_in_order)
{
	static uint32_t slots[] = { 1, 2, 4, 8, 64, 1024, 2048, SHMQ_SLOTS_MAX };

	return cr_make_param_array(uint32_t, slots, sizeof(slots) / sizeof(slots[0]));
}

ParameterizedTest(uint32_t *slots, ring, fills_up_drains_and_goes_round_in_order, .timeout = 60)
{
	struct ends ends;

	ends_init(&ends, *slots, 8);
	for (int round = 0; round < 3; round++) {
		push_many(&ends, *slots);
		cr_assert_eq(push_next(&ends), -EAGAIN);
		cr_assert_eq(ring_depth(&ends.producer), *slots);
		cr_assert_eq(ring_depth(&ends.consumer), *slots);
		pop_many(&ends, *slots);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
		cr_assert_eq(ring_depth(&ends.consumer), 0);
	}
	/* and with every fill level in between, on a small ring */
	for (uint32_t n = 1; n <= *slots && n < 100; n++) {
		push_many(&ends, n);
		pop_many(&ends, n);
	}
	cr_assert_eq(ends.memory.producer_page->position, ends.memory.consumer_page->position);
	ends_deinit(&ends);
}

Test(ring, one_slot_takes_one_message_at_a_time)
{
	struct ends ends;

	ends_init(&ends, 1, 8);
	for (int i = 0; i < 5000; i++) {
		cr_assert_eq(push_next(&ends), 0);
		cr_assert_eq(push_next(&ends), -EAGAIN);
		cr_assert_eq(pop_next(&ends), 0);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

Test(ring, messages_of_every_length_arrive_whole)
{
	struct ends ends;
	unsigned char sent[600], got[600 + 16];

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (unsigned char)(i * 7 + 3);
	ends_init(&ends, 4, 600);
	for (size_t len = 0; len <= 600; len++) {
		memset(got, 0xee, sizeof(got));
		cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, len), 0);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, got, sizeof(got)), (int64_t)len);
		cr_assert_arr_eq(got, sent, len);
		/* exactly @len bytes were written */
		for (size_t i = len; i < len + 16; i++)
			cr_assert_eq(got[i], 0xee, "byte %zu of a message of %zu", i, len);
	}
	ends_deinit(&ends);
}

Test(ring, a_buffer_of_known_size_takes_messages_that_fill_it_and_shorter_ones)
{
	struct ends ends;
	unsigned char sent[24], got[24 + 8];

	ends_init(&ends, 8, sizeof(sent));
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (unsigned char)(i + 1);
	for (size_t len = 0; len <= sizeof(sent); len++) {
		memset(got, 0xee, sizeof(got));
		cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, len), 0);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, got, 24), (int64_t)len);
		cr_assert_arr_eq(got, sent, len);
		for (size_t i = len; i < sizeof(got); i++)
			cr_assert_eq(got[i], 0xee, "byte %zu of a message of %zu", i, len);
	}
	ends_deinit(&ends);
}

Test(ring, the_longest_message_is_16_mib)
{
	struct ends ends;
	unsigned char *sent = malloc(SHMQ_SIZE_MAX), *got = malloc(SHMQ_SIZE_MAX);
	volatile size_t too_long = SHMQ_SIZE_MAX + 1; /* else gcc sees it */

	cr_assert(sent && got);
	for (size_t i = 0; i < SHMQ_SIZE_MAX; i++)
		sent[i] = (unsigned char)(i ^ i >> 8 ^ i >> 16);
	ends_init(&ends, 2, SHMQ_SIZE_MAX);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, SHMQ_SIZE_MAX), 0);
		cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, SHMQ_SIZE_MAX - 1), 0);
		cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, 1), -EAGAIN);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, got, SHMQ_SIZE_MAX), SHMQ_SIZE_MAX);
		cr_assert_eq(memcmp(sent, got, SHMQ_SIZE_MAX), 0);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, got, SHMQ_SIZE_MAX),
			     SHMQ_SIZE_MAX - 1);
	}
	cr_assert_eq(shmq_hot_try_push(&ends.producer, sent, too_long), -EMSGSIZE);
	ends_deinit(&ends);
	free(sent);
	free(got);
}

Test(ring, a_message_that_does_not_fit_the_slot_is_refused_and_nothing_is_pushed)
{
	struct ends ends;
	char msg[32] = "x";

	ends_init(&ends, 4, 9);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, msg, 10), -EMSGSIZE);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, msg, SIZE_MAX), -EMSGSIZE);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, msg, sizeof(msg)), -EAGAIN);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, msg, 9), 0);
	ends_deinit(&ends);
}

Test(ring, a_message_that_does_not_fit_the_buffer_stays)
{
	struct ends ends;
	char buf[8];

	ends_init(&ends, 4, 16);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "0123456789", 10), 0);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, buf, sizeof(buf)), -EMSGSIZE);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, NULL, 0), -EMSGSIZE);
	{
		char large[10];

		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, large, sizeof(large)), 10);
		cr_assert_arr_eq(large, "0123456789", 10);
	}
	ends_deinit(&ends);
}

Test(ring, messages_of_no_bytes_are_messages)
{
	struct ends ends;

	ends_init(&ends, 2, 1);
	for (int i = 0; i < 10; i++) {
		cr_assert_eq(shmq_hot_try_push(&ends.producer, NULL, 0), 0);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, NULL, 0), 0);
		cr_assert_eq(shmq_hot_try_pop(&ends.consumer, NULL, 0), -EAGAIN);
	}
	ends_deinit(&ends);
}

Test(ring, aligned_payloads_are_aligned_at_both_ends)
{
	struct ends ends;
	struct shmq_view view = { 0 };
	void *payload = NULL;

	ring_memory_init(&ends.memory, 8, 100, RING_WAKE_FENCE, RING_MEMORY_ALIGN);
	ends_attach(&ends);
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
		cr_assert_eq((uintptr_t)payload % 64, 0);
		cr_assert_eq(shmq_hot_commit(&ends.producer, 100), 0);
		cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
		cr_assert_eq((uintptr_t)view.data % 64, 0);
		cr_assert_eq(shmq_hot_release(&ends.consumer, 1), 0);
	}
	ends_deinit(&ends);
}

/* ---- zero copy ---- */

Test(ring, reserve_publishes_nothing_until_commit)
{
	struct ends ends;
	void *first = NULL, *again = NULL;
	char buf[8];

	ends_init(&ends, 4, 8);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &first), 0);
	memcpy(first, "abcdefgh", 8);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &again), 0);
	cr_assert_eq(first, again);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 3), 0);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, buf, sizeof(buf)), 3);
	cr_assert_arr_eq(buf, "abc", 3);
	ends_deinit(&ends);
}

Test(ring, commit_needs_a_reservation_and_a_length_that_fits)
{
	struct ends ends;
	void *payload = NULL;

	ends_init(&ends, 4, 8);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 1), -EINVAL);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 9), -EMSGSIZE);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 8), 0);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 8), -EINVAL);
	/* a push in between takes the reserved slot */
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "x", 1), 0);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 8), -EINVAL);
	ends_deinit(&ends);
}

Test(ring, an_abandoned_reservation_is_nothing)
{
	struct ends ends;
	void *payload = NULL;

	ends_init(&ends, 1, 8);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
		memset(payload, 0xff, 8);
		cr_assert_eq(ring_abandon(&ends.producer), 0);
		cr_assert_eq(shmq_hot_commit(&ends.producer, 8), -EINVAL);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
		cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
		memcpy(payload, &ends.producer.position, 8);
		cr_assert_eq(shmq_hot_commit(&ends.producer, 8), 0);
		cr_assert_eq(pop_next(&ends), 0);
	}
	ends_deinit(&ends);
}

Test(ring, a_peeked_message_stays_until_it_is_released)
{
	struct ends ends;
	struct shmq_view view = { 0 }, again = { 0 };

	ends_init(&ends, 2, 8);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), -EINVAL);
	push_many(&ends, 2);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), -EINVAL);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &again), 0);
	cr_assert_eq(view.data, again.data);
	cr_assert_eq(view.seq, 0);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 2), -EINVAL);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), 0);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), -EINVAL);
	cr_assert_eq(push_next(&ends), 0);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	cr_assert_eq(view.seq, 1);
	cr_assert_eq(*(const uint64_t *)view.data, 1);
	ends_deinit(&ends);
}

Test(ring, popping_a_peeked_message_leaves_nothing_to_release)
{
	struct ends ends;
	struct shmq_view view = { 0 };

	ends_init(&ends, 4, 8);
	push_many(&ends, 2);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	cr_assert_eq(pop_next(&ends), 0);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), -EINVAL);
	cr_assert_eq(pop_next(&ends), 0);
	ends_deinit(&ends);
}

/* ---- disabled handles ---- */

Test(ring, a_disabled_handle_answers_its_error_without_touching_the_ring)
{
	struct ends ends;
	struct shmq_message msg = { "x", 1 };
	struct shmq_view view = { 0 };
	void *payload = NULL;
	size_t len = 1;
	char buf[8];

	ends_init(&ends, 8, 8);
	push_many(&ends, 3);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), 0);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	ring_disable(&ends.producer, -ECHILD);
	ring_disable(&ends.consumer, -ECHILD);
	ring_disable(&ends.consumer, -ESTALE);
	ends_deinit(&ends); /* unmapped: a look would be fatal */
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "x", 1), -ECHILD);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), -ECHILD);
	cr_assert_eq(shmq_hot_commit(&ends.producer, 1), -ECHILD);
	cr_assert_eq(ring_try_push_n(&ends.producer, &msg, 1), -ECHILD);
	cr_assert_eq(ring_reserve_n(&ends.producer, &payload, 1), -ECHILD);
	cr_assert_eq(ring_commit_n(&ends.producer, &len, 1), -ECHILD);
	cr_assert_eq(ring_abandon(&ends.producer), 0);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, buf, sizeof(buf)), -ECHILD);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), -ECHILD);
	cr_assert_eq(shmq_hot_release(&ends.consumer, 1), -ECHILD);
	cr_assert_eq(ring_peek_n(&ends.consumer, &view, 1), -ECHILD);
	cr_assert_eq(ring_release_n(&ends.consumer, 1), -ECHILD);
	cr_assert_eq(ring_depth(&ends.producer), 0);
	cr_assert_eq(ring_depth(&ends.consumer), 0);
}

/* ---- distance ---- */

Test(ring, a_consumer_that_runs_dry_after_a_run_waits_and_looks_again)
{
	struct ends ends;
	uint64_t header;

	ends_init(&ends, 64, 8);
	cr_assert_gt(ends.consumer.backoff_pauses, 0);
	push_many(&ends, SHMQ_BACKOFF_RUN);
	pop_many(&ends, SHMQ_BACKOFF_RUN);
	header = *ring_memory_header(&ends.memory, SHMQ_BACKOFF_RUN);
	cr_assert_eq(shmq_hot_dry(&ends.consumer, header), 0, "look again");
	cr_assert_eq(shmq_hot_dry(&ends.consumer, header), -EAGAIN, "once per run");
	push_many(&ends, SHMQ_BACKOFF_RUN - 1);
	pop_many(&ends, SHMQ_BACKOFF_RUN - 1);
	header = *ring_memory_header(&ends.memory, ends.consumer.position);
	cr_assert_eq(shmq_hot_dry(&ends.consumer, header), -EAGAIN, "single messages never wait");
	ends_deinit(&ends);
}

Test(ring, figures_of_the_pages_count_slow_paths_only)
{
	struct ends ends;

	ends_init(&ends, 16, 8);
	cr_assert_eq(ends.memory.producer_page->n_incarnations, 1);
	cr_assert_eq(ends.memory.consumer_page->n_incarnations, 1);
	cr_assert_leq(ends.memory.producer_page->last_ns, (uint64_t)clock_monotonic_ns());
	push_many(&ends, 16);
	pop_many(&ends, 16);
	cr_assert_eq(ends.memory.producer_page->position, 16);
	cr_assert_eq(ends.memory.consumer_page->position, 16);
	cr_assert_eq(ends.memory.producer_page->n_wakes, 0);
	cr_assert_eq(ends.memory.producer_page->n_sleeps, 0);
	ends_deinit(&ends);
}
