/* SPDX-License-Identifier: MIT */
/*
 * test_shm_wait.c - waiting ends by a message, room, a notice, an error or the deadline
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>

#include "tests/unit/shm_sleeper.h"

TestSuite(wait, .timeout = 60);

struct mode {
	enum ring_wake wake;
	unsigned flags;	  /* of ring_memory_init() */
	unsigned pretend; /* of futex_pretend() */
};

static struct mode modes[] = {
	{ RING_WAKE_MEMBARRIER, 0, 0 },
	{ RING_WAKE_MEMBARRIER, RING_MEMORY_UNREGISTERED, 0 },
	{ RING_WAKE_MEMBARRIER, 0, FUTEX_PRETEND_NO_REGISTER },
	{ RING_WAKE_MEMBARRIER, 0, FUTEX_PRETEND_NO_WAITV },
	{ RING_WAKE_MEMBARRIER, 0, FUTEX_PRETEND_NO_MEMBARRIER },
	{ RING_WAKE_MEMBARRIER, 0, FUTEX_PRETEND_NO_WAITV | FUTEX_PRETEND_NO_MEMBARRIER },
	{ RING_WAKE_MEMBARRIER, 0, FUTEX_PRETEND_ONE_CPU },
	{ RING_WAKE_FENCE, 0, 0 },
	{ RING_WAKE_FENCE, 0, FUTEX_PRETEND_NO_WAITV },
	{ RING_WAKE_NEVER, 0, 0 },
	{ RING_WAKE_NEVER, 0, FUTEX_PRETEND_NO_WAITV },
};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))

static void ends_init_mode(struct ends *ends, uint32_t slots, const struct mode *mode)
{
	futex_pretend(mode->pretend);
	ring_memory_init(&ends->memory, slots, 8, mode->wake, mode->flags);
	ends_attach(ends);
}

/* ---- deadlines ---- */

Test(wait, no_timeout_does_not_wait)
{
	struct ends ends;
	uint64_t buf;

	ends_init(&ends, 2, 8);
	cr_assert_eq(ring_pop(&ends.consumer, 50000, &buf, 8, 0), -EAGAIN);
	cr_assert_eq(ring_wait_message(&ends.consumer, 50000, 0), -EAGAIN);
	push_many(&ends, 2);
	cr_assert_eq(ring_push(&ends.producer, 50000, &buf, 8, 0), -EAGAIN);
	cr_assert_eq(ring_wait_room(&ends.producer, 1, 50000, 0), -EAGAIN);
	cr_assert_eq(ends.memory.producer_page->n_dry, 0);
	ends_deinit(&ends);
}

Test(wait, nobody_waits_for_room_that_would_not_do)
{
	static const char too_long[9];
	struct ends ends;

	ends_init(&ends, 2, 8);
	push_many(&ends, 2);
	cr_assert_eq(ring_push(&ends.producer, 50000, too_long, 9, -1), -EMSGSIZE);
	pop_many(&ends, 2);
	ends_deinit(&ends);
}

ParameterizedTestParameters(wait, deadlines_end_it)
{
	return cr_make_param_array(struct mode, modes, N_MODES);
}

ParameterizedTest(struct mode *mode, wait, deadlines_end_it)
{
	int64_t start_ns = clock_monotonic_ns(), spins_ns[] = { 0, 1000, 50000, 1000000000 };
	struct ends ends;
	uint64_t buf;

	ends_init_mode(&ends, 2, mode);
	push_many(&ends, 2);
	for (int i = 0; i < 4; i++)
		cr_assert_eq(ring_push(&ends.producer, spins_ns[i], &buf, 8, NS_PER_MS),
			     -ETIMEDOUT);
	pop_many(&ends, 2);
	for (int i = 0; i < 4; i++)
		cr_assert_eq(ring_pop(&ends.consumer, spins_ns[i], &buf, 8, NS_PER_MS), -ETIMEDOUT);
	/* never before the time is up */
	cr_assert_geq(clock_monotonic_ns() - start_ns, 8 * NS_PER_MS);
	cr_assert_eq(ends.memory.producer_page->n_dry, 4);
	cr_assert_eq(ends.memory.consumer_page->n_dry, 4);
	cr_assert_geq(ends.memory.consumer_page->n_sleeps, 1);
	cr_assert_eq(ends.memory.consumer_page->ticket, 0, "nobody is left asleep");
	cr_assert_eq(ends.memory.producer_page->ticket, 0, "nobody is left asleep");
	ends_deinit(&ends);
}

