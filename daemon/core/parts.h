/* SPDX-License-Identifier: MIT */
/*
 * parts.h - inside of the core: what its files ask of each other
 *
 * From the ground up: a file uses only what stands above its own section (tests/check/layering.sh
 * looks whether the objects do). What is below is reached by a return value, or by the ask's own
 * .run: a request that has waited is begun anew.
 *
 * Functions that refuse a request have queued the reply when they return < 0 (or true, where they
 * say so): the caller has nothing more to do.
 */
#pragma once

#include "daemon/core/state.h"

/* ---- memory.c ---- */

void *core_alloc(size_t bytes); /* zeroed, never NULL */

/* ---- actions.c ---- */

void core_step_begin(struct core *core, int64_t now_ns, struct core_actions *actions);
struct core_action *action_new(struct core *core, enum core_action_type type);
/* A reply with a page of a listing. */
struct core_action *action_new_page(struct core *core, enum core_action_type type);
/* A reply with @bytes of its own behind it. */
struct core_action *action_new_tail(struct core *core, size_t bytes, void **ret_tail);
struct core_action *action_ring(struct core *core, enum core_action_type type,
				const struct core_ring *ring);

/* ---- account.c ---- */

struct core_uid *account_get(struct core *core, uid_t uid);
void account_put(struct core *core, struct core_uid *account);
void account_charge_ring(struct core *core, const struct registry_ring *record);
void account_release_ring(struct core *core, const struct registry_ring *record);
/* Is any ring of this type? */
bool account_has_type(const struct core *core, uint64_t fingerprint);
void account_charge_attachment(struct core *core, uid_t uid);
void account_release_attachment(struct core *core, uid_t uid);

/* ---- process.c ---- */

bool identity_same(const struct process_identity *a, const struct process_identity *b);
struct core_process *process_get(struct core *core, const struct process_identity *identity);
struct core_process *process_by_id(const struct core *core, uint32_t id);
/* As its last connection told; "" if unknown. Also of one that has ended and still holds something. */
const char *process_unit(const struct core *core, const struct process_identity *identity);
void process_watch(struct core *core, struct core_process *process,
		   const struct core_connection *connection);
/* Forget it when nothing of it is left. */
void process_put(struct core *core, struct core_process *process);

/* ---- log.c ---- */

