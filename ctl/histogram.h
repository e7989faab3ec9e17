/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - how often which value came, in fixed memory: logarithmic octaves, each in 32 steps
 *
 * As HdrHistogram does it (hdrhistogram.org): a value is told with an error of at most 1/32, however
 * large it is. Of values up to 2^HISTOGRAM_BITS - 1; larger ones count as that. Plain data: it may lie
 * in memory that processes share, one writer at a time.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_BITS	   40
#define HISTOGRAM_STEP_BITS 5
#define HISTOGRAM_STEPS	   (1u << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_BUCKETS  ((HISTOGRAM_BITS - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

/* All zero is an empty one. */
struct histogram {
	uint64_t n;
	uint64_t max, min; /* min: of what came, if n > 0 */
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_record(struct histogram *histogram, uint64_t value);
void histogram_add(struct histogram *to, const struct histogram *from);

/* Nearest rank: so many of a million came at or below the result, which is 0 if none came. */
uint64_t histogram_rank(const struct histogram *histogram, uint64_t per_million);

/* How many are at least @from and less than @to, to within the width of a step at both ends. */
uint64_t histogram_between(const struct histogram *histogram, uint64_t from, uint64_t to);

/* The percentiles as text that HdrHistogram's plotters read (".hgrm"). Return: 0; -EIO. */
int histogram_write(const struct histogram *histogram, FILE *file);