Test(wait, what_is_there_is_taken_at_once)
{
	struct ends ends;
	uint64_t buf = 0;

	ends_init(&ends, 2, 8);
	cr_assert_eq(ring_wait_room(&ends.producer, 1, 0, -1), 0);
	cr_assert_eq(ring_push(&ends.producer, 0, &buf, 8, -1), 0);
	cr_assert_eq(ring_wait_message(&ends.consumer, 0, -1), 0);
	cr_assert_eq(ring_pop(&ends.consumer, 0, &buf, 8, -1), 8);
	cr_assert_eq(ends.memory.consumer_page->n_dry, 0);
	ends_deinit(&ends);
}

Test(wait, sizes_are_judged_before_waiting)
{
	struct ends ends;
	uint64_t buf[2] = { 0 };

	ends_init(&ends, 2, 8);
	cr_assert_eq(ring_push(&ends.producer, 0, buf, 9, -1), -EMSGSIZE);
	push_many(&ends, 1);
	cr_assert_eq(ring_pop(&ends.consumer, 0, buf, 7, -1), -EMSGSIZE);
	cr_assert_eq(ring_wait_room(&ends.producer, 0, 0, -1), -EINVAL);
	cr_assert_eq(ring_wait_room(&ends.producer, 2, 0, -1), -EINVAL);
	ends_deinit(&ends);
}

/* ---- woken by the peer ---- */

ParameterizedTestParameters(wait, a_sleeping_consumer_gets_the_message)
{
	return cr_make_param_array(struct mode, modes, N_MODES);
}

ParameterizedTest(struct mode *mode, wait, a_sleeping_consumer_gets_the_message)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init_mode(&ends, 4, mode);
	for (uint64_t i = 0; i < 20; i++) {
		sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
		push_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 8);
		cr_assert_eq(sleeper.message, i);
	}
	if (mode->wake == RING_WAKE_NEVER)
		cr_assert_eq(ends.memory.producer_page->n_wakes, 0);
	ends_deinit(&ends);
}

ParameterizedTestParameters(wait, a_sleeping_producer_gets_the_room)
{
	return cr_make_param_array(struct mode, modes, N_MODES);
}

ParameterizedTest(struct mode *mode, wait, a_sleeping_producer_gets_the_room)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init_mode(&ends, 4, mode);
	push_many(&ends, 4);
	for (uint64_t i = 0; i < 20; i++) {
		sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
		pop_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 0);
	}
	pop_many(&ends, 4);
	if (mode->wake == RING_WAKE_NEVER)
		cr_assert_eq(ends.memory.consumer_page->n_wakes, 0);
	ends_deinit(&ends);
}

Test(wait, waiting_for_a_message_leaves_it_there)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init(&ends, 4, 8);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_MESSAGE);
	push_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 0);
	pop_many(&ends, 1);
	ends_deinit(&ends);
}

static void do_nothing(int signal_number)
{
	(void)signal_number;
}

Test(wait, signals_do_not_end_it)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct sleeper sleeper;
	struct ends ends;

	sigaction(SIGUSR1, &action, NULL);
	ends_init(&ends, 4, 8);
	for (int i = 0; i < 5; i++) {
		uint64_t n_sleeps = ends.memory.consumer_page->n_sleeps + 1;

		sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
		/* each handler that ran sends it round its loop; it must go to sleep again */
		while (__atomic_load_n(&ends.memory.consumer_page->n_sleeps, __ATOMIC_ACQUIRE) <
		       n_sleeps + 3) {
			cr_assert_eq(pthread_kill(sleeper.thread, SIGUSR1), 0);
			sched_yield();
		}
		cr_assert_not(sleeper_is_done(&sleeper));
		push_many(&ends, 1);
		cr_assert_eq(sleeper_result(&sleeper), 8);
	}
	ends_deinit(&ends);
}

