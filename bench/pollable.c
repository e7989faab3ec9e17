/* SPDX-License-Identifier: MIT */
/*
 * pollable.c - what it costs to wait with a descriptor: from push to the message in hand, one way
 *
 *	pollable [MESSAGES]			default: 20000
 *
 * Two processes; every message waits until the consumer sleeps for it, carries the time of its push,
 * and is compared with the consumer's clock when it has it. Ways: shmq_pop(); poll() and epoll with
 * shmq_consumer_fd(); an eventfd without any ring, the least that a descriptor can cost. Interleaved
 * in rounds, medians over the rounds. The clock is CLOCK_MONOTONIC, 1-2 % of the figures.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define ROUNDS	     5
#define MESSAGES_MAX 1000000u
#define GAP_NS	     INT64_C(150000) /* after the consumer has said that it goes to sleep */

enum way { WAY_POP, WAY_POLL, WAY_EPOLL_EDGE, WAY_EVENTFD, N_WAYS };

static const char *const way_names[N_WAYS] = {
	[WAY_POP] = "shmq_pop(), no spin",
	[WAY_POLL] = "poll() of shmq_consumer_fd()",
	[WAY_EPOLL_EDGE] = "epoll, edge-triggered",
	[WAY_EVENTFD] = "bare eventfd and poll()",
};

/* Between the two processes. */
struct shared {
	uint64_t n_taken;	       /* by the consumer, who sleeps soon */
	int64_t pushed_ns;	       /* of the bare eventfd's message */
	int64_t samples[MESSAGES_MAX]; /* ns */
};

static struct daemon daemon_;
static struct shared *shared;
static int bare_fd;

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s (%s)\n", what, shmq_strerror(r), shmq_error_detail());
	_exit(1);
}

/* ---- consumer ---- */

struct taker {
	enum way way;
	struct shmq_consumer *consumer;
	struct pollfd pollfd;
	int epoll_fd;
	int64_t pushed_ns;
};

static void wait_readable(struct taker *taker)
{
	struct epoll_event event;

	if (taker->way == WAY_EPOLL_EDGE)
		must(epoll_wait(taker->epoll_fd, &event, 1, -1), "epoll_wait");
	else
		must(poll(&taker->pollfd, 1, -1), "poll");
}

static void take(struct taker *taker)
{
	ssize_t r;
	eventfd_t count;

	if (taker->way == WAY_POP) {
		r = shmq_pop(taker->consumer, &taker->pushed_ns, 8, SHMQ_FOREVER);
		must((int)r, "pop");
		return;
	}
	if (taker->way == WAY_EVENTFD) {
		wait_readable(taker);
		taker->pushed_ns = __atomic_load_n(&shared->pushed_ns, __ATOMIC_ACQUIRE);
		eventfd_read(bare_fd, &count);
		return;
	}
	while ((r = shmq_try_pop(taker->consumer, &taker->pushed_ns, 8)) == -EAGAIN)
		wait_readable(taker);
	must((int)r, "try_pop");
}

static int consume(enum way way, uint64_t n)
{
	struct taker taker = { .way = way };
	struct shmq_client *client;

	must(shmq_connect(&client, daemon_.socket), "connect");
	must(shmq_set_spin(client, 0), "set_spin");
	must(shmq_attach_consumer(client, "r", &taker.consumer), "attach");
	taker.pollfd = (struct pollfd){ .fd = bare_fd, .events = POLLIN };
	if (way == WAY_POLL || way == WAY_EPOLL_EDGE)
		taker.pollfd.fd = shmq_consumer_fd(taker.consumer);
	taker.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	must(epoll_ctl(taker.epoll_fd, EPOLL_CTL_ADD, taker.pollfd.fd,
		       &(struct epoll_event){ .events = EPOLLIN | EPOLLET }),
	     "epoll_ctl");
	for (uint64_t i = 0; i < n; i++) {
		__atomic_store_n(&shared->n_taken, i + 1, __ATOMIC_RELEASE);
		take(&taker);
		shared->samples[i] = clock_monotonic_ns() - taker.pushed_ns;
	}
	shmq_disconnect(client);
	return 0;
}

/* ---- producer ---- */

static void until_asleep(uint64_t i)
{
	int64_t asleep_ns;

	while (__atomic_load_n(&shared->n_taken, __ATOMIC_ACQUIRE) != i + 1)
		shmq_pause();
	asleep_ns = clock_monotonic_ns() + GAP_NS;
	while (clock_monotonic_ns() < asleep_ns)
		shmq_pause();
}

static void produce(struct shmq_producer *producer, enum way way, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		int64_t now_ns;

		until_asleep(i);
		now_ns = clock_monotonic_ns();
		__atomic_store_n(&shared->pushed_ns, now_ns, __ATOMIC_RELEASE);
		if (way == WAY_EVENTFD)
			eventfd_write(bare_fd, 1);
		else
			must(shmq_try_push(producer, &now_ns, sizeof(now_ns)), "push");
	}
}

/* ---- figures ---- */

struct figures {
	double p50_us, p99_us;
};

static int compare_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct job {
	enum way way;
	uint64_t n;
};

static int consumer_child(void *arg)
{
	const struct job *job = arg;

	return consume(job->way, job->n);
}

static int measure(struct shmq_client *client, enum way way, uint64_t n, struct figures *ret_figures)
{
	struct job job = { way, n };
	struct shmq_producer *producer;
	pid_t child;

	must(shmq_open_producer(client, "r", NULL, &producer), "open");
	shared->n_taken = 0;
	child = child_start(consumer_child, &job);
	if (child < 0)
		return 1;
	produce(producer, way, n);
	shmq_producer_detach(producer);
	if (child_wait(child) != 0)
		return 1;
	qsort(shared->samples, n, sizeof(shared->samples[0]), compare_i64);
	ret_figures->p50_us = (double)shared->samples[n / 2] / 1e3;
	ret_figures->p99_us = (double)shared->samples[n * 99 / 100] / 1e3;
	return 0;
}

static void print(enum way way, const struct figures *rounds)
{
	double p50[ROUNDS], p99[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		p50[i] = rounds[i].p50_us;
		p99[i] = rounds[i].p99_us;
	}
	qsort(p50, ROUNDS, sizeof(p50[0]), compare_double);
	qsort(p99, ROUNDS, sizeof(p99[0]), compare_double);
	printf("%-32s p50 %7.1f us (%.1f-%.1f)   p99 %8.1f us\n", way_names[way], p50[ROUNDS / 2],
	       p50[0], p50[ROUNDS - 1], p99[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
	struct figures figures[N_WAYS][ROUNDS];
	struct shmq_client *client;
	int failed = 0;

	n /= ROUNDS;
	if (n == 0 || n > MESSAGES_MAX)
		return fprintf(stderr, "usage: pollable [MESSAGES]\n"), 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	bare_fd = eventfd(0, EFD_CLOEXEC);
	if (shared == MAP_FAILED || bare_fd < 0 || daemon_start(&daemon_, NULL) < 0)
		return 1;
	must(shmq_connect(&client, daemon_.socket), "connect");
	for (int round = 0; round < ROUNDS && !failed; round++)
		for (int way = 0; way < N_WAYS && !failed; way++)
			failed = measure(client, way, n, &figures[way][round]);
	for (int way = 0; way < N_WAYS && !failed; way++)
		print(way, figures[way]);
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return failed;
}
