/* SPDX-License-Identifier: MIT */
/*
 * lost_wakeup.c [FACTOR | --prove] - a hunt for lost wake-ups, between two processes
 *
 * The consumer goes to sleep for every single message; the producer publishes at a random moment
 * around that. Before the publication lie stores that miss the cache (lines of the payload that the
 * consumer has just read): the publication then waits behind them while the look at the ticket does
 * not, and only the fence, or the sleeper's membarrier, saves the wake-up. Without such stores a
 * missing fence goes unnoticed.
 *
 * Sleeps are not cut into slices here: a lost wake-up is a consumer that sleeps until its deadline.
 * --prove takes the producer's fence away, then the sleeper's membarrier, and succeeds when the
 * hunt finds what it hunts. How soon depends on the machine: it is not part of the test suite.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/wait.h"
#include "tests/stress/stream.h"

#define LINES		  64u	/* as many stores as wait in a store buffer */
#define LINE_STRIDE	  4096u /* all in one set of the L1 cache: they miss one after the other */
#define SIZE_BYTES	  (LINES * LINE_STRIDE)
#define ROUNDS		  10000
#define PROVE_ROUNDS	  2000000
#define DEADLINE_NS	  (30 * NS_PER_S)
#define PROVE_DEADLINE_NS (300 * NS_PER_MS)
#define PAUSES_MAX	  512

static uint64_t random_state = 88172645463325252u;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Until the consumer has released what there is, so that it goes to sleep now. */
static int until_drained(const struct shmq_hot *hot)
{
	int64_t deadline_ns = clock_monotonic_ns() + 2 * DEADLINE_NS;

	for (uint64_t i = 1; ring_depth(hot) > 0; i++) {
		shmq_pause();
		if (i % 4096 == 0 && clock_monotonic_ns() > deadline_ns)
			return fprintf(stderr, "the consumer does not drain the ring\n"), 1;
	}
	return 0;
}

static int produce(const struct ring_memory *memory, uint64_t n, bool fenced)
{
	struct shmq_hot hot;
	void *payload;

	if (ring_attach_producer(&memory->producer, &hot) < 0)
		return 1;
	if (!fenced) {
		hot.fence = 0;
		hot.peer_ticket = &hot.peer_page->ticket;
	}
	for (uint64_t i = 0; i < n; i++) {
		if (until_drained(&hot) || shmq_hot_reserve(&hot, &payload) < 0)
			return 1;
		for (uint64_t pauses = random_next() % PAUSES_MAX; pauses > 0; pauses--)
			shmq_pause();
		for (size_t at = 0; at < SIZE_BYTES; at += LINE_STRIDE)
			memcpy((char *)payload + at, &i, sizeof(i));
		if (shmq_hot_commit(&hot, SIZE_BYTES) < 0)
			return 1;
	}
	return 0;
}

static bool is_message(const struct shmq_view *view, uint64_t i)
{
	for (size_t at = 0; at < SIZE_BYTES; at += LINE_STRIDE)
		if (memcmp((const char *)view->data + at, &i, sizeof(i)) != 0)
			return false;
	return view->len == SIZE_BYTES && view->seq == i;
}

/* Return: 1 if a wake-up was lost, 0, or -1 if something else went wrong. */
static int consume(const struct ring_memory *memory, uint64_t n, int64_t deadline_ns)
{
	struct shmq_view view = { 0 };
	struct shmq_hot hot;

	if (ring_attach_consumer(&memory->consumer, &hot) < 0)
		return -1;
	for (uint64_t i = 0; i < n; i++) {
		int64_t start_ns = clock_monotonic_ns();
		int r = ring_wait_message(&hot, 0, deadline_ns);

		if (r == -ETIMEDOUT && deadline_ns < DEADLINE_NS) {
			i--; /* the producer was kept from running */
			continue;
		}
		/* at the end of the deadline the message is there, and is found by the last look */
		if (r == 0 && clock_monotonic_ns() - start_ns >= deadline_ns)
			return 1;
		if (r < 0 || shmq_hot_peek(&hot, &view) < 0 || !is_message(&view, i) ||
		    shmq_hot_release(&hot, 1) < 0)
			return fprintf(stderr, "message %llu: %d\n", (unsigned long long)i, r), -1;
	}
	return 0;
}

static int hunt(enum ring_wake wake, uint64_t n, bool fenced)
{
	struct ring_memory memory;
	pid_t parent = getpid(), child;
	int lost, status;

	futex_pretend(FUTEX_PRETEND_NO_SLICES | (fenced ? 0 : FUTEX_PRETEND_NO_MEMBARRIER));
	ring_memory_init(&memory, 2, SIZE_BYTES, wake, 0);
	fflush(NULL);
	child = fork();
	if (child < 0)
		return perror("fork"), -1;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent ||
		    (memory.producer.registered && membarrier_register() < 0))
			_exit(1);
		_exit(produce(&memory, n, fenced));
	}
	lost = consume(&memory, n, fenced ? DEADLINE_NS : PROVE_DEADLINE_NS);
	if (lost != 0)
		kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child || (status != 0 && lost == 0))
		lost = -1;
	printf("%s: %llu sleeps, %s\n", wake == RING_WAKE_FENCE ? "fence" : "membarrier",
	       (unsigned long long)memory.consumer_page->n_sleeps,
	       lost < 0 ? "failed"
	       : lost	? "a lost wake-up"
			: "none lost");
	ring_memory_deinit(&memory);
	return lost;
}

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc > 1 && strcmp(argv[1], "--prove") == 0)
		return hunt(RING_WAKE_FENCE, PROVE_ROUNDS, false) <= 0 ||
		       hunt(RING_WAKE_MEMBARRIER, PROVE_ROUNDS, false) <= 0;
	n = ROUNDS * stream_factor(argc, argv);
	if (hunt(RING_WAKE_FENCE, n, true) != 0)
		return 1;
	return hunt(RING_WAKE_MEMBARRIER, n, true) != 0;
}
