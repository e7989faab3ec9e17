/* SPDX-License-Identifier: MIT */
/*
 * pair.c - two fresh processes on two CPUs, one run, and whether it can be believed; see common.h
 *
 * The parent only forks and waits, so that whatever a variant sets up in a process ends with the
 * run. A half that fails, hangs or dies takes the other one with it.
 */
#include "bench/common.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define RUN_MAX_S	 60 /* a half that takes longer hangs */
#define CALIBRATION_N	 64
#define CALIBRATION_STEP 8
#define CALIBRATION_RUNS 2
#define CANARY_TRIPS	 2000
#define CANARY_ROUNDS	 5
/* Round trips of a bare line: below the first two threads share a core, beyond the second two L3s.
 */
#define CANARY_SMT_NS 80.0
#define CANARY_FAR_NS 400.0

const char *const bench_placement_names[BENCH_PLACEMENTS] = { "same core", "near", "far" };

struct bench_pair {
	_Alignas(128) uint64_t ping;
	_Alignas(128) uint64_t pong;
	_Alignas(128) uint64_t arrived[2];
	int64_t started_ns, ended_ns;
	double before_ns, after_ns; /* of the bare line */
	long n_preempted[2];
};

static int side; /* of this process: 0 is half_a, 1 half_b */

/* ---- CPUs ---- */

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* ---- the pair ---- */

static void meet(struct bench_pair *pair, uint64_t when)
{
	__atomic_store_n(&pair->arrived[side], when, __ATOMIC_RELEASE);
	while (__atomic_load_n(&pair->arrived[!side], __ATOMIC_ACQUIRE) < when)
		;
}

