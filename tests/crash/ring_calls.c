/* SPDX-License-Identifier: MIT */
/*
 * ring_calls.c - every call on a ring, as step_kill runs it
 */
#include "tests/crash/ring_calls.h"

#include <errno.h>
#include <string.h>

#include "shm/wait.h"

#define BATCH RING_CALL_BATCH

static void run_push(struct shmq_hot *hot, const struct world *world)
{
	unsigned char message[WORLD_SIZE];
	uint32_t len = message_fill(hot->position, message);

	(void)world;
	shmq_hot_try_push(hot, message, len);
}

static void run_commit(struct shmq_hot *hot, const struct world *world)
{
	void *payload;

	(void)world;
	if (shmq_hot_reserve(hot, &payload) == 0)
		shmq_hot_commit(hot, message_fill(hot->position, payload));
}

static void run_commit_n(struct shmq_hot *hot, const struct world *world)
{
	void *payloads[BATCH];
	size_t lens[BATCH];
	ssize_t n = ring_reserve_n(hot, payloads, BATCH);

	(void)world;
	for (ssize_t i = 0; i < n; i++)
		lens[i] = message_fill(hot->position + (uint64_t)i, payloads[i]);
	if (n > 0)
		ring_commit_n(hot, lens, (size_t)n);
}

static void run_push_n(struct shmq_hot *hot, const struct world *world)
{
	unsigned char data[BATCH][WORLD_SIZE];
	struct shmq_message messages[BATCH];

	(void)world;
	for (uint64_t i = 0; i < BATCH; i++)
		messages[i] =
			(struct shmq_message){ data[i], message_fill(hot->position + i, data[i]) };
	ring_try_push_n(hot, messages, BATCH);
}

static void run_abandon(struct shmq_hot *hot, const struct world *world)
{
	void *payload;

	(void)world;
	if (shmq_hot_reserve(hot, &payload) == 0)
		memset(payload, 0xee, WORLD_SIZE);
	ring_abandon(hot);
}

static void run_pop(struct shmq_hot *hot, const struct world *world)
{
	unsigned char message[WORLD_SIZE];

	(void)world;
	shmq_hot_try_pop(hot, message, sizeof(message));
}

static void run_release(struct shmq_hot *hot, const struct world *world)
{
	struct shmq_view view;

	(void)world;
	if (shmq_hot_peek(hot, &view) == 0)
		shmq_hot_release(hot, 1);
}

static void run_release_n(struct shmq_hot *hot, const struct world *world)
{
	struct shmq_view views[BATCH];
	ssize_t n = ring_peek_n(hot, views, BATCH);

	(void)world;
	if (n > 0)
		ring_release_n(hot, (size_t)n);
}

static void run_wait_room(struct shmq_hot *hot, const struct world *world)
{
	(void)world;
	ring_wait_room(hot, 1, 0, -1);
}

static void run_wait_message(struct shmq_hot *hot, const struct world *world)
{
	(void)world;
	ring_wait_message(hot, 0, -1);
}

static void run_attach_producer(struct shmq_hot *hot, const struct world *world)
{
	world_producer(world, hot);
}

static void run_attach_consumer(struct shmq_hot *hot, const struct world *world)
{
	world_consumer(world, hot);
}

static void run_detach(struct shmq_hot *hot, const struct world *world)
{
	(void)world;
	ring_disable(hot, -ESTALE);
}

/* The planted mistake: the header is stored before the payload. */
static void run_broken_push(struct shmq_hot *hot, const struct world *world)
{
	unsigned char message[WORLD_SIZE];
	uint64_t position = hot->position;
	uint32_t len = message_fill(position, message);

	(void)world;
	shmq_hot_publish_(hot, shmq_hot_slot_(hot, position), position, len);
	memcpy(shmq_hot_slot_(hot, position) + 1, message, len);
	shmq_hot_advance_(hot, position + 1);
}

const struct ring_call ring_calls[] = {
	{ "push", SHMQ_ROLE_PRODUCER, 1, false, run_push },
	{ "reserve+commit", SHMQ_ROLE_PRODUCER, 1, false, run_commit },
	{ "reserve_n+commit_n", SHMQ_ROLE_PRODUCER, BATCH, false, run_commit_n },
	{ "push_n", SHMQ_ROLE_PRODUCER, BATCH, false, run_push_n },
	{ "reserve+abandon", SHMQ_ROLE_PRODUCER, 0, false, run_abandon },
	{ "wait for room", SHMQ_ROLE_PRODUCER, 0, true, run_wait_room },
	{ "attach producer", SHMQ_ROLE_PRODUCER, 0, false, run_attach_producer },
	{ "detach producer", SHMQ_ROLE_PRODUCER, 0, false, run_detach },
	{ "pop", SHMQ_ROLE_CONSUMER, 1, false, run_pop },
	{ "peek+release", SHMQ_ROLE_CONSUMER, 1, false, run_release },
	{ "peek_n+release_n", SHMQ_ROLE_CONSUMER, BATCH, false, run_release_n },
	{ "wait for message", SHMQ_ROLE_CONSUMER, 0, true, run_wait_message },
	{ "attach consumer", SHMQ_ROLE_CONSUMER, 0, false, run_attach_consumer },
	{ "detach consumer", SHMQ_ROLE_CONSUMER, 0, false, run_detach },
};
const size_t ring_calls_n = sizeof(ring_calls) / sizeof(ring_calls[0]);
const struct ring_call ring_call_broken = { "broken push", SHMQ_ROLE_PRODUCER, 1, false,
					    run_broken_push };
