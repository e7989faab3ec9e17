/* SPDX-License-Identifier: MIT */
/*
 * bench.c - structures through a ring: build, push, pop, read all fields
 *
 * Usage: bench/archive/archive [--quick] [PLUGIN.so ...]; run.sh makes the plugins and calls it.
 *
 * alone: one process does both halves, message by message, so that the figure is the work itself and
 * not the way of the cache lines; build and read are also measured by themselves, on memory that
 * stays in the cache. two processes: the same, streaming, as bench/compare does it. All contestants
 * are interleaved and the medians printed; the yardstick of the last column is the first contestant.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bench/archive/ours.h"
#include "bench/common.h"
#include "tests/stress/ring_memory.h"

#define CONTESTANTS_MAX 16
#define ROUNDS_MAX	101

static const char *const message_names[MESSAGES] = { "fixed", "small", "large" };
static const struct contestant *contestants[CONTESTANTS_MAX];
static size_t n_contestants;

/* What the halves of a pair work on: the pair is forked, so it inherits them. */
static const struct contestant *current;
static enum bench_message message;
static struct ring_memory ring;

static size_t slot_bytes(void)
{
	return message == MESSAGE_LARGE ? SLOT_LARGE : SLOT_SMALL;
}

static size_t n_slots(void)
{
	return message == MESSAGE_LARGE ? 64 : 1024;
}

/* ---- two processes ---- */

static void *pair_open(size_t slots, size_t size_bytes)
{
	ring_memory_init(&ring, (uint32_t)slots, (uint32_t)size_bytes, RING_WAKE_MEMBARRIER, 0);
	return &ring;
}

static void pair_close(void *arg)
{
	(void)arg;
	ring_memory_deinit(&ring);
}

static int send_one(struct shmq_hot *hot, uint64_t i)
{
	void *slot = NULL;
	size_t len;
	int r;

	while ((r = shmq_hot_reserve(hot, &slot)) == -EAGAIN)
		shmq_pause();
	if (r < 0)
		return r;
	len = current->build[message](i, slot, slot_bytes());
	return len ? shmq_hot_commit(hot, len) : -EMSGSIZE;
}

static int receive_one(struct shmq_hot *hot, uint64_t *ret_sum)
{
	struct shmq_view view = { 0 };
	int r;

	while ((r = shmq_hot_peek(hot, &view)) == -EAGAIN)
		shmq_pause();
	if (r < 0)
		return r;
	*ret_sum = current->read[message](view.data, view.len);
	return shmq_hot_release(hot, 1);
}

static int pair_produce(const struct bench_run *run)
{
	struct shmq_hot hot;
	int r = ring_attach_producer(&ring.producer, &hot);

	memset((unsigned char *)ring.producer.slots, 0,
	       (size_t)geometry_slots_region_bytes(&ring.geometry));
	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++)
		r = send_one(&hot, i);
	return r < 0;
}

static int pair_consume(const struct bench_run *run)
{
	struct shmq_hot hot;
	int r = ring_attach_consumer(&ring.consumer, &hot);
	uint64_t sum, n_refused = 0;

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		r = receive_one(&hot, &sum);
		n_refused += sum == 0;
	}
	return r < 0 || n_refused;
}

static const struct bench_variant pair = {
	.name = "structures",
	.open = pair_open,
	.close = pair_close,
	.half_a = pair_produce,
	.half_b = pair_consume,
};

/* ---- one process ---- */

enum alone { ALONE_BUILD, ALONE_READ, ALONE_ALL, ALONE_KINDS };

static double alone_measure(enum alone what, uint64_t n)
{
	static _Alignas(64) unsigned char slot[SLOT_LARGE];
	struct shmq_hot out, in;
	size_t len = current->build[message](1, slot, slot_bytes());
	int64_t start;
	uint64_t sum = 0;

	ring_memory_init(&ring, (uint32_t)n_slots(), (uint32_t)slot_bytes(), RING_WAKE_MEMBARRIER, 0);
	if (ring_attach_producer(&ring.producer, &out) < 0 ||
	    ring_attach_consumer(&ring.consumer, &in) < 0)
		exit(1);
	for (uint64_t i = 0; i < n_slots() && what == ALONE_ALL; i++) /* every page, before the clock */
		if (send_one(&out, i) < 0 || receive_one(&in, &sum) < 0)
			exit(1);
	start = clock_monotonic_ns();
	for (uint64_t i = 0; i < n; i++) {
		if (what == ALONE_BUILD)
			sum = current->build[message](i, slot, slot_bytes());
		else if (what == ALONE_READ)
			sum = current->read[message](slot, len);
		else if (send_one(&out, i) < 0 || receive_one(&in, &sum) < 0)
			exit(1);
		if (!sum)
			exit(1);
	}
	start = clock_monotonic_ns() - start;
	ring_memory_deinit(&ring);
	return (double)start / (double)n;
}

/* ---- all of them ---- */

