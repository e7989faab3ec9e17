/* SPDX-License-Identifier: MIT */
/*
 * segment.c - the steps of a segment's life that the shell takes, one at a time per ring
 *
 *   make -> allocate, in chunks -> share -> ready            of a ring CREATING or PURGING
 *   unlink                                                   to undo, to destroy, to purge
 *   punch, in chunks                                         of a TOMBSTONE that nobody maps
 *
 * A step is an action; its answer is an event, and ring_event.c says what comes next.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
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

bool segment_punch(struct core *core, struct core_ring *ring)
{
	ring->step = RING_PUNCHING;
	return chunk_next(core, ring, CORE_SEGMENT_PUNCH);
}

void segment_allocate(struct core *core, struct core_ring *ring)
{
	if (chunk_next(core, ring, CORE_SEGMENT_ALLOCATE)) {
		ring->step = RING_ALLOCATING;
		return;
	}
	ring->step = RING_SHARING;
	action_ring(core, CORE_SEGMENT_SHARE, ring);
}

int segment_explain(const struct core *core, const struct core_ring *ring, char *text,
		    size_t cap_bytes)
{
	const struct registry_ring *record = ring_record(core, ring);
	char size[32];

	format_size(record->segment_bytes, size, sizeof(size));
	switch (ring->failure) {
	case -ENOSPC:
		snprintf(text, cap_bytes, "no room in /dev/shm for ring '%s', which needs %s: remove "
			 "something ('shmqctl list', 'df /dev/shm'), enlarge it (mount -o "
			 "remount,size=), or choose fewer or smaller slots", record->name, size);
		return -ENOSPC;
	case -ENOMEM:
	case -EDQUOT:
	case -EMFILE:
		snprintf(text, cap_bytes, "the system gives no memory or descriptor for ring '%s' "
			 "(%s): %s", record->name, size, strerror(-ring->failure));
		return ring->failure;
	case -ESTALE:
		snprintf(text, cap_bytes, "the memory of ring '%s' was removed from /dev/shm by "
			 "somebody else while it was being made", record->name);
		return -EIO;
	default:
		snprintf(text, cap_bytes, "the memory of ring '%s' (%s) could not be made: %s",
			 record->name, size, strerror(-ring->failure));
		return -EIO;
	}
}
