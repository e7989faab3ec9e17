/* SPDX-License-Identifier: MIT */
/*
 * farewell.c [FACTOR] - the last message comes before the notice, however close they are
 *
 * Rounds of a peer that does something and is then said to be gone, against one that waits. On one
 * mapping, for ThreadSanitizer.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "shm/wait.h"
#include "tests/stress/stream.h"

#define ROUNDS	   3000
#define SLOTS	   4
#define TIMEOUT_NS (30 * NS_PER_S)

struct round {
	struct ring_memory *memory;
	struct shmq_hot *leaver;
	uint64_t n; /* what the leaver does before he leaves */
	uint64_t pauses;
};

static void round_pause(const struct round *round)
{
	for (uint64_t i = 0; i < round->pauses; i++)
		shmq_pause();
}

static void *push_and_leave(void *arg)
{
	struct round *round = arg;

	round_pause(round);
	for (uint64_t i = 0; i < round->n; i++)
		if (shmq_hot_try_push(round->leaver, &i, sizeof(i)) < 0)
			return arg;
	ring_memory_set_role(round->memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_DETACHED);
	return NULL;
}

static void *pop_and_leave(void *arg)
{
	struct round *round = arg;
	uint64_t message;

	round_pause(round);
	for (uint64_t i = 0; i < round->n; i++)
		if (shmq_hot_try_pop(round->leaver, &message, sizeof(message)) < 0)
			return arg;
	ring_memory_set_role(round->memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_DIED);
	return NULL;
}

/* All messages, then -EPIPE once. */
static int consumer_stays(struct shmq_hot *consumer, uint64_t n)
{
	uint64_t message, n_popped = 0;
	ssize_t r;

	while ((r = ring_pop(consumer, 1000, &message, sizeof(message), TIMEOUT_NS)) >= 0)
		n_popped++;
	if (r == -EPIPE && n_popped == n)
		return 0;
	fprintf(stderr, "%llu of %llu messages before the producer's end, then %zd\n",
		(unsigned long long)n_popped, (unsigned long long)n, r);
	return 1;
}

/* Room for all that was popped, then -EOWNERDEAD. */
static int producer_stays(struct shmq_hot *producer, uint64_t n)
{
	uint64_t message = 0, n_pushed = 0;
	int r;

	while ((r = ring_push(producer, 1000, &message, sizeof(message), TIMEOUT_NS)) == 0)
		n_pushed++;
	if (r == -EOWNERDEAD && n_pushed == n)
		return 0;
	fprintf(stderr, "room for %llu of %llu messages before the consumer's end, then %d\n",
		(unsigned long long)n_pushed, (unsigned long long)n, r);
	return 1;
}

static int run(struct ring_memory *memory, uint64_t i, bool producer_leaves)
{
	struct shmq_hot producer, consumer;
	struct round round = { memory, producer_leaves ? &producer : &consumer, i % (SLOTS + 1),
			       i * 7919 % 300 };
	pthread_t thread;
	void *failed;
	int r;

	ring_memory_set_role(memory, SHMQ_ROLE_PRODUCER, SHMQ_ROLE_HELD);
	ring_memory_set_role(memory, SHMQ_ROLE_CONSUMER, SHMQ_ROLE_HELD);
	if (ring_attach_producer(&memory->producer, &producer) < 0 ||
	    ring_attach_consumer(&memory->consumer, &consumer) < 0)
		return 1;
	if (!producer_leaves)
		for (uint64_t k = 0; k < SLOTS; k++)
			if (shmq_hot_try_push(&producer, &k, sizeof(k)) < 0)
				return 1;
	if (pthread_create(&thread, NULL, producer_leaves ? push_and_leave : pop_and_leave, &round))
		return 1;
	r = producer_leaves ? consumer_stays(&consumer, round.n)
			    : producer_stays(&producer, round.n);
	pthread_join(thread, &failed);
	if (!producer_leaves) {
		/* the ring is full: empty it for the next round */
		for (uint64_t k = 0, message; k < SLOTS; k++)
			if (shmq_hot_try_pop(&consumer, &message, sizeof(message)) < 0)
				return 1;
	}
	return r || failed;
}

int main(int argc, char **argv)
{
	uint64_t n = ROUNDS * stream_factor(argc, argv);
	struct ring_memory memory;

	for (int wake = RING_WAKE_MEMBARRIER; wake <= RING_WAKE_FENCE; wake++) {
		ring_memory_init(&memory, SLOTS, 8, (enum ring_wake)wake, RING_MEMORY_ONE_MAPPING);
		for (uint64_t i = 0; i < n; i++)
			if (run(&memory, i, i & 1) != 0)
				return 1;
		ring_memory_deinit(&memory);
	}
	return 0;
}
