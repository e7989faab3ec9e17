/* SPDX-License-Identifier: MIT */
/*
 * death.c - how soon after a SIGKILL the peer is awake and the role free again
 *
 *	death [N]
 *
 * A producer process is killed while the consumer sleeps in shmq_pop(). Measured from just before
 * kill(2): until the consumer returns with -EOWNERDEAD, and until another producer can attach.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define SAMPLES_MAX 100000

struct killer {
	pid_t victim, sleeper;
	int64_t killed_ns;
};

static int64_t awake_ns[SAMPLES_MAX], free_ns[SAMPLES_MAX];
static struct daemon daemon_;
static struct gate gate;

static int victim(void *arg)
{
	struct shmq_client *client;
	struct shmq_producer *producer;

	(void)arg;
	if (shmq_connect(&client, daemon_.socket) < 0 ||
	    shmq_attach_producer(client, "death", &producer) < 0)
		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
	gate_open(&gate);
	for (;;)
		pause();
}

/* Kills when the main thread sleeps in the kernel. */
static void *kill_it(void *arg)
{
	struct killer *killer = arg;

	if (!child_wait_asleep(killer->sleeper))
		return NULL;
	killer->killed_ns = clock_monotonic_ns();
	kill(killer->victim, SIGKILL);
	return NULL;
}

static int sample(struct shmq_client *client, struct shmq_consumer *consumer, int i)
{
	struct killer killer = { .sleeper = getpid() };
	struct shmq_producer *producer;
	pthread_t thread;
	char buf[8];
	ssize_t n;
	int r;

	killer.victim = child_start(victim, NULL);
	if (killer.victim < 0 || !gate_wait(&gate) ||
	    pthread_create(&thread, NULL, kill_it, &killer))
		return -1;
	n = shmq_pop(consumer, buf, sizeof(buf), HARNESS_DEADLINE_NS);
	awake_ns[i] = clock_monotonic_ns();
	while ((r = shmq_attach_producer(client, "death", &producer)) == -EBUSY)
		;
	free_ns[i] = clock_monotonic_ns();
	pthread_join(thread, NULL);
	waitpid(killer.victim, NULL, 0);
	if (n != -EOWNERDEAD || r < 0)
		return fprintf(stderr, "pop: %zd, attach: %s\n", n, shmq_error_detail()), -1;
	awake_ns[i] -= killer.killed_ns;
	free_ns[i] -= killer.killed_ns;
	shmq_producer_detach(producer);
	/* The end of our own producer is said once as well; take that notice out of the way. */
	n = shmq_pop(consumer, buf, sizeof(buf), 0);
	return n == -EPIPE || n == -EAGAIN ? 0 : -1;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *what, int64_t *samples, int n)
{
	qsort(samples, (size_t)n, sizeof(*samples), by_value);
	printf("%-14s p50 %7.0f us   p99 %7.0f us   max %7.0f us\n", what,
	       (double)samples[n / 2] / 1e3, (double)samples[n * 99 / 100] / 1e3,
	       (double)samples[n - 1] / 1e3);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 500, i = 0, bad;
	struct shmq_consumer *consumer;
	struct shmq_client *client;

	if (n < 1 || n > SAMPLES_MAX || gate_init(&gate) < 0 || daemon_start(&daemon_, NULL) < 0)
		return 1;
	bad = shmq_connect(&client, daemon_.socket) < 0 ||
	      shmq_open_consumer(client, "death", NULL, &consumer) < 0;
	while (!bad && i < n)
		bad = sample(client, consumer, i++) < 0;
	if (!bad) {
		printf("from SIGKILL, %d times:\n", n);
		print("peer awake", awake_ns, n);
		print("role free", free_ns, n);
	}
	daemon_deinit(&daemon_);
	return bad;
}
