/* SPDX-License-Identifier: MIT */
/*
 * attachment.c - records of who holds which role: granted, ended, found by id
 *
 * Grant: incarnation, record, HELD, board, wake. End: intent, board, wake, FREE. A daemon that dies
 * between two of these leaves what adopt.c finishes.
 */
#include <assert.h>

#include "daemon/core/parts.h"

struct core_attachment *attachment_find(const struct core *core, uint64_t id)
{
	struct core_attachment *attachment;

	HASH_FIND(by_id, core->ids, &id, sizeof(id), attachment);
	return attachment;
}

void attachment_index(struct core *core, struct core_attachment *attachment,
		      struct core_process *process)
{
	struct registry_attachment *record = attachment_record(core, attachment);
	struct core_ring *ring = attachment_ring(core, attachment);

	assert(!ring->holders[record->role]);
	HASH_ADD_KEYPTR(by_id, core->ids, &record->id, sizeof(record->id), attachment);
	attachment->process = process;
	list_append(&process->attachments, &attachment->of_process);
	ring->holders[record->role] = attachment;
	granted_add(core, attachment);
	core->n_attachments++;
	account_charge_attachment(core, record->process.uid);
}

static void attachment_unindex(struct core *core, struct core_attachment *attachment)
{
	struct registry_attachment *record = attachment_record(core, attachment);

	granted_remove(core, attachment);
	HASH_DELETE(by_id, core->ids, attachment);
	list_remove(&attachment->of_process);
	attachment->process = NULL;
	attachment_ring(core, attachment)->holders[record->role] = NULL;
	list_append(&core->free_attachments, &attachment->free);
	core->n_attachments--;
	account_release_attachment(core, record->process.uid);
}

/* One line of the ring's biography. */
static void attachment_say(struct core *core, const struct core_attachment *attachment,
			   enum core_log_id id, int priority, const char *what)
{
	const struct registry_attachment *record = attachment_record(core, attachment);
	const struct core_ring *ring = attachment_ring(core, attachment);
	const char *role = role_name(record->role);
	struct core_log *log = core_log_write(core, id, priority, ring, &record->process,
					      "the %s of ring '%s', pid %d (%s), %s", role,
					      ring_record(core, ring)->name,
					      (int)record->process.pid, record->process.comm, what);

	if (log)
		log->role = role;
}

struct core_attachment *attachment_grant(struct core *core, struct core_ring *ring,
					 enum shmq_role role, struct core_connection *connection,
					 uint64_t nonce)
{
	struct registry_ring *ring_at = ring_record(core, ring);
	struct list *node = list_take(&core->free_attachments);
	struct core_attachment *attachment;
	struct registry_attachment *record;

	if (!node)
		return NULL;
	attachment = list_entry(node, struct core_attachment, free);
	record = attachment_record(core, attachment);
	record->ring = ring_index(core, ring);
	record->role = role;
	record->id = core->registry.header->next_attachment_id++;
	record->nonce = nonce;
	record->incarnation = role == SHMQ_ROLE_OWNER ? 0 : ++ring_at->incarnation[role];
	record->since_s = core->now_s;
	record->process = connection->identity;
	registry_attachment_set_state(record, REGISTRY_ATTACHMENT_HELD);
	attachment_index(core, attachment, connection->process);
	process_watch(core, connection->process, connection);
	if (role != SHMQ_ROLE_OWNER) {
		words_set_role(core, ring, role, record->incarnation, SHMQ_ROLE_HELD);
		words_tell(core, ring);
		ring->is_new = false;
		ring->unread_known = false;
	}
	watch_tell(core, CONTROL_EVENT_ATTACHED, ring, &record->process, role, 0);
	attachment_say(core, attachment, CORE_LOG_ATTACHED, CORE_INFO, "has attached");
	return attachment;
}

void attachment_end(struct core *core, struct core_attachment *attachment, bool died)
{
	struct registry_attachment *record = attachment_record(core, attachment);
	struct core_ring *ring = attachment_ring(core, attachment);
	enum shmq_role role = record->role;

	registry_attachment_set_state(record, died ? REGISTRY_ATTACHMENT_DYING
						   : REGISTRY_ATTACHMENT_DETACHING);
	if (role != SHMQ_ROLE_OWNER) {
		words_set_role(core, ring, role, record->incarnation,
			       died ? SHMQ_ROLE_DIED : SHMQ_ROLE_DETACHED);
		words_tell(core, ring);
	}
	watch_tell(core, died ? CONTROL_EVENT_DIED : CONTROL_EVENT_DETACHED, ring, &record->process,
		   role, 0);
	if (died)
		attachment_say(core, attachment, CORE_LOG_CLIENT_DIED, CORE_NOTICE,
			       "has ended: the role is free again");
	else
		attachment_say(core, attachment, CORE_LOG_DETACHED, CORE_INFO, "has detached");
	registry_attachment_set_state(record, REGISTRY_ATTACHMENT_FREE);
	attachment_unindex(core, attachment);
}
