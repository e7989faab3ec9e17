/* SPDX-License-Identifier: MIT */
/*
 * attach.c - taking an end of a ring over from whoever had it before, wherever he died
 *
 * A producer dies between the header of message p (it is published) and the store of his position
 * (which still says p, or the start of a batch). His successor steps over what is published, and
 * only then compares with the consumer, who may have read beyond the stored position.
 */
#include <assert.h>
#include <errno.h>

#include "shm/futex.h"
#include "shm/ring_internal.h"

#define BACKOFF_NS INT64_C(1000)

/* What a ring without wake-ups has for a ticket. */
static const uint64_t no_ticket;
/* What one that must fence first has for a ticket: shmq_hot_wake() looks at the true one. */
static const uint64_t fence_first = UINT64_MAX;

static struct shmq_hot hot_from_parts(const struct ring_parts *parts, enum shmq_role role)
{
	const struct shmq_geometry *geometry = &parts->geometry;
	bool fence = parts->wake == RING_WAKE_FENCE ||
		     (parts->wake == RING_WAKE_MEMBARRIER && !parts->registered);

	assert(geometry_check(geometry) == 0);
	return (struct shmq_hot){
		.slots = (unsigned char *)parts->slots + geometry->lead_bytes,
		.stride_bytes = geometry->stride_bytes,
		.mask = geometry->slots - 1,
		.shift = (uint32_t)__builtin_ctz(geometry->slots),
		.size_max_bytes = geometry->size_bytes,
		.fence = fence,
		.own_position = &parts->own->position,
		.peer_ticket = parts->wake == RING_WAKE_NEVER ? &no_ticket
			       : fence			      ? &fence_first
							      : &parts->peer->ticket,
		.board_state = &parts->board->state,
		.board_peer = &parts->board->role[role == SHMQ_ROLE_PRODUCER ? SHMQ_ROLE_CONSUMER
									     : SHMQ_ROLE_PRODUCER],
		.board_bump = &parts->board->bump,
		.state_expected = parts->state_expected,
		.peer_page = parts->peer,
		.own_page = parts->own,
		.role = role,
		.wake = parts->wake,
	};
}

static uint64_t role_load(const struct shmq_hot *hot)
{
	/* [B4] acquire: the role word before the slot that is judged, as in ring_board_says() */
	return __atomic_load_n(hot->board_peer, __ATOMIC_ACQUIRE);
}

static uint64_t position_load(const uint64_t *position)
{
	/* [C6] acquire: headers before the producer's position, so the slot before it is full;
	 * pairs with [P2]. The same for the consumer's: pairs with [C2] */
	return __atomic_load_n(position, __ATOMIC_ACQUIRE);
}

/* The end is ours: a predecessor's ticket would be answered by a wake-up for nobody. */
static void own_page_take(struct shmq_hot *hot)
{
	/* [S4] relaxed: a peer who sees the old ticket a little longer makes one idle wake-up */
	__atomic_store_n(&hot->own_page->ticket, 0, __ATOMIC_RELAXED);
	ring_count(&hot->own_page->n_incarnations);
	ring_note_visit(hot);
}

/* Step over slots that are published at and beyond hot->position; each is judged. */
static int step_over_published(struct shmq_hot *hot)
{
	for (uint64_t i = 0; i < ring_slots(hot); i++) {
		uint64_t header = ring_header_load(hot, hot->position);

		if (!ring_header_is_message(hot, header, hot->position))
			break;
		hot->position++;
	}
	/* what ended it: a slot of the lap before; with a full ring the oldest message */
	if (!ring_header_is_empty(hot, ring_header_load(hot, hot->position), hot->position))
		return -EBADMSG;
	return 0;
}

int ring_attach_producer(const struct ring_parts *parts, struct shmq_hot *ret_hot)
{
	struct shmq_hot hot = hot_from_parts(parts, SHMQ_ROLE_PRODUCER);
	uint64_t consumer;
	int r;

	/* whoever left before us is no news */
	hot.peer_seen = role_load(&hot);
	hot.position = position_load(hot.own_position);
	r = step_over_published(&hot);
	if (r < 0)
		return r;
	consumer = position_load(&hot.peer_page->position);
	if (hot.position - consumer > ring_slots(&hot))
		return -EBADMSG;
	if (!ring_header_is_message(&hot, ring_header_load(&hot, hot.position - 1),
				    hot.position - 1))
		return -EBADMSG;
	hot.peer_position = consumer;
	hot.limit = hot.position;
	hot.mark = hot.position;
	/* [P2] release: as in shmq_hot_advance_(); pairs with [C6] */
	__atomic_store_n(hot.own_position, hot.position, __ATOMIC_RELEASE);
	own_page_take(&hot);
	*ret_hot = hot;
	return 0;
}

/* The message before the consumer's position was published; its slot may hold the next lap's. */
static bool was_published(const struct shmq_hot *hot, uint64_t position)
{
	uint64_t header = ring_header_load(hot, position);

	return ring_header_is_message(hot, header, position) ||
	       ring_header_is_message(hot, header, position + ring_slots(hot));
}

int ring_attach_consumer(const struct ring_parts *parts, struct shmq_hot *ret_hot)
{
	struct shmq_hot hot = hot_from_parts(parts, SHMQ_ROLE_CONSUMER);
	uint64_t role = role_load(&hot);
	uint64_t header;

	hot.position = position_load(hot.own_position);
	header = ring_header_load(&hot, hot.position);
	if (ring_header_is_empty(&hot, header, hot.position))
		hot.peer_seen = role; /* whoever left before us is no news */
	else if (!ring_header_is_message(&hot, header, hot.position))
		return -EBADMSG;
	/* else unread messages: after them it is told that their producer has left */
	if (!was_published(&hot, hot.position - 1))
		return -EBADMSG;
	hot.limit = hot.position - 1;
	hot.mark = hot.position;
	hot.dry_position = hot.position;
	hot.seen_position = hot.position - 1;
	hot.backoff_pauses = pauses_from_ns(BACKOFF_NS);
	own_page_take(&hot);
	*ret_hot = hot;
	return 0;
}
