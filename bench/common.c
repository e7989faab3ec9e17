/* SPDX-License-Identifier: MIT */
/*
 * common.c - see common.h
 */
#include "bench/common.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define CALIBRATION_N	 4000
#define CALIBRATION_RUNS 3
#define CANARY_TRIPS	 2000
#define CANARY_ROUNDS	 5
/* Round trips of a bare line: below the first two threads share a core, beyond the second two L3s.
 */
#define CANARY_SMT_NS 80.0
#define CANARY_FAR_NS 300.0
/* Of a run's time: more taken away by others makes it worthless. */
#define LOST_MAX 0.02

const char *const bench_placement_names[BENCH_PLACEMENTS] = { "same core", "near", "far" };
const size_t bench_sizes[] = { 8, 64, 256, 1024, 4096, 65536 };
const size_t bench_n_sizes = sizeof(bench_sizes) / sizeof(bench_sizes[0]);

struct bench_pair {
	_Alignas(128) uint64_t ping;
	_Alignas(128) uint64_t pong;
	_Alignas(128) uint64_t arrived[2];
	int64_t started_ns, ended_ns;
	int64_t lost_ns[2]; /* while the run lasted: of its side's time, what its CPU did for others */
};

static int side; /* of this process: 0 is half_a, 1 half_b */

size_t bench_slots(size_t size_bytes)
{
	return size_bytes <= 4096 ? 1024 : 64;
}

/* ---- CPUs ---- */

static int cpu_number(int index)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && index-- == 0)
			return cpu;
	return -1;
}

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

/* Time that passes while this process has no CPU. Not counted by switches: the kernel's own threads
 * interrupt a busy CPU for some microseconds at every tick, and that is no reason to drop a run. */
static int64_t lost_clock_ns(void)
{
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	return clock_monotonic_ns() - (cpu.tv_sec * NS_PER_S + cpu.tv_nsec);
}

void bench_start(const struct bench_run *run)
{
	run->pair->lost_ns[side] = -lost_clock_ns();
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

static int half_b_run(const struct bench_variant *variant, const struct bench_run *run,
		      struct bench_pair *pair, int cpu)
{
	uint64_t value = 0;
	int r;

	side = 1;
	pin(cpu);
	meet(pair, 1);
	canary_pong(pair, &value);
	r = variant->half_b(run);
	pair->ended_ns = clock_monotonic_ns();
	pair->lost_ns[side] += lost_clock_ns();
	meet(pair, 3);
	canary_pong(pair, &value);
	return r;
}

static int half_a_run(const struct bench_variant *variant, const struct bench_run *run,
		      struct bench_pair *pair, struct bench_result *result)
{
	double before_ns, after_ns, lost_ns;
	uint64_t value = 0;
	int r;

	meet(pair, 1);
	before_ns = canary_ping(pair, &value);
	r = variant->half_a(run);
	pair->lost_ns[side] += lost_clock_ns();
	meet(pair, 3);
	result->elapsed_ns = (double)(pair->ended_ns - pair->started_ns);
	after_ns = canary_ping(pair, &value);
	result->canary_ns = (before_ns + after_ns) / 2;
	result->placement = placement_of(before_ns);
	lost_ns = (double)(pair->lost_ns[0] > pair->lost_ns[1] ? pair->lost_ns[0] : pair->lost_ns[1]);
	result->valid = result->placement == placement_of(after_ns) &&
			lost_ns <= LOST_MAX * result->elapsed_ns;
	return r;
}

static int run_in_two(const struct bench_variant *variant, struct bench_run *run,
		      struct bench_pair *pair, struct bench_result *result)
{
	int cpu_a = cpu_number(BENCH_CPU_A), cpu_b = cpu_number(BENCH_CPU_B), status = 0, r;
	cpu_set_t before;
	pid_t child;

	sched_getaffinity(0, sizeof(before), &before);
	child = fork();
	if (child < 0)
		return perror("fork"), 1;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(half_b_run(variant, run, pair, cpu_b));
	}
	pin(cpu_a);
	r = half_a_run(variant, run, pair, result);
	sched_setaffinity(0, sizeof(before), &before);
	if (waitpid(child, &status, 0) != child || status != 0 || r != 0) {
		fprintf(stderr, "%s: what came was not what was sent (%d, %#x)\n", variant->name, r,
			status);
		return 1;
	}
	return 0;
}

int bench_run_pair(const struct bench_variant *variant, struct bench_run *run,
		   struct bench_result *ret_result)
{
	struct bench_pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int r;

	if (pair == MAP_FAILED)
		return perror("mmap"), 1;
	run->pair = pair;
	run->rings = variant->open(run->slots, run->size_bytes);
	r = run->rings ? run_in_two(variant, run, pair, ret_result) : 1;
	if (run->rings)
		variant->close(run->rings);
	munmap(pair, sizeof(*pair));
	return r;
}

