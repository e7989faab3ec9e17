/* SPDX-License-Identifier: MIT */
/*
 * large.c - streams of large messages against a bare stream through the same amount of memory
 *
 *	large [--help]
 *
 * The bare stream is a circular buffer of as many bytes as the ring, a counter of pieces at each end,
 * and nothing else: what two CPUs can hand over at that working set. Its pieces are whole messages as
 * well, and once more 64 KiB. copy: memcpy() from private memory and to private memory. in place:
 * fill and sum in the shared memory. Printed: GB/s, medians, and the ratio of neighbouring runs of the
 * same placement.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/our_ends.h"

#define ROUNDS_MAX 200
#define PIECE	   ((size_t)65536)

static const struct {
	size_t size_bytes, slots;
} shapes[] = {
	{ 64 << 10, 64 }, { 256 << 10, 16 }, { 1 << 20, 8 }, { 4 << 20, 4 }, { 16 << 20, 2 },
};

#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* Aligned, touched, and each process's own. */
static void *private_memory(size_t bytes)
{
	void *memory = aligned_alloc(4096, bytes);

	if (!memory)
		abort();
	memset(memory, 1, bytes);
	return memory;
}

/* ---- ours ---- */

static struct our_ends ends;

static int produce_ours(const struct bench_run *run, bool in_place)
{
	void *from = private_memory(run->size_bytes), *slot;
	int r;

	if (our_ends_attach(run, true, &ends) < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		memcpy(from, &i, sizeof(i));
		while ((r = in_place ? shmq_hot_reserve(&ends.out, &slot)
				     : shmq_hot_try_push(&ends.out, from, run->size_bytes)) ==
		       -EAGAIN)
			shmq_pause();
		if (in_place && r == 0) {
			bench_fill(slot, run->size_bytes, i);
			r = shmq_hot_commit(&ends.out, run->size_bytes);
		}
		if (r < 0)
			return 1;
	}
	free(from);
	return 0;
}

static int consume_ours(const struct bench_run *run, bool in_place)
{
	uint64_t *to = private_memory(run->size_bytes);
	struct shmq_view view = { 0 };
	uint64_t n_wrong = 0;
	int64_t r;

	if (our_ends_attach(run, false, &ends) < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		while ((r = in_place ? shmq_hot_peek(&ends.in, &view)
				     : shmq_hot_try_pop(&ends.in, to, run->size_bytes)) == -EAGAIN)
			shmq_pause();
		if (r < 0)
			return 1;
		if (in_place) {
			n_wrong += bench_sum(view.data, view.len) !=
				   bench_sum_expected(run->size_bytes, i);
			shmq_hot_release(&ends.in, 1);
		} else {
			n_wrong += *to != i;
		}
	}
	free(to);
	return n_wrong != 0;
}

/* ---- bare ---- */

struct bare {
	uint64_t produced, pad0[31]; /* pieces */
	uint64_t consumed, pad1[31];
	size_t piece_bytes, n_pieces; /* in memory */
	unsigned char memory[] __attribute__((aligned(4096)));
};

static size_t bare_bytes(size_t slots, size_t size_bytes)
{
	return sizeof(struct bare) + slots * size_bytes;
}

