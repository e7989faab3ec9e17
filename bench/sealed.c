/* SPDX-License-Identifier: MIT */
/*
 * sealed.c - messages through a sealed ring against the same through a named one
 *
 *	sealed [PAIRS]		default: 60
 *
 * On a private daemon, with the calls that programs use; runs of both are interleaved, and which comes
 * first alternates. First one process at both ends, whose fastest rounds are compared, as nothing
 * disturbs those; then two processes, where the median of the ratios of neighbouring runs counts.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "base/parse.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define SIZE_BYTES    64u
#define SLOTS	      1024u
#define ROUND	      200000u /* messages of a run in one process */
#define STREAM	      2000000u /* between two */
#define PAIRS_MAX     1000u
#define FASTEST_SHARE 10u /* one run in so many counts as undisturbed */

enum kind { NAMED, SEALED, N_KINDS };

static const char *const names[N_KINDS] = { "named", "sealed" };
static struct daemon daemon_;
static struct shmq_client *client;

static int failed(const char *what)
{
	fprintf(stderr, "sealed: %s: %s\n", what, shmq_error_detail());
	return -1;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, size_t n, size_t part, size_t of)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[(n - 1) * part / of];
}

/* ---- one process ---- */

static int turn_measure(enum kind kind, double *ret_ns)
{
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	char message[SIZE_BYTES] = "message";
	int64_t start_ns;

	if (shmq_attach_producer(client, names[kind], &producer) < 0 ||
	    shmq_attach_consumer(client, names[kind], &consumer) < 0)
		return failed("attach");
	start_ns = clock_monotonic_ns();
	for (unsigned i = 0; i < ROUND; i++)
		if (shmq_try_push(producer, message, sizeof(message)) < 0 ||
		    shmq_try_pop(consumer, message, sizeof(message)) < 0)
			return failed("push or pop");
	*ret_ns = (double)(clock_monotonic_ns() - start_ns) / ROUND;
	shmq_producer_detach(producer);
	shmq_consumer_detach(consumer);
	return 0;
}

/* ---- two processes ---- */

static int consume(void *arg)
{
	struct shmq_consumer *consumer;
	struct shmq_client *mine;
	char message[SIZE_BYTES];

	if (shmq_connect(&mine, daemon_.socket) < 0 ||
	    shmq_attach_consumer(mine, arg, &consumer) < 0)
		return 1;
	for (unsigned i = 0; i < STREAM; i++)
		if (shmq_pop(consumer, message, sizeof(message), HARNESS_DEADLINE_NS) < 0)
			return 1;
	shmq_disconnect(mine);
	return 0;
}

static int stream_measure(enum kind kind, double *ret_ns)
{
	struct shmq_producer *producer;
	char message[SIZE_BYTES] = "message";
	int64_t start_ns = 0;
	pid_t child;

	if (shmq_attach_producer(client, names[kind], &producer) < 0)
		return failed("attach");
	child = child_start(consume, (void *)names[kind]);
	for (unsigned i = 0; i < STREAM; i++) {
		if (i == SLOTS * 2) /* it is there */
			start_ns = clock_monotonic_ns();
		if (shmq_push(producer, message, sizeof(message), HARNESS_DEADLINE_NS) < 0)
			return failed("push");
	}
	*ret_ns = (double)(clock_monotonic_ns() - start_ns) / (STREAM - SLOTS * 2);
	shmq_producer_detach(producer);
	return child_wait(child) == 0 ? 0 : failed("the consumer");
}

/* ---- pairs ---- */

static double ns[N_KINDS][PAIRS_MAX], ratios[PAIRS_MAX];

static int pairs_measure(int (*measure)(enum kind, double *), uint64_t n_pairs)
{
	for (uint64_t i = 0; i < n_pairs; i++) {
		enum kind first = i % 2 ? NAMED : SEALED, second = i % 2 ? SEALED : NAMED;

		if (measure(first, &ns[first][i]) < 0 || measure(second, &ns[second][i]) < 0)
			return -1;
		ratios[i] = ns[SEALED][i] / ns[NAMED][i];
	}
	return 0;
}

static void print_pairs(const char *what, uint64_t n)
{
	double quarter = quantile(ratios, n, 1, 4), median = quantile(ratios, n, 1, 2),
	       three = quantile(ratios, n, 3, 4);
	double named = quantile(ns[NAMED], n, 1, FASTEST_SHARE),
	       sealed = quantile(ns[SEALED], n, 1, FASTEST_SHARE);

	printf("%-14s named %6.2f ns (median %6.2f)  sealed %6.2f ns (median %6.2f)\n", what, named,
	       quantile(ns[NAMED], n, 1, 2), sealed, quantile(ns[SEALED], n, 1, 2));
	printf("%-14s sealed/named: fastest tenth %.3f; pairs: median %.3f, quartiles %.3f to %.3f\n",
	       "", sealed / named, median, quarter, three);
}

static int rings_make(void)
{
	struct shmq_ring_config config = { .slots = SLOTS, .size_bytes = SIZE_BYTES,
					   .lifetime = SHMQ_PERSISTENT };

	for (enum kind kind = NAMED; kind < N_KINDS; kind++) {
		config.sealed = kind == SEALED;
		if (shmq_create(client, names[kind], &config) < 0)
			return failed("create");
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t n_pairs = 60;
	int r;

	if (argc > 2 || (argc == 2 && parse_u64(argv[1], 1, PAIRS_MAX, &n_pairs) < 0))
		return fprintf(stderr, "usage: sealed [PAIRS]\n"), 2;
	if (daemon_start(&daemon_, NULL) < 0)
		return 1;
	r = shmq_connect(&client, daemon_.socket) < 0 ? failed("connect") : rings_make();
	printf("%u bytes, %u slots, %" PRIu64 " pairs of runs\n", SIZE_BYTES, SLOTS, n_pairs);
	if (r == 0)
		r = pairs_measure(turn_measure, n_pairs);
	if (r == 0)
		print_pairs("one process", n_pairs);
	if (r == 0)
		r = pairs_measure(stream_measure, n_pairs);
	if (r == 0)
		print_pairs("two processes", n_pairs);
	shmq_disconnect(client);
	daemon_deinit(&daemon_);
	return r < 0;
}
