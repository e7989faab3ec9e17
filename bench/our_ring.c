/* SPDX-License-Identifier: MIT */
/*
 * our_ring.c - the ring as programs get it: the inline functions of hot.h, each process with
 * mappings of its own
 *
 * There is no daemon here: it has no part in what is measured.
 */
#include <stdio.h>

#include "bench/common.h"
#include "tests/stress/ring_memory.h"

#define BATCH 16u

struct our_rings {
	struct ring_memory to, fro;
};

static struct our_rings rings;

static void *open_with(size_t slots, size_t size_bytes, enum ring_wake wake)
{
	ring_memory_init(&rings.to, (uint32_t)slots, (uint32_t)size_bytes, wake, 0);
	ring_memory_init(&rings.fro, (uint32_t)slots, (uint32_t)size_bytes, wake, 0);
	return &rings;
}

static void *our_open(size_t slots, size_t size_bytes)
{
	return open_with(slots, size_bytes, RING_WAKE_MEMBARRIER);
}

static void *our_open_fence(size_t slots, size_t size_bytes)
{
	return open_with(slots, size_bytes, RING_WAKE_FENCE);
}

static void our_close(void *arg)
{
	struct our_rings *ours = arg;

	ring_memory_deinit(&ours->to);
	ring_memory_deinit(&ours->fro);
}

/* Pages are mapped at attach, not on the hot path. */
static void touch(const struct ring_memory *memory, const struct ring_parts *parts)
{
	const volatile unsigned char *slots = parts->slots;
	uint64_t bytes = geometry_slots_region_bytes(&memory->geometry);

	for (uint64_t at = 0; at < bytes; at += 4096)
		(void)slots[at];
}

static int attach_producer(const struct ring_memory *memory, struct shmq_hot *hot)
{
	unsigned char *slots = (unsigned char *)memory->producer.slots;
	uint64_t bytes = geometry_slots_region_bytes(&memory->geometry);

	/* nothing was pushed yet: zero is what is there, and now it is mapped writable */
	for (uint64_t at = 0; at < bytes; at += 4096)
		slots[at] = 0;
	return ring_attach_producer(&memory->producer, hot);
}

static int attach_consumer(const struct ring_memory *memory, struct shmq_hot *hot)
{
	touch(memory, &memory->consumer);
	return ring_attach_consumer(&memory->consumer, hot);
}

static int failed(int r)
{
	fprintf(stderr, "our ring: %d\n", r);
	return 1;
}

/* ---- copy ---- */

static int produce_copy(const struct bench_run *run)
{
	static _Alignas(64) unsigned char buf[65536];
	struct shmq_hot hot;
	int r = attach_producer(&rings.to, &hot);

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		bench_fill(buf, run->size_bytes, i);
		while ((r = shmq_hot_try_push(&hot, buf, run->size_bytes)) == -EAGAIN)
			shmq_pause();
	}
	return r < 0 ? failed(r) : 0;
}

static int consume_copy(const struct bench_run *run)
{
	static _Alignas(64) unsigned char buf[65536];
	uint64_t n_wrong = 0;
	struct shmq_hot hot;
	int64_t len = attach_consumer(&rings.to, &hot);

	bench_start(run);
	for (uint64_t i = 0; len >= 0 && i < run->n; i++) {
		while ((len = shmq_hot_try_pop(&hot, buf, sizeof(buf))) == -EAGAIN)
			shmq_pause();
		n_wrong +=
			bench_sum(buf, run->size_bytes) != bench_sum_expected(run->size_bytes, i);
	}
	return len < 0 ? failed((int)len) : n_wrong != 0;
}

/* ---- zero copy ---- */

static int send_in_place(struct shmq_hot *hot, size_t size_bytes, uint64_t i)
{
	void *to = NULL;
	int r;

	while ((r = shmq_hot_reserve(hot, &to)) == -EAGAIN)
		shmq_pause();
	if (r < 0)
		return r;
	bench_fill(to, size_bytes, i);
	return shmq_hot_commit(hot, size_bytes);
}

/* Return: 0 right, 1 wrong, or an error. */
static int receive_in_place(struct shmq_hot *hot, size_t size_bytes, uint64_t i)
{
	struct shmq_view view = { 0 };
	int r, wrong;

	while ((r = shmq_hot_peek(hot, &view)) == -EAGAIN)
		shmq_pause();
	if (r < 0)
		return r;
	wrong = bench_sum(view.data, view.len) != bench_sum_expected(size_bytes, i);
	r = shmq_hot_release(hot, 1);
	return r < 0 ? r : wrong;
}

