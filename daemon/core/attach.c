/* SPDX-License-Identifier: MIT */
/*
 * attach.c - granting roles
 *
 * A role has one holder. The same process asking again with the same nonce gets the same answer: its
 * first reply was lost, and "held by yourself" would help nobody.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/names.h"
#include "daemon/core/parts.h"

static void attach_reply(struct core *core, const struct core_ask *ask, struct core_ring *ring,
			 const struct core_attachment *attachment)
{
	const struct registry_ring *record = ring_record(core, ring);
	const struct registry_attachment *granted = attachment_record(core, attachment);
	const char *schema_text;
	struct core_action *action = reply_new_tail(
		core, ask, ring->schema_text ? ring->schema_text : "", &schema_text);
	struct control_attach *attach = &action->reply.attach;

	action->reply.body = CONTROL_BODY_ATTACH;
	action->ring = ring_index(core, ring);
	action->with_descriptor = ask->request.want_descriptor && ask->request.role != SHMQ_ROLE_OWNER;
	action->role = ask->request.role;
	segment_name_format(core->instance, record, action->segment);
	attach->attachment = granted->id;
	attach->incarnation = granted->incarnation;
	memcpy(attach->generation, record->generation, sizeof(attach->generation));
	attach->segment = action->segment;
	attach->inode = record->inode;
	geometry_of(record, &attach->geometry);
	attach->wake = (enum control_wake)record->wake;
	attach->board_index = ring_index(core, ring);
	attach->use_count = record->use_count;
	attach->created = create_is_maker(ask, record);
	attach->schema = record->schema;
	attach->schema_text = schema_text;
	attach->sealed = record->sealed;
	create_note(core, ask, ring, action);
}

/* May this ask take its role of a ring that exists? */
static int attach_judge(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	int r;

	if (ask->request.create)
		r = create_judge(core, ask, ring);
	else if (record->state == REGISTRY_RING_LOST)
		r = refuse_lost(core, ask, ring);
	else
		r = 0;
	if (r == 0 && ask->request.schema_set)
		r = schema_judge(core, ask, ring, ask->request.schema, "");
	if (r == 0 && ask->request.role == SHMQ_ROLE_OWNER) {
		r = policy_may_control(core, ask, ring, "own");
		if (r == 0 && record->lifetime != CONTROL_WITH_CREATOR) {
			refuse(core, ask, -EINVAL, "ring '%s' has no owner: its lifetime is not "
			       "with-creator", record->name);
			r = -EINVAL;
		}
	}
	return r;
}

static int check_owned(struct core *core, const struct core_ask *ask, const struct core_ring *ring)
{
	const char *name = ring_record(core, ring)->name;

	if (ring_record(core, ring)->lifetime != CONTROL_WITH_CREATOR ||
	    ring->holders[SHMQ_ROLE_OWNER] || ask->request.role == SHMQ_ROLE_OWNER)
		return 0;
	refuse(core, ask, -ESTALE,
	       "the process that made ring '%s' has ended, and the ring ends with it", name);
	return -ESTALE;
}

static void attach_existing(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	unsigned role = ask->request.role;
	struct core_attachment *granted;

	if (attach_judge(core, ask, ring) < 0)
		return;
	if (ring->holders[role]) {
		refuse_held(core, ask, ring, role);
		return;
	}
	/* not before: who is refused his role would own the ring and not know it */
	if (ask->request.create && role != SHMQ_ROLE_OWNER && create_own(core, ask, ring, 2) < 0)
		return;
	if (check_owned(core, ask, ring) < 0 || quota_check_attachment(core, ask, 1) < 0)
		return;
	granted = attachment_grant(core, ring, role, ask->connection, ask->request.nonce);
	lifetime_stop_clock(core, ring);
	attach_reply(core, ask, ring, granted);
}

void attach_ask(struct core *core, struct core_ask *ask)
{
	struct core_ring *ring;
	struct core_attachment *granted;

	if (policy_is_peer(core, ask) < 0 || policy_has_uid(core, ask) < 0)
		return;
	/* before its reply was lost */
	granted = granted_find(core, ask->connection->process, ask->request.role, ask->request.nonce,
			       ask->request.name);
	if (granted) {
		attach_reply(core, ask, attachment_ring(core, granted), granted);
		return;
	}
	ring = ask->request.create ? ring_find(core, ask->request.name) : access_find(core, ask);
	if (ring) {
		if (policy_may_attach(core, ask, ring) == 0 && !ask_waits_for_ring(core, ask, ring))
			attach_existing(core, ask, ring);
		return;
	}
	if (!ask->request.create) {
		refuse_absent(core, ask);
		return;
	}
	if (ask->request.role == SHMQ_ROLE_OWNER &&
	    ask->request.config.lifetime != CONTROL_WITH_CREATOR) {
		refuse(core, ask, -EINVAL,
		       "only a ring with lifetime with-creator has an owner; '%s' would have none",
		       ask->request.name);
		return;
	}
	create_begin(core, ask);
}
