/* SPDX-License-Identifier: MIT */
/*
 * histogram.c - values counted in logarithmic steps; see histogram.h
 */
#include "ctl/histogram.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

/* Of HdrHistogram's text: lines per halving of the distance to 100 %. */
#define TICKS_PER_HALF 5

/* Values below 2 * HISTOGRAM_STEPS have a bucket each; every octave above has HISTOGRAM_STEPS. */
static unsigned bucket_of(uint64_t value)
{
	unsigned octave;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	if (value >> HISTOGRAM_BITS)
		return HISTOGRAM_BUCKETS - 1;
	octave = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_STEP_BITS;
	return octave * HISTOGRAM_STEPS + (unsigned)(value >> octave);
}

/* The largest value of a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
	unsigned octave;

	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	octave = bucket / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << octave) - 1;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
	histogram->counts[bucket_of(value)]++;
	if (histogram->n++ == 0 || value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
}

void histogram_add(struct histogram *to, const struct histogram *from)
{
	if (from->n == 0)
		return;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->counts[i] += from->counts[i];
	if (to->n == 0 || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->n += from->n;
}

/* What stands for a bucket: no more than came. */
static uint64_t value_of(const struct histogram *histogram, unsigned bucket)
{
	uint64_t end = bucket_end(bucket);

	return end > histogram->max || bucket == HISTOGRAM_BUCKETS - 1 ? histogram->max : end;
}

/* The bucket of the @rank th smallest value; @ret_n are as small or smaller. */
static unsigned find(const struct histogram *histogram, uint64_t rank, uint64_t *ret_n)
{
	uint64_t n = 0;
	unsigned i = 0;

	for (; i < HISTOGRAM_BUCKETS - 1; i++) {
		n += histogram->counts[i];
		if (n >= rank)
			break;
	}
	*ret_n = n;
	return i;
}

static uint64_t rank_of(const struct histogram *histogram, double part)
{
	double rank = ceil(part * (double)histogram->n);

	return rank < 1 ? 1 : rank > (double)histogram->n ? histogram->n : (uint64_t)rank;
}

uint64_t histogram_rank(const struct histogram *histogram, uint64_t per_million)
{
	uint64_t n;

	if (histogram->n == 0)
		return 0;
	return value_of(histogram,
			find(histogram, rank_of(histogram, (double)per_million / 1e6), &n));
}

uint64_t histogram_between(const struct histogram *histogram, uint64_t from, uint64_t to)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->counts[i] && value_of(histogram, i) >= from &&
		    value_of(histogram, i) < to)
			n += histogram->counts[i];
	return n;
}

static void write_moments(const struct histogram *histogram, FILE *file)
{
	double mean = 0, variance = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->counts[i])
			mean += (double)histogram->counts[i] * (double)value_of(histogram, i);
	mean /= histogram->n ? (double)histogram->n : 1;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->counts[i])
			variance += (double)histogram->counts[i] *
				    pow((double)value_of(histogram, i) - mean, 2);
	variance /= histogram->n ? (double)histogram->n : 1;
	fprintf(file, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, sqrt(variance));
	fprintf(file, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
		(double)histogram->max, histogram->n);
	fprintf(file, "#[Buckets = %12d, SubBuckets     = %12u]\n",
		HISTOGRAM_BITS - HISTOGRAM_STEP_BITS, HISTOGRAM_STEPS);
}

int histogram_write(const struct histogram *histogram, FILE *file)
{
	uint64_t n_below = 0;
	double part = 0;

	fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	while (histogram->n && n_below < histogram->n) {
		unsigned bucket = find(histogram, rank_of(histogram, part), &n_below);
		double halvings = floor(log2(1 / (1 - part))) + 1;

		if (n_below == histogram->n)
			break;
		fprintf(file, "%12.3f %2.12f %10" PRIu64 " %14.2f\n",
			(double)value_of(histogram, bucket), part, n_below, 1 / (1 - part));
		part += 1 / (exp2(halvings) * TICKS_PER_HALF);
	}
	if (histogram->n)
		fprintf(file, "%12.3f %2.12f %10" PRIu64 "\n", (double)histogram->max, 1.0,
			histogram->n);
	write_moments(histogram, file);
	return ferror(file) ? -EIO : 0;
}
