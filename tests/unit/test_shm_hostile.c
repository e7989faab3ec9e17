/* SPDX-License-Identifier: MIT */
/*
 * test_shm_hostile.c - a peer that writes anything anywhere: -EBADMSG, and no byte outside the ring
 *
 * Each end has mappings of its own with pages without access around them: a stray access is a
 * crash, and a write to the peer's memory is one too.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/unit/shm_ends.h"

TestSuite(hostile, .timeout = 60);

/* Deterministic: a failure can be looked at again. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void assert_poisoned_consumer(struct ends *ends)
{
	struct shmq_view view;
	uint64_t buf;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(shmq_hot_try_pop(&ends->consumer, &buf, sizeof(buf)), -EBADMSG);
		cr_assert_eq(shmq_hot_peek(&ends->consumer, &view), -EBADMSG);
		cr_assert_eq(shmq_hot_release(&ends->consumer, 1), -EBADMSG);
		cr_assert_eq(ring_peek_n(&ends->consumer, &view, 1), -EBADMSG);
		cr_assert_eq(ring_pop(&ends->consumer, 0, &buf, sizeof(buf), -1), -EBADMSG);
	}
}

static void assert_poisoned_producer(struct ends *ends)
{
	struct shmq_message msg = { "x", 1 };
	void *payload;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(push_next(ends), -EBADMSG);
		cr_assert_eq(shmq_hot_reserve(&ends->producer, &payload), -EBADMSG);
		cr_assert_eq(shmq_hot_commit(&ends->producer, 1), -EBADMSG);
		cr_assert_eq(ring_try_push_n(&ends->producer, &msg, 1), -EBADMSG);
		cr_assert_eq(ring_push(&ends->producer, 0, "x", 1, -1), -EBADMSG);
		cr_assert_eq(ring_wait_room(&ends->producer, 1, 0, -1), -EBADMSG);
	}
}

Test(hostile, headers_that_no_producer_writes_poison_the_consumer)
{
	const uint64_t lap = 25; /* of position 100 with 4 slots */
	uint64_t bad[] = {
		(lap + 2) << 32,
		(lap - 1) << 32,
		(lap - 1) << 32 | 5,
		(lap + 1) << 32 | 9, /* longer than the slot */
		(lap + 1) << 32 | 0x0fffffff,
		(lap + 1) << 32 | UINT64_C(1) << 28, /* flags */
		(lap + 1) << 32 | UINT64_C(1) << 31 | 1,
		UINT64_MAX,
		UINT64_C(1) << 63,
		1,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ends ends;

		ends_init_at(&ends, 4, 8, 100);
		*ring_memory_header(&ends.memory, 100) = bad[i];
		assert_poisoned_consumer(&ends);
		/* for good, whatever comes later */
		*ring_memory_header(&ends.memory, 100) = ring_memory_full(&ends.memory, 100, 0);
		assert_poisoned_consumer(&ends);
		ends_deinit(&ends);
	}
}

Test(hostile, an_empty_slot_may_say_any_length)
{
	struct ends ends;

	ends_init_at(&ends, 4, 8, 100);
	*ring_memory_header(&ends.memory, 100) = ring_memory_empty(&ends.memory, 100) | 0xffffffff;
	cr_assert_eq(pop_next(&ends), -EAGAIN);
	push_many(&ends, 1);
	pop_many(&ends, 1);
	ends_deinit(&ends);
}

Test(hostile, positions_that_no_consumer_stores_poison_the_producer)
{
	/* the producer is at 100 with 4 slots, and has seen the consumer at 98 */
	uint64_t bad[] = { 0, 1, 95, 97, 101, 104, UINT64_MAX, UINT64_C(1) << 63, 1u << 31 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ends ends;

		ends_init_at(&ends, 4, 8, 94);
		push_many(&ends, 4);
		pop_many(&ends, 4);
		push_many(&ends, 4);
		cr_assert_eq(push_next(&ends), -EAGAIN);
		cr_assert_eq(ends.producer.peer_position, 98);
		ends.memory.consumer_page->position = bad[i];
		cr_assert_eq(push_next(&ends), bad[i] > 98 && bad[i] <= 102 ? 0 : -EBADMSG);
		if (bad[i] <= 98 || bad[i] > 102)
			assert_poisoned_producer(&ends);
		ends_deinit(&ends);
	}
}

Test(hostile, a_reservation_ends_when_the_handle_is_poisoned)
{
	void *payloads[8];
	size_t lens[8] = { 0 };
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 60);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 4), 4);
	ends.memory.consumer_page->position = 1000;
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), -EBADMSG);
	cr_assert_eq(ring_commit_n(&ends.producer, lens, 4), -EBADMSG);
	assert_poisoned_producer(&ends);
	ends_deinit(&ends);
}