/* @ring, @process: what it is about, or NULL. Return: to add to; NULL: too many in this step. */
struct core_log *core_log_write(struct core *core, enum core_log_id id, int priority,
				const struct core_ring *ring,
				const struct process_identity *process, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* ---- ring.c ---- */

static inline uint32_t ring_index(const struct core *core, const struct core_ring *ring)
{
	return (uint32_t)(ring - core->rings);
}

static inline struct registry_ring *ring_record(const struct core *core,
						const struct core_ring *ring)
{
	return &core->registry.rings[ring - core->rings];
}

/* Somebody maps it: a producer or a consumer. */
static inline bool ring_is_attached(const struct core_ring *ring)
{
	return ring->holders[SHMQ_ROLE_PRODUCER] || ring->holders[SHMQ_ROLE_CONSUMER];
}

struct core_ring *ring_find(const struct core *core, const char *name);
void ring_init(struct core_ring *ring);
/* Return: a FREE record, taken out of the free ones, or NULL. */
struct core_ring *ring_take(struct core *core);
/* The record goes back to FREE; its indexes must be empty. */
void ring_give_back(struct core *core, struct core_ring *ring);
void ring_name_add(struct core *core, struct core_ring *ring);
void ring_name_remove(struct core *core, struct core_ring *ring);
/* The reap that a FREE record remembers. */
void ring_remember(struct core *core, struct core_ring *ring);
/* Return: the record of the last ring of this name, reaped with unread messages; or NULL. */
const struct registry_ring *ring_remembered(struct core *core, const char *name);
void ring_forget(struct core *core, const char *name);
void ring_timer_set(struct core *core, struct core_ring *ring, int64_t deadline_ns);
void ring_timer_clear(struct core *core, struct core_ring *ring);
void ring_probe(struct core *core, struct core_ring *ring, enum ring_probe why);
void generation_make(struct core *core, uint8_t generation[CONTROL_GENERATION_BYTES]);

/* ---- words.c: stores to the board ---- */

/* A new use: no role was ever held; then the state. */
void words_begin(struct core *core, const struct core_ring *ring);
void words_set_state(struct core *core, const struct core_ring *ring, enum shmq_ring_state state);
void words_set_role(struct core *core, const struct core_ring *ring, enum shmq_role role,
		    uint64_t incarnation, enum shmq_role_state state);
uint64_t words_state(const struct core *core, const struct core_ring *ring);
uint64_t words_role(const struct core *core, const struct core_ring *ring, enum shmq_role role);
/* Bump the futex word and wake who sleeps on it. After every change above. */
void words_tell(struct core *core, const struct core_ring *ring);

/* ---- counts.c ---- */

void count_request(struct core *core, enum control_op op);
void count_refusal(struct core *core, const struct core_ask *ask, int status);
void count_event(struct core *core, enum control_event_kind kind, struct core_ring *ring,
		 uint64_t n_messages);

/* ---- access.c ---- */

/* Root and the daemon's own. */
bool uid_is_trusted(const struct core *core, uid_t uid);
bool access_is_trusted(const struct core *core, const struct core_connection *connection);
/* They, and whoever made the ring. */
bool access_is_owner(const struct core *core, const struct core_connection *connection,
		     const struct registry_ring *record);
/* Return: CONTROL_PRODUCE, …; 0: nothing, not even that it exists. */
unsigned access_rights(const struct core *core, const struct core_connection *connection,
		       const struct registry_ring *record);
bool access_sees(const struct core *core, const struct core_connection *connection,
		 const struct registry_ring *record);
/* The ring that is asked for, if there is one that the asker may see. */
struct core_ring *access_find(const struct core *core, const struct core_ask *ask);
/* Unread messages of the last ring of this name, 0 to those who could not see it. */
uint64_t access_remembered(struct core *core, const struct core_connection *connection,
			   const char *name);
bool access_may_make(const struct core *core, const struct core_connection *connection,
		     const char *name);

/* ---- describe.c ---- */

static inline struct registry_attachment *
attachment_record(const struct core *core, const struct core_attachment *attachment)
{
	return &core->registry.attachments[attachment - core->attachments];
}

static inline struct core_ring *attachment_ring(const struct core *core,
						const struct core_attachment *attachment)
{
	return &core->rings[attachment_record(core, attachment)->ring];
}

const char *role_name(unsigned role);
void describe_attachment(const struct core *core, const struct core_attachment *attachment,
			 struct control_holder *ret_holder);
/* "pid 123 (name) since 5s" */
const char *describe_holder(const struct core *core, const struct core_attachment *attachment,
			    char *text, size_t cap_bytes);
const char *describe_process(const struct process_identity *process, char *text, size_t cap_bytes);

/* ---- granted.c ---- */

/* An attachment that is indexed otherwise. */
void granted_add(struct core *core, struct core_attachment *attachment);
void granted_remove(struct core *core, struct core_attachment *attachment);
/* What @process was granted for this nonce; NULL: nothing that it still has. */
struct core_attachment *granted_find(const struct core *core, const struct core_process *process,
				     unsigned role, uint64_t nonce, const char *name);

/* ---- refuse.c: replies and their sentences ---- */

struct core_action *reply_new(struct core *core, const struct core_ask *ask);
/* @tail: copied behind the reply, and lives as long. */
struct core_action *reply_new_tail(struct core *core, const struct core_ask *ask, const char *tail,
				   const char **ret_tail);
struct core_action *reply_to(struct core *core, uint32_t connection, uint64_t id);
void reply_text(struct core_action *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct core_action *refuse(struct core *core, const struct core_ask *ask, int status,
			   const char *format, ...) __attribute__((format(printf, 4, 5)));
int refuse_absent(struct core *core, const struct core_ask *ask);
int refuse_lost(struct core *core, const struct core_ask *ask, const struct core_ring *ring);
int refuse_held(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		unsigned role);
int refuse_attached(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		    const char *verb);

/* ---- quota.c ---- */

/* One ring of @bytes more for @uid. Return: 0, or -EDQUOT after the ask was refused. */
int quota_check_ring(struct core *core, const struct core_ask *ask, uint64_t bytes, bool sealed);
int quota_check_attachment(struct core *core, const struct core_ask *ask, unsigned n);
/* Return: false, and a sentence: no further connection for @who. */
bool quota_has_connection(struct core *core, struct core_uid *account,
			  const struct process_identity *who, char *text, size_t cap_bytes);

/* ---- policy.c: 0, or an error after the ask was refused ---- */

/* The packet was sent by the process that connected, which lives and can be named. */
int policy_is_peer(struct core *core, const struct core_ask *ask);
/* Rights are decided by a uid that means the same to everybody. */
int policy_has_uid(struct core *core, const struct core_ask *ask);
/* What the ask's operation needs: the right to its role, or to see the ring. */
int policy_may_attach(struct core *core, const struct core_ask *ask, const struct core_ring *ring);
int policy_may_make(struct core *core, const struct core_ask *ask);
int policy_may_control(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		       const char *verb);

/* ---- watch.c ---- */

void watch_ask(struct core *core, struct core_ask *ask);
void watch_stop(struct core *core, struct core_connection *connection);
void watch_tell(struct core *core, enum control_event_kind kind, struct core_ring *ring,
		const struct process_identity *process, unsigned role, uint64_t count);
/* The last of a step: how many events were left out. */
void watch_tell_missed(struct core *core);

/* ---- segment.c: the steps of a segment's life that the shell takes ---- */

void segment_make(struct core *core, struct core_ring *ring);
/* The next chunk; after the last one, its rights. */
void segment_allocate(struct core *core, struct core_ring *ring);
void segment_unlink(struct core *core, struct core_ring *ring, bool keep_open);
/* The next chunk. Return: false: there is none left. */
bool segment_punch(struct core *core, struct core_ring *ring);
void segment_close(struct core *core, struct core_ring *ring);
void segment_retry_later(struct core *core, struct core_ring *ring);
/* Why it could not be made, for people. Return: the status to answer. */
int segment_explain(const struct core *core, const struct core_ring *ring, char *text,
		    size_t cap_bytes);

/* ---- ask.c: requests that wait ---- */

/* Return: 0, or -EAGAIN after the ask was refused: its connection has too many waiting. */
int ask_check_wait(struct core *core, const struct core_ask *ask);
/* Keep a copy of @ask until ring_asks_run() or ring_asks_refuse(). */
void ask_wait(struct core *core, struct core_ask *ask, struct core_ring *ring);
/* The ring is being made, emptied or undone. Return: true: the ask waits, or was refused. */
bool ask_waits_for_ring(struct core *core, struct core_ask *ask, struct core_ring *ring);
/* Return: true: the ask waits until the unread messages are counted, or was refused. */
bool ask_waits_for_count(struct core *core, struct core_ask *ask, struct core_ring *ring);
void ask_free(struct core_ask *ask);
void ring_asks_run(struct core *core, struct core_ring *ring, bool has_count);
void ring_asks_refuse(struct core *core, struct core_ring *ring, int status, const char *text);

/* ---- connection.c ---- */

struct core_connection *connection_find(const struct core *core, uint32_t id);
void connection_open(struct core *core, const struct core_event *event);
void connection_close(struct core *core, struct core_connection *connection);
void connection_free(struct core *core, struct core_connection *connection);

/* ---- schema.c ---- */

/* Of a schema's text. */
uint64_t schema_fingerprint(const char *text);
/* Is it the fingerprint of this text, or of one that this is a later version of? */
bool schema_descends(const char *text, uint64_t fingerprint);
/* May who expects this type (@text may be "") use the ring? Return: 0, or -EEXIST after the ask was
 * refused. */
int schema_judge(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		 uint64_t fingerprint, const char *text);
/* Remember the text of the ring's type, here and in the registry. One that isn't its type's is
 * ignored. */
void schema_keep(struct core *core, struct core_ring *ring, const char *text);
/* Find the text that an earlier daemon kept. */
void schema_adopt(struct core *core, struct core_ring *ring);

/* ---- plan.c: what a request wants a ring to be ---- */

struct ring_plan {
	struct control_ring_config config;	/* defaults filled in */
	struct control_geometry geometry;
};

void geometry_of(const struct registry_ring *record, struct control_geometry *ret_geometry);
/* Return: 0, or -EINVAL after the ask was refused. */
int plan_make(struct core *core, const struct core_ask *ask, struct ring_plan *ret_plan);
/* Does the ask's config describe this ring? Return: 0, or -EEXIST after the ask was refused. */
int plan_compare(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		 const struct ring_plan *plan);

/* ---- attachment.c ---- */

struct core_attachment *attachment_find(const struct core *core, uint64_t id);
/* Grant @role. Return: the attachment, or NULL: the table is full. */
struct core_attachment *attachment_grant(struct core *core, struct core_ring *ring,
					 enum shmq_role role, struct core_connection *connection,
					 uint64_t nonce);
/* It ends: in good order, or with its process. The caller looks after the ring's lifetime. */
void attachment_end(struct core *core, struct core_attachment *attachment, bool died);
/* Index a record that is not FREE. */
void attachment_index(struct core *core, struct core_attachment *attachment,
		      struct core_process *process);

/* ---- destroy.c ---- */

/* Who is answered when a destroy or a purge has come to its end. */
void asker_set(struct core_ring *ring, const struct core_ask *ask);
/* Who that is; who made the ring if nobody (any more) awaits the end. */
const struct process_identity *asker_process(const struct core *core,
					     const struct core_ring *ring);
/* Return: its reply, or NULL: it is gone, or there is none. */
struct core_action *asker_answer(struct core *core, struct core_ring *ring);
void destroy_ask(struct core *core, struct core_ask *ask);
/* @unread: messages that go with it. The name is free when this returns. */
void destroy_begin(struct core *core, struct core_ring *ring, bool is_reap, uint64_t unread);
/* The segment's name is gone, or could not be removed: go on. */
void destroy_unlinked(struct core *core, struct core_ring *ring, int error);
/* Of a tombstone: free its memory once nobody maps it. */
void destroy_go_on(struct core *core, struct core_ring *ring);
/* A chunk is back; -EBUSY: but somebody who is not attached can fill it again. */
void destroy_punched(struct core *core, struct core_ring *ring, int error);
/* Somebody else removed the segment. */
void destroy_lost(struct core *core, struct core_ring *ring, const char *how);

/* ---- lifetime.c ---- */

/* Something changed: does a clock start, or is the ring at its end? */
void lifetime_look(struct core *core, struct core_ring *ring);
/* A holder is gone: does that end something? */
void ring_left(struct core *core, struct core_ring *ring);
/* Somebody uses the ring: no clock runs. */
void lifetime_stop_clock(struct core *core, struct core_ring *ring);
void lifetime_restart_clock(struct core *core, struct core_ring *ring);
/* After a daemon's start: look when the grace is over. */
void lifetime_look_later(struct core *core, struct core_ring *ring);
/* Its timer ran out. */
void lifetime_is_due(struct core *core, struct core_ring *ring);
void lifetime_probed(struct core *core, struct core_ring *ring, const struct core_event *event);
uint64_t lifetime_left_ns(const struct core *core, const struct core_ring *ring, int64_t now_ns);

/* ---- purge.c ---- */

void purge_ask(struct core *core, struct core_ask *ask);
void purge_unlinked(struct core *core, struct core_ring *ring, int error);
void purge_is_ready(struct core *core, struct core_ring *ring);
void purge_retry(struct core *core, struct core_ring *ring);
/* After a daemon's death: another generation, from the beginning. */
void purge_restart(struct core *core, struct core_ring *ring);

/* ---- create.c ---- */

void create_ask(struct core *core, struct core_ask *ask);
/* Begin a ring and make the ask wait for it, or refuse the ask. */
void create_begin(struct core *core, struct core_ask *ask);
/* A ring of this name exists: is the ask content with it? Return: 0, or < 0: it was refused. */
int create_judge(struct core *core, struct core_ask *ask, struct core_ring *ring);
bool create_is_maker(const struct core_ask *ask, const struct registry_ring *record);
/* Let the ask's process own a with-creator ring, if nobody does. @n_roles: that it is to hold then, with this
 * one. Return: 0, or < 0: refused. */
int create_own(struct core *core, struct core_ask *ask, struct core_ring *ring, unsigned n_roles);
/* What the last ring of this name lost, said once, to who made the next. */
void create_note(struct core *core, const struct core_ask *ask, struct core_ring *ring,
		 struct core_action *reply);
void create_is_ready(struct core *core, struct core_ring *ring);
/* Tell who waits why there is no ring. */
void create_failed(struct core *core, struct core_ring *ring);
/* Nothing is left of it. */
void create_undone(struct core *core, struct core_ring *ring);

/* ---- attach.c, detach.c ---- */

void attach_ask(struct core *core, struct core_ask *ask);
void detach_ask(struct core *core, struct core_ask *ask);

/* ---- query.c, which reads info.c's views of core.h ---- */

void query_ask(struct core *core, struct core_ask *ask);

/* ---- death.c ---- */

void process_ended(struct core *core, struct core_process *process);
/* @unit: of one that is alive; may be NULL. */
void process_verified(struct core *core, struct core_process *process, enum core_verdict verdict,
		      const char *unit);

/* ---- what core.c gives the events to: ring_event.c, request.c, adopt.c ---- */

void ring_event(struct core *core, const struct core_event *event);
void request_event(struct core *core, const struct core_event *event);
void adopt_forget_scan(struct core *core);