Test(wait, a_producer_does_not_sleep_beside_the_room_it_asked_for)
{
	struct sleeper sleeper;
	struct ends ends;

	/* It would like an eighth, 8 slots; one is enough, and the consumer releases no more. */
	ends_init(&ends, 64, 8);
	push_many(&ends, 64);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	pop_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 0);
	cr_assert_eq(ends.memory.consumer_page->n_wakes, 0);
	ends_deinit(&ends);
}

Test(wait, room_for_a_batch_means_all_of_it)
{
	struct sleeper sleeper = { .n_slots = 8 };
	void *payloads[8];
	struct ends ends;

	ends_init(&ends, 64, 8);
	push_many(&ends, 60);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_ROOM);
	pop_many(&ends, 3);
	cr_assert_not(sleeper_is_done(&sleeper));
	pop_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 0);
	cr_assert_eq(ring_reserve_n(&ends.producer, payloads, 8), 8);
	ends_deinit(&ends);
}

/* ---- woken by the daemon ---- */

ParameterizedTestParameters(wait, notices_reach_sleepers)
{
	return cr_make_param_array(struct mode, modes, N_MODES);
}

ParameterizedTest(struct mode *mode, wait, notices_reach_sleepers)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init_mode(&ends, 4, mode);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	cr_assert_eq(sleeper_result(&sleeper), -EOWNERDEAD);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_HELD);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_MESSAGE);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(sleeper_result(&sleeper), -EPIPE);
	push_many(&ends, 4);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(sleeper_result(&sleeper), -EPIPE);
	sleeper_start(&sleeper, &ends.producer, SLEEPER_PUSH);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	cr_assert_eq(sleeper_result(&sleeper), -ESTALE);
	pop_many(&ends, 4);
	cr_assert_eq(ring_wait_message(&ends.consumer, 0, -1), -ESTALE);
	ends_deinit(&ends);
}

Test(wait, a_destroyed_ring_wakes_a_sleeping_consumer)
{
	struct sleeper sleeper;
	struct ends ends;

	ends_init(&ends, 4, 8);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	ring_memory_set_state(&ends.memory, SHMQ_BOARD_WORD(8, SHMQ_RING_LIVE));
	cr_assert_eq(sleeper_result(&sleeper), -ESTALE);
	ends_deinit(&ends);
}

Test(wait, a_peer_that_comes_does_not_end_it)
{
	struct sleeper sleeper;
	struct ends ends;
	uint64_t n_sleeps;

	ends_init(&ends, 4, 8);
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	cr_assert_eq(pop_next(&ends), -EPIPE);
	sleeper_start(&sleeper, &ends.consumer, SLEEPER_POP);
	n_sleeps = ends.memory.consumer_page->n_sleeps;
	ring_memory_set_role(&ends.memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_HELD);
	until(&ends.memory.consumer_page->ticket, true);
	push_many(&ends, 1);
	cr_assert_eq(sleeper_result(&sleeper), 8);
	cr_assert_geq(ends.memory.consumer_page->n_sleeps, n_sleeps);
	ends_deinit(&ends);
}

Test(wait, memory_that_is_gone_poisons)
{
	struct ends ends;
	uint64_t buf;

	ends_init(&ends, 2, 8);
	push_many(&ends, 2);
	futex_pretend(FUTEX_PRETEND_FAULT);
	cr_assert_eq(ring_push(&ends.producer, 0, &buf, 8, -1), -EBADMSG);
	cr_assert_eq(push_next(&ends), -EBADMSG);
	pop_many(&ends, 2);
	cr_assert_eq(ring_pop(&ends.consumer, 0, &buf, 8, -1), -EBADMSG);
	cr_assert_eq(pop_next(&ends), -EBADMSG);
	ends_deinit(&ends);
}

Test(wait, a_wakeup_into_memory_that_is_gone_poisons)
{
	struct ends ends;

	ends_init(&ends, 4, 8);
	ends.memory.consumer_page->ticket = 1;
	futex_pretend(FUTEX_PRETEND_FAULT);
	cr_assert_eq(push_next(&ends), 0, "that one was published");
	cr_assert_eq(push_next(&ends), -EBADMSG);
	ends_deinit(&ends);
}