Test(hostile, a_published_message_that_vanishes_poisons)
{
	struct ends ends;
	uint64_t empty;

	ends_init(&ends, 4, 8);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	empty = *ring_memory_header(&ends.memory, 0);
	push_many(&ends, 1);
	/* the second look sees the message, the third does not: no loop may go on for ever */
	cr_assert_eq(shmq_hot_dry(&ends.consumer, empty), 0);
	*ring_memory_header(&ends.memory, 0) = empty;
	assert_poisoned_consumer(&ends);
	ends_deinit(&ends);
}

Test(hostile, tickets_wake_nobody_and_point_nowhere)
{
	uint64_t state = 88172645463325252u;
	struct ends ends;

	ends_init_at(&ends, 4, 8, UINT64_MAX - 50000);
	for (int i = 0; i < 100000; i++) {
		uint64_t ticket = random_next(&state);

		if (i % 3 == 0)
			ticket = ends.producer.position + ticket % 16 - 8;
		ends.memory.consumer_page->ticket = ticket;
		ends.memory.producer_page->ticket = ticket;
		push_many(&ends, 1);
		pop_many(&ends, 1);
	}
	ends_deinit(&ends);
}

Test(hostile, board_words_are_values_too)
{
	uint64_t state = 1234567;
	struct ends ends;

	ends_init(&ends, 4, 8);
	for (int i = 0; i < 20000; i++) {
		int r;

		/* an unknown role state is nobody's end */
		ends.memory.board->role[SHMQ_ROLE_PRODUCER] = random_next(&state);
		r = pop_next(&ends);
		cr_assert(r == -EAGAIN || r == -EPIPE || r == -EOWNERDEAD, "%d", r);
		cr_assert_eq(pop_next(&ends), -EAGAIN);
	}
	ends_deinit(&ends);
}

/* Anything in all words that the peer may write: each call ends, and what it returns is a length
 * that fits or an error of the list. */
Test(hostile, random_words_in_a_producers_memory)
{
	uint64_t state = 42;

	for (int round = 0; round < 3000; round++) {
		uint32_t slots = 1u << random_next(&state) % 5;
		struct shmq_view views[16];
		struct ends ends;
		char buf[16];

		ends_init_at(&ends, slots, 8, random_next(&state));
		for (int i = 0; i < 20 && !ends.consumer.error; i++) {
			uint64_t near = ends.consumer.position + random_next(&state) % 3;
			uint64_t word = random_next(&state);
			int64_t r;

			switch (random_next(&state) % 3) {
			case 0: /* a proper message, or one a little too long */
				word = ring_memory_full(&ends.memory, near, word % 10);
				break;
			case 1:
				word = ring_memory_empty(&ends.memory, near) | (uint32_t)word;
				break;
			}
			*ring_memory_header(&ends.memory, near) = word;
			ends.memory.producer_page->position = random_next(&state);
			ends.memory.producer_page->ticket = random_next(&state);
			r = shmq_hot_try_pop(&ends.consumer, buf, 8);
			cr_assert((r >= 0 && r <= 8) || r == -EAGAIN || r == -EBADMSG, "%ld", r);
			r = ring_peek_n(&ends.consumer, views, slots);
			cr_assert((r >= 1 && r <= slots) || r == -EAGAIN || r == -EBADMSG, "%ld",
				  r);
			for (int64_t k = 0; k < r; k++) {
				volatile unsigned char sum = 0;

				for (size_t byte = 0; byte < views[k].len; byte++)
					sum += ((const unsigned char *)views[k].data)[byte];
				(void)sum; /* reading is what could fault */
				cr_assert_leq(views[k].len, 8);
			}
			cr_assert_leq(ring_depth(&ends.consumer), slots);
		}
		ends_deinit(&ends);
	}
}

