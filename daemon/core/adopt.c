/* SPDX-License-Identifier: MIT */
/*
 * adopt.c - taking over what an earlier daemon left, wherever it died
 *
 * In this order: every word of the board is bumped and woken, because that daemon may have died
 * between a store and its wake-up; indexes are made; segments are compared with what /dev/shm shows,
 * strays removed; each intent that was recorded is finished or undone; the board is made to say what
 * the registry says; whoever holds something is looked for. Doing it twice changes nothing, so this
 * daemon may die in the middle as well.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/names.h"
#include "daemon/core/parts.h"

struct core_scanned {
	const struct core_scan_entry *entry;
	bool is_claimed;
	UT_hash_handle hh;
};

struct adoption {
	struct core *core;
	size_t n_entries;
	bool whole;
	unsigned n_rings, n_lost, n_undone, n_strays, n_kept;
};

static void scan_index(struct adoption *adoption, const struct core_scan_entry *entries)
{
	struct core *core = adoption->core;

	core->scan = core_alloc((adoption->n_entries + 1) * sizeof(*core->scan));
	for (size_t i = 0; i < adoption->n_entries; i++) {
		struct core_scanned *at = &core->scan[i], *same;

		at->entry = &entries[i];
		HASH_FIND(hh, core->scanned, entries[i].name, strlen(entries[i].name), same);
		if (!same)
			HASH_ADD_KEYPTR(hh, core->scanned, entries[i].name,
					strlen(entries[i].name), at);
	}
}

void adopt_forget_scan(struct core *core)
{
	HASH_CLEAR(hh, core->scanned);
	free(core->scan);
	core->scan = NULL;
}

/* What /dev/shm shows under the ring's name. */
static struct core_scanned *scan_find(const struct core *core, const struct core_ring *ring)
{
	char name[CONTROL_SEGMENT_MAX];
	struct core_scanned *at;

	core_segment_name(core, ring_index(core, ring), name);
	HASH_FIND(hh, core->scanned, name, strlen(name), at);
	return at;
}

/* A record that no ring has ever used has nobody to tell. */
static void tell_everybody(struct core *core)
{
	for (uint32_t i = 0; i < core->registry.header->n_rings; i++)
		if (core->registry.rings[i].use_count)
			words_tell(core, &core->rings[i]);
}

/* ---- indexes ---- */

static bool claims_name(uint32_t state)
{
	return state == REGISTRY_RING_LIVE || state == REGISTRY_RING_LOST ||
	       state == REGISTRY_RING_PURGING;
}

static void index_ring(struct adoption *adoption, struct core_ring *ring)
{
	struct core *core = adoption->core;
	struct registry_ring *record = ring_record(core, ring);

	if (record->state == REGISTRY_RING_FREE) {
		list_append(&core->free_rings, &ring->free);
		if (record->destroyed_unread && record->n_rules <= CONTROL_RULES_MAX &&
		    memchr(record->name, 0, sizeof(record->name)) &&
		    name_is_valid(record->name))
			ring_remember(core, ring);
		return;
	}
	core->n_rings++;
	adoption->n_rings++;
	account_charge_ring(core, record);
	schema_adopt(core, ring);
	if (claims_name(record->state))
		ring_name_add(core, ring);
}

static void index_attachment(struct core *core, struct core_attachment *attachment)
{
	struct registry_attachment *record = attachment_record(core, attachment);
	struct core_process *process;

	if (record->state == REGISTRY_ATTACHMENT_FREE) {
		list_append(&core->free_attachments, &attachment->free);
		return;
	}
	process = process_get(core, &record->process);
	process->is_unverified = process->is_verifying = true;
	attachment_index(core, attachment, process);
}

static void index_all(struct adoption *adoption)
{
	struct core *core = adoption->core;

	for (uint32_t i = 0; i < core->registry.header->n_rings; i++)
		index_ring(adoption, &core->rings[i]);
	for (uint32_t i = 0; i < core->registry.header->n_attachments; i++)
		index_attachment(core, &core->attachments[i]);
}

