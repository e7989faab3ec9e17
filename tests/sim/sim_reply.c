/* SPDX-License-Identifier: MIT */
/*
 * sim_reply.c - are the answers right?
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sim_client *client_of(struct sim *sim, uint32_t id)
{
	struct fake_connection *connection = fake_connection(sim->fake, id);
	struct sim_client *client;

	if (!connection || !connection->is_open)
		return NULL;
	client = connection->process->user;
	return client->process->is_alive && client->connection == id ? client : NULL;
}

/* Or it did when the answer was made: its being forgotten is behind this action in the queue. */
static bool lives(struct sim *sim, pid_t pid)
{
	for (struct fake_process *at = sim->fake->processes; at; at = at->next)
		if (at->identity.pid == pid &&
		    (at->is_alive || at->end_is_due || at->is_hidden || at->id))
			return true;
	return false;
}

/* Two living processes must never write the same words. */
static void check_alone(struct sim *sim, const struct sim_client *client,
			const struct sim_held *held)
{
	for (uint32_t i = 0; i < sim->n_clients; i++) {
		const struct sim_client *other = &sim->clients[i];

		if (!other->process || !other->process->is_alive)
			continue;
		for (unsigned j = 0; j < other->n_held; j++) {
			const struct sim_held *theirs = &other->held[j];

			if (theirs != held && theirs->ring == held->ring &&
			    theirs->use_count == held->use_count && theirs->role == held->role &&
			    !theirs->is_leaving)
				fake_complain(sim->fake, "pid %d and pid %d both hold role %d of ring %u",
					      client->process->identity.pid,
					      other->process->identity.pid, held->role, held->ring);
		}
	}
}

static struct sim_held *held_add(struct sim *sim, struct sim_client *client, uint64_t id)
{
	struct sim_held *held;

	if (client->n_held == SIM_HELD_MAX) {
		/* it forgets the oldest, which stays held until its end */
		client_unmap(sim, &client->held[0]);
		memmove(client->held, client->held + 1, sizeof(*held) * (SIM_HELD_MAX - 1));
		client->n_held--;
	}
	held = &client->held[client->n_held++];
	*held = (struct sim_held){ .id = id };
	return held;
}

static void granted(struct sim *sim, struct sim_client *client, const struct core_action *action)
{
	const struct control_attach *attach = &action->reply.attach;
	const struct registry_ring *record = &sim->fake->registry.rings[attach->board_index];
	struct sim_held *held;
	struct fake_file *file;

	if (client->expected_id && client->expected_id != attach->attachment)
		fake_complain(sim->fake, "the same request was granted %" PRIu64 ", then %" PRIu64,
			      client->expected_id, attach->attachment);
	for (unsigned i = 0; i < client->n_held; i++)
		if (client->held[i].id == attach->attachment)
			fake_complain(sim->fake, "attachment %" PRIu64 " was granted twice",
				      attach->attachment);
	sim->n_granted++;
	held = held_add(sim, client, attach->attachment);
	held->role = client->request.role;
	held->ring = attach->board_index;
	held->use_count = attach->use_count;
	held->slots = attach->geometry.slots;
	check_alone(sim, client, held);
	if (held->role == SHMQ_ROLE_OWNER)
		return;
	file = fake_file_find(sim->fake, action->segment);
	if (file && file->inode == attach->inode) {
		if (!file->is_shared || file->allocated != file->bytes)
			fake_complain(sim->fake, "%s was granted before it is whole", file->name);
		held->file = file;
		file->n_maps++;
	} else if (record->state == REGISTRY_RING_LIVE && record->use_count == attach->use_count &&
		   fake_is_settled(sim->fake)) {
		fake_complain(sim->fake, "ring %u was granted without its segment",
			      attach->board_index);
	}
}

