/* SPDX-License-Identifier: MIT */
/*
 * check.c - every invariant that ties registry, board and indexes together
 *
 * True between any two steps. Linear in everything: for tests, the simulator and --check builds.
 */
#include <inttypes.h>

#include "daemon/core/check_sums.h"

static bool should_be_named(const struct core_ring *ring, uint32_t state)
{
	return (state == REGISTRY_RING_CREATING && ring->step != RING_UNLINKING &&
		ring->step != RING_IDLE) ||
	       state == REGISTRY_RING_LIVE || state == REGISTRY_RING_LOST ||
	       state == REGISTRY_RING_PURGING;
}

/* Something will happen that takes the ring out of a state that is none to stay in. */
static bool is_under_way(const struct core_ring *ring, uint32_t state)
{
	switch (state) {
	case REGISTRY_RING_CREATING:
	case REGISTRY_RING_DESTROYING:
	case REGISTRY_RING_PURGING:
		return ring->step != RING_IDLE || ring->deadline_ns;
	case REGISTRY_RING_TOMBSTONE:
		return ring->step == RING_PUNCHING || ring_is_attached(ring) || ring->deadline_ns;
	default:
		return ring->step == RING_IDLE;
	}
}

static bool is_at_its_end(const struct core_ring *ring, const struct registry_ring *record)
{
	return (record->lifetime == CONTROL_LINGER && !ring_is_attached(ring)) ||
	       (record->lifetime == CONTROL_WITH_CREATOR && !ring->holders[SHMQ_ROLE_OWNER]);
}

static int check_ring_indexes(const struct core *core, const struct core_ring *ring, char *text)
{
	const struct registry_ring *record = ring_record(core, ring);
	uint32_t state = record->state;
	uint32_t i = ring_index(core, ring);

	if (state > REGISTRY_RING_PURGING)
		return check_fail(text, "ring %u has state %u", i, state);
	if ((state == REGISTRY_RING_FREE) == list_is_empty(&ring->free))
		return check_fail(text, "ring %u in state %u %s among the free ones", i, state,
				  state ? "is" : "is not");
	if (ring->is_named != should_be_named(ring, state) ||
	    (ring->is_named && ring_find(core, record->name) != ring))
		return check_fail(text, "ring %u in state %u is not found by its name", i, state);
	if (!is_under_way(ring, state))
		return check_fail(text, "ring %u stays in state %u, step %d", i, state, ring->step);
	if ((state == REGISTRY_RING_LIVE || state == REGISTRY_RING_LOST) &&
	    is_at_its_end(ring, record) && !ring->deadline_ns && !ring->probe && !core->is_stopping)
		return check_fail(text, "ring %u is at its end and nothing will remove it", i);
	if (!list_is_empty(&ring->asks) && state != REGISTRY_RING_CREATING &&
	    state != REGISTRY_RING_PURGING && !(ring->probe & PROBE_ASKS))
		return check_fail(text, "requests wait for ring %u in state %u", i, state);
	return 0;
}

static bool state_word_fits(const struct registry_ring *record, uint64_t word)
{
	unsigned state = SHMQ_BOARD_STATE(word);
	uint64_t count = SHMQ_BOARD_COUNT(word);

	switch (record->state) {
	case REGISTRY_RING_FREE:
	case REGISTRY_RING_CREATING:
		return count <= record->use_count &&
		       (state == SHMQ_RING_NONE || state == SHMQ_RING_DESTROYED);
	case REGISTRY_RING_LIVE:
		return count == record->use_count && state == SHMQ_RING_LIVE;
	case REGISTRY_RING_LOST:
		return count == record->use_count && state == SHMQ_RING_LOST;
	case REGISTRY_RING_PURGING:
		return count == record->use_count &&
		       (state == SHMQ_RING_LIVE || state == SHMQ_RING_DESTROYED);
	default:
		return count == record->use_count && state == SHMQ_RING_DESTROYED;
	}
}

