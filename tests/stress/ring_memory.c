/* SPDX-License-Identifier: MIT */
/*
 * ring_memory.c - see ring_memory.h
 */
#include "tests/stress/ring_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shm/futex.h"
#include "shm/wait.h"

#define GUARD_BYTES ((size_t)65536)

static void die(const char *what)
{
	perror(what);
	abort();
}

/* A view of a part of @fd with pages without access around it. */
static void *view(int fd, uint64_t offset, size_t bytes, int protection)
{
	unsigned char *space = mmap(NULL, bytes + 2 * GUARD_BYTES, PROT_NONE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (space == MAP_FAILED)
		die("mmap");
	if (mmap(space + GUARD_BYTES, bytes, protection, MAP_SHARED | MAP_FIXED, fd,
		 (off_t)offset) == MAP_FAILED)
		die("mmap");
	return space + GUARD_BYTES;
}

static void unview(const void *address, size_t bytes)
{
	if (munmap((unsigned char *)address - GUARD_BYTES, bytes + 2 * GUARD_BYTES) < 0)
		die("munmap");
}

static int file(const char *name, uint64_t bytes)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
		die("memfd_create");
	return fd;
}

static struct ring_parts parts_one_mapping(const struct ring_memory *memory, enum shmq_role role)
{
	struct ring_parts parts = {
		.own = role == SHMQ_ROLE_PRODUCER ? memory->producer_page : memory->consumer_page,
		.peer = role == SHMQ_ROLE_PRODUCER ? memory->consumer_page : memory->producer_page,
		.slots = memory->segment + 2 * (size_t)memory->geometry.region_bytes,
		.board = memory->board,
	};

	return parts;
}

static struct ring_parts parts_own_mappings(const struct ring_memory *memory, enum shmq_role role)
{
	size_t region_bytes = memory->geometry.region_bytes;
	bool is_producer = role == SHMQ_ROLE_PRODUCER;
	struct ring_parts parts = {
		.own = view(memory->segment_fd, is_producer ? 0 : region_bytes, region_bytes,
			    PROT_READ | PROT_WRITE),
		.peer = view(memory->segment_fd, is_producer ? region_bytes : 0, region_bytes,
			     PROT_READ),
		.slots = view(memory->segment_fd, 2 * region_bytes,
			      geometry_slots_region_bytes(&memory->geometry),
			      is_producer ? PROT_READ | PROT_WRITE : PROT_READ),
		.board = view(memory->board_fd, 0, SHMQ_REGION_MIN, PROT_READ),
	};

	return parts;
}

static struct ring_parts parts_for(const struct ring_memory *memory, enum shmq_role role,
				   enum ring_wake wake, unsigned flags)
{
	struct ring_parts parts = flags & RING_MEMORY_ONE_MAPPING
					  ? parts_one_mapping(memory, role)
					  : parts_own_mappings(memory, role);

	parts.geometry = memory->geometry;
	parts.state_expected = RING_MEMORY_STATE;
	parts.wake = wake;
	parts.registered = wake == RING_WAKE_MEMBARRIER && !(flags & RING_MEMORY_UNREGISTERED) &&
			   membarrier_register() == 0;
	return parts;
}

void ring_memory_init(struct ring_memory *memory, uint32_t slots, uint32_t size_bytes,
		      enum ring_wake wake, unsigned flags)
{
	uint32_t region_bytes = (uint32_t)sysconf(_SC_PAGESIZE);

	*memory = (struct ring_memory){ 0 };
	if (geometry_compute(slots, size_bytes, flags & RING_MEMORY_ALIGN, region_bytes,
			     &memory->geometry) < 0)
		die("geometry_compute");
	memory->segment_fd = file("shmq-test-segment", memory->geometry.segment_bytes);
	memory->board_fd = file("shmq-test-board", SHMQ_REGION_MIN);
	memory->segment =
		view(memory->segment_fd, 0, memory->geometry.segment_bytes, PROT_READ | PROT_WRITE);
	memory->producer_page = (struct shmq_end_page *)(void *)memory->segment;
	memory->consumer_page = (struct shmq_end_page *)(void *)(memory->segment + region_bytes);
	memory->board = view(memory->board_fd, 0, SHMQ_REGION_MIN, PROT_READ | PROT_WRITE);
	memory->board->state = RING_MEMORY_STATE;
	memory->board->role[SHMQ_ROLE_PRODUCER] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	memory->board->role[SHMQ_ROLE_CONSUMER] = SHMQ_BOARD_WORD(1, SHMQ_ROLE_HELD);
	memory->producer = parts_for(memory, SHMQ_ROLE_PRODUCER, wake, flags);
	memory->consumer = parts_for(memory, SHMQ_ROLE_CONSUMER, wake, flags);
}

static void parts_unmap(const struct ring_memory *memory, const struct ring_parts *parts)
{
	if (parts->board == memory->board)
		return;
	unview(parts->own, memory->geometry.region_bytes);
	unview(parts->peer, memory->geometry.region_bytes);
	unview(parts->slots, geometry_slots_region_bytes(&memory->geometry));
	unview(parts->board, SHMQ_REGION_MIN);
}

void ring_memory_deinit(struct ring_memory *memory)
{
	parts_unmap(memory, &memory->producer);
	parts_unmap(memory, &memory->consumer);
	unview(memory->segment, memory->geometry.segment_bytes);
	unview(memory->board, SHMQ_REGION_MIN);
	close(memory->segment_fd);
	close(memory->board_fd);
}

uint64_t *ring_memory_header(const struct ring_memory *memory, uint64_t position)
{
	return (uint64_t *)(void *)(memory->segment +
				    ring_slot_offset(&memory->geometry, position));
}

uint64_t ring_memory_empty(const struct ring_memory *memory, uint64_t position)
{
	return (position / memory->geometry.slots & UINT32_MAX) << SHMQ_HEADER_LAP_SHIFT;
}

uint64_t ring_memory_full(const struct ring_memory *memory, uint64_t position, uint32_t len)
{
	return ((position / memory->geometry.slots + 1) & UINT32_MAX) << SHMQ_HEADER_LAP_SHIFT |
	       len;
}

void ring_memory_start_at(struct ring_memory *memory, uint64_t position)
{
	for (uint64_t before = 1; before <= memory->geometry.slots; before++)
		*ring_memory_header(memory, position - before) =
			ring_memory_full(memory, position - before, 0);
	memory->producer_page->position = position;
	memory->consumer_page->position = position;
}

static void bump(struct ring_memory *memory)
{
	__atomic_add_fetch(&memory->board->bump, 1, __ATOMIC_RELEASE);
	futex_wake_all(&memory->board->bump);
}

void ring_memory_set_role(struct ring_memory *memory, enum shmq_role role,
			  enum shmq_role_state state)
{
	uint64_t count = SHMQ_BOARD_COUNT(memory->board->role[role]) + (state == SHMQ_ROLE_HELD);

	__atomic_store_n(&memory->board->role[role], SHMQ_BOARD_WORD(count, state),
			 __ATOMIC_RELEASE);
	bump(memory);
}

void ring_memory_set_state(struct ring_memory *memory, uint64_t word)
{
	__atomic_store_n(&memory->board->state, word, __ATOMIC_RELEASE);
	bump(memory);
}
