/* SPDX-License-Identifier: MIT */
/*
 * top.c - rings and their recent past; see top.h
 */
#include "ctl/top.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

unsigned top_use(const struct top_ring *ring)
{
	uint64_t slots = ring->stats.values[SHMQ_RING_SLOTS_METRIC];
	uint64_t depth = ring->stats.values[SHMQ_RING_DEPTH_METRIC];

	return slots ? (unsigned)(depth * 100 / slots) : 0;
}

const char *top_sort_name(enum top_sort sort)
{
	static const char *const names[] = {
		[TOP_BY_PUSH] = "PUSH/S", [TOP_BY_POP] = "POP/S",  [TOP_BY_USE] = "USE%",
		[TOP_BY_FULL] = "FULL/S", [TOP_BY_NAME] = "NAME",
	};

	return names[sort];
}

/* ---- choice and order ---- */

static bool is_chosen(const struct top *top, const char *name)
{
	char pattern[sizeof(top->filter) + 2];

	if (!*top->filter)
		return true;
	if (strpbrk(top->filter, "*?["))
		return fnmatch(top->filter, name, 0) == 0;
	snprintf(pattern, sizeof(pattern), "*%s*", top->filter);
	return fnmatch(pattern, name, 0) == 0;
}

static double sort_value(const struct top_ring *ring, enum top_sort sort)
{
	switch (sort) {
	case TOP_BY_PUSH:
		return ring->push;
	case TOP_BY_POP:
		return ring->pop;
	case TOP_BY_USE:
		return top_use(ring);
	default:
		return ring->full;
	}
}

/* Names go up, figures down: what there is most of is at the top. */
static int compare(const void *a, const void *b, void *arg)
{
	const struct top *top = arg;
	const struct top_ring *left = *(const struct top_ring *const *)a;
	const struct top_ring *right = *(const struct top_ring *const *)b;
	int by_name = strcmp(left->stats.name, right->stats.name);
	double difference;

	if (top->sort == TOP_BY_NAME)
		return top->reverse ? -by_name : by_name;
	difference = sort_value(right, top->sort) - sort_value(left, top->sort);
	if (difference == 0)
		return by_name;
	return (difference > 0) != top->reverse ? 1 : -1;
}

void top_arrange(struct top *top)
{
	top->n_view = 0;
	for (size_t i = 0; i < top->n_rings; i++)
		if (is_chosen(top, top->rings[i].stats.name))
			top->view[top->n_view++] = &top->rings[i];
	if (top->n_view)
		qsort_r(top->view, top->n_view, sizeof(top->view[0]), compare, top);
	if (top->first >= top->n_view)
		top->first = top->n_view ? top->n_view - 1 : 0;
}

/* ---- figures ---- */

static const struct top_ring *find(const struct top *top, const char *name)
{
	size_t low = 0, high = top->n_rings;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, top->rings[middle].stats.name);

		if (order == 0)
			return &top->rings[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void remember(struct top_ring *ring, double push)
{
	if (ring->n_history == TOP_HISTORY) {
		ring->n_history--;
		memmove(ring->history, ring->history + 1,
			ring->n_history * sizeof(ring->history[0]));
	}
	ring->history[ring->n_history++] = push;
}

static void ring_update(struct top_ring *ring, const struct top_ring *old,
			const struct shmq_ring_stats *stats, int64_t span_ns)
{
	*ring = (struct top_ring){ 0 };
	if (old) {
		*ring = *old;
		ring->has_rates = true;
		ring->push = metric_rate(&old->stats, stats, SHMQ_RING_PUSHED_METRIC, span_ns);
		ring->pop = metric_rate(&old->stats, stats, SHMQ_RING_POPPED_METRIC, span_ns);
		ring->full = metric_rate(&old->stats, stats, SHMQ_RING_FULL_METRIC, span_ns);
		remember(ring, ring->push);
	}
	ring->stats = *stats;
}

int top_update(struct top *top, const struct snapshot *snapshot)
{
	_cleanup_(freep) struct top_ring *rings = calloc(snapshot->n_rings + 1, sizeof(*rings));
	_cleanup_(freep) const struct top_ring **view = calloc(snapshot->n_rings + 1, sizeof(*view));

	if (!rings || !view)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->n_rings; i++)
		ring_update(&rings[i], find(top, snapshot->rings[i].name), &snapshot->rings[i],
			    snapshot->taken_ns - top->taken_ns);
	top_release(top);
	top->rings = TAKE_PTR(rings);
	top->view = TAKE_PTR(view);
	top->n_rings = snapshot->n_rings;
	top->daemon = snapshot->daemon;
	top->taken_ns = snapshot->taken_ns;
	top_arrange(top);
	return 0;
}

void top_release(struct top *top)
{
	free(top->rings);
	free(top->view);
	top->rings = NULL;
	top->view = NULL;
	top->n_rings = top->n_view = 0;
}
