/* SPDX-License-Identifier: MIT */
/*
 * world.c - a shared ring whose past can be chosen
 */
#include "tests/crash/world.h"

#include <string.h>
#include <sys/mman.h>

#include "shm/futex.h"

#define REGION 4096u

int world_init(struct world *world, uint32_t slots)
{
	int r = geometry_compute(slots, WORLD_SIZE, false, REGION, &world->geometry);

	if (r < 0)
		return r;
	world->memory = mmap(NULL, world->geometry.segment_bytes, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world->board =
		mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return world->memory == MAP_FAILED || world->board == MAP_FAILED ? -1 : 0;
}

static uint64_t *header_of(const struct world *world, uint64_t position)
{
	uint64_t slot = position & (world->geometry.slots - 1);

	return (uint64_t *)(void *)(world->memory + 2 * REGION + world->geometry.lead_bytes +
				    slot * world->geometry.stride_bytes);
}

static void parts_of(const struct world *world, enum shmq_role role, struct ring_parts *ret_parts)
{
	struct shmq_end_page *producer = (struct shmq_end_page *)(void *)world->memory;
	struct shmq_end_page *consumer = (struct shmq_end_page *)(void *)(world->memory + REGION);

	*ret_parts = (struct ring_parts){
		.geometry = world->geometry,
		.own = role == SHMQ_ROLE_PRODUCER ? producer : consumer,
		.peer = role == SHMQ_ROLE_PRODUCER ? consumer : producer,
		.slots = world->memory + 2 * REGION,
		.board = world->board,
		.state_expected = SHMQ_BOARD_WORD(1, SHMQ_RING_LIVE),
		.wake = RING_WAKE_FENCE,
	};
}

int world_producer(const struct world *world, struct shmq_hot *ret_hot)
{
	struct ring_parts parts;

	parts_of(world, SHMQ_ROLE_PRODUCER, &parts);
	return ring_attach_producer(&parts, ret_hot);
}

int world_consumer(const struct world *world, struct shmq_hot *ret_hot)
{
	struct ring_parts parts;

	parts_of(world, SHMQ_ROLE_CONSUMER, &parts);
	return ring_attach_consumer(&parts, ret_hot);
}

void world_reset(struct world *world, uint64_t base, uint32_t depth)
{
	struct shmq_end_page *ends[] = { (struct shmq_end_page *)(void *)world->memory,
					 (struct shmq_end_page *)(void *)(world->memory + REGION) };
	unsigned shift = (unsigned)__builtin_ctz(world->geometry.slots);
	unsigned char message[WORLD_SIZE];
	struct shmq_hot hot;

	memset(world->memory, 0, world->geometry.segment_bytes);
	memset(world->board, 0, sizeof(*world->board));
	world->board->state = SHMQ_BOARD_WORD(1, SHMQ_RING_LIVE);
	world->board->role[0] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	world->board->role[1] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	ends[0]->position = base;
	ends[1]->position = base;
	for (uint64_t p = base; p != base + world->geometry.slots; p++)
		*header_of(world, p) = (uint64_t)(uint32_t)(p >> shift) << SHMQ_HEADER_LAP_SHIFT;
	if (world_producer(world, &hot) < 0)
		return;
	for (uint32_t i = 0; i < depth; i++)
		shmq_hot_try_push(&hot, message, message_fill(hot.position, message));
}

void world_tell_death(struct world *world, enum shmq_role role)
{
	/* [D1] release: as the daemon does it, the role before the bump; pairs with [B2] */
	__atomic_store_n(&world->board->role[role], SHMQ_BOARD_WORD(1, SHMQ_ROLE_DIED),
			 __ATOMIC_RELEASE);
	/* [D2] release: the bump after the role; pairs with [S3] */
	__atomic_store_n(&world->board->bump, world->board->bump + 1, __ATOMIC_RELEASE);
	futex_wake_all(&world->board->bump);
}

static uint64_t sum_of(uint64_t position, uint32_t len)
{
	return (position + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ len;
}

uint32_t message_fill(uint64_t position, unsigned char message[WORLD_SIZE])
{
	uint32_t len = 16 + (uint32_t)(position % (WORLD_SIZE - 16 + 1));
	uint64_t sum = sum_of(position, len);

	memcpy(message, &position, 8);
	memset(message + 8, (int)(position & 0xff), len - 16);
	memcpy(message + len - 8, &sum, 8);
	return len;
}

bool message_is(uint64_t position, const void *data, uint64_t len)
{
	unsigned char expected[WORLD_SIZE];

	return len == message_fill(position, expected) && !memcmp(expected, data, len);
}
