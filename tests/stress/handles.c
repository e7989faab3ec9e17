/* SPDX-License-Identifier: MIT */
/*
 * handles.c [FACTOR] - threads take and give back what the process has one of
 *
 * Four threads, two of them on one client, attach, use, ask for descriptors, detach, destroy, and two of
 * them disconnect as well, in an order that a seed makes. They meet in what is the process's: the list
 * for fork(), the regions of the guard, the pollers. A handle stays with its thread, as documented.
 * What is asked for is that every call answers as it may, and that all come to their end.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "base/parse.h"
#include "tests/harness/daemon.h"

#define THREADS	   4
#define SHARED	   2 /* threads that have one client together */
#define RINGS	   8
#define OPERATIONS 12000
#define PATIENCE_S 120 /* for what takes a second or two */
#define WAIT_NS	   (200 * NS_PER_US)

struct actor {
	const struct daemon *daemon;
	struct shmq_client *client;
	struct shmq_producer *producers[RINGS];
	struct shmq_consumer *consumers[RINGS];
	uint64_t random, n;
	bool owns_client;
	int error;
};

static unsigned pick(struct actor *actor, unsigned n)
{
	actor->random = actor->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(actor->random >> 33) % n;
}

/* Another thread has the role or the ring, or has just given it back. */
static bool may_answer(long r)
{
	return r >= 0 || r == -EAGAIN || r == -EBUSY || r == -ENOENT || r == -ESTALE ||
	       r == -EPIPE || r == -EOWNERDEAD || r == -ETIMEDOUT;
}

static long take(struct actor *actor, unsigned i, const char *name)
{
	const struct shmq_ring_config config = { .slots = 16, .size_bytes = 64,
						 .sealed = i % 3 == 0 };

	if (pick(actor, 2))
		return actor->producers[i] ? 0 : shmq_open_producer(actor->client, name, &config,
								    &actor->producers[i]);
	return actor->consumers[i] ? 0 : shmq_open_consumer(actor->client, name, &config,
							    &actor->consumers[i]);
}

static void give_back(struct actor *actor, unsigned i)
{
	if (pick(actor, 2))
		actor->producers[i] = shmq_producer_detach(actor->producers[i]);
	else
		actor->consumers[i] = shmq_consumer_detach(actor->consumers[i]);
}

static long produce(struct actor *actor, unsigned i)
{
	struct shmq_producer *producer = actor->producers[i];
	long r = 0;

	if (!producer)
		return 0;
	for (uint64_t n = 0; n < 20 && r == 0; n++)
		r = shmq_try_push(producer, &n, sizeof(n));
	return pick(actor, 4) || r != -EAGAIN ? r : shmq_push(producer, "last", 4, WAIT_NS);
}

static long consume(struct actor *actor, unsigned i)
{
	struct shmq_consumer *consumer = actor->consumers[i];
	uint64_t number;
	long r = 0;

	if (!consumer)
		return 0;
	while (r >= 0)
		r = shmq_try_pop(consumer, &number, sizeof(number));
	return pick(actor, 4) || r != -EAGAIN ? r
					      : shmq_pop(consumer, &number, sizeof(number), WAIT_NS);
}

static long ask_descriptor(struct actor *actor, unsigned i)
{
	struct pollfd pollfd = { .events = POLLIN };

	if (actor->producers[i])
		return shmq_producer_fd(actor->producers[i]);
	if (!actor->consumers[i])
		return 0;
	pollfd.fd = shmq_consumer_fd(actor->consumers[i]);
	return pollfd.fd < 0 ? pollfd.fd : poll(&pollfd, 1, 0);
}

static long wait_for_any(struct actor *actor)
{
	struct shmq_consumer *consumers[RINGS];
	size_t n = 0, index;

	for (unsigned i = 0; i < RINGS; i++)
		if (actor->consumers[i])
			consumers[n++] = actor->consumers[i];
	return n ? shmq_wait_any(consumers, n, WAIT_NS, &index) : 0;
}

/* All handles go with it. */
static long connect_anew(struct actor *actor)
{
	if (!actor->owns_client || pick(actor, 8))
		return 0;
	shmq_disconnect(actor->client);
	memset(actor->producers, 0, sizeof(actor->producers));
	memset(actor->consumers, 0, sizeof(actor->consumers));
	return shmq_connect(&actor->client, actor->daemon->socket);
}

static long act(struct actor *actor)
{
	unsigned i = pick(actor, RINGS);
	char name[8];

	snprintf(name, sizeof(name), "r%u", i);
	switch (pick(actor, 16)) {
	case 0:
	case 1:
	case 2:
		return take(actor, i, name);
	case 3:
		give_back(actor, i);
		return 0;
	case 4:
	case 5:
		return ask_descriptor(actor, i);
	case 6:
		return wait_for_any(actor);
	case 7:
		return pick(actor, 8) ? 0 : shmq_destroy(actor->client, name, SHMQ_DESTROY_FORCE);
	case 8:
		return connect_anew(actor);
	case 9:
	case 10:
	case 11:
	case 12:
		return produce(actor, i);
	default:
		return consume(actor, i);
	}
}

static void *actor_run(void *arg)
{
	struct actor *actor = arg;

	for (; actor->n > 0 && !actor->error; actor->n--) {
		long r = act(actor);

		if (may_answer(r))
			continue;
		fprintf(stderr, "a call answered %ld: %s\n", r, shmq_error_detail());
		actor->error = (int)r;
	}
	for (unsigned i = 0; i < RINGS; i++) {
		shmq_producer_detach(actor->producers[i]);
		shmq_consumer_detach(actor->consumers[i]);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct actor actors[THREADS] = { 0 };
	pthread_t threads[THREADS];
	struct daemon daemon;
	uint64_t factor = 1;
	int n_bad = 0;

	if (argc > 2 || (argc == 2 && parse_u64(argv[1], 1, 1000, &factor) < 0))
		return fprintf(stderr, "usage: handles [FACTOR]\n"), 2;
	alarm((unsigned)(PATIENCE_S * factor)); /* who hangs is ended */
	if (daemon_start(&daemon, NULL) < 0)
		return 1;
	for (unsigned i = 0; i < THREADS; i++) {
		struct actor *actor = &actors[i];

		actor->daemon = &daemon;
		actor->random = i + 1;
		actor->n = OPERATIONS * factor;
		actor->owns_client = i == 0 || i >= SHARED;
		if (!actor->owns_client)
			actor->client = actors[0].client;
		else if (shmq_connect(&actor->client, daemon.socket) < 0)
			return 1;
	}
	actors[0].owns_client = false; /* main() ends it, when nobody uses it any more */
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, actor_run, &actors[i]) != 0)
			return 1;
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		n_bad += actors[i].error != 0;
	}
	for (unsigned i = 0; i < THREADS; i++)
		if (i == 0 || i >= SHARED)
			shmq_disconnect(actors[i].client);
	daemon_deinit(&daemon);
	return n_bad > 0;
}
