/* SPDX-License-Identifier: MIT */
/*
 * checks.c - what the look at the peer's ticket and at the board costs a stream of short messages
 *
 *	checks [--help]
 *
 * A ring whose push and pop end with the publication, and whose producer looks at nothing but the
 * consumer's position when the ring is full: nobody could be woken, and no destroy would ever be seen.
 * It is built from the same inline functions as hot.h's, and run interleaved with those. Printed:
 * medians of both and the ratio of pairs of neighbouring runs of the same placement; before that,
 * what both cost one process at both ends, in the fastest of many rounds.
 */
#include <errno.h>
#include <stdio.h>

#include "bench/our_ends.h"

#define PAIRS_MAX 1000

static struct our_ends ends;

static int attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	*ret_ends = (struct bench_ends){ .out = &ends.out, .in = &ends.in };
	return our_ends_attach(run, is_a, &ends);
}

/* ---- as it is ---- */

BENCH_INLINE int not_now(int64_t r)
{
	return r >= 0 ? 0 : r == -EAGAIN ? 1 : (int)r;
}

BENCH_INLINE int send_checked(void *end, const void *msg, size_t len)
{
	return not_now(shmq_hot_try_push(end, msg, len));
}

BENCH_INLINE int receive_checked(void *end, void *buf, size_t len)
{
	return not_now(shmq_hot_try_pop(end, buf, len));
}

/* ---- without ---- */

static bool is_full(struct shmq_hot *hot)
{
	hot->peer_position = __atomic_load_n(&hot->peer_page->position, __ATOMIC_ACQUIRE);
	hot->limit = hot->peer_position + hot->mask + 1;
	return hot->position == hot->limit;
}

BENCH_INLINE int send_bare(void *end, const void *msg, size_t len)
{
	struct shmq_hot *hot = end;
	uint64_t position = hot->position;
	uint64_t *slot;

	if (shmq_unlikely_(position == hot->limit) && is_full(hot))
		return 1;
	if (shmq_unlikely_(len > hot->size_max_bytes))
		return -EMSGSIZE;
	slot = shmq_hot_slot_(hot, position);
	shmq_copy_(slot + 1, msg, len);
	shmq_hot_publish_(hot, slot, position, (uint32_t)len);
	shmq_hot_advance_(hot, position + 1);
	return 0;
}

BENCH_INLINE int receive_bare(void *end, void *buf, size_t cap)
{
	struct shmq_hot *hot = end;
	uint64_t position = hot->position;
	const uint64_t *slot = shmq_hot_slot_(hot, position);
	int64_t len = shmq_hot_look_(hot, position, slot);

	if (shmq_unlikely_(len < 0))
		return not_now(len);
	if (shmq_unlikely_((uint64_t)len > cap))
		return -EMSGSIZE;
	shmq_copy_out_(buf, slot + 1, (size_t)len, cap);
	shmq_hot_advance_(hot, position + 1);
	return 0;
}

static const struct bench_ops checked_ops = {
	.send = send_checked, .receive = receive_checked, .pauses = true,
};
static const struct bench_ops bare_ops = {
	.send = send_bare, .receive = receive_bare, .pauses = true,
};

BENCH_HALF(checked, produce, checked_ops, attach, false)
BENCH_HALF(checked, consume, checked_ops, attach, false)
BENCH_HALF(bare, produce, bare_ops, attach, false)
BENCH_HALF(bare, consume, bare_ops, attach, false)