/* The best of some valid runs, or of some more if there is none. */
static int calibration_run(const struct bench_variant *variant, struct bench_run *run,
			   double *ret_best_ns)
{
	int n_valid = 0;

	*ret_best_ns = INFINITY;
	for (int i = 0; i < CALIBRATION_RUNS || (n_valid == 0 && i < 10 * CALIBRATION_RUNS); i++) {
		struct bench_result result;

		if (bench_run_pair(variant, run, &result) != 0)
			return 1;
		n_valid += result.valid;
		if (result.elapsed_ns < *ret_best_ns)
			*ret_best_ns = result.elapsed_ns;
	}
	return 0;
}

int bench_calibrate(const struct bench_variant *variant, size_t size_bytes, double run_ms,
		    uint64_t *ret_n)
{
	struct bench_run run = { .slots = bench_slots(size_bytes), .size_bytes = size_bytes };
	double want_ns = run_ms * 1e6, took_ns = 0;
	int r = 0;

	for (run.n = CALIBRATION_N / 4; r == 0 && took_ns < want_ns / 8;) {
		run.n *= 4;
		run.samples = calloc(run.n, sizeof(*run.samples));
		if (!run.samples)
			return perror("calloc"), 1;
		r = calibration_run(variant, &run, &took_ns);
		free(run.samples);
	}
	*ret_n = (uint64_t)((double)run.n * want_ns / took_ns) + 1;
	return r;
}

/* ---- figures ---- */

#if !defined(__x86_64__)
uint64_t bench_clock_ns(void);

uint64_t bench_clock_ns(void)
{
	return (uint64_t)clock_monotonic_ns();
}
#endif

double bench_tick_ns(void)
{
	static double tick_ns;
	int64_t start_ns;
	uint64_t start;

	if (tick_ns > 0)
		return tick_ns;
	start_ns = clock_monotonic_ns();
	start = bench_ticks();
	while (clock_monotonic_ns() - start_ns < 20 * NS_PER_MS)
		;
	tick_ns = (double)(clock_monotonic_ns() - start_ns) / (double)(bench_ticks() - start);
	return tick_ns;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t n)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), compare_doubles);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static int compare_u64s(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t bench_percentile(uint64_t *values, size_t n, double percent)
{
	size_t at = (size_t)(percent / 100 * (double)n);

	qsort(values, n, sizeof(*values), compare_u64s);
	return values[at < n ? at : n - 1];
}

/* ---- machine and options ---- */

static void print_cpu_model(void)
{
	char line[256];
	FILE *file = fopen("/proc/cpuinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10) == 0) {
			printf("# cpu      %s", strchr(line, ':') ? strchr(line, ':') + 2 : line);
			break;
		}
	}
	if (file)
		fclose(file);
}

void bench_print_machine(void)
{
	double load[3] = { 0 };
	struct utsname name;

	print_cpu_model();
	if (uname(&name) == 0)
		printf("# kernel   %s %s\n", name.sysname, name.release);
	printf("# compiler %s\n", __VERSION__);
	if (getloadavg(load, 3) == 3)
		printf("# load     %.2f %.2f %.2f (above 0.5: the figures are doubtful)\n", load[0],
		       load[1], load[2]);
	printf("# between CPU %d and CPU %d, %.3f ns per tick\n", cpu_number(BENCH_CPU_A),
	       cpu_number(BENCH_CPU_B), bench_tick_ns());
}

static void usage(FILE *to, const char *program, const char *what)
{
	fprintf(to,
		"usage: %s [-r ROUNDS] [-t MS] [-s BYTES] [-v NAME]\n\n"
		"%s\n\n"
		"  -r ROUNDS  runs of each variant and size [11]\n"
		"  -t MS      about how long a run takes [30]\n"
		"  -s BYTES   only this message size, a multiple of 8\n"
		"  -v NAME    only variants with this in their name, and what they are compared "
		"with\n",
		program, what);
}

struct bench_options bench_options_parse(int argc, char **argv, const char *what)
{
	struct bench_options options = { .rounds = 11, .run_ms = 30 };
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "r:t:s:v:h", longs, NULL)) != -1) {
		switch (option) {
		case 'r':
			options.rounds = strtoul(optarg, NULL, 10);
			break;
		case 't':
			options.run_ms = strtod(optarg, NULL);
			break;
		case 's':
			options.only_size = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			options.only = optarg;
			break;
		case 'h':
			usage(stdout, argv[0], what);
			exit(0);
		default:
			usage(stderr, argv[0], what);
			exit(2);
		}
	}
	if (optind < argc || options.rounds == 0 || options.rounds > 1000 ||
	    !(options.run_ms > 0) || options.only_size % 8 != 0) {
		usage(stderr, argv[0], what);
		exit(2);
	}
	if (cpu_number(BENCH_CPU_B) < 0) {
		fprintf(stderr, "this needs two CPUs\n");
		exit(77);
	}
	/* ahead of what else runs here, where that is allowed */
	(void)setpriority(PRIO_PROCESS, 0, -15);
	return options;
}