static void created(struct sim *sim, struct sim_client *client, const struct core_action *action)
{
	struct control_ring_info info;
	struct sim_held *held;

	/* the clock began anew when it was answered, which was after it was asked */
	if (client->sent_ns > sim->used_ns[action->ring])
		sim->used_ns[action->ring] = client->sent_ns;
	core_ring_info(sim->fake->core, action->ring, sim->fake->now_ns, &info);
	for (size_t i = 0; i < info.n_holders; i++) {
		if (info.holders[i].role != SHMQ_ROLE_OWNER ||
		    info.holders[i].pid != client->process->identity.pid)
			continue;
		for (unsigned j = 0; j < client->n_held; j++)
			if (client->held[j].id == info.holders[i].attachment)
				return;
		held = held_add(sim, client, info.holders[i].attachment);
		held->role = SHMQ_ROLE_OWNER;
		held->ring = action->ring;
		held->use_count = sim->fake->registry.rings[action->ring].use_count;
	}
}

static void detached(struct sim *sim, struct sim_client *client)
{
	for (unsigned i = 0; i < client->n_held; i++) {
		if (client->held[i].id != client->request.attachment)
			continue;
		client_unmap(sim, &client->held[i]);
		client->held[i] = client->held[--client->n_held];
		return;
	}
}

static void check_refusal(struct sim *sim, struct sim_client *client,
			  const struct control_reply *reply)
{
	bool changes_roles = client->request.op == CONTROL_ATTACH ||
			     client->request.op == CONTROL_DETACH;

	if (!reply->text[0])
		fake_complain(sim->fake, "op %d was refused (%d) without a word", client->request.op,
			      reply->status);
	if (reply->status == -EBUSY) {
		if (reply->n_holders == 0 && client->request.op != CONTROL_PURGE)
			fake_complain(sim->fake, "busy, but by nobody: %s", reply->text);
		for (size_t i = 0; i < reply->n_holders; i++)
			if (!lives(sim, reply->holders[i].pid))
				fake_complain(sim->fake, "held by the dead: %s", reply->text);
	}
	if (changes_roles && reply->status == -EPERM && !client->as_stranger &&
	    !client->wrong_echo && client->process->identity.pid != 0) {
		for (unsigned i = 0; i < client->n_held; i++)
			if (client->held[i].id == client->request.attachment)
				fake_complain(sim->fake, "refused its own process: %s", reply->text);
		if (client->request.op == CONTROL_ATTACH)
			fake_complain(sim->fake, "refused the process itself: %s", reply->text);
	}
	if (client->expected_id && !client->as_stranger && !client->wrong_echo)
		fake_complain(sim->fake, "was granted %" PRIu64 " before, and now: %s",
			      client->expected_id, reply->text);
}

static void check_sight(struct sim *sim, const struct sim_client *client, uint32_t ring)
{
	const struct registry_ring *record = &sim->fake->registry.rings[ring];

	if (!sim_sees(client, record))
		fake_complain(sim->fake, "uid %u is shown ring '%s', which is not for its eyes",
			      client->process->identity.uid, record->name);
}

static void answered(struct sim *sim, struct sim_client *client, const struct core_action *action)
{
	const struct control_reply *reply = &action->reply;
	bool is_foreign = client->as_stranger || client->wrong_echo;

	if (sim->is_trace)
		fprintf(stderr, "%" PRIu64 ": op %d of %s: %d %s\n", sim->step, client->request.op,
			client->name, reply->status, reply->text);
	if (reply->status < 0) {
		check_refusal(sim, client, reply);
		return;
	}
	switch (client->request.op) {
	case CONTROL_ATTACH:
		if (is_foreign)
			fake_complain(sim->fake, "a stranger was granted a role");
		granted(sim, client, action);
		break;
	case CONTROL_CREATE:
		created(sim, client, action);
		break;
	case CONTROL_DETACH:
		if (is_foreign)
			fake_complain(sim->fake, "a stranger detached");
		detached(sim, client);
		break;
	case CONTROL_WATCH:
		if (!client->mirror) {
			client->mirror = calloc(1, sizeof(*client->mirror));
			if (!client->mirror)
				abort();
		}
		break;
	case CONTROL_LIST:
		for (size_t i = 0; i < action->n_ring_list; i++)
			check_sight(sim, client, action->ring_list[i]);
		break;
	case CONTROL_SHOW:
		check_sight(sim, client, action->ring);
		break;
	case CONTROL_UNKNOWN:
		fake_complain(sim->fake, "an unknown request succeeded");
		break;
	default:
		break;
	}
}

