/* SPDX-License-Identifier: MIT */
/*
 * ring.h - one end of a ring: taking it over, its slow paths, batches, figures
 *
 * struct shmq_hot (hot.h) is an end's private state; the inline functions of hot.h move it along
 * and come here when something is rare. Its user serialises calls on one handle. Between calls:
 *
 *   producer   peer_position <= position <= limit <= peer_position + slots
 *              position < mark <= limit while slots are reserved, else mark is not beyond position
 *   consumer   slots [position, mark) were seen published by this handle
 *              limit = position - 1 at attach: 2^64 - 1 messages ahead, never reached
 *   error != 0 limit == mark == position, and no shared memory is touched any more
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <shmq/hot.h>

#include "shm/geometry.h"

/* Same values as enum shmq_wake and the protocol's. */
enum ring_wake { RING_WAKE_MEMBARRIER = 0, RING_WAKE_FENCE = 1, RING_WAKE_NEVER = 2 };

#define RING_BATCH_SHARE  8u /* a batch is at most this part of the slots; so is a sleeper's want */
#define RING_WAIT_ANY_MAX 64u

/* What attach hands over: mapped regions, the board's record, what the daemon said. */
struct ring_parts {
	struct shmq_geometry geometry; /* passed geometry_check() */
	struct shmq_end_page *own;     /* writable */
	const struct shmq_end_page *peer;
	const void *slots; /* start of the slots' region; writable for the producer */
	const struct shmq_board_ring *board;
	uint64_t state_expected; /* of board->state while this ring lives */
	enum ring_wake wake;
	bool registered; /* membarrier_register() succeeded in this process */
};

/*
 * ring_attach_producer(), ring_attach_consumer() - become the one end of a ring
 *
 * The daemon has granted the role, so nobody else writes this end's memory. What a predecessor
 * left, at whatever instruction he died, is continued: the producer steps over slots that are
 * published beyond its page's position, the consumer starts at what was not released.
 * @ret_hot is a handle's head: nothing else initialises it. Written on success only.
 * Return: 0; -EBADMSG: positions and slots contradict each other.
 */
int ring_attach_producer(const struct ring_parts *parts, struct shmq_hot *ret_hot);
int ring_attach_consumer(const struct ring_parts *parts, struct shmq_hot *ret_hot);

/*
 * ring_disable() - every later call on @hot answers @error (negative errno), from memory of its own
 * only: before the regions are unmapped (detach), in a forked child (-ECHILD). The first one stays.
 */
void ring_disable(struct shmq_hot *hot, int error);

static inline uint64_t ring_slots(const struct shmq_hot *hot)
{
	return hot->mask + 1;
}

static inline uint64_t ring_batch_max(const struct shmq_hot *hot)
{
	return ring_slots(hot) > RING_BATCH_SHARE ? ring_slots(hot) / RING_BATCH_SHARE : 1;
}

/* Messages published and not released, as seen now; 0 on a disabled handle. */
uint64_t ring_depth(const struct shmq_hot *hot);

/* ---- batches (batch.c), as producer.h and consumer.h describe them ---- */

ssize_t ring_try_push_n(struct shmq_hot *hot, const struct shmq_message *msgs, size_t n);
ssize_t ring_reserve_n(struct shmq_hot *hot, void **ret_payloads, size_t n);
int ring_commit_n(struct shmq_hot *hot, const size_t *lens, size_t n);
int ring_abandon(struct shmq_hot *hot);
ssize_t ring_peek_n(struct shmq_hot *hot, struct shmq_view *ret_views, size_t n);
int ring_release_n(struct shmq_hot *hot, size_t n);

/* ---- figures for tools (figures.c) ---- */

struct ring_figures {
	uint64_t pushed, popped; /* since the ring was made */
	uint64_t depth;		 /* 0 to slots */
};

/*
 * ring_figures() - what two end pages say, read with pread(2) one after the other
 * Both ends may have moved in between, and a header is published before the producer's position:
 * the consumer may seem to be ahead (then that many were pushed), or the depth to exceed the slots.
 * The figures are made consistent; those of a ring that is at rest are exact, but see below.
 */
void ring_figures(const struct shmq_end_page *producer, const struct shmq_end_page *consumer,
		  uint64_t slots, struct ring_figures *ret_figures);

/*
 * A producer that died between the publication and its position leaves messages that the positions
 * don't tell of. Whoever must know whether a ring is really empty reads the 8 bytes at
 * ring_slot_offset() of the position @pushed (from the start of the segment) and asks.
 */
uint64_t ring_slot_offset(const struct shmq_geometry *geometry, uint64_t position);
bool ring_slot_holds(const struct shmq_geometry *geometry, uint64_t header, uint64_t position);
