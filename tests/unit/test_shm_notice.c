/* SPDX-License-Identifier: MIT */
/*
 * test_shm_notice.c - peer or ring are gone: told once resp. for good, after the last message
 */
#include <criterion/criterion.h>

#include "tests/unit/shm_ends.h"

TestSuite(notice, .timeout = 60);

/* ---- the peer is gone ---- */

Test(notice, a_detached_producer_is_told_once_after_the_last_message)
{
	struct ends ends;

	ends_init(&ends, 8, 8);
	push_many(&ends, 3);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	pop_many(&ends, 3);
	cr_assert_eq(pop_next(&ends), -EPIPE);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(notice, a_last_message_between_the_two_looks_is_not_lost)
{
	struct ends ends;
	uint64_t empty;

	ends_init(&ends, 8, 8);
	empty = *ring_memory_header(&ends.memory, 0);
	push_many(&ends, 1);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	/* the consumer has seen the empty slot, and then how the role ended */
	cr_assert_eq(shmq_hot_dry(&ends.consumer, empty), 0);
	pop_many(&ends, 1);
	cr_assert_eq(pop_next(&ends), -EPIPE);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	empty = *ring_memory_header(&ends.memory, 1);
	*ring_memory_header(&ends.memory, 1) = ring_memory_full(&ends.memory, 1, 0);
	cr_assert_eq(shmq_hot_dry(&ends.consumer, empty), 0);
	cr_assert_eq(shmq_hot_try_pop(&ends.consumer, NULL, 0), 0);
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ends_deinit(&ends);
}

Test(notice, a_dead_producer_is_told_once_and_his_successor_anew)
{
	struct ends ends;

	ends_init(&ends, 8, 8);
	push_many(&ends, 1);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	pop_many(&ends, 1);
	cr_assert_eq(pop_next(&ends), -EOWNERDEAD);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_HELD);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	push_many(&ends, 1);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	cr_assert_eq(pop_next(&ends), 0);
	cr_assert_eq(pop_next(&ends), -EOWNERDEAD);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(notice, a_second_death_is_told_even_if_the_life_between_was_not_seen)
{
	struct ends ends;

	ends_init(&ends, 8, 8);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(pop_next(&ends), -EPIPE);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_HELD);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(pop_next(&ends), -EPIPE);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(notice, a_missing_consumer_is_told_only_when_the_ring_is_full)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DIED);
	push_many(&ends, 4);
	cr_assert_eq(push_next(&ends), -EOWNERDEAD);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_HELD);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	pop_many(&ends, 1);
	cr_assert_eq(push_next(&ends), 0);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(push_next(&ends), -EPIPE);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

Test(notice, nobody_there_yet_is_no_notice)
{
	struct ends ends;

	ring_memory_init(&ends.memory, 2, 8, RING_WAKE_MEMBARRIER, 0);
	ends.memory.board->role[SHMQ_ROLE_PRODUCER] = 0;
	ends.memory.board->role[SHMQ_ROLE_CONSUMER] = 0;
	ends_attach(&ends);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	push_many(&ends, 2);
	cr_assert_eq(push_next(&ends), -EAGAIN);
	ends_deinit(&ends);
}

/* ---- the ring is gone ---- */

Test(notice, a_destroyed_ring_is_drained_then_stale_for_good)
{
	struct ends ends;

	ends_init(&ends, 8, 8);
	push_many(&ends, 3);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	pop_many(&ends, 3);
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ring_memory_set_state(&ends.memory, RING_MEMORY_STATE);
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ends_deinit(&ends);
}

Test(notice, a_stream_hears_of_the_destroy_within_1024_messages)
{
	struct ends ends;
	int r = 0, n = 0;

	ends_init(&ends, 8192, 8);
	push_many(&ends, 10);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(8, SHMQ_RING_LIVE));
	while ((r = push_next(&ends)) == 0 && n++ < 5000)
		;
	cr_assert_eq(r, -ESTALE);
	cr_assert_leq(n, 1024);
	cr_assert_eq(push_next(&ends), -ESTALE);
	ends_deinit(&ends);
}

Test(notice, a_small_ring_looks_at_the_board_once_per_lap)
{
	struct ends ends;
	int r = 0, n = 0;

	ends_init(&ends, 4, 8);
	push_many(&ends, 1);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_RETIRED));
	while ((r = push_next(&ends)) == 0 && n++ < 100)
		pop_many(&ends, 1);
	cr_assert_eq(r, -ESTALE);
	cr_assert_leq(n, 4);
	ends_deinit(&ends);
}

Test(notice, a_lost_ring_goes_on)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_LOST));
	for (int i = 0; i < 100; i++) {
		push_many(&ends, 1);
		pop_many(&ends, 1);
	}
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(8, SHMQ_RING_LOST));
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ends_deinit(&ends);
}

Test(notice, a_ring_that_was_destroyed_is_stale_even_if_its_producer_left_too)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	push_many(&ends, 1);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	pop_many(&ends, 1);
	/* the producer may have left because of it: -EPIPE would say that the stream is complete */
	cr_assert_eq(pop_next(&ends), -ESTALE);
	ends_deinit(&ends);
}