static long n_preemptions(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

static void start(const struct bench_run *run)
{
	run->pair->n_preempted[side] = -n_preemptions();
	meet(run->pair, 2);
	if (side == 0)
		run->pair->started_ns = clock_monotonic_ns();
}

/* Best of some rounds: the others were interrupted. Both sides leave with *value at @trips more. */
static double canary_ping(struct bench_pair *pair, uint64_t *value)
{
	double best_ns = INFINITY;

	for (int round = 0; round < CANARY_ROUNDS; round++) {
		int64_t start_ns = clock_monotonic_ns();
		double took_ns;

		for (int i = 0; i < CANARY_TRIPS; i++) {
			__atomic_store_n(&pair->ping, ++*value, __ATOMIC_RELEASE);
			while (__atomic_load_n(&pair->pong, __ATOMIC_ACQUIRE) != *value)
				;
		}
		took_ns = (double)(clock_monotonic_ns() - start_ns) / CANARY_TRIPS;
		if (took_ns < best_ns)
			best_ns = took_ns;
	}
	return best_ns;
}

static void canary_pong(struct bench_pair *pair, uint64_t *value)
{
	for (int i = 0; i < CANARY_TRIPS * CANARY_ROUNDS; i++) {
		++*value;
		while (__atomic_load_n(&pair->ping, __ATOMIC_ACQUIRE) != *value)
			;
		__atomic_store_n(&pair->pong, *value, __ATOMIC_RELEASE);
	}
}

static enum bench_placement placement_of(double canary_ns)
{
	return canary_ns < CANARY_SMT_NS   ? BENCH_SMT
	       : canary_ns < CANARY_FAR_NS ? BENCH_NEAR
					   : BENCH_FAR;
}

/* A half in its own process, from the canary before to the canary after. */
static int half_run(const struct bench_variant *variant, const struct bench_run *run)
{
	struct bench_pair *pair = run->pair;
	uint64_t value = 0;
	int r;

	meet(pair, 1);
	if (side == 0)
		pair->before_ns = canary_ping(pair, &value);
	else
		canary_pong(pair, &value);
	r = side == 0 ? variant->half_a(run) : variant->half_b(run);
	if (side == 1)
		pair->ended_ns = clock_monotonic_ns();
	pair->n_preempted[side] += n_preemptions();
	if (r != 0)
		return r;
	meet(pair, 3);
	if (side == 0)
		pair->after_ns = canary_ping(pair, &value);
	else
		canary_pong(pair, &value);
	return 0;
}

static pid_t half_fork(const struct bench_variant *variant, const struct bench_run *run, int half)
{
	int cpu = bench_cpu(half == 0 ? BENCH_CPU_A : BENCH_CPU_B);
	pid_t parent = getpid(), child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	side = half;
	pin(cpu);
	alarm(RUN_MAX_S);
	exit(half_run(variant, run)); /* what a library does at the end of a process, too */
}

static void half_kill(pid_t half)
{
	if (half > 0)
		kill(half, SIGKILL);
}

/* Wait for both; the first that fails ends the other. Return: 0, or 1 if one failed. */
static int halves_wait(const char *name, const pid_t *halves)
{
	int failed = 0;

	for (int n_left = (halves[0] > 0) + (halves[1] > 0); n_left > 0;) {
		int status = 0;
		pid_t ended = waitpid(-1, &status, 0);

		if (ended < 0 && errno != EINTR)
			return perror("waitpid"), 1;
		if (ended <= 0 || (ended != halves[0] && ended != halves[1]))
			continue; /* a daemon that a variant brought along */
		n_left--;
		if (status == 0 || failed)
			continue;
		fprintf(stderr, "%s: the half that %s failed, or got what was not sent (%#x)\n",
			name, ended == halves[0] ? "sends" : "receives", (unsigned)status);
		half_kill(halves[ended == halves[0]]);
		failed = 1;
	}
	return failed;
}

static int run_in_two(const struct bench_variant *variant, struct bench_run *run)
{
	pid_t halves[2];

	fflush(NULL);
	halves[0] = half_fork(variant, run, 0);
	halves[1] = half_fork(variant, run, 1);
	if (halves[0] > 0 && halves[1] > 0)
		return halves_wait(variant->name, halves);
	perror("fork");
	half_kill(halves[0]);
	half_kill(halves[1]);
	halves_wait(variant->name, halves);
	return 1;
}

static struct bench_result result_of(const struct bench_variant *variant,
				     const struct bench_pair *pair)
{
	enum bench_placement placement = placement_of(pair->before_ns);
	bool moved = placement != placement_of(pair->after_ns);
	bool preempted = pair->n_preempted[0] != 0 || pair->n_preempted[1] != 0;

	return (struct bench_result){
		.valid = !moved && (!preempted || variant->has_threads),
		.moved = moved,
		.placement = placement,
		.canary_ns = (pair->before_ns + pair->after_ns) / 2,
		.elapsed_ns = (double)(pair->ended_ns - pair->started_ns),
	};
}

int bench_run_pair(const struct bench_variant *variant, struct bench_run *run,
		   struct bench_result *ret_result)
{
	struct bench_pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int r = 1;

	if (pair == MAP_FAILED)
		return perror("mmap"), 1;
	run->pair = pair;
	run->start = start;
	run->rings = variant->open(run->slots, run->size_bytes);
	if (run->rings) {
		r = run_in_two(variant, run);
		variant->close(run->rings);
	} else {
		fprintf(stderr, "%s: can't be opened\n", variant->name);
	}
	if (r == 0)
		*ret_result = result_of(variant, pair);
	munmap(pair, sizeof(*pair));
	return r;
}

/* ---- how many ---- */

uint64_t *bench_samples_new(uint64_t n)
{
	uint64_t *samples = mmap(NULL, n * sizeof(*samples), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return samples == MAP_FAILED ? NULL : samples;
}

uint64_t *bench_samples_free(uint64_t *samples, uint64_t n)
{
	if (samples)
		munmap(samples, n * sizeof(*samples));
	return NULL;
}

/* One run, or the better of two if somebody disturbed the first. */
static int calibration_run(const struct bench_variant *variant, struct bench_run *run,
			   double *ret_best_ns)
{
	struct bench_result result = { .valid = false };

	*ret_best_ns = INFINITY;
	for (int i = 0; i < CALIBRATION_RUNS && !result.valid; i++) {
		if (bench_run_pair(variant, run, &result) != 0)
			return 1;
		if (result.elapsed_ns < *ret_best_ns)
			*ret_best_ns = result.elapsed_ns;
	}
	return 0;
}

int bench_calibrate_from(const struct bench_variant *variant, size_t size_bytes, double run_ms,
			 uint64_t guess, uint64_t *ret_n)
{
	struct bench_run run = { .slots = bench_slots(size_bytes), .size_bytes = size_bytes };
	double want_ns = run_ms * 1e6, took_ns = 0;

	run.n = guess > CALIBRATION_N ? guess : CALIBRATION_N;
	for (;;) {
		int r;

		run.samples = bench_samples_new(run.n);
		if (!run.samples)
			return perror("mmap"), 1;
		r = calibration_run(variant, &run, &took_ns);
		run.samples = bench_samples_free(run.samples, run.n);
		if (r != 0)
			return r;
		if (took_ns >= want_ns / 16)
			break;
		run.n *= CALIBRATION_STEP;
	}
	*ret_n = (uint64_t)((double)run.n * want_ns / took_ns) + 1;
	return 0;
}

int bench_calibrate(const struct bench_variant *variant, size_t size_bytes, double run_ms,
		    uint64_t *ret_n)
{
	return bench_calibrate_from(variant, size_bytes, run_ms, 0, ret_n);
}
