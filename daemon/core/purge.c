/* SPDX-License-Identifier: MIT */
/*
 * purge.c - emptying a ring that nobody is attached to
 *
 * The daemon writes no segment, so an empty ring is a new one: the old segment is unlinked and
 * another made in the same record, under a new generation and a new use of the board's record. The
 * record says PURGING meanwhile, which claims no segment at all: a daemon that finds it removes what
 * is left of either and begins again. If there is no memory for the new segment the ring stays, and
 * its making is tried again until there is, or until it is destroyed.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/core/parts.h"

/* The old memory would be nobody's, and in nobody's account. */
#define HELD "some process keeps the memory of ring '%s' without being attached, so you can't " \
	     "purge it: destroy it, or end that process"

void purge_ask(struct core *core, struct core_ask *ask)
{
	struct core_ring *ring = access_find(core, ask);

	if (policy_has_uid(core, ask) < 0)
		return;
	if (!ring) {
		refuse_absent(core, ask);
		return;
	}
	if (ask_waits_for_ring(core, ask, ring) || policy_may_control(core, ask, ring, "purge") < 0)
		return;
	if (ring_record(core, ring)->state == REGISTRY_RING_LOST) {
		refuse_lost(core, ask, ring);
		return;
	}
	if (ring_is_attached(ring)) {
		refuse_attached(core, ask, ring, "purge");
		return;
	}
	if (ask_waits_for_count(core, ask, ring))
		return;
	if (ring->is_held) {
		refuse(core, ask, -EBUSY, HELD, ring_record(core, ring)->name);
		return;
	}
	asker_set(ring, ask);
	generation_make(core, ring->next_generation);
	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_PURGING);
	ring_timer_clear(core, ring);
	ring->probe = 0;
	segment_unlink(core, ring, false);
}

/* Nothing was changed: the ring goes on as it was. */
static void purge_give_up(struct core *core, struct core_ring *ring, int error)
{
	struct core_action *reply = asker_answer(core, ring);

	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_LIVE);
	if (reply && error == -EBUSY) {
		/* opened after it was counted */
		reply->reply.status = -EBUSY;
		reply_text(reply, HELD, ring_record(core, ring)->name);
	} else if (reply) {
		reply->reply.status = -EIO;
		reply_text(reply, "the memory of ring '%s' could not be replaced: %s",
			   ring_record(core, ring)->name, strerror(-error));
	}
	ring_asks_run(core, ring, false);
	lifetime_look(core, ring);
}

/* There is no memory for the new segment, and nothing of it is left. */
static void purge_failed(struct core *core, struct core_ring *ring)
{
	struct core_action *reply = asker_answer(core, ring);
	char text[CONTROL_TEXT_MAX];
	int status = segment_explain(core, ring, text, sizeof(text));

	if (reply) {
		reply->reply.status = status;
		reply_text(reply, "the messages are dropped, but %.400s: shmqd goes on trying", text);
	}
	core_log_write(core, CORE_LOG_CREATE_FAILED, CORE_WARNING, ring, NULL, "%s", text);
	segment_retry_later(core, ring);
	ring_asks_run(core, ring, false);
}

void purge_unlinked(struct core *core, struct core_ring *ring, int error)
{
	struct registry_ring *record = ring_record(core, ring);

	if (error == -ENOENT)
		error = 0;
	if (ring->failure) {
		if (ring->is_retrying && !error)
			segment_make(core, ring);
		else
			purge_failed(core, ring);
		ring->is_retrying = false;
	} else if (error) {
		purge_give_up(core, ring, error);
	} else {
		words_set_state(core, ring, SHMQ_RING_DESTROYED);
		words_tell(core, ring);
		memcpy(record->generation, ring->next_generation, sizeof(record->generation));
		record->inode = 0;
		segment_make(core, ring);
	}
}

void purge_retry(struct core *core, struct core_ring *ring)
{
	/* a half-made one may be left that could not be removed */
	ring->is_retrying = true;
	segment_unlink(core, ring, false);
}

void purge_is_ready(struct core *core, struct core_ring *ring)
{
	struct registry_ring *record = ring_record(core, ring);
	struct core_action *reply;

	record->use_count++;
	registry_ring_set_state(record, REGISTRY_RING_LIVE);
	words_begin(core, ring);
	words_tell(core, ring);
	core_log_write(core, CORE_LOG_PURGED, CORE_NOTICE, ring, asker_process(core, ring),
		       "purged ring '%s': %" PRIu64 " messages were dropped", record->name,
		       ring->unread);
	reply = asker_answer(core, ring);
	if (reply) {
		reply->reply.body = CONTROL_BODY_PURGE;
		reply->reply.dropped = ring->unread;
	}
	watch_tell(core, CONTROL_EVENT_DESTROYED, ring, &record->creator, 0, ring->unread);
	watch_tell(core, CONTROL_EVENT_CREATED, ring, &record->creator, 0, 0);
	ring->is_new = true;
	ring->unread = 0;
	ring_asks_run(core, ring, false);
	lifetime_look(core, ring);
}

/* No random numbers here: any other generation will do, nobody has seen either segment's end. */
void purge_restart(struct core *core, struct core_ring *ring)
{
	uint8_t *generation = ring_record(core, ring)->generation;
	uint64_t mix = UINT64_C(0xcbf29ce484222325) ^ ring_record(core, ring)->use_count;

	for (size_t i = 0; i < CONTROL_GENERATION_BYTES; i++) {
		mix = (mix ^ generation[i]) * UINT64_C(0x100000001b3);
		generation[i] = (uint8_t)(mix >> 32);
	}
	ring_record(core, ring)->inode = 0;
	segment_make(core, ring);
}
