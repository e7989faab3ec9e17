/* SPDX-License-Identifier: MIT */
/*
 * test_shm_attach.c - a successor loses and doubles nothing, wherever his predecessor died
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/unit/shm_ends.h"

TestSuite(attach, .timeout = 60);

ParameterizedTestParameters(attach, each_ring_size)
{
	static uint32_t slots[] = { 1, 2, 4, 16, 64, 1024 };

	return cr_make_param_array(uint32_t, slots, sizeof(slots) / sizeof(slots[0]));
}

/*
 * The predecessor published @n_beyond messages and died before his position said so (1 between the
 * two stores, more within a batch, a whole ring at most); the consumer has taken @n_taken of them.
 */
static void die_and_succeed(struct ends *ends, uint64_t n_before, uint64_t n_beyond,
			    uint64_t n_taken)
{
	uint64_t stored = ends->producer.position + n_before;

	push_many(ends, n_before);
	pop_many(ends, n_before);
	push_many(ends, n_beyond);
	pop_many(ends, n_taken);
	ends->memory.producer_page->position = stored;
	cr_assert_eq(ring_attach_producer(&ends->memory.producer, &ends->producer), 0);
	cr_assert_eq(ends->producer.position, stored + n_beyond);
	cr_assert_eq(ends->memory.producer_page->position, stored + n_beyond);
	/* he has as much room as there is, and his messages follow */
	push_many(ends, ring_slots(&ends->producer) - n_beyond + n_taken);
	cr_assert_eq(push_next(ends), -EAGAIN);
	pop_many(ends, ring_slots(&ends->producer));
	cr_assert_eq(pop_next(ends), -EAGAIN);
}

ParameterizedTest(uint32_t *slots, attach, each_ring_size, .timeout = 60)
{
	struct ends ends;

	ends_init(&ends, *slots, 8);
	for (uint64_t n_beyond = 0; n_beyond <= *slots && n_beyond < 20; n_beyond++)
		for (uint64_t n_taken = 0; n_taken <= n_beyond; n_taken++)
			die_and_succeed(&ends, n_beyond % *slots, n_beyond, n_taken);
	die_and_succeed(&ends, 0, *slots, 0);
	die_and_succeed(&ends, 0, *slots, *slots);
	ends_deinit(&ends);
}

Test(attach, the_first_producer_and_the_first_consumer_start_at_0)
{
	struct ends ends;

	ends_init(&ends, 1, 8);
	cr_assert_eq(ends.producer.position, 0);
	cr_assert_eq(ends.consumer.position, 0);
	ends_deinit(&ends);
}

Test(attach, a_consumer_that_died_before_the_release_leaves_the_message)
{
	struct ends ends;
	struct shmq_view view;

	ends_init(&ends, 4, 8);
	push_many(&ends, 3);
	pop_many(&ends, 1);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	cr_assert_eq(ring_attach_consumer(&ends.memory.consumer, &ends.consumer), 0);
	cr_assert_eq(shmq_hot_peek(&ends.consumer, &view), 0);
	cr_assert_eq(view.seq, 1);
	pop_many(&ends, 2);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(attach, a_predecessors_ticket_is_withdrawn)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	ends.memory.producer_page->ticket = 77;
	ends.memory.consumer_page->ticket = 88;
	ends_attach(&ends);
	cr_assert_eq(ends.memory.producer_page->ticket, 0);
	cr_assert_eq(ends.memory.consumer_page->ticket, 0);
	cr_assert_eq(ends.memory.consumer_page->n_incarnations, 2);
	ends_deinit(&ends);
}

/* ---- who is told that the peer has left ---- */

