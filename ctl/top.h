/* SPDX-License-Identifier: MIT */
/*
 * top.h - what `shmqctl top` knows of rings, and how it draws them
 *
 * The model (top.c) keeps what rings did lately and decides on order and choice; the view (top_view.c)
 * turns it into lines of a given width. Neither knows of the terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "ctl/metric_tables.h"

#define TOP_HISTORY 60

enum top_sort { TOP_BY_PUSH, TOP_BY_POP, TOP_BY_USE, TOP_BY_FULL, TOP_BY_NAME, TOP_SORTS };

struct top_ring {
	struct shmq_ring_stats stats;
	bool has_rates; /* it was there the last time, too */
	double push, pop, full; /* per second */
	double history[TOP_HISTORY]; /* of push, the newest last */
	size_t n_history;
};

struct top {
	struct shmq_daemon_info info;
	struct shmq_daemon_stats daemon;
	int64_t taken_ns; /* 0: never */
	struct top_ring *rings; /* by name */
	size_t n_rings;
	const struct top_ring **view; /* those that are shown, in order */
	size_t n_view;
	enum top_sort sort;
	bool reverse;
	char filter[64]; /* "" all; part of a name, or a pattern with * and ? */
	size_t first;	 /* of the view, at the top of the screen */
};

/* Take over new figures; @snapshot stays the caller's. Return: 0, -ENOMEM. */
int top_update(struct top *top, const struct snapshot *snapshot);
/* After a change of sort, reverse or filter. */
void top_arrange(struct top *top);
void top_release(struct top *top);

/* Percent of the slots that are in use. */
unsigned top_use(const struct top_ring *ring);
const char *top_sort_name(enum top_sort sort);

struct top_style {
	int n_rows, n_columns;
	bool color, utf8;
	const char *bottom; /* the last line */
	bool help;	    /* the keys instead of the rings */
};

/* How many rings fit. */
size_t top_page(const struct top_style *style);
/* Write exactly n_rows lines (fewer if there is nothing to say), none wider than n_columns. */
void top_draw(FILE *out, const struct top *top, const struct top_style *style);
