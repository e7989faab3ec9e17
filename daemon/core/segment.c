/* SPDX-License-Identifier: MIT */
/*
 * segment.c - the steps of a segment's life that the shell takes, one at a time per ring
 *
 *   make -> allocate, in chunks -> share -> ready            of a ring CREATING or PURGING
 *   unlink                                                   to undo, to destroy, to purge
 *   punch, in chunks                                         of a TOMBSTONE that nobody maps
 *
 * A step is an action; its answer is an event, and says what comes next.
 */
#include <errno.h>

#include "daemon/core/parts.h"

void segment_make(struct core *core, struct core_ring *ring)
{
	ring->step = RING_MAKING;
	action_ring(core, CORE_SEGMENT_CREATE, ring);
}

void segment_close(struct core *core, struct core_ring *ring)
{
	action_ring(core, CORE_SEGMENT_CLOSE, ring);
}

void segment_unlink(struct core *core, struct core_ring *ring, bool keep_open)
{
	ring->step = RING_UNLINKING;
	action_ring(core, CORE_SEGMENT_UNLINK, ring)->keep_open = keep_open;
}

void segment_retry_later(struct core *core, struct core_ring *ring)
{
	ring_timer_set(core, ring, core->now_ns + CORE_RETRY_NS);
}

/* The next chunk from ring->offset on. Return: false: there is none. */
static bool chunk_next(struct core *core, struct core_ring *ring, enum core_action_type type)
{
	uint64_t left = ring_record(core, ring)->segment_bytes - ring->offset;
	uint64_t chunk = core->config.allocate_chunk_bytes;
	struct core_action *action;

	if (!left)
		return false;
	action = action_ring(core, type, ring);
	action->offset = ring->offset;
	action->bytes = left < chunk ? left : chunk;
	ring->offset += action->bytes;
	return true;
}

void segment_punch(struct core *core, struct core_ring *ring)
{
	ring->step = RING_PUNCHING;
	if (!chunk_next(core, ring, CORE_SEGMENT_PUNCH))
		destroy_finish(core, ring);
}

static void segment_ready(struct core *core, struct core_ring *ring)
{
	ring->step = RING_IDLE;
	ring->failure = 0;
	if (ring_record(core, ring)->state == REGISTRY_RING_PURGING)
		purge_is_ready(core, ring);
	else
		create_is_ready(core, ring);
}

static void segment_allocate(struct core *core, struct core_ring *ring)
{
	if (chunk_next(core, ring, CORE_SEGMENT_ALLOCATE)) {
		ring->step = RING_ALLOCATING;
		return;
	}
	ring->step = RING_SHARING;
	action_ring(core, CORE_SEGMENT_SHARE, ring);
}

static void segment_unlinked(struct core *core, struct core_ring *ring, int error)
{
	ring->step = RING_IDLE;
	switch (ring_record(core, ring)->state) {
	case REGISTRY_RING_CREATING:
		create_failed(core, ring);
		if (error < 0 && error != -ENOENT)
			segment_retry_later(core, ring);
		else
			create_undone(core, ring);
		break;
	case REGISTRY_RING_PURGING:
		purge_unlinked(core, ring, error);
		break;
	default:
		destroy_unlinked(core, ring, error);
		break;
	}
}

/* Nobody ever sees a ring that was not made whole: its name is free from now on. */
static void segment_undo(struct core *core, struct core_ring *ring, int error)
{
	bool was_making = ring->step == RING_MAKING;

	ring->failure = error;
	ring->step = RING_IDLE;
	if (ring_record(core, ring)->state == REGISTRY_RING_CREATING)
		ring_name_remove(core, ring);
	if (was_making && error == -EEXIST)
		/* what is there is not ours */
		segment_unlinked(core, ring, -ENOENT);
	else
		segment_unlink(core, ring, false);
}

static void segment_is_gone(struct core *core, struct core_ring *ring)
{
	switch (ring_record(core, ring)->state) {
	case REGISTRY_RING_LIVE:
		destroy_lost(core, ring, "was removed by somebody else");
		break;
	case REGISTRY_RING_CREATING:
	case REGISTRY_RING_PURGING:
		/* found out when the last step is answered */
		if (ring->step != RING_UNLINKING)
			ring->is_gone = true;
		break;
	default:
		break;
	}
}

/* Return: false: go on. */
static bool step_failed(struct core *core, struct core_ring *ring, int error)
{
	if (!error && ring->is_gone)
		error = -ESTALE;
	ring->is_gone = false;
	if (!error)
		return false;
	segment_undo(core, ring, error);
	return true;
}

void segment_event(struct core *core, const struct core_event *event)
{
	struct core_ring *ring = &core->rings[event->ring];

	switch (event->type) {
	case CORE_SEGMENT_CREATED:
		if (ring->step != RING_MAKING || step_failed(core, ring, event->error))
			return;
		ring_record(core, ring)->inode = event->inode;
		ring->offset = 0;
		segment_allocate(core, ring);
		break;
	case CORE_SEGMENT_ALLOCATED:
		if (ring->step == RING_ALLOCATING && !step_failed(core, ring, event->error))
			segment_allocate(core, ring);
		break;
	case CORE_SEGMENT_SHARED:
		if (ring->step == RING_SHARING && !step_failed(core, ring, event->error))
			segment_ready(core, ring);
		break;
	case CORE_SEGMENT_UNLINKED:
		if (ring->step == RING_UNLINKING)
			segment_unlinked(core, ring, event->error);
		break;
	case CORE_SEGMENT_PUNCHED:
		if (ring->step == RING_PUNCHING) {
			if (event->error == -EBUSY)
				destroy_held(core, ring);
			else if (event->error)
				destroy_finish(core, ring);
			else
				segment_punch(core, ring);
		}
		break;
	case CORE_SEGMENT_GONE:
		segment_is_gone(core, ring);
		break;
	default:
		break;
	}
}