/* ---- segments ---- */

static void claim_segment(struct adoption *adoption, struct core_ring *ring)
{
	struct core *core = adoption->core;
	const struct registry_ring *record = ring_record(core, ring);
	struct core_scanned *at;

	if (record->state == REGISTRY_RING_FREE || record->state == REGISTRY_RING_TOMBSTONE ||
	    record->state == REGISTRY_RING_PURGING)
		return;
	at = scan_find(core, ring);
	if (at)
		at->is_claimed = true;
	if (record->state != REGISTRY_RING_LIVE)
		return;
	if (!at && record->sealed)
		destroy_lost(core, ring, "was sealed, and nobody kept it while no shmqd ran");
	else if (!at)
		destroy_lost(core, ring, "was removed by somebody else while no shmqd ran");
	else if (!at->entry->owned || at->entry->inode != record->inode)
		destroy_lost(core, ring, "was replaced by somebody else while no shmqd ran");
	else if (at->entry->bytes != record->segment_bytes)
		destroy_lost(core, ring, "was given another size by somebody else");
	adoption->n_lost += record->state == REGISTRY_RING_LOST;
}

static void remove_strays(struct adoption *adoption)
{
	struct core *core = adoption->core;

	for (size_t i = 0; i < adoption->n_entries; i++) {
		const struct core_scan_entry *entry = core->scan[i].entry;

		if (core->scan[i].is_claimed ||
		    strcmp(entry->name, core->registry.header->board_name) == 0 ||
		    segment_is_daemons(core->instance, entry->name))
			continue;
		if (!entry->ours || !adoption->whole) {
			adoption->n_kept++;
			core_log_write(core, CORE_LOG_STRAY, CORE_WARNING, NULL, NULL,
				       "left alone: %.200s, which no ring of ours claims%s",
				       entry->name,
				       entry->ours ? "" : " and which is not ours to remove");
			continue;
		}
		adoption->n_strays++;
		strcpy(action_new(core, CORE_UNLINK_STRAY)->segment, entry->name);
		core_log_write(core, CORE_LOG_STRAY, CORE_NOTICE, NULL, NULL,
			       "removed %.200s, which no ring claims", entry->name);
	}
}

/* ---- intents ---- */

static void finish_attachments(struct core *core)
{
	for (uint32_t i = 0; i < core->registry.header->n_attachments; i++) {
		uint32_t state = core->registry.attachments[i].state;

		if (state == REGISTRY_ATTACHMENT_DETACHING || state == REGISTRY_ATTACHMENT_DYING)
			attachment_end(core, &core->attachments[i],
				       state == REGISTRY_ATTACHMENT_DYING);
	}
}

static void finish_ring(struct adoption *adoption, struct core_ring *ring)
{
	struct core *core = adoption->core;
	struct core_scanned *at;

	switch (ring_record(core, ring)->state) {
	case REGISTRY_RING_CREATING:
		adoption->n_undone++;
		at = scan_find(core, ring);
		if (at && at->entry->owned)
			segment_unlink(core, ring, false);
		else
			create_undone(core, ring);
		break;
	case REGISTRY_RING_DESTROYING:
		if (ring->holders[SHMQ_ROLE_OWNER])
			attachment_end(core, ring->holders[SHMQ_ROLE_OWNER], false);
		at = scan_find(core, ring);
		if (at && at->entry->owned)
			segment_unlink(core, ring, true);
		else
			destroy_unlinked(core, ring, -ENOENT);
		break;
	case REGISTRY_RING_TOMBSTONE:
		destroy_go_on(core, ring);
		break;
	case REGISTRY_RING_PURGING:
		purge_restart(core, ring);
		break;
	default:
		break;
	}
}

/* ---- the board says what the registry says ---- */

