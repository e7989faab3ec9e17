/* SPDX-License-Identifier: MIT */
/*
 * metrics_scrape.h - one answer to GET /metrics, put together over several turns of the loop
 *
 * First the rings' figures are collected, then written family by family, as the format wants them; a
 * turn does a bounded piece of either. At most SCRAPE_RINGS_MAX rings are in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/metrics.h"

struct shell;
struct control_ring_stats;

#define SCRAPE_RINGS_MAX 4096u

struct metrics_scrape {
	struct shell *shell;
	enum metric_format format;
	uint32_t next_ring; /* index in the core; all are collected at its end */
	struct control_ring_stats *rings;
	struct metric_values *values; /* beside @rings, once all are collected */
	size_t n_rings, cap_rings;
	size_t row;   /* family being written */
	size_t n_out; /* rings of it that are written */
	FILE *out;    /* into @text */
	char *text;
	size_t len_bytes;
};

/* Return: NULL when memory is out. */
struct metrics_scrape *metrics_scrape_new(struct shell *shell, enum metric_format format);
struct metrics_scrape *metrics_scrape_free(struct metrics_scrape *scrape);

/* Do a piece. Return: 1 there is more to do; 0 text and len_bytes are whole; -ENOMEM. */
int metrics_scrape_go_on(struct metrics_scrape *scrape);