Test(attach, a_consumer_of_unread_messages_is_told_afterwards_that_their_producer_left)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	push_many(&ends, 2);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	cr_assert_eq(ring_attach_consumer(&ends.memory.consumer, &ends.consumer), 0);
	pop_many(&ends, 2);
	cr_assert_eq(pop_next(&ends), -EOWNERDEAD);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(attach, a_consumer_of_an_empty_ring_is_not_told_of_an_older_end)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	push_many(&ends, 2);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	pop_many(&ends, 2);
	cr_assert_eq(ring_attach_consumer(&ends.memory.consumer, &ends.consumer), 0);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(attach, a_producer_is_not_told_of_an_older_end)
{
	struct ends ends;

	ends_init(&ends, 2, 8);
	push_many(&ends, 2);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DIED);
	cr_assert_eq(ring_attach_producer(&ends.memory.producer, &ends.producer), 0);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(attach, a_ring_that_is_destroyed_meanwhile_is_stale_at_the_first_call)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	push_many(&ends, 1);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	ends_attach(&ends);
	cr_assert_eq(push_next(&ends), -ESTALE);
	pop_many(&ends, 1);
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ends_deinit(&ends);
}

/* ---- what no correct peer leaves ---- */

static void assert_producer_refused(struct ends *ends)
{
	struct shmq_hot hot = { .position = 4711 };

	cr_assert_eq(ring_attach_producer(&ends->memory.producer, &hot), -EBADMSG);
	cr_assert_eq(hot.position, 4711, "the output was written");
}

static void assert_consumer_refused(struct ends *ends)
{
	struct shmq_hot hot = { .position = 4711 };

	cr_assert_eq(ring_attach_consumer(&ends->memory.consumer, &hot), -EBADMSG);
	cr_assert_eq(hot.position, 4711, "the output was written");
}

Test(attach, a_consumer_ahead_of_what_was_published_is_corruption)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	push_many(&ends, 3);
	ends.memory.consumer_page->position = 4;
	assert_producer_refused(&ends);
	ends.memory.consumer_page->position = UINT64_MAX - 1;
	assert_producer_refused(&ends);
	ends_deinit(&ends);
}

Test(attach, a_consumer_more_than_a_ring_behind_is_corruption)
{
	struct ends ends;

	ends_init_at(&ends, 4, 8, 100);
	ends.memory.consumer_page->position = 96;
	cr_assert_eq(ring_attach_producer(&ends.memory.producer, &ends.producer), 0);
	ends.memory.consumer_page->position = 95;
	assert_producer_refused(&ends);
	ends_deinit(&ends);
}

Test(attach, a_position_that_the_slots_deny_is_corruption)
{
	struct ends ends;

	ends_init_at(&ends, 4, 8, 100);
	for (uint64_t wrong = 0; wrong < 400; wrong++) {
		/* up to a ring behind: published slots are stepped over; at 100: right */
		if (wrong >= 96 && wrong <= 100)
			continue;
		ends.memory.producer_page->position = wrong;
		assert_producer_refused(&ends);
		ends.memory.consumer_page->position = wrong;
		assert_producer_refused(&ends);
		assert_consumer_refused(&ends);
		ends.memory.consumer_page->position = 100;
	}
	ends_deinit(&ends);
}

Test(attach, a_slot_with_a_wrong_lap_flag_or_length_is_corruption)
{
	struct ends ends;
	uint64_t bad[] = {
		UINT64_MAX,
		(UINT64_C(100) / 4 + 2) << 32,		  /* two laps on */
		(UINT64_C(100) / 4 + 1) << 32 | 9,	  /* this message, longer than a slot */
		(UINT64_C(100) / 4 + 1) << 32 | 1u << 28, /* a flag */
		(UINT64_C(100) / 4 - 1) << 32,		  /* two laps back */
		0,
	};

	ends_init_at(&ends, 4, 8, 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		*ring_memory_header(&ends.memory, 100) = bad[i];
		assert_producer_refused(&ends);
		assert_consumer_refused(&ends);
	}
	*ring_memory_header(&ends.memory, 100) = ring_memory_empty(&ends.memory, 100) | 8;
	ends_attach(&ends);
	/* the slot before the producer's position holds the message before */
	*ring_memory_header(&ends.memory, 99) = ring_memory_full(&ends.memory, 95, 0);
	assert_producer_refused(&ends);
	*ring_memory_header(&ends.memory, 99) = ring_memory_full(&ends.memory, 99, 9);
	assert_producer_refused(&ends);
	ends_deinit(&ends);
}
