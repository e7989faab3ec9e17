/* SPDX-License-Identifier: MIT */
/*
 * pollable.c [FACTOR] - one thread sleeps in epoll_wait(2) for several rings, another fills them
 *
 * The loop that every program writes: wait, take until -EAGAIN, wait; level-triggered and
 * edge-triggered, and the producer sleeps the same way when a ring is full. On one mapping, for
 * ThreadSanitizer. Sleeps are not cut into slices: a wake-up that is lost anywhere ends in the
 * deadline. Edges are counted: more than one signal per sleep would show there. Then, with slices,
 * where the kernel lacks FUTEX_WAITV or membarrier(2), and where nobody is woken at all.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/poller.h"
#include "tests/stress/stream.h"

#define RINGS_MAX   5
#define SLOTS	    16
#define ROUNDS	    4000
#define DEADLINE_MS 60000
#define PAUSES_MAX  2048

/* What a handle is: the hot part first. */
struct end {
	struct shmq_hot hot;
	struct pollable *pollable;
};

struct world {
	struct ring_memory memory[RINGS_MAX];
	struct end producers[RINGS_MAX], consumers[RINGS_MAX];
	struct poller *pollers[2];
	unsigned n_rings;
	uint32_t trigger; /* EPOLLET or 0 */
	uint64_t n;	  /* messages in all */
};

static void end_blocked(struct shmq_hot *hot)
{
	pollable_arm(((struct end *)(void *)hot)->pollable, hot);
}

static int end_watch(struct end *end, struct poller **pollers, int epoll_fd, uint32_t trigger)
{
	struct epoll_event event = { .events = EPOLLIN | trigger, .data.ptr = end };
	int r = pollable_new(pollers, &end->pollable);

	if (r < 0)
		return fprintf(stderr, "pollable_new: %s\n", strerror(-r)), r;
	end->hot.on_blocked = end_blocked;
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, end->pollable->fd, &event);
}

/* Push @i into its ring; sleep in epoll for as long as that is full. */
static int push(struct end *end, uint64_t i, int epoll_fd)
{
	struct epoll_event event;
	int r;

	while ((r = shmq_hot_try_push(&end->hot, &i, sizeof(i))) == -EAGAIN) {
		if (epoll_wait(epoll_fd, &event, 1, DEADLINE_MS) != 1)
			return fprintf(stderr, "push %llu: not woken\n", (unsigned long long)i),
			       -ETIMEDOUT;
		/* level-triggered, others that nobody asked are readable, too: ask them */
		if (event.data.ptr != end)
			shmq_hot_refill(&((struct end *)event.data.ptr)->hot, SLOTS);
	}
	return r;
}

static void *produce(void *arg)
{
	struct world *world = arg;
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	uint64_t random = 4711;

	for (unsigned i = 0; i < world->n_rings; i++)
		if (end_watch(&world->producers[i], &world->pollers[0], epoll_fd, world->trigger))
			return arg;
	for (uint64_t i = 0; i < world->n; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		if (push(&world->producers[(random >> 40) % world->n_rings], i, epoll_fd) < 0)
			return arg;
		if (random >> 61)
			continue; /* mostly in bursts */
		for (uint64_t pauses = random >> 20 & (PAUSES_MAX - 1); pauses > 0; pauses--)
			shmq_pause();
	}
	close(epoll_fd);
	return NULL;
}

/* Return: how many messages there were, -1 after a message. */
static int64_t drain(struct end *end)
{
	uint64_t message, before = 0;
	int64_t n = 0, r;

	while ((r = shmq_hot_try_pop(&end->hot, &message, sizeof(message))) >= 0) {
		if (n > 0 && message <= before)
			return fprintf(stderr, "message %llu after %llu\n",
				       (unsigned long long)message, (unsigned long long)before),
			       -1;
		before = message;
		n++;
	}
	return r == -EAGAIN ? n : (fprintf(stderr, "pop: %lld\n", (long long)r), -1);
}

static int consume(struct world *world)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	uint64_t n_edges = 0, n_sleeps = 0;

	for (unsigned i = 0; i < world->n_rings; i++)
		if (end_watch(&world->consumers[i], &world->pollers[1], epoll_fd, world->trigger))
			return 1;
	for (uint64_t n = 0; n < world->n; n_edges++) {
		struct epoll_event event;
		int64_t n_taken;

		if (epoll_wait(epoll_fd, &event, 1, DEADLINE_MS) != 1)
			return fprintf(stderr, "%llu messages, then not woken\n",
				       (unsigned long long)n),
			       1;
		n_taken = drain(event.data.ptr);
		if (n_taken < 0)
			return 1;
		n += (uint64_t)n_taken;
	}
	for (unsigned i = 0; i < world->n_rings; i++)
		n_sleeps += world->memory[i].consumer_page->n_sleeps;
	close(epoll_fd);
	printf("%u rings, %s: %llu messages, %llu sleeps, %llu signals\n", world->n_rings,
	       world->trigger ? "edge" : "level", (unsigned long long)world->n,
	       (unsigned long long)n_sleeps, (unsigned long long)n_edges);
	if (n_edges > n_sleeps + world->n_rings)
		return fprintf(stderr, "more than one signal per sleep\n"), 1;
	return 0;
}

static int run(unsigned n_rings, uint32_t trigger, enum ring_wake wake, uint64_t n)
{
	static struct world world;
	pthread_t thread;
	void *failed;
	int r;

	world = (struct world){ .n_rings = n_rings, .trigger = trigger, .n = n };
	for (unsigned i = 0; i < world.n_rings; i++) {
		ring_memory_init(&world.memory[i], SLOTS, 8, wake, RING_MEMORY_ONE_MAPPING);
		if (ring_attach_producer(&world.memory[i].producer, &world.producers[i].hot) < 0 ||
		    ring_attach_consumer(&world.memory[i].consumer, &world.consumers[i].hot) < 0)
			return 1;
	}
	if (pthread_create(&thread, NULL, produce, &world) != 0)
		return 1;
	r = consume(&world);
	if (r)
		_exit(1); /* the other thread may sleep for ever */
	pthread_join(thread, &failed);
	for (unsigned i = 0; i < world.n_rings; i++) {
		pollable_free(world.producers[i].pollable);
		pollable_free(world.consumers[i].pollable);
		ring_memory_deinit(&world.memory[i]);
	}
	pollers_free(world.pollers[0], false);
	pollers_free(world.pollers[1], false);
	return failed != NULL;
}

int main(int argc, char **argv)
{
	uint64_t n = ROUNDS * stream_factor(argc, argv);

	futex_pretend(FUTEX_PRETEND_NO_SLICES);
	/* of a single ring nobody else's news makes good what was lost */
	if (run(5, 0, RING_WAKE_MEMBARRIER, n) || run(5, EPOLLET, RING_WAKE_FENCE, n) ||
	    run(1, 0, RING_WAKE_FENCE, n) || run(1, EPOLLET, RING_WAKE_MEMBARRIER, n))
		return 1;
	futex_pretend(FUTEX_PRETEND_NO_WAITV);
	if (run(5, 0, RING_WAKE_MEMBARRIER, n / 4) || run(1, EPOLLET, RING_WAKE_FENCE, n / 4))
		return 1;
	futex_pretend(FUTEX_PRETEND_NO_MEMBARRIER | FUTEX_PRETEND_NO_REGISTER);
	if (run(5, 0, RING_WAKE_MEMBARRIER, n / 4))
		return 1;
	futex_pretend(0);
	return run(1, EPOLLET, RING_WAKE_NEVER, n / 4);
}
