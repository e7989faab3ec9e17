/* SPDX-License-Identifier: MIT */
/*
 * common.h - measuring a pair of processes on two CPUs, and believing only what can be compared
 *
 * Virtual machines move their CPUs between placements (one core, one L3, two L3s) within seconds,
 * and everything measured between two CPUs changes 2-30x with it. So a bare cache line is bounced
 * between the two processes before and after each run; the run is tagged with the placement that
 * this shows, thrown away if it changed meanwhile, and compared with runs of the same placement
 * only. A run in which the kernel gave one of the CPUs to somebody else is not valid; who wants
 * figures from a busy machine may still use it, and must say so. Runs of all variants are
 * interleaved, and the figure of a variant is the median of its runs.
 *
 * Plugins in C++ include this too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_CPU_A 0 /* of those that this process may use */
#define BENCH_CPU_B 1

#define BENCH_ROUNDS_MAX 100

#define BENCH_INLINE static inline __attribute__((always_inline, unused))

enum bench_placement { BENCH_SMT, BENCH_NEAR, BENCH_FAR, BENCH_PLACEMENTS };
extern const char *const bench_placement_names[BENCH_PLACEMENTS];

enum bench_kind { BENCH_THROUGHPUT, BENCH_ROUND_TRIP, BENCH_KINDS };
enum bench_way { BENCH_COPY, BENCH_IN_PLACE, BENCH_BATCHES, BENCH_WAYS };
enum bench_wait { BENCH_SPINS, BENCH_SLEEPS, BENCH_WAITS };

/* What both processes of a run share. */
struct bench_pair;

/* The two halves of a variant; each half runs in a fresh process of its own, pinned. */
struct bench_run {
	struct bench_pair *pair;
	size_t slots, size_bytes;
	uint64_t n;	   /* messages or round trips */
	void *rings;	   /* made by the variant's open() before the forks */
	uint64_t *samples; /* round trips: n ticks, by half_a; from bench_samples_new() */
	void (*start)(const struct bench_run *run);
};

struct bench_variant {
	const char *name;
	const char *package; /* Debian's, that it comes from; NULL: none */
	void *(*open)(size_t slots, size_t size_bytes);
	void (*close)(void *rings);
	/* half_a produces (or asks), half_b consumes (or answers). Each attaches, says
	 * bench_start(), and runs. Return: 0, or 1 if what came was not what was sent. */
	int (*half_a)(const struct bench_run *run);
	int (*half_b)(const struct bench_run *run);
	enum bench_kind kind;
	enum bench_way way;
	enum bench_wait wait;
	size_t size_max_bytes; /* of a message; 0: any */
	bool has_threads;      /* on the same two CPUs: that they take turns is its own doing */
};

struct bench_result {
	bool valid; /* nobody took a CPU away meanwhile, and the placement stayed */
	bool moved; /* the placement did not stay: the run can't be compared with anything */
	enum bench_placement placement;
	double canary_ns; /* round trip of a bare line */
	double elapsed_ns;
};

/* Both halves are ready: here the time begins. */
static inline void bench_start(const struct bench_run *run)
{
	run->start(run);
}

/* Return: 0; 1 after a message: the run failed, there is no figure. */
int bench_run_pair(const struct bench_variant *variant, struct bench_run *run,
		   struct bench_result *ret_result);

/* How many messages or trips take about @run_ms. Return: 0; 1 as above. */
int bench_calibrate(const struct bench_variant *variant, size_t size_bytes, double run_ms,
		    uint64_t *ret_n);

/* The same, from a guess that is rather too low. */
int bench_calibrate_from(const struct bench_variant *variant, size_t size_bytes, double run_ms,
			 uint64_t guess, uint64_t *ret_n);

/* Room for @n samples that both processes see; NULL: there is none. */
uint64_t *bench_samples_new(uint64_t n);
uint64_t *bench_samples_free(uint64_t *samples, uint64_t n); /* NULL */

/* A cheap clock for samples, and what a tick of it is. */
static inline uint64_t bench_ticks(void)
{
#if defined(__x86_64__)
	unsigned unused;

	return __builtin_ia32_rdtscp(&unused);
#else
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}
double bench_tick_ns(void);

double bench_median(double *values, size_t n);			       /* sorts; 0 of none */
double bench_quantile(double *values, size_t n, double part);	       /* the same; 0.5: median */
uint64_t bench_percentile(uint64_t *values, size_t n, double percent); /* sorts */

/* Number of the CPU that is the @index-th of those that this process may use; -1: there is none. */
int bench_cpu(int index);

/* Machine, kernel, compiler, CPUs; on stdout. Then, when all is done, who else was there. */
void bench_print_machine(void);
void bench_print_noise(void);

struct bench_options {
	size_t rounds;
	double run_ms;
	double limit_s;	     /* 0: none */
	size_t only_size;    /* 0: all */
	const char *only;    /* parts of variants' names, with commas between; NULL: all */
	const char *plugins; /* directory; NULL: none */
	bool quick;
};

/* Parse argv; ends the program for --help, mistakes and machines with one CPU (77). */
struct bench_options bench_options_parse(int argc, char **argv, const char *what);

extern const size_t bench_sizes[];
extern const size_t bench_n_sizes;
/* 1024 slots up to 4096 bytes, 64 beyond. */
size_t bench_slots(size_t size_bytes);

/* ---- what a message holds: every word is written, and every word is summed ---- */

static inline void bench_fill(void *payload, size_t size_bytes, uint64_t i)
{
	uint64_t *words = (uint64_t *)payload;

	for (size_t k = 0; k < size_bytes / 8; k++)
		words[k] = i + k;
}

static inline uint64_t bench_sum(const void *payload, size_t size_bytes)
{
	const uint64_t *words = (const uint64_t *)payload;
	uint64_t sum = 0;

	for (size_t k = 0; k < size_bytes / 8; k++)
		sum += words[k];
	return sum;
}

static inline uint64_t bench_sum_expected(size_t size_bytes, uint64_t i)
{
	uint64_t n = size_bytes / 8;

	return n * i + n * (n - 1) / 2;
}

/* ---- variants that are always there; each list ends with one without a name ---- */

extern const struct bench_variant seed_variants[], our_variants[], our_sleeping_variants[],
	pipe_variants[], socket_variants[], posix_mq_variants[];

#ifdef __cplusplus
}
#endif