struct series {
	double alone[ALONE_KINDS][ROUNDS_MAX];
	double stream[BENCH_PLACEMENTS][ROUNDS_MAX]; /* ns per message */
	size_t n_stream[BENCH_PLACEMENTS];
	uint64_t n_messages;
};

static struct series series[CONTESTANTS_MAX];

/* Nobody wins by leaving something out: the sums must be those of the flat structure. */
static int agree(void)
{
	static _Alignas(64) unsigned char slot[SLOT_LARGE];
	const struct contestant *yardstick = contestants[0];

	for (uint64_t i = 0; i < 200; i++) {
		size_t len = yardstick->build[message](i, slot, slot_bytes());
		uint64_t want = yardstick->read[message](slot, len), got;

		len = current->build[message](i, slot, slot_bytes());
		got = len ? current->read[message](slot, len) : 0;
		if (!want || got != want) {
			fprintf(stderr, "%s: message %llu of kind %s reads differently\n",
				current->name, (unsigned long long)i, message_names[message]);
			return 0;
		}
	}
	return 1;
}

static int round_run(size_t c, size_t round, double run_ms)
{
	struct bench_run run = { .slots = n_slots(), .size_bytes = slot_bytes() };
	struct bench_result result;
	struct series *s = series + c;

	current = contestants[c];
	for (int what = 0; what < ALONE_KINDS; what++) {
		double ns = alone_measure((enum alone)what, 1000);

		s->alone[what][round] =
			alone_measure((enum alone)what, (uint64_t)(run_ms * 1e6 / 4 / ns) + 1000);
	}
	if (!s->n_messages &&
	    bench_calibrate(&pair, slot_bytes(), run_ms, &s->n_messages) != 0)
		return 1;
	run.n = s->n_messages;
	if (bench_run_pair(&pair, &run, &result) != 0)
		return 1;
	if (result.valid)
		s->stream[result.placement][s->n_stream[result.placement]++] =
			result.elapsed_ns / (double)run.n;
	return 0;
}

static void table_print(size_t rounds)
{
	static _Alignas(64) unsigned char slot[SLOT_LARGE];
	double all, yardstick = bench_median(series[0].alone[ALONE_ALL], rounds);

	printf("\n%-32s %7s %9s %9s %9s %7s", message_names[message], "bytes", "build ns", "read ns",
	       "all ns", "ratio");
	for (int p = 0; p < BENCH_PLACEMENTS; p++)
		printf(" %13s ns", bench_placement_names[p]);
	printf("\n");
	for (size_t c = 0; c < n_contestants; c++) {
		all = bench_median(series[c].alone[ALONE_ALL], rounds);
		printf("%-32s %7zu %9.1f %9.1f %9.1f %7.2f", contestants[c]->name,
		       contestants[c]->build[message](1, slot, slot_bytes()),
		       bench_median(series[c].alone[ALONE_BUILD], rounds),
		       bench_median(series[c].alone[ALONE_READ], rounds), all, all / yardstick);
		for (int p = 0; p < BENCH_PLACEMENTS; p++) {
			size_t n = series[c].n_stream[p];

			if (n)
				printf(" %10.1f (%2zu)", bench_median(series[c].stream[p], n), n);
			else
				printf(" %15s", "-");
		}
		printf("\n");
	}
	fflush(stdout);
}

static int message_measure(size_t rounds, double run_ms)
{
	memset(series, 0, sizeof(series));
	for (size_t c = 0; c < n_contestants; c++) {
		current = contestants[c];
		if (!agree())
			return 1;
	}
	for (size_t round = 0; round < rounds; round++)
		for (size_t c = 0; c < n_contestants; c++)
			if (round_run((c + round) % n_contestants, round, run_ms) != 0)
				return 1;
	table_print(rounds);
	return 0;
}

static void plugin_load(const char *path)
{
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct contestant *list = plugin ? dlsym(plugin, "contestants") : NULL;

	if (!list) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	for (; list->name && n_contestants < CONTESTANTS_MAX; list++)
		contestants[n_contestants++] = list;
}

int main(int argc, char **argv)
{
	const struct contestant *ours[] = { &flat_copied, &flat_in_place, &archive_checked,
					    &archive_copied, &archive_unchecked };
	size_t rounds = 15;
	double run_ms = 60;

	for (size_t c = 0; c < sizeof(ours) / sizeof(ours[0]); c++)
		contestants[n_contestants++] = ours[c];
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			rounds = 3;
			run_ms = 20;
		} else {
			plugin_load(argv[i]);
		}
	}
	bench_print_machine();
	printf("# ns per message; medians of %zu rounds. all: build, push, pop, read in one process;\n"
	       "# ratio: against the first line. On the right: streaming between two processes, by\n"
	       "# placement of their CPUs (runs).\n", rounds);
	for (int m = 0; m < MESSAGES; m++) {
		message = (enum bench_message)m;
		if (message_measure(rounds, run_ms) != 0)
			return 1;
	}
	return 0;
}
