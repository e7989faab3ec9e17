/* SPDX-License-Identifier: MIT */
/*
 * test_shm_batch.c - batches: as many as fit, in order, judged before anything is published
 */
#include <criterion/criterion.h>

#include "tests/unit/shm_ends.h"

TestSuite(batch, .timeout = 30);

#define N_MAX 256

static uint64_t numbers[N_MAX];

/* Messages that continue the ring's numbering. */
static void messages_fill(const struct ends *ends, struct shmq_message *msgs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		numbers[i] = ends->producer.position + i;
		msgs[i] = (struct shmq_message){ &numbers[i], 8 };
	}
}

Test(batch, at_most_an_eighth_of_the_ring_at_once)
{
	struct shmq_message msgs[N_MAX];
	void *payloads[N_MAX];
	size_t lens[N_MAX] = { 0 };
	struct ends ends;

	ends_init(&ends, 64, 8);
	messages_fill(&ends, msgs, 9);
	cr_assert_eq(ring_batch_max(&ends.producer), 8);
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 9), -EINVAL);
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 0), -EINVAL);
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, SIZE_MAX), -EINVAL);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 9), -EINVAL);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 0), -EINVAL);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 0), -EINVAL);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, SIZE_MAX), -EINVAL);
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), 8);
	pop_many(&ends, 8);
	ends_deinit(&ends);
}

Test(batch, small_rings_take_one_at_a_time)
{
	struct shmq_message msgs[2];
	struct shmq_view views[8];
	struct ends ends;

	for (uint32_t slots = 1; slots <= 8; slots *= 2) {
		ends_init(&ends, slots, 8);
		messages_fill(&ends, msgs, 2);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 2), -EINVAL);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 1), 1);
		cr_assert_eq(ring_peek_n(&ends.consumer, views, slots), 1);
		cr_assert_eq(ring_release_n(&ends.consumer, 1), 0);
		ends_deinit(&ends);
	}
}

Test(batch, as_many_as_there_is_room_for)
{
	struct shmq_message msgs[N_MAX];
	struct ends ends;

	ends_init(&ends, 64, 8);
	for (int round = 0; round < 10; round++) {
		push_many(&ends, 60);
		messages_fill(&ends, msgs, 8);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), 4);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), -EAGAIN);
		pop_many(&ends, 3);
		messages_fill(&ends, msgs, 8);
		cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), 3);
		pop_many(&ends, 64);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

Test(batch, one_message_too_long_and_none_is_pushed)
{
	struct shmq_message msgs[8];
	struct ends ends;

	ends_init(&ends, 64, 8);
	messages_fill(&ends, msgs, 8);
	msgs[7].len = 9;
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 8), -EMSGSIZE);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	cr_assert_eq(ring_try_push_n(&ends.producer, msgs, 7), 7);
	pop_many(&ends, 7);
	ends_deinit(&ends);
}

Test(batch, reserved_slots_are_committed_in_parts_and_in_order)
{
	void *payloads[N_MAX];
	size_t lens[N_MAX];
	struct ends ends;

	ends_init(&ends, 64, 8);
	for (int round = 0; round < 30; round++) {
		cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), 8);
		for (size_t i = 0; i < 8; i++) {
			uint64_t number = ends.producer.position + i;

			memcpy(payloads[i], &number, 8);
			lens[i] = 8;
		}
		cr_assert_eq(pop_next(&ends), -EAGAIN);
		cr_assert_eq(ring_commit_n(&ends.producer, lens, 3), 0);
		pop_many(&ends, 3);
		cr_assert_eq(shmq_hot_commit(&ends.producer, 8), 0);
		cr_assert_eq(ring_commit_n(&ends.producer, lens, 5), -EINVAL);
		cr_assert_eq(ring_commit_n(&ends.producer, lens, 4), 0);
		cr_assert_eq(ring_commit_n(&ends.producer, lens, 1), -EINVAL);
		pop_many(&ends, 5);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

Test(batch, a_commit_with_a_length_that_does_not_fit_publishes_nothing)
{
	void *payloads[8];
	size_t lens[8] = { 1, 2, 3, 9 };
	struct ends ends;

	ends_init(&ends, 64, 8);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 4), 4);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 4), -EMSGSIZE);
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 3), 0);
	ends_deinit(&ends);
}

Test(batch, what_is_reserved_never_reaches_what_is_unread)
{
	void *payloads[N_MAX], *payload;
	size_t lens[N_MAX] = { 0 };
	struct ends ends;

	/* A large ring: a batch reaches beyond the 1024 messages after which the board is looked
	 * at. */
	ends_init(&ends, 16384, 8);
	for (uint64_t left = 16384; left > 0;) {
		uint64_t n = left < N_MAX ? left : N_MAX;

		cr_assert_eq(ring_reserve_n(&ends.producer, payloads, N_MAX), (ssize_t)n);
		cr_assert_eq(ring_commit_n(&ends.producer, lens, n), 0);
		left -= n;
	}
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 1), -EAGAIN);
	cr_assert_eq(shmq_hot_reserve(&ends.producer, &payload), -EAGAIN);
	cr_assert_eq(ends.producer.position, 16384);
	ends_deinit(&ends);
}

