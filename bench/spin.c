/* SPDX-License-Identifier: MIT */
/*
 * spin.c - round trips of calls that wait, by how long they spin, beside busy processes
 *
 *	spin [TRIPS [BUSY]]			default: 20000, and several
 *
 * A process asks, another answers, both with shmq_push() and shmq_pop(); next to them run so many
 * processes that only compute. Where these and the two are more than the CPUs, spinning keeps the
 * other end from running. Then with a pause before each question, as in a program that has work
 * between messages: there spinning finds nothing and only costs CPU time, which is printed as well.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "base/clock.h"
#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define TRIPS_MAX 1000000u
#define ROUNDS	  5
#define BUSY_MAX  64

struct spin_way {
	const char *name;
	int64_t spin_ns;
};

static const struct spin_way ways[] = {
	{ "adaptive (default)", -1 },
	{ "50 us always", 50000 },
	{ "none", 0 },
};

#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

struct job {
	int64_t spin_ns;
	uint64_t n;
};

static struct daemon daemon_;
static int64_t samples[TRIPS_MAX];

static void must(long long r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s (%s)\n", what, shmq_strerror((int)r), shmq_error_detail());
	_exit(1);
}

static int answer(void *arg)
{
	const struct job *job = arg;
	struct shmq_producer *out;
	struct shmq_consumer *in;
	struct shmq_client *client;
	int64_t question;

	must(shmq_connect(&client, daemon_.socket), "connect");
	must(shmq_set_spin(client, job->spin_ns), "set_spin");
	must(shmq_open_consumer(client, "questions", NULL, &in), "open");
	must(shmq_open_producer(client, "answers", NULL, &out), "open");
	for (uint64_t i = 0; i < job->n; i++) {
		must(shmq_pop(in, &question, sizeof(question), SHMQ_FOREVER), "pop");
		must(shmq_push(out, &question, sizeof(question), SHMQ_FOREVER), "push");
	}
	shmq_disconnect(client);
	return 0;
}

static int compute(void *arg)
{
	while (!arg)
		shmq_pause();
	return 0;
}

static double cpu_s(void)
{
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	return (double)own.ru_utime.tv_sec + (double)own.ru_stime.tv_sec +
	       (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* @ret_ns: the trips' p50 and p99, then CPU time of the asking process per trip. */
static int ask(const struct job *job, int64_t gap_ns, double *ret_ns)
{
	struct timespec gap = timespec_from_ns(gap_ns);
	struct shmq_producer *out;
	struct shmq_consumer *in;
	struct shmq_client *client;
	pid_t child = child_start(answer, (void *)job);
	double cpu_before_s;

	must(child, "fork");
	must(shmq_connect(&client, daemon_.socket), "connect");
	must(shmq_set_spin(client, job->spin_ns), "set_spin");
	must(shmq_open_producer(client, "questions", NULL, &out), "open");
	must(shmq_open_consumer(client, "answers", NULL, &in), "open");
	cpu_before_s = cpu_s();
	for (uint64_t i = 0; i < job->n; i++) {
		int64_t start_ns, back;

		if (gap_ns)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &gap, NULL);
		start_ns = clock_monotonic_ns();
		must(shmq_push(out, &start_ns, sizeof(start_ns), SHMQ_FOREVER), "push");
		must(shmq_pop(in, &back, sizeof(back), SHMQ_FOREVER), "pop");
		samples[i] = clock_monotonic_ns() - start_ns;
	}
	ret_ns[2] = (cpu_s() - cpu_before_s) * 1e9 / (double)job->n;
	shmq_disconnect(client);
	qsort(samples, job->n, sizeof(samples[0]), compare);
	ret_ns[0] = (double)samples[job->n / 2];
	ret_ns[1] = (double)samples[job->n * 99 / 100];
	return child_wait(child);
}

static int compare_by_p50(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (x[0] > y[0]) - (x[0] < y[0]);
}

static int measure(unsigned n_busy, int64_t gap_ns, uint64_t n)
{
	double figures[N_WAYS][ROUNDS][3];
	pid_t busy[BUSY_MAX];
	int failed = 0;

	printf("# %u busy processes beside the two, %s\n", n_busy,
	       gap_ns ? "1 ms between trips" : "trip after trip");
	for (unsigned i = 0; i < n_busy; i++)
		busy[i] = child_start(compute, NULL);
	for (int round = 0; round < ROUNDS && !failed; round++)
		for (size_t way = 0; way < N_WAYS && !failed; way++)
			failed = ask(&(struct job){ ways[way].spin_ns, n }, gap_ns,
				     figures[way][round]);
	for (unsigned i = 0; i < n_busy; i++)
		child_kill(busy[i]);
	for (size_t way = 0; way < N_WAYS && !failed; way++) {
		const double *median = figures[way][ROUNDS / 2];

		qsort(figures[way], ROUNDS, sizeof(figures[way][0]), compare_by_p50);
		printf("%-20s p50 %9.2f us   p99 %9.2f us   CPU %9.2f us per trip\n",
		       ways[way].name, median[0] / 1e3, median[1] / 1e3, median[2] / 1e3);
	}
	fflush(stdout);
	return failed;
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
	unsigned n_cpus;
	cpu_set_t cpus;
	int failed;

	if (n < 100 || n > TRIPS_MAX)
		return fprintf(stderr, "usage: spin [TRIPS [BUSY]]\n"), 2;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0 || daemon_start(&daemon_, NULL) < 0)
		return 1;
	n_cpus = (unsigned)CPU_COUNT(&cpus) < BUSY_MAX ? (unsigned)CPU_COUNT(&cpus) : BUSY_MAX;
	if (argc > 2) {
		unsigned n_busy = (unsigned)atoi(argv[2]);

		failed = measure(n_busy < BUSY_MAX ? n_busy : BUSY_MAX, 0, n);
		daemon_deinit(&daemon_);
		return failed;
	}
	failed = measure(0, 0, n);
	for (unsigned n_busy = n_cpus > 1 ? n_cpus - 1 : 1; n_busy <= n_cpus && !failed; n_busy++)
		failed = measure(n_busy, 0, n / ROUNDS);
	if (!failed)
		failed = measure(0, NS_PER_MS, 100 + n / 100);
	daemon_deinit(&daemon_);
	return failed;
}
