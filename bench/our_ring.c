/* SPDX-License-Identifier: MIT */
/*
 * our_ring.c - the ring as programs get it: the inline functions of hot.h, both ends spinning
 *
 * shmq: lengths at run time. shmq, typed: a program that sends a struct, so that the compiler knows
 * the length, as it does with queues that are made for a type.
 */
#include <errno.h>

#include "bench/our_ends.h"

#define BATCH 16u

static struct our_ends ends;

static int attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	*ret_ends = (struct bench_ends){ .out = &ends.out, .in = &ends.in };
	return our_ends_attach(run, is_a, &ends);
}

static inline int not_now(int64_t r)
{
	return r >= 0 ? 0 : r == -EAGAIN ? 1 : (int)r;
}

BENCH_INLINE int send(void *end, const void *msg, size_t len)
{
	return not_now(shmq_hot_try_push(end, msg, len));
}

BENCH_INLINE int receive(void *end, void *buf, size_t len)
{
	return not_now(shmq_hot_try_pop(end, buf, len));
}

BENCH_INLINE int reserve(void *end, size_t len, void **ret_payload)
{
	(void)len;
	return not_now(shmq_hot_reserve(end, ret_payload));
}

BENCH_INLINE int commit(void *end, size_t len)
{
	return shmq_hot_commit(end, len);
}

BENCH_INLINE int peek(void *end, const void **ret_msg)
{
	struct shmq_view view = { 0 };
	int r = not_now(shmq_hot_peek(end, &view));

	if (r == 0)
		*ret_msg = view.data;
	return r;
}

BENCH_INLINE int release(void *end)
{
	return shmq_hot_release(end, 1);
}

static const struct bench_ops ops = {
	.send = send,
	.receive = receive,
	.reserve = reserve,
	.commit = commit,
	.peek = peek,
	.release = release,
	.pauses = true,
};

BENCH_HALVES(copy, ops, attach, false)
BENCH_HALVES(in_place, ops, attach, true)
#define ops8	 ops
#define ops64	 ops
#define ops256	 ops
#define ops1024	 ops
#define ops4096	 ops
#define ops65536 ops
BENCH_TYPED_HALVES(typed, ops, attach)

/* ---- batches: loops of their own ---- */

static size_t batch_max(const struct shmq_hot *hot)
{
	return ring_batch_max(hot) < BATCH ? (size_t)ring_batch_max(hot) : BATCH;
}

BENCH_INLINE int batch_produce_of(const struct bench_run *run, size_t size_bytes)
{
	void *payloads[BATCH];
	size_t lens[BATCH], most;
	ssize_t n;

	if (our_ends_attach(run, true, &ends) < 0)
		return 1;
	most = batch_max(&ends.out);
	for (size_t k = 0; k < BATCH; k++)
		lens[k] = size_bytes;
	bench_start(run);
	for (uint64_t i = 0; i < run->n; i += (uint64_t)n) {
		size_t left = run->n - i < most ? (size_t)(run->n - i) : most;

		while ((n = ring_reserve_n(&ends.out, payloads, left)) == -EAGAIN)
			shmq_pause();
		if (n < 0)
			return 1;
		for (ssize_t k = 0; k < n; k++)
			bench_fill(payloads[k], size_bytes, i + (uint64_t)k);
		if (ring_commit_n(&ends.out, lens, (size_t)n) < 0)
			return 1;
	}
	return 0;
}

BENCH_INLINE int batch_consume_of(const struct bench_run *run, size_t size_bytes)
{
	struct shmq_view views[BATCH];
	uint64_t n_wrong = 0;
	ssize_t n;

	if (our_ends_attach(run, false, &ends) < 0)
		return 1;
	bench_start(run);
	for (uint64_t i = 0; i < run->n; i += (uint64_t)n) {
		while ((n = ring_peek_n(&ends.in, views, BATCH)) == -EAGAIN)
			shmq_pause();
		if (n < 0)
			return 1;
		for (ssize_t k = 0; k < n; k++)
			n_wrong += bench_sum(views[k].data, size_bytes) !=
				   bench_sum_expected(size_bytes, i + (uint64_t)k);
		if (ring_release_n(&ends.in, (size_t)n) < 0)
			return 1;
	}
	return n_wrong != 0;
}

BENCH_BY_SIZE(batch_produce)
BENCH_BY_SIZE(batch_consume)

const struct bench_variant our_variants[] = {
	BENCH_BOTH(copy, "shmq", NULL, our_open, our_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_BOTH(typed, "shmq, typed", NULL, our_open, our_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_BOTH(in_place, "shmq", NULL, our_open, our_close, BENCH_IN_PLACE, BENCH_SPINS, 0),
	BENCH_STREAM(copy, "shmq, wake=fence", NULL, our_open_fence, our_close, BENCH_COPY,
		     BENCH_SPINS, 0),
	BENCH_STREAM(batch, "shmq", NULL, our_open, our_close, BENCH_BATCHES, BENCH_SPINS, 0),
	BENCH_END,
};
