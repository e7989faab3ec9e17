/* SPDX-License-Identifier: MIT */
/*
 * baseline_seed.c - the yardstick: a ring as the textbook has it
 *
 * Both indices on one cache line, acquire loads of both at every call, modulo for the slot, and a
 * slot is an 8-byte length followed by the data. Nothing is tuned; that is the point.
 */
#include <string.h>
#include <sys/mman.h>

#include "bench/loops.h"

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

static int seed_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	struct seed_rings *rings = run->rings;

	*ret_ends = (struct bench_ends){
		.out = is_a ? rings->to : rings->fro,
		.in = is_a ? rings->fro : rings->to,
	};
	return 0;
}

static int send(void *end, const void *msg, size_t len)
{
	return seed_push(end, msg, len) ? 0 : 1;
}

static int receive(void *end, void *buf, size_t len)
{
	(void)len;
	return seed_pop(end, buf) ? 0 : 1;
}

static int reserve(void *end, size_t len, void **ret_payload)
{
	void *payload = seed_reserve(end);

	(void)len;
	if (!payload)
		return 1;
	*ret_payload = payload;
	return 0;
}

static int commit(void *end, size_t len)
{
	seed_commit(end, len);
	return 0;
}

static int peek(void *end, const void **ret_msg)
{
	uint64_t len;
	const void *msg = seed_peek(end, &len);

	if (!msg)
		return 1;
	*ret_msg = msg;
	return 0;
}

static int release(void *end)
{
	seed_release(end);
	return 0;
}

static const struct bench_ops seed_ops = {
	.send = send,
	.receive = receive,
	.reserve = reserve,
	.commit = commit,
	.peek = peek,
	.release = release,
};

BENCH_HALVES(copy, seed_ops, seed_attach, false)
BENCH_HALVES(in_place, seed_ops, seed_attach, true)

const struct bench_variant seed_variants[] = {
	BENCH_BOTH(copy, "baseline", NULL, seed_open, seed_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_BOTH(in_place, "baseline", NULL, seed_open, seed_close, BENCH_IN_PLACE, BENCH_SPINS,
		   0),
	BENCH_END,
};
