/* SPDX-License-Identifier: MIT */
/*
 * ring_event.c - what the shell answers about a ring, and what comes next
 *
 * The state of the record says whose step it was: of a ring being made, purged or destroyed.
 */
#include <errno.h>

#include "daemon/core/parts.h"

static void ring_is_made(struct core *core, struct core_ring *ring)
{
	ring->step = RING_IDLE;
	ring->failure = 0;
	if (ring_record(core, ring)->state == REGISTRY_RING_PURGING)
		purge_is_ready(core, ring);
	else
		create_is_ready(core, ring);
}

static void ring_unlinked(struct core *core, struct core_ring *ring, int error)
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
static void ring_undo(struct core *core, struct core_ring *ring, int error)
{
	bool was_making = ring->step == RING_MAKING;

	ring->failure = error;
	ring->step = RING_IDLE;
	if (ring_record(core, ring)->state == REGISTRY_RING_CREATING)
		ring_name_remove(core, ring);
	if (was_making && error == -EEXIST)
		/* what is there is not ours */
		ring_unlinked(core, ring, -ENOENT);
	else
		segment_unlink(core, ring, false);
}

static void ring_is_gone(struct core *core, struct core_ring *ring)
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
	ring_undo(core, ring, error);
	return true;
}

static void ring_timer_ran_out(struct core *core, struct core_ring *ring)
{
	if (!ring->deadline_ns)
		return;
	if (core->now_ns < ring->deadline_ns) {
		ring_timer_set(core, ring, ring->deadline_ns);
		return;
	}
	ring->deadline_ns = 0;
	switch (ring_record(core, ring)->state) {
	case REGISTRY_RING_CREATING:
		segment_unlink(core, ring, false);
		break;
	case REGISTRY_RING_DESTROYING:
		segment_unlink(core, ring, true);
		break;
	case REGISTRY_RING_PURGING:
		purge_retry(core, ring);
		break;
	case REGISTRY_RING_TOMBSTONE:
		destroy_go_on(core, ring);
		break;
	case REGISTRY_RING_LIVE:
	case REGISTRY_RING_LOST:
		lifetime_is_due(core, ring);
		break;
	default:
		break;
	}
}

void ring_event(struct core *core, const struct core_event *event)
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
			ring_is_made(core, ring);
		break;
	case CORE_SEGMENT_UNLINKED:
		if (ring->step == RING_UNLINKING)
			ring_unlinked(core, ring, event->error);
		break;
	case CORE_SEGMENT_PUNCHED:
		if (ring->step == RING_PUNCHING)
			destroy_punched(core, ring, event->error);
		break;
	case CORE_SEGMENT_PROBED:
		lifetime_probed(core, ring, event);
		break;
	case CORE_SEGMENT_GONE:
		ring_is_gone(core, ring);
		break;
	case CORE_RING_TIMER:
		ring_timer_ran_out(core, ring);
		break;
	default:
		break;
	}
}