Test(batch, singles_after_an_uncommitted_batch_stop_at_the_full_ring)
{
	void *payloads[2048];
	struct ends ends;
	int r, n = 0;

	ends_init(&ends, 16384, 8);
	push_many(&ends, 16384 - 2040);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 2048), 2040);
	/* single commits of a batch may go beyond where the single calls would have looked */
	for (int i = 0; i < 1500; i++) {
		memcpy(payloads[i], &ends.producer.position, 8);
		cr_assert_eq(shmq_hot_commit(&ends.producer, 8), 0);
	}
	while ((r = push_next(&ends)) == 0)
		n++;
	cr_assert_eq(r, -EAGAIN);
	cr_assert_eq(n, 540);
	pop_many(&ends, 16384);
	ends_deinit(&ends);
}

Test(batch, a_stream_of_batches_hears_of_the_destroy)
{
	void *payloads[8];
	size_t lens[8] = { 0 };
	struct ends ends;
	ssize_t r;
	int n = 0;

	ends_init(&ends, 8192, 8);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), 8);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 8), 0);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	while ((r = ring_reserve_n(&ends.producer, payloads, 8)) > 0 && n < 5000) {
		cr_assert_eq(ring_commit_n(&ends.producer, lens, (size_t)r), 0);
		n += (int)r;
	}
	cr_assert_eq(r, -ESTALE);
	cr_assert_leq(n, 1024 + 8);
	ends_deinit(&ends);
}

Test(batch, a_large_batch_does_not_postpone_the_next_look_at_the_board)
{
	static void *payloads[131072];
	static size_t lens[131072];
	struct ends ends;
	int r, n = 0;

	ends_init(&ends, SHMQ_SLOTS_MAX, 1);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 131072), 131072);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 100), 0);
	cr_assert_eq(ring_abandon(&ends.producer), 0);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	while ((r = shmq_hot_try_push(&ends.producer, "", 1)) == 0 && n < 5000)
		n++;
	cr_assert_eq(r, -ESTALE);
	cr_assert_leq(n, 1024);
	ends_deinit(&ends);
}

Test(batch, notices_come_when_there_is_no_room_at_all)
{
	void *payloads[8];
	size_t lens[8] = { 0 };
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 62);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DIED);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), 2);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 2), 0);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), -EOWNERDEAD);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), -EAGAIN);
	ends_deinit(&ends);
}

/* ---- consumer ---- */

Test(batch, peek_shows_what_is_there_from_the_oldest)
{
	struct shmq_view views[64];
	struct ends ends;

	ends_init(&ends, 64, 8);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 64), -EAGAIN);
	push_many(&ends, 5);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 3), 3);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 64), 5);
	for (uint64_t i = 0; i < 5; i++) {
		cr_assert_eq(views[i].seq, i);
		cr_assert_eq(views[i].len, 8);
		cr_assert_eq(*(const uint64_t *)views[i].data, i);
	}
	cr_assert_eq(ring_release_n(&ends.consumer, 6), -EINVAL);
	cr_assert_eq(ring_release_n(&ends.consumer, 2), 0);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 1), 1);
	cr_assert_eq(views[0].seq, 2);
	/* looking again at fewer takes nothing back: three were seen */
	cr_assert_eq(ring_release_n(&ends.consumer, 3), 0);
	cr_assert_eq(ring_release_n(&ends.consumer, 1), -EINVAL);
	ends_deinit(&ends);
}

Test(batch, peek_and_release_take_up_to_the_whole_ring)
{
	struct shmq_view views[64];
	struct ends ends;

	ends_init(&ends, 64, 8);
	for (int round = 0; round < 5; round++) {
		push_many(&ends, 64);
		cr_assert_eq(ring_peek_n(&ends.consumer, views, 64), 64);
		cr_assert_eq(push_next(&ends), -EAGAIN);
		cr_assert_eq(ring_release_n(&ends.consumer, 64), 0);
	}
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 65), -EINVAL);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 0), -EINVAL);
	cr_assert_eq(ring_release_n(&ends.consumer, 0), -EINVAL);
	cr_assert_eq(ring_release_n(&ends.consumer, SIZE_MAX), -EINVAL);
	cr_assert_eq(ring_release_n(&ends.consumer, (size_t)INT64_MAX + 1), -EINVAL);
	ends_deinit(&ends);
}

Test(batch, peek_tells_a_notice_only_when_nothing_is_left)
{
	struct shmq_view views[8];
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 2);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 8), 2);
	cr_assert_eq(ring_release_n(&ends.consumer, 2), 0);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 8), -EPIPE);
	cr_assert_eq(ring_peek_n(&ends.consumer, views, 8), -EAGAIN);
	ends_deinit(&ends);
}
