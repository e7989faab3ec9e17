/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c - one client, several threads; and a fork in the middle of their calls
 */
#include <pthread.h>

#include "tests/integration/fixture.h"

#define N_THREADS 4
#define N_ROUNDS  50

struct worker {
	pthread_t thread;
	struct shmq_client *client;
	char ring[16];
	int failed; /* 0 or the number of the check that failed; read after the thread has ended */
	bool *stop; /* atomic */
};

/* check() for threads: remember the number and end. */
#define require(number, condition)                                                                 \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s: check %d failed: %s (%s)\n", worker->ring, number,    \
				#condition, shmq_error_detail());                                  \
			worker->failed = number;                                                   \
			return NULL;                                                               \
		}                                                                                  \
	} while (0)

static void *use_own_ring(void *arg)
{
	struct worker *worker = arg;

	for (unsigned round = 0; round < N_ROUNDS; round++) {
		struct shmq_producer *producer, *second;
		struct shmq_consumer *consumer;
		struct shmq_ring_info info;
		char buf[16];

		require(1, shmq_open_producer(worker->client, worker->ring, NULL, &producer) == 0);
		require(2, shmq_attach_consumer(worker->client, worker->ring, &consumer) == 0);
		require(3, shmq_push(producer, worker->ring, sizeof(worker->ring), 0) == 0);
		require(4, shmq_pop(consumer, buf, sizeof(buf), LONG_NS) == sizeof(buf));
		require(5, strcmp(buf, worker->ring) == 0);
		require(6, shmq_attach_producer(worker->client, worker->ring, &second) == -EBUSY);
		/* the sentence is this thread's own, whatever the others do meanwhile */
		require(7, strstr(shmq_error_detail(), worker->ring));
		require(8, shmq_show(worker->client, worker->ring, &info) == 0);
		require(9, info.pushed == round + 1 && info.n_holders == 2);
		shmq_producer_detach(producer);
		shmq_consumer_detach(consumer);
	}
	require(10, shmq_destroy(worker->client, worker->ring, 0) == 0);
	return NULL;
}

Test(threads, share_a_client, .timeout = PASS_S)
{
	struct worker workers[N_THREADS];
	struct shmq_client *client;
	struct daemon daemon;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	for (unsigned i = 0; i < N_THREADS; i++) {
		workers[i] = (struct worker){ .client = client };
		snprintf(workers[i].ring, sizeof(workers[i].ring), "thread-%u", i);
		cr_assert(eq(int,
			     pthread_create(&workers[i].thread, NULL, use_own_ring, &workers[i]),
			     0));
	}
	for (unsigned i = 0; i < N_THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		cr_assert(eq(int, workers[i].failed, 0), "%s", workers[i].ring);
	}
	cr_assert(eq(uint, daemon_segments(&daemon), 0));
	shmq_disconnect(client);
	fixture_end(&daemon);
}

static void *call_until_stopped(void *arg)
{
	struct worker *worker = arg;
	struct shmq_consumer *consumer;

	while (!__atomic_load_n(worker->stop, __ATOMIC_ACQUIRE)) {
		require(1, shmq_open_consumer(worker->client, worker->ring, NULL, &consumer) == 0);
		require(2, shmq_ping(worker->client) > 0);
		shmq_consumer_detach(consumer);
	}
	return NULL;
}

static int use_parents_handle(void *arg)
{
	struct shmq_producer *producer = arg;

	check(1, shmq_push(producer, "x", 1, SHMQ_FOREVER) == -ECHILD);
	return 0;
}

Test(threads, may_be_in_calls_when_another_forks, .timeout = PASS_S)
{
	struct worker workers[N_THREADS];
	struct shmq_producer *producer;
	struct shmq_client *client;
	struct daemon daemon;
	bool stop = false;

	fixture_start(&daemon, NULL);
	client = fixture_connect(&daemon);
	assert_ok(shmq_open_producer(client, "r", NULL, &producer));
	for (unsigned i = 0; i < N_THREADS; i++) {
		workers[i] = (struct worker){ .client = client, .stop = &stop };
		snprintf(workers[i].ring, sizeof(workers[i].ring), "thread-%u", i);
		cr_assert(eq(
			int,
			pthread_create(&workers[i].thread, NULL, call_until_stopped, &workers[i]),
			0));
	}
	for (unsigned i = 0; i < 100; i++) {
		cr_assert(eq(int, child_wait(child_start(use_parents_handle, producer)), 0));
		assert_ok(shmq_push(producer, "x", 1, 0));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < N_THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		cr_assert(eq(int, workers[i].failed, 0), "%s", workers[i].ring);
	}
	shmq_disconnect(client);
	fixture_end(&daemon);
}
