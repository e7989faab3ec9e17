/* SPDX-License-Identifier: MIT */
/*
 * shm_sleeper.h - one waiting call in a thread of its own, and how to know that it sleeps
 */
#pragma once

#include <pthread.h>
#include <sched.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/unit/shm_ends.h"

#define SLEEPER_DEADLINE_NS (20 * NS_PER_S)

enum sleeper_call { SLEEPER_POP, SLEEPER_PUSH, SLEEPER_ROOM, SLEEPER_MESSAGE };

struct sleeper {
	struct shmq_hot *hot;
	enum sleeper_call call;
	uint64_t n_slots;
	uint64_t message;
	int64_t result;
	bool done;
	pthread_t thread;
};

static inline void *sleeper_run(void *arg)
{
	struct sleeper *sleeper = arg;

	switch (sleeper->call) {
	case SLEEPER_POP:
		sleeper->result = ring_pop(sleeper->hot, 0, &sleeper->message,
					   sizeof(sleeper->message), SLEEPER_DEADLINE_NS);
		break;
	case SLEEPER_PUSH:
		sleeper->message = sleeper->hot->position;
		sleeper->result = ring_push(sleeper->hot, 0, &sleeper->message,
					    sizeof(sleeper->message), SLEEPER_DEADLINE_NS);
		break;
	case SLEEPER_ROOM:
		sleeper->result =
			ring_wait_room(sleeper->hot, sleeper->n_slots, 0, SLEEPER_DEADLINE_NS);
		break;
	case SLEEPER_MESSAGE:
		sleeper->result = ring_wait_message(sleeper->hot, 0, SLEEPER_DEADLINE_NS);
		break;
	}
	__atomic_store_n(&sleeper->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static inline bool sleeper_is_done(struct sleeper *sleeper)
{
	return __atomic_load_n(&sleeper->done, __ATOMIC_ACQUIRE);
}

/* Until @word is not (or is) 0. */
static inline void until(const uint64_t *word, bool set)
{
	int64_t deadline_ns = clock_monotonic_ns() + SLEEPER_DEADLINE_NS;

	while ((__atomic_load_n(word, __ATOMIC_ACQUIRE) != 0) != set) {
		cr_assert_lt(clock_monotonic_ns(), deadline_ns, "nothing happens");
		sched_yield();
	}
}

/* Start, and wait until it has announced itself and is about to sleep or sleeps. */
static inline void sleeper_start(struct sleeper *sleeper, struct shmq_hot *hot,
				 enum sleeper_call call)
{
	uint64_t n_before = hot->own_page->n_sleeps;

	sleeper->hot = hot;
	sleeper->call = call;
	sleeper->done = false;
	cr_assert_eq(pthread_create(&sleeper->thread, NULL, sleeper_run, sleeper), 0);
	while (__atomic_load_n(&hot->own_page->n_sleeps, __ATOMIC_ACQUIRE) == n_before &&
	       !sleeper_is_done(sleeper))
		sched_yield();
}

static inline int64_t sleeper_result(struct sleeper *sleeper)
{
	pthread_join(sleeper->thread, NULL);
	return sleeper->result;
}