Test(hostile, random_words_in_a_consumers_memory)
{
	uint64_t state = 4242;

	for (int round = 0; round < 3000; round++) {
		uint32_t slots = 1u << random_next(&state) % 8;
		void *payloads[16];
		struct ends ends;

		ends_init_at(&ends, slots, 8, random_next(&state));
		for (int i = 0; i < 40 && !ends.producer.error; i++) {
			uint64_t word = random_next(&state);
			int64_t r;

			if (word % 4)
				word = ends.producer.position - random_next(&state) % (slots + 2);
			ends.memory.consumer_page->position = word;
			ends.memory.consumer_page->ticket = random_next(&state);
			r = push_next(&ends);
			cr_assert(r == 0 || r == -EAGAIN || r == -EBADMSG, "%ld", r);
			r = ring_reserve_n(&ends.producer, payloads,
					   ring_batch_max(&ends.producer));
			cr_assert((r >= 1 && r <= (int64_t)ring_batch_max(&ends.producer)) ||
					  r == -EAGAIN || r == -EBADMSG,
				  "%ld", r);
			for (int64_t k = 0; k < r; k++)
				memset(payloads[k], 0xff, 8);
			cr_assert_leq(ring_depth(&ends.producer), slots);
			if (!ends.producer.error)
				cr_assert_leq(ends.producer.limit - ends.producer.position, slots);
		}
		ends_deinit(&ends);
	}
}

Test(hostile, random_memory_at_attach)
{
	uint64_t state = 99;
	int n_taken = 0;

	for (int round = 0; round < 3000; round++) {
		uint32_t slots = 1u << random_next(&state) % 5;
		struct ring_memory memory;
		struct shmq_hot hot;
		int r;

		ring_memory_init(&memory, slots, 8, RING_WAKE_FENCE, 0);
		for (uint64_t i = 0; i < slots; i++)
			*ring_memory_header(&memory, i) = random_next(&state) % 2
								  ? random_next(&state)
								  : random_next(&state) % 3 << 32;
		memory.producer_page->position = random_next(&state) % (2 * slots);
		memory.consumer_page->position = random_next(&state) % (2 * slots);
		r = ring_attach_producer(&memory.producer, &hot);
		cr_assert(r == 0 || r == -EBADMSG);
		n_taken += r == 0;
		r = ring_attach_consumer(&memory.consumer, &hot);
		cr_assert(r == 0 || r == -EBADMSG);
		ring_memory_deinit(&memory);
	}
	/* some of that is a ring by chance: else this would test the refusal only */
	cr_assert_gt(n_taken, 0);
}

/* ---- sleeping on memory that somebody scribbles on ---- */

struct scribbler {
	struct ring_memory *memory;
	bool stop;
	uint64_t state;
};

static void *scribble(void *arg)
{
	struct scribbler *scribbler = arg;
	struct ring_memory *memory = scribbler->memory;

	while (!__atomic_load_n(&scribbler->stop, __ATOMIC_RELAXED)) {
		uint64_t word = random_next(&scribbler->state);
		uint64_t *header = ring_memory_header(memory, word % memory->geometry.slots);

		/* valid often enough that the victim gets somewhere */
		if (word % 8)
			word = (word >> 8) % 4 << 32 | word % 9;
		__atomic_store_n(header, word, __ATOMIC_RELEASE);
		__atomic_store_n(&memory->producer_page->ticket, word, __ATOMIC_RELAXED);
		futex_wake_all((const uint32_t *)(const void *)header + 1);
	}
	return NULL;
}

Test(hostile, a_waiting_consumer_gets_an_error_message_or_timeout_from_a_scribbler)
{
	struct scribbler scribbler = { .state = 7 };
	struct ring_memory memory;
	int64_t deadline = deadline_after_ns(20 * NS_PER_S);
	int n_poisoned = 0, n_messages = 0;
	pthread_t thread;

	ring_memory_init(&memory, 4, 8, RING_WAKE_MEMBARRIER, 0);
	scribbler.memory = &memory;
	cr_assert_eq(pthread_create(&thread, NULL, scribble, &scribbler), 0);
	/* at least so often, and until a scribbler that has to share its CPU has done both */
	for (int round = 0;
	     round < 2000 || (!(n_poisoned && n_messages) && deadline_left_ns(deadline) > 0);
	     round++) {
		struct shmq_hot consumer;
		char buf[8];
		ssize_t r;

		if (ring_attach_consumer(&memory.consumer, &consumer) < 0) {
			memory.consumer_page->position = 0;
			continue;
		}
		r = ring_pop(&consumer, round % 2 ? 2000 : 0, buf, sizeof(buf), 1000000);
		cr_assert((r >= 0 && r <= 8) || r == -EBADMSG || r == -ETIMEDOUT, "%zd", r);
		n_poisoned += r == -EBADMSG;
		n_messages += r >= 0;
	}
	__atomic_store_n(&scribbler.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	/* else the scribbler or the victim did nothing */
	cr_assert(n_poisoned > 0 && n_messages > 0, "%d poisoned, %d messages", n_poisoned,
		  n_messages);
	ring_memory_deinit(&memory);
}
