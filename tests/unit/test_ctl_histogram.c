/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_histogram.c - counted in steps, it says the same as sorted samples, to within a step
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/histogram.h"

#define SAMPLES 20000u

TestSuite(histogram, .timeout = 30);

static struct histogram histogram, other;
static uint64_t samples[SAMPLES];

/* xorshift64*, Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016 */
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

Test(histogram, ranks_are_those_of_sorted_samples)
{
	static const uint64_t ranks[] = { 1, 100, 500000, 900000, 990000, 999000, 999990, 1000000 };
	uint64_t state = 42;

	for (unsigned round = 0; round < 20; round++) {
		memset(&histogram, 0, sizeof(histogram));
		for (unsigned i = 0; i < SAMPLES; i++) {
			samples[i] = next(&state) >> (24 + next(&state) % 40);
			histogram_record(&histogram, samples[i]);
		}
		qsort(samples, SAMPLES, sizeof(samples[0]), by_value);
		cr_assert(eq(u64, histogram.n, SAMPLES));
		cr_assert(eq(u64, histogram.min, samples[0]));
		cr_assert(eq(u64, histogram.max, samples[SAMPLES - 1]));
		for (unsigned i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
			uint64_t rank = (ranks[i] * SAMPLES + 999999) / 1000000;
			uint64_t exact = samples[rank - 1];
			uint64_t told = histogram_rank(&histogram, ranks[i]);

			cr_assert(told >= exact && told <= exact + exact / HISTOGRAM_STEPS,
				  "rank %llu: %llu instead of %llu", (unsigned long long)ranks[i],
				  (unsigned long long)told, (unsigned long long)exact);
		}
	}
}

Test(histogram, small_values_are_exact)
{
	for (uint64_t value = 0; value < 2 * HISTOGRAM_STEPS; value++)
		histogram_record(&histogram, value);
	for (uint64_t value = 0; value < 2 * HISTOGRAM_STEPS; value++)
		cr_assert(eq(u64, histogram_between(&histogram, value, value + 1), 1));
}

Test(histogram, what_is_too_large_counts_as_the_largest)
{
	histogram_record(&histogram, 5);
	histogram_record(&histogram, UINT64_MAX);
	cr_assert(eq(u64, histogram_rank(&histogram, 500000), 5));
	cr_assert(eq(u64, histogram_rank(&histogram, 1000000), UINT64_MAX));
}

Test(histogram, empty_ones_say_nothing_and_add_nothing)
{
	cr_assert(eq(u64, histogram_rank(&histogram, 500000), 0));
	histogram_record(&other, 7);
	histogram_add(&other, &histogram);
	histogram_add(&histogram, &other);
	cr_assert(eq(u64, histogram.n, 1));
	cr_assert(eq(u64, histogram.min, 7));
	cr_assert(eq(u64, histogram.max, 7));
	cr_assert(eq(u64, histogram_rank(&histogram, 1), 7));
}

/* The form that HdrHistogram's plotters read: value, part, count, 1/(1-part); the last line without. */
Test(histogram, the_file_rises_to_the_whole)
{
	double value, part, inverse, last_value = 0, last_part = -1;
	char *text = NULL, *line, *rest;
	unsigned n_lines = 0, n_total = 0;
	uint64_t count = 0;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (uint64_t i = 1; i <= 1000; i++)
		histogram_record(&histogram, i * 100);
	cr_assert(eq(int, histogram_write(&histogram, file), 0));
	fclose(file);
	rest = text;
	cr_assert(ne(ptr, strstr(strsep(&rest, "\n"), "1/(1-Percentile)"), NULL));
	while ((line = strsep(&rest, "\n"))) {
		int n;

		n_total += !strcmp(line, "#[Max     =   100000.000, Total count    =         1000]");
		n = sscanf(line, "%lf %lf %lu %lf", &value, &part, &count, &inverse);

		if (n < 3)
			continue;
		cr_assert(value >= last_value && part > last_part, "%s", line);
		cr_assert(eq(int, n, part < 1 ? 4 : 3));
		last_value = value;
		last_part = part;
		n_lines++;
	}
	cr_assert(n_lines > 20 && last_part == 1 && last_value == 100000);
	cr_assert(eq(uint, n_total, 1));
	free(text);
}
