/* SPDX-License-Identifier: MIT */
/*
 * create.c - making rings: the request, the record, and the end of the making either way
 *
 * Whoever asks for a name while its ring is being made waits, and is then answered from what became
 * of it; so the request that began it is the first of those that wait.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/core/parts.h"

bool create_is_maker(const struct core_ask *ask, const struct registry_ring *record)
{
	return ask->has_made ||
	       (ask->request.nonce && ask->request.nonce == record->nonce &&
		identity_same(&ask->connection->identity, &record->creator));
}

int create_judge(struct core *core, struct core_ask *ask, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	struct ring_plan plan;
	char creator[96];
	int r;

	if (record->state == REGISTRY_RING_LOST)
		return refuse_lost(core, ask, ring);
	if (ask->request.exclusive && !create_is_maker(ask, record)) {
		describe_process(&record->creator, creator, sizeof(creator));
		refuse(core, ask, -EEXIST, "ring '%s' exists: %s, uid %u, made it", record->name,
		       creator, record->creator.uid);
		return -EEXIST;
	}
	if (!ask->request.has_config)
		return 0;
	r = plan_make(core, ask, &plan);
	if (r == 0)
		r = plan_compare(core, ask, ring, &plan);
	if (r < 0)
		return r;
	schema_keep(core, ring, plan.config.schema_text);
	return 0;
}

int create_own(struct core *core, struct core_ask *ask, struct core_ring *ring, unsigned n_roles)
{
	int r;

	if (ring_record(core, ring)->lifetime != CONTROL_WITH_CREATOR ||
	    ring->holders[SHMQ_ROLE_OWNER] || !ask->request.has_config)
		return 0;
	r = policy_is_peer(core, ask);
	if (r == 0 && !create_is_maker(ask, ring_record(core, ring)))
		r = policy_may_control(core, ask, ring, "own");
	if (r == 0)
		r = quota_check_attachment(core, ask, n_roles);
	if (r < 0)
		return r;
	attachment_grant(core, ring, SHMQ_ROLE_OWNER, ask->connection, ask->request.nonce);
	lifetime_stop_clock(core, ring);
	return 0;
}

void create_note(struct core *core, const struct core_ask *ask, struct core_ring *ring,
		 struct core_action *reply)
{
	const char *name = ring_record(core, ring)->name;

	if (!ring->note_unread || !create_is_maker(ask, ring_record(core, ring)))
		return;
	reply_text(reply, "the last ring '%s' was removed when its time was over, with %" PRIu64
		   " messages that nobody had read", name, ring->note_unread);
	ring->note_unread = 0;
	ring_forget(core, name);
}

void create_ask(struct core *core, struct core_ask *ask)
{
	struct core_ring *ring = ring_find(core, ask->request.name);
	struct core_action *reply;

	if (policy_has_uid(core, ask) < 0)
		return;
	if (ask->request.config.lifetime == CONTROL_WITH_CREATOR && policy_is_peer(core, ask) < 0)
		return;
	if (!ring) {
		create_begin(core, ask);
		return;
	}
	if (policy_may_attach(core, ask, ring) < 0 || ask_waits_for_ring(core, ask, ring) ||
	    create_judge(core, ask, ring) < 0 ||
	    create_own(core, ask, ring, 1) < 0)
		return;
	lifetime_restart_clock(core, ring);
	reply = reply_new(core, ask);
	reply->type = CORE_REPLY_RING;
	reply->ring = ring_index(core, ring);
	reply->reply.body = CONTROL_BODY_RING;
	create_note(core, ask, ring, reply);
}

/* ---- the making ---- */

static void record_fill(struct core *core, struct registry_ring *record, const struct core_ask *ask,
			const struct ring_plan *plan)
{
	const struct control_ring_config *config = &plan->config;

	strcpy(record->name, ask->request.name);
	record->lifetime = config->lifetime;
	record->slots = plan->geometry.slots;
	record->size_bytes = plan->geometry.size_bytes;
	record->stride_bytes = plan->geometry.stride_bytes;
	record->lead_bytes = plan->geometry.lead_bytes;
	record->region_bytes = plan->geometry.region_bytes;
	record->segment_bytes = plan->geometry.segment_bytes;
	record->align_payload = config->align_payload;
	record->wake = config->wake;
	record->linger_s = config->linger_s;
	record->mode = config->mode;
	record->gid = config->gid;
	record->sealed = config->sealed;
	record->n_rules = (uint32_t)config->n_rules;
	memcpy(record->rules, config->rules, sizeof(record->rules));
	record->schema = config->schema;
	record->inode = 0;
	record->use_count++;
	memset(record->incarnation, 0, sizeof(record->incarnation));
	record->nonce = ask->request.nonce;
	record->created_s = core->now_s;
	generation_make(core, record->generation);
	record->creator = ask->connection->identity;
}

void create_begin(struct core *core, struct core_ask *ask)
{
	struct core_ring *ring;
	struct ring_plan plan;
	uint64_t note;
	unsigned n_roles;

	if (plan_make(core, ask, &plan) < 0)
		return;
	n_roles = (ask->request.op == CONTROL_ATTACH) +
		  (plan.config.lifetime == CONTROL_WITH_CREATOR &&
		   ask->request.role != SHMQ_ROLE_OWNER);
	if (policy_may_make(core, ask) < 0 || quota_check_ring(core, ask, plan.geometry.segment_bytes,
					      plan.config.sealed) < 0 ||
	    quota_check_attachment(core, ask, n_roles) < 0 || ask_check_wait(core, ask) < 0)
		return;
	note = access_remembered(core, ask->connection, ask->request.name);
	ring = ring_take(core);
	assert(ring);
	ring->note_unread = note;
	record_fill(core, ring_record(core, ring), ask, &plan);
	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_CREATING);
	account_charge_ring(core, ring_record(core, ring));
	ring_name_add(core, ring);
	schema_keep(core, ring, plan.config.schema_text);
	segment_make(core, ring);
	ask->has_made = true;
	ask_wait(core, ask, ring);
}

void create_is_ready(struct core *core, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	char size[32];

	registry_ring_set_state(ring_record(core, ring), REGISTRY_RING_LIVE);
	words_begin(core, ring);
	words_tell(core, ring);
	ring->is_new = true;
	watch_tell(core, CONTROL_EVENT_CREATED, ring, &record->creator, 0, 0);
	core_log_write(core, CORE_LOG_RING_CREATED, CORE_INFO, ring, &record->creator,
		       "made ring '%s': %u slots of %u bytes, %s", record->name, record->slots,
		       record->size_bytes, format_size(record->segment_bytes, size, sizeof(size)));
	ring_asks_run(core, ring, false);
	lifetime_look(core, ring);
}

void create_failed(struct core *core, struct core_ring *ring)
{
	const struct registry_ring *record = ring_record(core, ring);
	char text[CONTROL_TEXT_MAX];
	int status;

	/* undone after a daemon's death, or at another try: nobody asks */
	if (!ring->failure)
		return;
	status = segment_explain(core, ring, text, sizeof(text));
	core_log_write(core, CORE_LOG_CREATE_FAILED, CORE_WARNING, ring, &record->creator, "%s",
		       text);
	ring_asks_refuse(core, ring, status, text);
	ring->failure = 0;
}

void create_undone(struct core *core, struct core_ring *ring)
{
	struct registry_ring *record = ring_record(core, ring);

	record->destroyed_unread = ring->note_unread;
	record->destroyed_s = core->now_s;
	segment_close(core, ring);
	ring_give_back(core, ring);
}