static int produce_zero_copy(const struct bench_run *run)
{
	struct shmq_hot hot;
	int r = attach_producer(&rings.to, &hot);

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++)
		r = send_in_place(&hot, run->size_bytes, i);
	return r < 0 ? failed(r) : 0;
}

static int consume_zero_copy(const struct bench_run *run)
{
	struct shmq_hot hot;
	int r = attach_consumer(&rings.to, &hot);

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++)
		r = receive_in_place(&hot, run->size_bytes, i);
	return r < 0 ? failed(r) : r;
}

/* ---- batches ---- */

static int produce_batch(const struct bench_run *run)
{
	void *payloads[BATCH];
	size_t lens[BATCH], most;
	struct shmq_hot hot;
	ssize_t n = attach_producer(&rings.to, &hot);

	if (n < 0) {
		bench_start(run);
		return failed((int)n);
	}
	most = ring_batch_max(&hot) < BATCH ? ring_batch_max(&hot) : BATCH;
	for (size_t k = 0; k < BATCH; k++)
		lens[k] = run->size_bytes;
	bench_start(run);
	for (uint64_t i = 0; i < run->n;) {
		size_t left = run->n - i < most ? (size_t)(run->n - i) : most;

		while ((n = ring_reserve_n(&hot, payloads, left)) == -EAGAIN)
			shmq_pause();
		if (n < 0)
			return failed((int)n);
		for (ssize_t k = 0; k < n; k++)
			bench_fill(payloads[k], run->size_bytes, i + (uint64_t)k);
		ring_commit_n(&hot, lens, (size_t)n);
		i += (uint64_t)n;
	}
	return 0;
}

static int consume_batch(const struct bench_run *run)
{
	struct shmq_view views[BATCH];
	uint64_t n_wrong = 0;
	struct shmq_hot hot;
	ssize_t n = attach_consumer(&rings.to, &hot);

	bench_start(run);
	for (uint64_t i = 0; n >= 0 && i < run->n; i += (uint64_t)n) {
		while ((n = ring_peek_n(&hot, views, BATCH)) == -EAGAIN)
			shmq_pause();
		if (n < 0)
			break;
		for (ssize_t k = 0; k < n; k++)
			n_wrong += bench_sum(views[k].data, views[k].len) !=
				   bench_sum_expected(run->size_bytes, i + (uint64_t)k);
		ring_release_n(&hot, (size_t)n);
	}
	return n < 0 ? failed((int)n) : n_wrong != 0;
}

/* ---- round trips ---- */

static int ask(const struct bench_run *run)
{
	struct shmq_hot out, in;
	int r = attach_producer(&rings.to, &out) || attach_consumer(&rings.fro, &in);

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		uint64_t start = bench_ticks();

		r = send_in_place(&out, run->size_bytes, i);
		if (r == 0)
			r = receive_in_place(&in, run->size_bytes, i + 1);
		run->samples[i] = bench_ticks() - start;
	}
	return r < 0 ? failed(r) : r;
}

static int answer(const struct bench_run *run)
{
	struct shmq_hot in, out;
	int r = attach_consumer(&rings.to, &in) || attach_producer(&rings.fro, &out);

	bench_start(run);
	for (uint64_t i = 0; r == 0 && i < run->n; i++) {
		r = receive_in_place(&in, run->size_bytes, i);
		if (r == 0)
			r = send_in_place(&out, run->size_bytes, i + 1);
	}
	return r < 0 ? failed(r) : r;
}

const struct bench_variant our_copy = {
	"copy", "baseline, copy", our_open, our_close, produce_copy, consume_copy,
};
const struct bench_variant our_copy_fence = {
	"copy, wake=fence", "baseline, copy", our_open_fence, our_close, produce_copy, consume_copy,
};
const struct bench_variant our_zero_copy = {
	"zero copy", "baseline, zero copy", our_open,
	our_close,   produce_zero_copy,	    consume_zero_copy,
};
const struct bench_variant our_batch = {
	"zero copy, batches of 16",
	"baseline, zero copy",
	our_open,
	our_close,
	produce_batch,
	consume_batch,
};
const struct bench_variant our_round_trip = {
	"zero copy", "baseline, zero copy", our_open, our_close, ask, answer,
};