static void *bare_open_with(size_t slots, size_t size_bytes, size_t piece_bytes)
{
	struct bare *bare = mmap(NULL, bare_bytes(slots, size_bytes), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (bare == MAP_FAILED)
		return NULL;
	bare->piece_bytes = piece_bytes;
	bare->n_pieces = slots * size_bytes / piece_bytes;
	return bare;
}

static void *bare_open(size_t slots, size_t size_bytes)
{
	return bare_open_with(slots, size_bytes, size_bytes);
}

static void *bare_open_pieces(size_t slots, size_t size_bytes)
{
	return bare_open_with(slots, size_bytes, PIECE);
}

static void bare_close(void *rings)
{
	struct bare *bare = rings;

	munmap(bare, bare_bytes(bare->n_pieces, bare->piece_bytes));
}

static uint64_t pieces_in_all(const struct bench_run *run, const struct bare *bare)
{
	return run->n * (run->size_bytes / bare->piece_bytes);
}

static void touch(const struct bare *bare, bool writes)
{
	volatile unsigned char *bytes = (volatile unsigned char *)bare->memory;

	for (size_t at = 0; at < bare->n_pieces * bare->piece_bytes; at += 4096)
		writes ? (void)(bytes[at] = 0) : (void)bytes[at];
}

static int produce_bare(const struct bench_run *run, bool in_place)
{
	struct bare *bare = run->rings;
	unsigned char *from = private_memory(run->size_bytes);
	uint64_t n = pieces_in_all(run, bare), n_parts = run->size_bytes / bare->piece_bytes;

	touch(bare, true);
	bench_start(run);
	for (uint64_t i = 0; i < n; i++) {
		unsigned char *to = bare->memory + i % bare->n_pieces * bare->piece_bytes;

		while (i - __atomic_load_n(&bare->consumed, __ATOMIC_ACQUIRE) >= bare->n_pieces)
			shmq_pause();
		if (in_place) {
			bench_fill(to, bare->piece_bytes, i);
		} else {
			unsigned char *part = from + i % n_parts * bare->piece_bytes;

			memcpy(part, &i, sizeof(i));
			memcpy(to, part, bare->piece_bytes);
		}
		__atomic_store_n(&bare->produced, i + 1, __ATOMIC_RELEASE);
	}
	free(from);
	return 0;
}

static int consume_bare(const struct bench_run *run, bool in_place)
{
	struct bare *bare = run->rings;
	unsigned char *to = private_memory(run->size_bytes);
	uint64_t n = pieces_in_all(run, bare), n_parts = run->size_bytes / bare->piece_bytes;
	uint64_t n_wrong = 0;

	touch(bare, false);
	bench_start(run);
	for (uint64_t i = 0; i < n; i++) {
		const unsigned char *from = bare->memory + i % bare->n_pieces * bare->piece_bytes;

		while (__atomic_load_n(&bare->produced, __ATOMIC_ACQUIRE) <= i)
			shmq_pause();
		if (in_place) {
			n_wrong += bench_sum(from, bare->piece_bytes) !=
				   bench_sum_expected(bare->piece_bytes, i);
		} else {
			unsigned char *part = to + i % n_parts * bare->piece_bytes;

			memcpy(part, from, bare->piece_bytes);
			n_wrong += memcmp(part, &i, sizeof(i)) != 0;
		}
		__atomic_store_n(&bare->consumed, i + 1, __ATOMIC_RELEASE);
	}
	free(to);
	return n_wrong != 0;
}

/* ---- variants ---- */

#define HALVES(kind)                                                                               \
	static int kind##_copy_produce(const struct bench_run *run)                                \
	{                                                                                          \
		return produce_##kind(run, false);                                                 \
	}                                                                                          \
	static int kind##_copy_consume(const struct bench_run *run)                                \
	{                                                                                          \
		return consume_##kind(run, false);                                                 \
	}                                                                                          \
	static int kind##_place_produce(const struct bench_run *run)                               \
	{                                                                                          \
		return produce_##kind(run, true);                                                  \
	}                                                                                          \
	static int kind##_place_consume(const struct bench_run *run)                               \
	{                                                                                          \
		return consume_##kind(run, true);                                                  \
	}

HALVES(ours)
HALVES(bare)

enum { OURS, BARE, BARE_PIECES, N_KINDS };

static const struct bench_variant variants[2][N_KINDS] = {
	{
		BENCH_STREAM(ours_copy, "ours", NULL, our_open, our_close, BENCH_COPY, BENCH_SPINS, 0),
		BENCH_STREAM(bare_copy, "bare", NULL, bare_open, bare_close, BENCH_COPY,
			     BENCH_SPINS, 0),
		BENCH_STREAM(bare_copy, "bare, 64 KiB", NULL, bare_open_pieces, bare_close,
			     BENCH_COPY, BENCH_SPINS, 0),
	},
	{
		BENCH_STREAM(ours_place, "ours", NULL, our_open, our_close, BENCH_IN_PLACE,
			     BENCH_SPINS, 0),
		BENCH_STREAM(bare_place, "bare", NULL, bare_open, bare_close, BENCH_IN_PLACE,
			     BENCH_SPINS, 0),
		BENCH_STREAM(bare_place, "bare, 64 KiB", NULL, bare_open_pieces, bare_close,
			     BENCH_IN_PLACE, BENCH_SPINS, 0),
	},
};

struct series {
	double rates[N_KINDS][ROUNDS_MAX]; /* GB/s */
	double ratios[N_KINDS][ROUNDS_MAX];
	size_t n;
};

static struct series series[BENCH_PLACEMENTS];

static int run_round(int way, size_t shape, uint64_t n, size_t round)
{
	struct bench_result results[N_KINDS];
	struct series *s;
	bool same = true;

	for (size_t i = 0; i < N_KINDS; i++) {
		size_t kind = (i + round) % N_KINDS;
		struct bench_run run = {
			.slots = shapes[shape].slots, .size_bytes = shapes[shape].size_bytes, .n = n,
		};

		if (bench_run_pair(&variants[way][kind], &run, &results[kind]) != 0)
			return 1;
	}
	for (size_t kind = 0; kind < N_KINDS; kind++)
		same &= !results[kind].moved && results[kind].placement == results[0].placement;
	s = &series[results[0].placement];
	if (!same || s->n == ROUNDS_MAX)
		return 0;
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		s->rates[kind][s->n] = (double)(n * shapes[shape].size_bytes) /
				       results[kind].elapsed_ns;
		s->ratios[kind][s->n] = s->rates[OURS][s->n] / s->rates[kind][s->n];
	}
	s->n++;
	return 0;
}

static void print(int way, size_t shape)
{
	for (int p = 0; p < BENCH_PLACEMENTS; p++) {
		struct series *s = &series[p];

		if (s->n == 0)
			continue;
		printf("%6zu KiB  %-8s  %-5s %6.1f  %6.1f  %6.1f GB/s   %5.2f of bare, %5.2f of "
		       "64 KiB pieces   %zu rounds\n",
		       shapes[shape].size_bytes >> 10, way ? "in place" : "copy",
		       bench_placement_names[p], bench_median(s->rates[OURS], s->n),
		       bench_median(s->rates[BARE], s->n),
		       bench_median(s->rates[BARE_PIECES], s->n),
		       bench_median(s->ratios[BARE], s->n),
		       bench_median(s->ratios[BARE_PIECES], s->n), s->n);
		s->n = 0;
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench_options options = bench_options_parse(
		argc, argv, "Streams of large messages against a bare stream.");

	bench_print_machine();
	printf("#    size                      ours    bare  64 KiB\n");
	for (int way = 0; way < 2; way++)
		for (size_t shape = 0; shape < N_SHAPES; shape++) {
			/* at some 10 GB/s */
			uint64_t n = (uint64_t)(options.run_ms * 1e7) / shapes[shape].size_bytes;

			if (options.only_size && shapes[shape].size_bytes != options.only_size)
				continue;
			n = n < 4 * shapes[shape].slots ? 4 * shapes[shape].slots : n;
			for (size_t round = 0; round < options.rounds; round++)
				if (run_round(way, shape, n, round))
					return 1;
			print(way, shape);
		}
	return 0;
}
