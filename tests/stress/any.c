/* SPDX-License-Identifier: MIT */
/*
 * any.c [FACTOR] - one thread waits for any of 16 rings, another fills them at random
 *
 * On one mapping, for ThreadSanitizer. Sleeps are not cut into slices: a wake-up that goes to the
 * wrong word ends in the deadline.
 */
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/stress/stream.h"

#define N_RINGS	   16
#define ROUNDS	   5000
#define TIMEOUT_NS (60 * NS_PER_S)

struct rings {
	struct ring_memory memory[N_RINGS];
	struct shmq_hot producers[N_RINGS], consumers[N_RINGS];
	uint64_t n;
};

static void *produce(void *arg)
{
	struct rings *rings = arg;
	uint64_t random = 4711;

	for (uint64_t i = 0; i < rings->n; i++) {
		struct shmq_hot *hot;

		random = random * 6364136223846793005u + 1442695040888963407u;
		hot = &rings->producers[random >> 60];
		if (ring_push(hot, 0, &hot->position, sizeof(hot->position), TIMEOUT_NS) < 0)
			return arg;
		for (uint64_t pauses = random >> 40 & 1023; pauses > 0; pauses--)
			shmq_pause();
	}
	return NULL;
}

static int consume(struct rings *rings)
{
	struct shmq_hot *hots[N_RINGS];
	size_t index;

	for (size_t i = 0; i < N_RINGS; i++)
		hots[i] = &rings->consumers[i];
	for (uint64_t n = 0; n < rings->n;) {
		int r = ring_wait_any(hots, N_RINGS, n % 2 ? 2000 : 0, TIMEOUT_NS, &index);
		uint64_t message, expected;

		if (r < 0)
			return fprintf(stderr, "after %llu messages: %d\n", (unsigned long long)n,
				       r),
			       1;
		for (expected = hots[index]->position;
		     shmq_hot_try_pop(hots[index], &message, sizeof(message)) >= 0; expected++, n++)
			if (message != expected)
				return fprintf(stderr, "ring %zu: a wrong message\n", index), 1;
	}
	return 0;
}

static int run(enum ring_wake wake, uint64_t n)
{
	static struct rings rings;
	pthread_t thread;
	void *failed;
	int r;

	rings.n = n;
	for (size_t i = 0; i < N_RINGS; i++) {
		ring_memory_init(&rings.memory[i], 2, 8, wake, RING_MEMORY_ONE_MAPPING);
		if (ring_attach_producer(&rings.memory[i].producer, &rings.producers[i]) < 0 ||
		    ring_attach_consumer(&rings.memory[i].consumer, &rings.consumers[i]) < 0)
			return 1;
	}
	if (pthread_create(&thread, NULL, produce, &rings) != 0)
		return 1;
	r = consume(&rings);
	if (r != 0)
		return r;
	pthread_join(thread, &failed);
	for (size_t i = 0; i < N_RINGS; i++)
		ring_memory_deinit(&rings.memory[i]);
	return failed != NULL;
}

int main(int argc, char **argv)
{
	uint64_t n = ROUNDS * stream_factor(argc, argv);

	futex_pretend(FUTEX_PRETEND_NO_SLICES);
	if (run(RING_WAKE_FENCE, n) != 0)
		return 1;
	return run(RING_WAKE_MEMBARRIER, n);
}