void sim_on_reply(struct fake *fake, struct core_action *action)
{
	struct sim *sim = fake->user;
	struct sim_client *client = client_of(sim, action->connection);

	if (!client || action->reply.id == 0)
		return;
	if (action->reply.id == client->hello_id) {
		client->hello_id = 0;
		client->has_greeted = action->reply.status == 0;
		client->echo = action->reply.hello.echo;
		return;
	}
	if (!client->is_asking || !client->is_sent || action->reply.id != client->request.id) {
		fake_complain(fake, "a reply that nobody awaits: id %" PRIu64 ", %s",
			      action->reply.id, action->reply.text);
		return;
	}
	answered(sim, client, action);
	client->is_asking = false;
}

/* ---- the journal: may this ring go? ---- */

static const struct registry_ring *ring_leaving(struct sim *sim, const char *name)
{
	const struct registry_ring *found = NULL;

	for (uint32_t i = 0; i < sim->fake->n_rings; i++) {
		const struct registry_ring *record = &sim->fake->registry.rings[i];

		if (record->state != REGISTRY_RING_DESTROYING || strcmp(record->name, name) != 0)
			continue;
		if (found) /* which of them is meant? */
			return NULL;
		found = record;
	}
	return found;
}

static void check_reap(struct sim *sim, const struct core_log *log)
{
	const struct registry_ring *record = ring_leaving(sim, log->ring);
	int64_t now_ns = sim->fake->now_ns;
	uint32_t ring;
	char segment[CONTROL_SEGMENT_MAX];
	struct fake_file *file;
	uint64_t unread;
	int64_t idle_ns;

	sim->n_reaped++;
	if (!record)
		return;
	if (now_ns < sim->started_ns + SIM_GRACE_S * NS_PER_S)
		fake_complain(sim->fake, "ring '%s' was reaped within the grace", log->ring);
	if (record->lifetime == CONTROL_PERSISTENT)
		fake_complain(sim->fake, "persistent ring '%s' was reaped", log->ring);
	ring = (uint32_t)(record - sim->fake->registry.rings);
	core_segment_name(sim->fake->core, ring, segment);
	file = fake_file_find(sim->fake, segment);
	unread = file ? file->pushed - file->popped : 0;
	/* what ends with its owner may be in use: then the count is of a moment before */
	if (file && record->lifetime == CONTROL_LINGER && unread != record->destroyed_unread)
		fake_complain(sim->fake, "ring '%s' was reaped with %" PRIu64 " unread, not %" PRIu64,
			      log->ring, unread, record->destroyed_unread);
	idle_ns = now_ns - sim->used_ns[ring];
	if (record->lifetime == CONTROL_LINGER &&
	    idle_ns < (int64_t)(unread ? SIM_UNREAD_S : SIM_LINGER_S) * NS_PER_S)
		fake_complain(sim->fake, "ring '%s' was reaped after %" PRId64 " s with %" PRIu64
			      " unread", log->ring, idle_ns / NS_PER_S, unread);
}

void sim_on_log(struct fake *fake, struct core_action *action)
{
	struct sim *sim = fake->user;
	int name = sim_name_index(action->log.ring);

	if (sim->is_trace)
		fprintf(stderr, "%" PRIu64 ": log %s\n", sim->step, action->log.text);
	if (name < 0)
		return;
	switch (action->log.id) {
	case CORE_LOG_RING_REAPED:
		check_reap(sim, &action->log);
		break;
	case CORE_LOG_RING_DESTROYED:
		if (!sim->end_asked[name])
			fake_complain(fake, "ring '%s' was destroyed, and nobody had asked",
				      action->log.ring);
		break;
	default:
		break;
	}
}
