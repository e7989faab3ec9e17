/* SPDX-License-Identifier: MIT */
/*
 * throughput.c - messages per second between two processes, against the baseline
 *
 * copy: fill a private buffer, copy in, copy out, sum. zero copy: fill in place, sum in place.
 * Every word is written and summed.
 */
#include <stdio.h>
#include <string.h>

#include "bench/common.h"

static const struct bench_variant *const variants[] = {
	&seed_copy, &seed_zero_copy, &our_copy, &our_copy_fence, &our_zero_copy, &our_batch,
};

#define N_VARIANTS (sizeof(variants) / sizeof(variants[0]))
#define ROUNDS_MAX 1000

/* Of one message size. */
struct series {
	double rates[BENCH_PLACEMENTS][ROUNDS_MAX]; /* messages per second */
	size_t n[BENCH_PLACEMENTS];
	uint64_t messages; /* per run */
};

static struct series series[N_VARIANTS];
static size_t n_invalid;

static bool is_wanted(const struct bench_variant *variant, const char *only)
{
	return !only || !variant->compared_with || strstr(variant->name, only);
}

static int run_once(size_t v, size_t size_bytes)
{
	struct bench_run run = {
		.slots = bench_slots(size_bytes),
		.size_bytes = size_bytes,
		.n = series[v].messages,
	};
	struct bench_result result;

	if (bench_run_pair(variants[v], &run, &result) != 0)
		return 1;
	if (result.valid)
		series[v].rates[result.placement][series[v].n[result.placement]++] =
			(double)run.n * 1e9 / result.elapsed_ns;
	else
		n_invalid++;
	return 0;
}

static int measure(size_t size_bytes, const struct bench_options *options)
{
	memset(series, 0, sizeof(series));
	n_invalid = 0;
	for (size_t v = 0; v < N_VARIANTS; v++)
		if (is_wanted(variants[v], options->only) &&
		    bench_calibrate(variants[v], size_bytes, options->run_ms, &series[v].messages))
			return 1;
	for (size_t round = 0; round < options->rounds; round++)
		for (size_t i = 0; i < N_VARIANTS; i++) {
			size_t v = (i + round) % N_VARIANTS;

			if (series[v].messages && run_once(v, size_bytes))
				return 1;
		}
	return 0;
}

static size_t yardstick_of(const struct bench_variant *variant)
{
	for (size_t v = 0; v < N_VARIANTS; v++)
		if (variant->compared_with &&
		    strcmp(variants[v]->name, variant->compared_with) == 0)
			return v;
	return N_VARIANTS;
}

static void print_line(size_t v, size_t size_bytes, enum bench_placement placement)
{
	size_t n = series[v].n[placement], yardstick = yardstick_of(variants[v]);
	double rate = bench_median(series[v].rates[placement], n);

	printf("%6zu B  %-9s  %-24s  %8.3f M/s  %7.3f GB/s", size_bytes,
	       bench_placement_names[placement], variants[v]->name, rate / 1e6,
	       rate * (double)size_bytes / 1e9);
	if (yardstick < N_VARIANTS && series[yardstick].n[placement])
		printf("  %5.2fx", rate / bench_median(series[yardstick].rates[placement],
						       series[yardstick].n[placement]));
	else
		printf("        ");
	printf("  %3zu runs\n", n);
}

static void print_size(size_t size_bytes)
{
	for (int placement = 0; placement < BENCH_PLACEMENTS; placement++)
		for (size_t v = 0; v < N_VARIANTS; v++)
			if (series[v].n[placement])
				print_line(v, size_bytes, (enum bench_placement)placement);
	if (n_invalid)
		printf("# %zu runs were dropped: the CPUs moved or were taken away\n", n_invalid);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench_options options = bench_options_parse(
		argc, argv, "Messages per second between two processes, against the baseline.");

	bench_print_machine();
	printf("#   size  placement  variant                         median            and against"
	       " the baseline\n");
	for (size_t i = 0; i < bench_n_sizes; i++) {
		if (options.only_size && bench_sizes[i] != options.only_size)
			continue;
		if (measure(bench_sizes[i], &options) != 0)
			return 1;
		print_size(bench_sizes[i]);
	}
	return 0;
}