static const struct bench_variant variants[] = {
	BENCH_STREAM(checked, "as it is", NULL, our_open, our_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_STREAM(bare, "without", NULL, our_open, our_close, BENCH_COPY, BENCH_SPINS, 0),
};

/* ---- figures ---- */

struct series {
	double rates[2][PAIRS_MAX]; /* messages per second */
	double ratios[PAIRS_MAX];
	size_t n;
};

static struct series series[BENCH_PLACEMENTS];

/* One run of each. Return: 0; 1 failed. */
static int run_pair(size_t size_bytes, uint64_t n, bool swap)
{
	struct bench_result results[2];
	struct series *s;

	for (int i = 0; i < 2; i++) {
		int v = swap ? 1 - i : i;
		struct bench_run run = {
			.slots = bench_slots(size_bytes), .size_bytes = size_bytes, .n = n,
		};

		if (bench_run_pair(&variants[v], &run, &results[v]) != 0)
			return 1;
	}
	if (results[0].moved || results[1].moved || results[0].placement != results[1].placement)
		return 0;
	s = &series[results[0].placement];
	if (s->n == PAIRS_MAX)
		return 0;
	for (int v = 0; v < 2; v++)
		s->rates[v][s->n] = (double)n / results[v].elapsed_ns * 1e9;
	s->ratios[s->n] = s->rates[0][s->n] / s->rates[1][s->n];
	s->n++;
	return 0;
}

static void print(size_t size_bytes)
{
	for (int p = 0; p < BENCH_PLACEMENTS; p++) {
		struct series *s = &series[p];

		if (s->n == 0)
			continue;
		printf("%6zu B  %-5s  as it is %7.1f M/s   without %7.1f M/s   ratio %.3f "
		       "(%.3f-%.3f)   %zu pairs\n",
		       size_bytes, bench_placement_names[p], bench_median(s->rates[0], s->n) / 1e6,
		       bench_median(s->rates[1], s->n) / 1e6, bench_median(s->ratios, s->n),
		       bench_quantile(s->ratios, s->n, 0.25), bench_quantile(s->ratios, s->n, 0.75),
		       s->n);
		s->n = 0;
	}
	fflush(stdout);
}

/* ---- alone ---- */

#define ALONE_N	     512u
#define ALONE_ROUNDS 20000

/* Ticks of the fastest round, by one process at both ends: no other CPU disturbs, so this is what
 * the instructions cost. */
BENCH_INLINE uint64_t alone(const struct bench_ops *ops, size_t len)
{
	uint64_t best = UINT64_MAX, buf[32] = { 0 };

	for (int round = 0; round < ALONE_ROUNDS; round++) {
		uint64_t start = bench_ticks(), took;

		for (uint64_t i = 0; i < ALONE_N; i++) {
			buf[0] = i;
			ops->send(&ends.out, buf, bench_told(len, false));
		}
		for (uint64_t i = 0; i < ALONE_N; i++)
			ops->receive(&ends.in, buf, sizeof(buf));
		took = bench_ticks() - start;
		best = took < best ? took : best;
	}
	return best;
}

static void measure_alone(size_t len)
{
	struct ring_memory memory;
	double ns[2];

	for (int v = 0; v < 2; v++) {
		ring_memory_init(&memory, 1024, (uint32_t)len, RING_WAKE_MEMBARRIER, 0);
		if (ring_attach_producer(&memory.producer, &ends.out) < 0 ||
		    ring_attach_consumer(&memory.consumer, &ends.in) < 0)
			return;
		ns[v] = (double)(v ? alone(&bare_ops, len) : alone(&checked_ops, len)) *
			bench_tick_ns() / ALONE_N;
		ring_memory_deinit(&memory);
	}
	printf("%6zu B  alone  as it is %7.2f ns    without %7.2f ns    for a push and a pop\n", len,
	       ns[0], ns[1]);
}

int main(int argc, char **argv)
{
	struct bench_options options = bench_options_parse(
		argc, argv, "What the looks at ticket and board cost a stream.");

	bench_print_machine();
	for (size_t i = 0; i < bench_n_sizes && bench_sizes[i] <= 256; i++) {
		uint64_t n;

		if (options.only_size && bench_sizes[i] != options.only_size)
			continue;
		measure_alone(bench_sizes[i]);
		if (bench_calibrate(&variants[0], bench_sizes[i], options.run_ms, &n))
			return 1;
		for (size_t round = 0; round < 5 * options.rounds; round++)
			if (run_pair(bench_sizes[i], n, round % 2))
				return 1;
		print(bench_sizes[i]);
	}
	return 0;
}
