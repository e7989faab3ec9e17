/* SPDX-License-Identifier: MIT */
/*
 * ck.c - peer: Concurrency Kit's ck_ring, single producer and single consumer, made for a type
 */
#include <ck_ring.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/loops.h"

struct ring {
	ck_ring_t ring __attribute__((aligned(128)));
	unsigned char slots[] __attribute__((aligned(128)));
};

struct rings {
	struct ring *to, *fro;
	size_t bytes; /* of one */
};

static struct rings rings;

static void *ck_open(size_t slots, size_t size_bytes)
{
	size_t bytes = sizeof(struct ring) + slots * size_bytes;
	unsigned char *memory;

	bytes = (bytes + 4095) & ~(size_t)4095;
	memory = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	rings = (struct rings){ (struct ring *)(void *)memory,
				(struct ring *)(void *)(memory + bytes), bytes };
	ck_ring_init(&rings.to->ring, (unsigned)slots);
	ck_ring_init(&rings.fro->ring, (unsigned)slots);
	return &rings;
}

static void ck_close(void *arg)
{
	(void)arg;
	munmap(rings.to, 2 * rings.bytes);
}

static int ck_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	ret_ends->out = is_a ? rings.to : rings.fro;
	ret_ends->in = is_a ? rings.fro : rings.to;
	return 0;
}

#define CK_OF(size)                                                                                \
	struct message##size {                                                                     \
		uint64_t words[size / 8];                                                          \
	};                                                                                         \
	CK_RING_PROTOTYPE(of##size, message##size)                                                 \
	BENCH_INLINE int send##size(void *end, const void *msg, size_t len)                        \
	{                                                                                          \
		struct ring *to = end;                                                             \
                                                                                                   \
		(void)len;                                                                         \
		return !ck_ring_enqueue_spsc_of##size(&to->ring, (void *)to->slots, (void *)msg);  \
	}                                                                                          \
	BENCH_INLINE int receive##size(void *end, void *buf, size_t len)                           \
	{                                                                                          \
		struct ring *from = end;                                                           \
                                                                                                   \
		(void)len;                                                                         \
		return !ck_ring_dequeue_spsc_of##size(&from->ring, (void *)from->slots, buf);      \
	}                                                                                          \
	static const struct bench_ops ops##size = { .send = send##size,                            \
						    .receive = receive##size,                      \
						    .pauses = true };

CK_OF(8)
CK_OF(64)
CK_OF(256)
CK_OF(1024)
CK_OF(4096)
CK_OF(65536)

BENCH_TYPED_HALVES(copy, ops, ck_attach)

extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	BENCH_BOTH(copy, "ck_ring", "libck-dev", ck_open, ck_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_END,
};
