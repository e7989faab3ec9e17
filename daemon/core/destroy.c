/* SPDX-License-Identifier: MIT */
/*
 * destroy.c - the end of a ring: on request, when its time is over, or when its segment was lost
 *
 * Intent, board, wake, unlink; then a tombstone while somebody maps it; then the pages are given
 * back in chunks (a mapping or a hard link that was kept holds nothing) and the record is FREE.
 * Until then its bytes stay charged.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/parts.h"

struct core_action *asker_answer(struct core *core, struct core_ring *ring)
{
	if (!ring->has_asker || !connection_find(core, ring->asker))
		return NULL;
	ring->has_asker = false;
	return reply_to(core, ring->asker, ring->asker_id);
}

const struct process_identity *asker_process(const struct core *core,
					     const struct core_ring *ring)
{
	const struct core_connection *connection =
		ring->has_asker ? connection_find(core, ring->asker) : NULL;

	return connection ? &connection->identity : &ring_record(core, ring)->creator;
}

void asker_set(struct core_ring *ring, const struct core_ask *ask)
{
	ring->has_asker = true;
	ring->asker = ask->connection->id;
	ring->asker_id = ask->request.id;
}

void destroy_ask(struct core *core, struct core_ask *ask)
{
	struct core_ring *ring = access_find(core, ask);

	if (policy_has_uid(core, ask) < 0)
		return;
	if (!ring) {
		refuse_absent(core, ask);
		return;
	}
	if (ask_waits_for_ring(core, ask, ring) || policy_may_control(core, ask, ring, "destroy") < 0)
		return;
	if (ring_is_attached(ring) && !ask->request.force) {
		refuse_attached(core, ask, ring, "destroy");
		return;
	}
	if (ask_waits_for_count(core, ask, ring))
		return;
	asker_set(ring, ask);
	destroy_begin(core, ring, false,
		      ask->has_count || ring->unread_known ? ring->unread : 0);
}

static void destroy_say(struct core *core, struct core_ring *ring, bool is_reap,
			uint64_t unread)
{
	const struct registry_ring *record = ring_record(core, ring);
	const struct process_identity *who = is_reap ? &record->creator : asker_process(core, ring);
	enum core_log_id id = is_reap ? CORE_LOG_RING_REAPED : CORE_LOG_RING_DESTROYED;
	char why[128] = "its time was over";

	watch_tell(core, is_reap ? CONTROL_EVENT_REAPED : CONTROL_EVENT_DESTROYED, ring,
		   &record->creator, 0, unread);
	if (!is_reap)
		snprintf(why, sizeof(why), "pid %d (%s, uid %u) asked for it", (int)who->pid,
			 who->comm, (unsigned)who->uid);
	if (unread)
		core_log_write(core, id, is_reap ? CORE_WARNING : CORE_NOTICE, ring, who,
			       "removed ring '%s' because %s: %" PRIu64
			       " messages that nobody had read were dropped",
			       record->name, why, unread);
	else
		core_log_write(core, id, CORE_INFO, ring, who, "removed ring '%s' because %s",
			       record->name, why);
}

/* An owner maps nothing: nobody needs to wait for it. */
static void end_owner(struct core *core, struct core_ring *ring)
{
	struct core_attachment *owner = ring->holders[SHMQ_ROLE_OWNER];
	struct core_process *process;

	if (!owner)
		return;
	process = owner->process;
	attachment_end(core, owner, false);
	process_put(core, process);
}

void destroy_begin(struct core *core, struct core_ring *ring, bool is_reap, uint64_t unread)
{
	struct registry_ring *record = ring_record(core, ring);

	assert(ring->step == RING_IDLE);
	record->destroyed_unread = is_reap ? unread : 0;
	record->destroyed_s = core->now_s;
	registry_ring_set_state(record, REGISTRY_RING_DESTROYING);
	ring_name_remove(core, ring);
	ring_timer_clear(core, ring);
	ring->probe = 0;
	ring->is_held = false; /* is asked again when its pages are back */
	words_set_state(core, ring, SHMQ_RING_DESTROYED);
	words_tell(core, ring);
	end_owner(core, ring);
	destroy_say(core, ring, is_reap, unread);
	segment_unlink(core, ring, true);
}

void destroy_unlinked(struct core *core, struct core_ring *ring, int error)
{
	struct core_action *reply = asker_answer(core, ring);

	if (error < 0 && error != -ENOENT) {
		if (reply) {
			reply->reply.status = -EIO;
			reply_text(reply, "ring '%s' is destroyed, but its memory could not be "
				   "removed (%s): shmqd goes on trying",
				   ring_record(core, ring)->name, strerror(-error));
		}
		segment_retry_later(core, ring);
		return;
	}
	ring->kept_open = !error;
	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_TOMBSTONE);
	destroy_go_on(core, ring);
}

static void destroy_finish(struct core *core, struct core_ring *ring)
{
	ring->step = RING_IDLE;
	segment_close(core, ring);
	ring_give_back(core, ring);
}

void destroy_go_on(struct core *core, struct core_ring *ring)
{
	if (ring_is_attached(ring) || ring->step != RING_IDLE)
		return;
	ring->offset = 0;
	if (!ring->kept_open || !segment_punch(core, ring))
		destroy_finish(core, ring);
}

/* Memory that somebody can still have is charged still: ask again later, and punch again. */
static void destroy_held(struct core *core, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);

	ring->step = RING_IDLE;
	if (!ring->is_held)
		core_log_write(core, CORE_LOG_HELD, CORE_WARNING, ring, &record->creator,
			       "ring '%s' is destroyed and nobody is attached, but some process "
			       "keeps its memory: it stays charged to uid %u until that process ends",
			       record->name, record->creator.uid);
	ring->is_held = true;
	segment_retry_later(core, ring);
}

void destroy_punched(struct core *core, struct core_ring *ring, int error)
{
	if (error == -EBUSY)
		destroy_held(core, ring);
	else if (error || !segment_punch(core, ring))
		destroy_finish(core, ring);
}

void destroy_lost(struct core *core, struct core_ring *ring, const char *how)
{
	const struct registry_ring *record = ring_record(core, ring);

	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_LOST);
	words_set_state(core, ring, SHMQ_RING_LOST);
	words_tell(core, ring);
	watch_tell(core, CONTROL_EVENT_LOST, ring, &record->creator, 0, 0);
	core_log_write(core, CORE_LOG_RING_LOST, CORE_ERR, ring, &record->creator,
		       "the memory of ring '%s' %s: who is attached goes on, nobody can join; "
		       "uid %u made it", record->name, how, record->creator.uid);
}
