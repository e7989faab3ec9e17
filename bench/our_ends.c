/* SPDX-License-Identifier: MIT */
/*
 * our_ends.c - see our_ends.h
 */
#include "bench/our_ends.h"

#include "shm/wait.h"

struct our_rings {
	struct ring_memory to, fro;
};

static void *open_with(size_t slots, size_t size_bytes, enum ring_wake wake)
{
	static struct our_rings rings;

	ring_memory_init(&rings.to, (uint32_t)slots, (uint32_t)size_bytes, wake, 0);
	ring_memory_init(&rings.fro, (uint32_t)slots, (uint32_t)size_bytes, wake, 0);
	return &rings;
}

void *our_open(size_t slots, size_t size_bytes)
{
	return open_with(slots, size_bytes, RING_WAKE_MEMBARRIER);
}

void *our_open_fence(size_t slots, size_t size_bytes)
{
	return open_with(slots, size_bytes, RING_WAKE_FENCE);
}

void our_close(void *arg)
{
	struct our_rings *rings = arg;

	ring_memory_deinit(&rings->to);
	ring_memory_deinit(&rings->fro);
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
	const volatile unsigned char *slots = memory->consumer.slots;
	uint64_t bytes = geometry_slots_region_bytes(&memory->geometry);

	for (uint64_t at = 0; at < bytes; at += 4096)
		(void)slots[at];
	return ring_attach_consumer(&memory->consumer, hot);
}

int our_ends_attach(const struct bench_run *run, bool is_a, struct our_ends *ret_ends)
{
	const struct our_rings *rings = run->rings;
	int r = membarrier_register(); /* as the client library does in each process */

	if (r < 0)
		return r;
	r = attach_producer(is_a ? &rings->to : &rings->fro, &ret_ends->out);

	return r < 0 ? r : attach_consumer(is_a ? &rings->fro : &rings->to, &ret_ends->in);
}
