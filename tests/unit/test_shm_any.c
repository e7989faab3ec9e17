/* SPDX-License-Identifier: MIT */
/*
 * test_shm_any.c - waiting for any of up to 64 rings
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/unit/shm_sleeper.h"

TestSuite(any, .timeout = 60);

#define N_MAX RING_WAIT_ANY_MAX

struct many {
	struct ends ends[N_MAX];
	struct shmq_hot *hots[N_MAX];
	size_t n;
	/* the thread that waits */
	pthread_t thread;
	size_t index;
	int result;
	bool done;
};

static void many_init(struct many *many, size_t n, const enum ring_wake *wakes)
{
	*many = (struct many){ .n = n, .index = 4711 };
	for (size_t i = 0; i < n; i++) {
		ring_memory_init(&many->ends[i].memory, 4, 8,
				 wakes ? wakes[i] : RING_WAKE_MEMBARRIER, 0);
		ends_attach(&many->ends[i]);
		many->hots[i] = &many->ends[i].consumer;
	}
}

static void many_deinit(struct many *many)
{
	for (size_t i = 0; i < many->n; i++)
		ends_deinit(&many->ends[i]);
}

static void *wait_any(void *arg)
{
	struct many *many = arg;

	many->result = ring_wait_any(many->hots, many->n, 0, SLEEPER_DEADLINE_NS, &many->index);
	__atomic_store_n(&many->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Start the waiting thread; it sleeps, or is about to, when this returns. */
static void many_wait(struct many *many)
{
	const uint64_t *n_sleeps = &many->ends[many->n - 1].memory.consumer_page->n_sleeps;
	uint64_t n_before = *n_sleeps;

	many->done = false;
	cr_assert_eq(pthread_create(&many->thread, NULL, wait_any, many), 0);
	while (__atomic_load_n(n_sleeps, __ATOMIC_ACQUIRE) == n_before &&
	       !__atomic_load_n(&many->done, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void assert_woken_by(struct many *many, size_t index)
{
	pthread_join(many->thread, NULL);
	cr_assert_eq(many->result, 0);
	cr_assert_eq(many->index, index);
	for (size_t i = 0; i < many->n; i++)
		cr_assert_eq(many->ends[i].memory.consumer_page->ticket, 0);
}

Test(any, the_number_of_rings_is_judged)
{
	struct many many;
	struct shmq_hot *hots[N_MAX + 1];
	size_t index = 4711;

	many_init(&many, 1, NULL);
	for (size_t i = 0; i <= N_MAX; i++)
		hots[i] = many.hots[0];
	cr_assert_eq(ring_wait_any(hots, 0, 0, -1, &index), -EINVAL);
	cr_assert_eq(ring_wait_any(hots, N_MAX + 1, 0, -1, &index), -EINVAL);
	cr_assert_eq(index, 4711, "the output was written");
	many_deinit(&many);
}

Test(any, nothing_anywhere_ends_with_the_deadline)
{
	struct many many;
	size_t index = 4711;

	many_init(&many, N_MAX, NULL);
	cr_assert_eq(ring_wait_any(many.hots, N_MAX, 0, 0, &index), -EAGAIN);
	cr_assert_eq(ring_wait_any(many.hots, N_MAX, 0, NS_PER_MS, &index), -ETIMEDOUT);
	cr_assert_eq(ring_wait_any(many.hots, N_MAX, 20000, NS_PER_MS, &index), -ETIMEDOUT);
	cr_assert_eq(index, 4711, "the output was written");
	many_deinit(&many);
}

Test(any, each_of_64_rings_wakes)
{
	static struct many many;

	many_init(&many, N_MAX, NULL);
	for (size_t i = 0; i < N_MAX; i++) {
		many_wait(&many);
		push_many(&many.ends[i], 1);
		assert_woken_by(&many, i);
		/* nothing was taken */
		pop_many(&many.ends[i], 1);
		cr_assert_eq(pop_next(&many.ends[i]), -EAGAIN);
	}
	many_deinit(&many);
}

Test(any, the_first_that_has_something_is_named)
{
	struct many many;
	size_t index = 0;

	many_init(&many, 5, NULL);
	push_many(&many.ends[3], 1);
	push_many(&many.ends[2], 1);
	cr_assert_eq(ring_wait_any(many.hots, 5, 0, -1, &index), 0);
	cr_assert_eq(index, 2);
	pop_many(&many.ends[2], 1);
	cr_assert_eq(ring_wait_any(many.hots, 5, 0, -1, &index), 0);
	cr_assert_eq(index, 3);
	many_deinit(&many);
}

Test(any, a_notice_is_named_and_left_to_the_next_call)
{
	struct many many;

	many_init(&many, 3, NULL);
	many_wait(&many);
	ring_memory_set_role(&many.ends[1].memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DIED);
	assert_woken_by(&many, 1);
	cr_assert_eq(pop_next(&many.ends[1]), -EOWNERDEAD);
	cr_assert_eq(pop_next(&many.ends[1]), -EAGAIN);
	many_wait(&many);
	ring_memory_set_state(&many.ends[2].memory, SHMQ_BOARD_WORD(7, SHMQ_RING_DESTROYED));
	assert_woken_by(&many, 2);
	cr_assert_eq(pop_next(&many.ends[2]), -ESTALE);
	/* a handle with an error has something to say at each call */
	many_wait(&many);
	assert_woken_by(&many, 2);
	many_deinit(&many);
}

Test(any, a_poisoned_slot_is_news)
{
	struct many many;
	size_t index = 0;

	many_init(&many, 3, NULL);
	*ring_memory_header(&many.ends[2].memory, 0) = UINT64_MAX;
	cr_assert_eq(ring_wait_any(many.hots, 3, 0, -1, &index), 0);
	cr_assert_eq(index, 2);
	cr_assert_eq(pop_next(&many.ends[2]), -EBADMSG);
	many_deinit(&many);
}

ParameterizedTestParameters(any, rings_of_all_wake_modes_together)
{
	static unsigned pretend[] = { 0, FUTEX_PRETEND_NO_WAITV, FUTEX_PRETEND_NO_MEMBARRIER,
				      FUTEX_PRETEND_ONE_CPU };

	return cr_make_param_array(unsigned, pretend, 4);
}

ParameterizedTest(unsigned *pretend, any, rings_of_all_wake_modes_together)
{
	const enum ring_wake wakes[] = { RING_WAKE_FENCE, RING_WAKE_NEVER, RING_WAKE_MEMBARRIER };
	struct many many;

	futex_pretend(*pretend);
	many_init(&many, 3, wakes);
	for (size_t i = 0; i < 30; i++) {
		many_wait(&many);
		push_many(&many.ends[i % 3], 1);
		assert_woken_by(&many, i % 3);
		pop_many(&many.ends[i % 3], 1);
	}
	many_deinit(&many);
}

Test(any, memory_that_is_gone_poisons_its_ring)
{
	struct many many;
	size_t index = 4711;

	many_init(&many, 2, NULL);
	futex_pretend(FUTEX_PRETEND_FAULT);
	cr_assert_eq(ring_wait_any(many.hots, 2, 0, -1, &index), 0);
	cr_assert_eq(pop_next(&many.ends[index]), -EBADMSG);
	many_deinit(&many);
}
