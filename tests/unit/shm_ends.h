/* SPDX-License-Identifier: MIT */
/*
 * shm_ends.h - a ring and both of its ends, for the tests of shm/
 *
 * Messages carry their position, so that each says whether it is the right one.
 */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "shm/ring.h"
#include "tests/stress/ring_memory.h"

struct ends {
	struct ring_memory memory;
	struct shmq_hot producer, consumer;
};

static inline void ends_attach(struct ends *ends)
{
	cr_assert_eq(ring_attach_producer(&ends->memory.producer, &ends->producer), 0);
	cr_assert_eq(ring_attach_consumer(&ends->memory.consumer, &ends->consumer), 0);
}

static inline void ends_init_at(struct ends *ends, uint32_t slots, uint32_t size_bytes,
				uint64_t position)
{
	ring_memory_init(&ends->memory, slots, size_bytes, RING_WAKE_MEMBARRIER, 0);
	if (position)
		ring_memory_start_at(&ends->memory, position);
	ends_attach(ends);
}

static inline void ends_init(struct ends *ends, uint32_t slots, uint32_t size_bytes)
{
	ends_init_at(ends, slots, size_bytes, 0);
}

static inline void ends_deinit(struct ends *ends)
{
	ring_memory_deinit(&ends->memory);
}

/* Push the message of the producer's position. */
static inline int push_next(struct ends *ends)
{
	uint64_t position = ends->producer.position;

	return shmq_hot_try_push(&ends->producer, &position, sizeof(position));
}

static inline void push_many(struct ends *ends, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		cr_assert_eq(push_next(ends), 0, "message %lu of %lu", i, n);
}

/* Pop one and check that it is the message of the consumer's position. Return: 0 or the error. */
static inline int pop_next(struct ends *ends)
{
	uint64_t expected = ends->consumer.position, message = ~expected;
	int64_t len = shmq_hot_try_pop(&ends->consumer, &message, sizeof(message));

	if (len < 0)
		return (int)len;
	cr_assert_eq(len, (int64_t)sizeof(message));
	cr_assert_eq(message, expected);
	return 0;
}

static inline void pop_many(struct ends *ends, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		cr_assert_eq(pop_next(ends), 0, "message %lu of %lu", i, n);
}
