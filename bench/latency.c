/* SPDX-License-Identifier: MIT */
/*
 * latency.c - round trips between two processes over two rings, against the baseline
 *
 * Both ends spin: what is measured is the ring. The clock's own cost, about two reads, is in the
 * figures of all variants alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common.h"

static const struct bench_variant *const variants[] = { &seed_round_trip, &our_round_trip };

#define N_VARIANTS ((size_t)2)
#define ROUNDS_MAX 1000

/* Of one variant and message size: per run, its percentiles. */
struct series {
	double p50[BENCH_PLACEMENTS][ROUNDS_MAX];
	double p99[BENCH_PLACEMENTS][ROUNDS_MAX];
	double p999[BENCH_PLACEMENTS][ROUNDS_MAX];
	double canary[BENCH_PLACEMENTS][ROUNDS_MAX];
	size_t n[BENCH_PLACEMENTS];
	uint64_t trips; /* per run */
};

static struct series series[N_VARIANTS];
static size_t n_invalid;

static void keep(struct series *to, const struct bench_result *result, uint64_t *samples, size_t n)
{
	size_t at = to->n[result->placement]++;
	double tick_ns = bench_tick_ns();

	to->p50[result->placement][at] = (double)bench_percentile(samples, n, 50) * tick_ns;
	to->p99[result->placement][at] = (double)bench_percentile(samples, n, 99) * tick_ns;
	to->p999[result->placement][at] = (double)bench_percentile(samples, n, 99.9) * tick_ns;
	to->canary[result->placement][at] = result->canary_ns;
}

static int run_once(size_t v, size_t size_bytes)
{
	struct bench_run run = {
		.slots = bench_slots(size_bytes),
		.size_bytes = size_bytes,
		.n = series[v].trips,
		.samples = calloc(series[v].trips, sizeof(uint64_t)),
	};
	struct bench_result result;
	int r;

	if (!run.samples)
		return perror("calloc"), 1;
	r = bench_run_pair(variants[v], &run, &result);
	if (r == 0 && result.valid)
		keep(&series[v], &result, run.samples, run.n);
	else if (r == 0)
		n_invalid++;
	free(run.samples);
	return r;
}

static int measure(size_t size_bytes, const struct bench_options *options)
{
	memset(series, 0, sizeof(series));
	n_invalid = 0;
	for (size_t v = 0; v < N_VARIANTS; v++)
		if (bench_calibrate(variants[v], size_bytes, options->run_ms, &series[v].trips))
			return 1;
	for (size_t round = 0; round < options->rounds; round++)
		for (size_t i = 0; i < N_VARIANTS; i++)
			if (run_once((i + round) % N_VARIANTS, size_bytes))
				return 1;
	return 0;
}

static void print_line(size_t v, size_t size_bytes, int placement)
{
	size_t n = series[v].n[placement];
	double p50 = bench_median(series[v].p50[placement], n);

	printf("%6zu B  %-9s  %-20s %8.0f %8.0f %8.0f  %8.0f", size_bytes,
	       bench_placement_names[placement], variants[v]->name, p50,
	       bench_median(series[v].p99[placement], n),
	       bench_median(series[v].p999[placement], n),
	       bench_median(series[v].canary[placement], n));
	if (v > 0 && series[0].n[placement])
		printf("  %5.2fx",
		       p50 / bench_median(series[0].p50[placement], series[0].n[placement]));
	else
		printf("        ");
	printf("  %3zu runs\n", n);
}

int main(int argc, char **argv)
{
	struct bench_options options = bench_options_parse(
		argc, argv,
		"Round trips between two processes over two rings, against the baseline.");

	bench_print_machine();
	printf("#   size  placement  variant                   p50      p99    p99.9  bare line"
	       "  p50 against the baseline; all ns\n");
	for (size_t i = 0; i < bench_n_sizes; i++) {
		if (options.only_size && bench_sizes[i] != options.only_size)
			continue;
		if (measure(bench_sizes[i], &options) != 0)
			return 1;
		for (int placement = 0; placement < BENCH_PLACEMENTS; placement++)
			for (size_t v = 0; v < N_VARIANTS; v++)
				if (series[v].n[placement])
					print_line(v, bench_sizes[i], placement);
		if (n_invalid)
			printf("# %zu runs were dropped: the CPUs moved or were taken away\n",
			       n_invalid);
		fflush(stdout);
	}
	return 0;
}