/* Return: true: it said something else. */
static bool mend_role(struct core *core, const struct core_ring *ring, enum shmq_role role)
{
	const struct core_attachment *holder = ring->holders[role];
	uint64_t incarnation = ring_record(core, ring)->incarnation[role];
	uint64_t word = words_role(core, ring, role);
	enum shmq_role_state state = SHMQ_ROLE_HELD;

	if (holder)
		incarnation = attachment_record(core, holder)->incarnation;
	else if (SHMQ_BOARD_STATE(word) == SHMQ_ROLE_HELD ||
		 SHMQ_BOARD_STATE(word) > SHMQ_ROLE_DIED || SHMQ_BOARD_COUNT(word) > incarnation)
		state = incarnation ? SHMQ_ROLE_DIED : SHMQ_ROLE_NONE;
	else
		return false;
	if (word == SHMQ_BOARD_WORD(incarnation, state))
		return false;
	words_set_role(core, ring, role, incarnation, state);
	return true;
}

static bool mend_state(struct core *core, const struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	enum shmq_ring_state state = SHMQ_RING_DESTROYED;

	if (record->state == REGISTRY_RING_LIVE)
		state = SHMQ_RING_LIVE;
	else if (record->state == REGISTRY_RING_LOST)
		state = SHMQ_RING_LOST;
	if (words_state(core, ring) == SHMQ_BOARD_WORD(record->use_count, state))
		return false;
	words_set_state(core, ring, state);
	return true;
}

static void mend_words(struct core *core, const struct core_ring *ring)
{
	uint32_t state = ring_record(core, ring)->state;
	bool is_changed = false;

	if (state == REGISTRY_RING_FREE || state == REGISTRY_RING_CREATING)
		return;
	for (unsigned role = 0; role <= SHMQ_ROLE_CONSUMER; role++)
		is_changed |= mend_role(core, ring, role);
	is_changed |= mend_state(core, ring);
	if (is_changed)
		words_tell(core, ring);
}

static void verify_processes(struct core *core)
{
	struct core_process *process, *next;

	HASH_ITER (by_id, core->processes, process, next) {
		struct core_action *action;

		if (list_is_empty(&process->attachments)) {
			process->is_verifying = false;
			process_put(core, process);
			continue;
		}
		action = action_new(core, CORE_PROCESS_VERIFY);
		action->process_id = process->id;
		action->process = process->identity;
	}
}

void core_adopt(struct core *core, const struct core_scan_entry *entries, size_t n_entries,
		bool whole, int64_t now_ns, struct core_actions *actions)
{
	struct adoption adoption = { .core = core, .n_entries = n_entries, .whole = whole };
	uint32_t n_rings = core->registry.header->n_rings;

	core_step_begin(core, now_ns, actions);
	core->started_ns = now_ns;
	core->grace_end_ns = now_ns + core->config.grace_ns;
	tell_everybody(core);
	scan_index(&adoption, entries);
	index_all(&adoption);
	for (uint32_t i = 0; i < n_rings; i++)
		mend_words(core, &core->rings[i]);
	for (uint32_t i = 0; i < n_rings; i++)
		claim_segment(&adoption, &core->rings[i]);
	remove_strays(&adoption);
	finish_attachments(core);
	for (uint32_t i = 0; i < n_rings; i++)
		finish_ring(&adoption, &core->rings[i]);
	for (uint32_t i = 0; i < n_rings; i++)
		lifetime_look_later(core, &core->rings[i]);
	core->counts[SHMQ_DAEMON_ADOPTED_RINGS_METRIC] = adoption.n_rings;
	core->n_logs = 0; /* this line is never too much */
	core_log_write(core, CORE_LOG_ADOPTED, CORE_NOTICE, NULL, NULL,
		       "adopted %u rings and %u attachments; %u rings undone, %u lost, %u strays "
		       "removed, %u left alone",
		       adoption.n_rings, core->n_attachments, adoption.n_undone, adoption.n_lost,
		       adoption.n_strays, adoption.n_kept);
	verify_processes(core);
	adopt_forget_scan(core);
	core->out = NULL;
}