static int check_ring_words(const struct core *core, const struct core_ring *ring, char *text)
{
	const struct registry_ring *record = ring_record(core, ring);
	uint32_t i = ring_index(core, ring);

	if (!state_word_fits(record, words_state(core, ring)))
		return check_fail(text, "ring %u in state %u, use %" PRIu64 ", but the board says %#" PRIx64,
				  i, record->state, record->use_count, words_state(core, ring));
	for (unsigned role = 0; role <= SHMQ_ROLE_CONSUMER; role++) {
		const struct core_attachment *holder = ring->holders[role];
		uint64_t word = words_role(core, ring, role);

		if (holder ? word != SHMQ_BOARD_WORD(record->incarnation[role], SHMQ_ROLE_HELD)
			   : SHMQ_BOARD_STATE(word) == SHMQ_ROLE_HELD)
			return check_fail(text, "%s of ring %u: incarnation %" PRIu64
					  ", %s, but the board says %#" PRIx64, role_name(role), i,
					  record->incarnation[role], holder ? "held" : "free", word);
	}
	return 0;
}

static int check_ring_holders(const struct core *core, const struct core_ring *ring, char *text)
{
	uint32_t state = ring_record(core, ring)->state;

	for (unsigned role = 0; role < CORE_ROLES; role++) {
		const struct core_attachment *holder = ring->holders[role];

		if (!holder)
			continue;
		if (state == REGISTRY_RING_FREE || state == REGISTRY_RING_CREATING)
			return check_fail(text, "ring %u in state %u is held", ring_index(core, ring),
					  state);
		if (attachment_record(core, holder)->state != REGISTRY_ATTACHMENT_HELD ||
		    attachment_record(core, holder)->role != role ||
		    attachment_ring(core, holder) != ring)
			return check_fail(text, "ring %u has the wrong %s", ring_index(core, ring),
					  role_name(role));
	}
	return 0;
}

static int check_attachment(const struct core *core, uint32_t i, char *text)
{
	const struct registry_attachment *record = &core->registry.attachments[i];
	const struct core_attachment *attachment = &core->attachments[i];

	if (record->state == REGISTRY_ATTACHMENT_FREE) {
		if (list_is_empty(&attachment->free) || attachment->process || attachment->granted)
			return check_fail(text, "attachment %u is free, and still known", i);
		return 0;
	}
	if (record->state != REGISTRY_ATTACHMENT_HELD)
		return check_fail(text, "attachment %u was left in state %u", i, record->state);
	if (attachment_find(core, record->id) != attachment || !list_is_empty(&attachment->free))
		return check_fail(text, "attachment %" PRIu64 " is not found by its id", record->id);
	if ((record->nonce != 0) != (attachment->granted != NULL) ||
	    (attachment->granted && attachment->granted->attachment != attachment))
		return check_fail(text, "attachment %" PRIu64 " is not found by its nonce",
				  record->id);
	if (core->rings[record->ring].holders[record->role] != attachment)
		return check_fail(text, "attachment %" PRIu64 " is not the %s of ring %u", record->id,
				  role_name(record->role), record->ring);
	if (!attachment->process || attachment->process->has_ended ||
	    !identity_same(&attachment->process->identity, &record->process))
		return check_fail(text, "attachment %" PRIu64 " has no living process", record->id);
	if (!attachment->process->is_watched && !attachment->process->is_unverified &&
	    !attachment->process->is_verifying)
		return check_fail(text, "pid %d holds ring %u, and nobody watches it",
				  record->process.pid, record->ring);
	return 0;
}

int core_check(const struct core *core, char text[CONTROL_TEXT_MAX])
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < core->registry.header->n_rings; i++) {
		r = check_ring_indexes(core, &core->rings[i], text);
		if (r == 0)
			r = check_ring_words(core, &core->rings[i], text);
		if (r == 0)
			r = check_ring_holders(core, &core->rings[i], text);
	}
	for (uint32_t i = 0; r == 0 && i < core->registry.header->n_attachments; i++)
		r = check_attachment(core, i, text);
	if (r == 0 && !list_is_empty(&core->due))
		r = check_fail(text, "requests are due after the step");
	return r < 0 ? r : check_sums(core, text);
}
