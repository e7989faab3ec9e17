/* SPDX-License-Identifier: MIT */
/*
 * baseline_seed.c - the yardstick: a ring as the textbook has it
 *
 * Both indices on one cache line, acquire loads of both at every call, modulo for the slot, and a
 * slot is an 8-byte length followed by the data. Nothing is tuned; that is the point.
 */
#include <string.h>
#include <sys/mman.h>

#include "bench/common.h"

struct seed_ring {
	uint64_t head; /* messages pushed */
	uint64_t tail; /* messages popped */
	uint64_t slots;
	uint64_t size_bytes;
	unsigned char data[];
};

struct seed_rings {
	struct seed_ring *to, *fro;
	size_t bytes;
};

/* ---- the ring ---- */

static inline unsigned char *seed_slot(struct seed_ring *ring, uint64_t index)
{
	return ring->data + (index % ring->slots) * (8 + ring->size_bytes);
}

/* Where the next message goes; NULL: full. */
static inline void *seed_reserve(struct seed_ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	return head - tail == ring->slots ? NULL : seed_slot(ring, head) + 8;
}

static inline void seed_commit(struct seed_ring *ring, uint64_t len)
{
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	memcpy(seed_slot(ring, head), &len, 8);
	__atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
}

/* The next message; NULL: empty. */
static inline const void *seed_peek(struct seed_ring *ring, uint64_t *ret_len)
{
	uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	if (head == tail)
		return NULL;
	memcpy(ret_len, seed_slot(ring, tail), 8);
	return seed_slot(ring, tail) + 8;
}

static inline void seed_release(struct seed_ring *ring)
{
	uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	__atomic_store_n(&ring->tail, tail + 1, __ATOMIC_RELEASE);
}

static inline bool seed_push(struct seed_ring *ring, const void *msg, uint64_t len)
{
	void *to = seed_reserve(ring);

	if (!to)
		return false;
	memcpy(to, msg, len);
	seed_commit(ring, len);
	return true;
}

static inline bool seed_pop(struct seed_ring *ring, void *buf)
{
	uint64_t len;
	const void *from = seed_peek(ring, &len);

	if (!from)
		return false;
	memcpy(buf, from, len);
	seed_release(ring);
	return true;
}

/* ---- as a variant ---- */

static void *seed_open(size_t slots, size_t size_bytes)
{
	static struct seed_rings rings;
	size_t bytes = sizeof(struct seed_ring) + slots * (8 + size_bytes);
	unsigned char *memory;

	bytes = (bytes + 4095) & ~(size_t)4095;
	memory = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	rings.to = (struct seed_ring *)(void *)memory;
	rings.fro = (struct seed_ring *)(void *)(memory + bytes);
	rings.to->slots = rings.fro->slots = slots;
	rings.to->size_bytes = rings.fro->size_bytes = size_bytes;
	rings.bytes = 2 * bytes;
	return &rings;
}

static void seed_close(void *arg)
{
	struct seed_rings *rings = arg;

	munmap(rings->to, rings->bytes);
}

static int produce_copy(const struct bench_run *run)
{
	struct seed_ring *ring = ((struct seed_rings *)run->rings)->to;
	static _Alignas(64) unsigned char buf[65536];

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		bench_fill(buf, run->size_bytes, i);
		while (!seed_push(ring, buf, run->size_bytes))
			;
	}
	return 0;
}

static int consume_copy(const struct bench_run *run)
{
	struct seed_ring *ring = ((struct seed_rings *)run->rings)->to;
	static _Alignas(64) unsigned char buf[65536];
	uint64_t n_wrong = 0;

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		while (!seed_pop(ring, buf))
			;
		n_wrong +=
			bench_sum(buf, run->size_bytes) != bench_sum_expected(run->size_bytes, i);
	}
	return n_wrong != 0;
}

static int produce_zero_copy(const struct bench_run *run)
{
	struct seed_ring *ring = ((struct seed_rings *)run->rings)->to;
	void *to;

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		while (!(to = seed_reserve(ring)))
			;
		bench_fill(to, run->size_bytes, i);
		seed_commit(ring, run->size_bytes);
	}
	return 0;
}

static int consume_zero_copy(const struct bench_run *run)
{
	struct seed_ring *ring = ((struct seed_rings *)run->rings)->to;
	uint64_t n_wrong = 0, len;
	const void *from;

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		while (!(from = seed_peek(ring, &len)))
			;
		n_wrong += bench_sum(from, len) != bench_sum_expected(run->size_bytes, i);
		seed_release(ring);
	}
	return n_wrong != 0;
}

static int ask(const struct bench_run *run)
{
	struct seed_rings *rings = run->rings;
	uint64_t n_wrong = 0, len;
	const void *from;

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		uint64_t start = bench_ticks();
		void *to;

		while (!(to = seed_reserve(rings->to)))
			;
		bench_fill(to, run->size_bytes, i);
		seed_commit(rings->to, run->size_bytes);
		while (!(from = seed_peek(rings->fro, &len)))
			;
		n_wrong += bench_sum(from, len) != bench_sum_expected(run->size_bytes, i + 1);
		seed_release(rings->fro);
		run->samples[i] = bench_ticks() - start;
	}
	return n_wrong != 0;
}

static int answer(const struct bench_run *run)
{
	struct seed_rings *rings = run->rings;
	uint64_t n_wrong = 0, len;
	const void *from;

	bench_start(run);
	for (uint64_t i = 0; i < run->n; i++) {
		void *to;

		while (!(from = seed_peek(rings->to, &len)))
			;
		n_wrong += bench_sum(from, len) != bench_sum_expected(run->size_bytes, i);
		seed_release(rings->to);
		while (!(to = seed_reserve(rings->fro)))
			;
		bench_fill(to, run->size_bytes, i + 1);
		seed_commit(rings->fro, run->size_bytes);
	}
	return n_wrong != 0;
}

const struct bench_variant seed_copy = {
	"baseline, copy", NULL, seed_open, seed_close, produce_copy, consume_copy,
};
const struct bench_variant seed_zero_copy = {
	"baseline, zero copy", NULL, seed_open, seed_close, produce_zero_copy, consume_zero_copy,
};
const struct bench_variant seed_round_trip = {
	"baseline, zero copy", NULL, seed_open, seed_close, ask, answer,
};
