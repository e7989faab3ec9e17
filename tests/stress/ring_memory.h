/* SPDX-License-Identifier: MIT */
/*
 * ring_memory.h - a ring without a daemon: its memory, its board record, and both ends' views of it
 *
 * The test plays the daemon: it writes the board and may write anything else. By default each end
 * has mappings of its own, as in two processes: its page writable, the other's and the board
 * read-only, the slots writable for the producer alone, and pages without access before and behind
 * each. With RING_MEMORY_ONE_MAPPING both ends use the same addresses, which ThreadSanitizer needs.
 * Whatever fails here ends the program.
 */
#pragma once

#include "shm/ring.h"

enum { RING_MEMORY_ONE_MAPPING = 1, RING_MEMORY_ALIGN = 2, RING_MEMORY_UNREGISTERED = 4 };

#define RING_MEMORY_STATE SHMQ_BOARD_WORD(7, SHMQ_RING_LIVE)

struct ring_memory {
	struct shmq_geometry geometry;
	/* the test's view */
	unsigned char *segment;
	struct shmq_end_page *producer_page, *consumer_page;
	struct shmq_board_ring *board;
	/* the ends' views, for ring_attach_*() */
	struct ring_parts producer, consumer;
	int segment_fd, board_fd;
};

void ring_memory_init(struct ring_memory *memory, uint32_t slots, uint32_t size_bytes,
		      enum ring_wake wake, unsigned flags);
void ring_memory_deinit(struct ring_memory *memory);

/* As if @position messages (of length 0) had been pushed and popped. */
void ring_memory_start_at(struct ring_memory *memory, uint64_t position);

/* The header of the slot of @position, in the test's view. */
uint64_t *ring_memory_header(const struct ring_memory *memory, uint64_t position);
/* What a published message says there, and what an empty slot says. */
uint64_t ring_memory_full(const struct ring_memory *memory, uint64_t position, uint32_t len);
uint64_t ring_memory_empty(const struct ring_memory *memory, uint64_t position);

/* The daemon's part: store, bump, wake. A role's incarnation grows when it becomes HELD. */
void ring_memory_set_role(struct ring_memory *memory, enum shmq_role role,
			  enum shmq_role_state state);
void ring_memory_set_state(struct ring_memory *memory, uint64_t word);
