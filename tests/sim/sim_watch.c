/* SPDX-License-Identifier: MIT */
/*
 * sim_watch.c - do events tell the whole story?
 *
 * Each watcher starts from the truth and then follows events alone; whenever nothing is under way
 * its picture must be the truth again.
 */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

static struct sim_mirror *mirror_of(struct sim *sim, uint32_t id)
{
	struct fake_connection *connection = fake_connection(sim->fake, id);
	struct sim_client *client;

	if (!connection || !connection->is_open)
		return NULL;
	client = connection->process->user;
	return client->connection == id ? client->mirror : NULL;
}

static void holder_add(struct sim_mirror *mirror, int name, unsigned role, int32_t pid)
{
	if (mirror->n_holders < SIM_MIRROR_MAX)
		mirror->holders[mirror->n_holders++] = (struct sim_mirror_holder){
			.name = (uint16_t)name, .role = (uint8_t)role, .pid = pid,
		};
}

static bool holder_remove(struct sim_mirror *mirror, int name, unsigned role, int32_t pid)
{
	for (uint32_t i = 0; i < mirror->n_holders; i++) {
		const struct sim_mirror_holder *at = &mirror->holders[i];

		if (at->name != name || at->role != role || at->pid != pid)
			continue;
		mirror->holders[i] = mirror->holders[--mirror->n_holders];
		return true;
	}
	return false;
}

static void follow(struct sim *sim, struct sim_mirror *mirror, const struct control_event *event)
{
	int name = sim_name_index(event->ring);
	bool fits = true;

	switch (event->kind) {
	case CONTROL_EVENT_CREATED:
		fits = mirror->n_rings[name]++ == 0;
		break;
	case CONTROL_EVENT_DESTROYED:
	case CONTROL_EVENT_REAPED:
		fits = mirror->n_rings[name]-- == 1;
		break;
	case CONTROL_EVENT_LOST:
		fits = mirror->n_rings[name] == 1;
		break;
	case CONTROL_EVENT_ATTACHED:
		holder_add(mirror, name, event->role, event->pid);
		break;
	case CONTROL_EVENT_DETACHED:
	case CONTROL_EVENT_DIED:
		fits = holder_remove(mirror, name, event->role, event->pid);
		break;
	default:
		fits = false;
		break;
	}
	if (!fits)
		fake_complain(sim->fake, "event %d of ring '%s' (role %d, pid %d) fits nothing that "
			      "was told before", event->kind, event->ring, event->role, event->pid);
}

void sim_on_event(struct fake *fake, struct core_action *action)
{
	struct sim *sim = fake->user;
	struct sim_mirror *mirror = mirror_of(sim, action->connection);

	if (!mirror || !mirror->is_synced)
		return;
	if (action->event.kind == CONTROL_EVENT_MISSED) {
		mirror->is_synced = false;
		if (!action->event.count)
			fake_complain(fake, "missed no event");
		return;
	}
	follow(sim, mirror, &action->event);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct sim_mirror_holder));
}

bool sim_sees(const struct sim_client *client, const struct registry_ring *record)
{
	const struct process_identity *who = &client->process->identity;
	bool sees = record->mode == 0666 || who->uid == record->creator.uid ||
		    (record->mode == 0660 && who->gid == record->gid);

	for (uint32_t i = 0; i < record->n_rules; i++) {
		const struct control_rule *rule = &record->rules[i];

		sees |= (rule->who == CONTROL_USER && rule->id == who->uid) ||
			(rule->who == CONTROL_GROUP && rule->id == who->gid);
	}
	return who->uid == 0 || who->uid == 990 || (sees && who->uid != 65534);
}

/* As far as @client may see. */
static void picture_take(struct sim *sim, const struct sim_client *client,
			 struct sim_mirror *picture)
{
	const struct registry *registry = &sim->fake->registry;

	memset(picture->n_rings, 0, sizeof(picture->n_rings));
	picture->n_holders = 0;
	for (uint32_t i = 0; i < sim->fake->n_rings; i++) {
		const struct registry_ring *record = &registry->rings[i];

		if (record->state != REGISTRY_RING_FREE && !sim_sees(client, record))
			continue;
		if (record->state == REGISTRY_RING_LIVE || record->state == REGISTRY_RING_LOST ||
		    record->state == REGISTRY_RING_PURGING)
			picture->n_rings[sim_name_index(record->name)]++;
	}
	for (uint32_t i = 0; i < sim->fake->n_attachments; i++) {
		const struct registry_attachment *record = &registry->attachments[i];

		if (record->state == REGISTRY_ATTACHMENT_HELD &&
		    sim_sees(client, &registry->rings[record->ring]))
			holder_add(picture, sim_name_index(registry->rings[record->ring].name),
				   record->role, record->process.pid);
	}
	qsort(picture->holders, picture->n_holders, sizeof(picture->holders[0]), compare);
}

static void mirror_check(struct sim *sim, struct sim_client *client, const struct sim_mirror *picture)
{
	struct sim_mirror *mirror = client->mirror;

	if (!mirror->is_synced) {
		*mirror = *picture;
		mirror->is_synced = true;
		return;
	}
	qsort(mirror->holders, mirror->n_holders, sizeof(mirror->holders[0]), compare);
	if (memcmp(mirror->n_rings, picture->n_rings, sizeof(picture->n_rings)) != 0)
		fake_complain(sim->fake, "pid %d, who watches, believes in other rings",
			      client->process->identity.pid);
	if (mirror->n_holders != picture->n_holders ||
	    memcmp(mirror->holders, picture->holders,
		   picture->n_holders * sizeof(picture->holders[0])) != 0)
		fake_complain(sim->fake, "pid %d, who watches, believes in other holders",
			      client->process->identity.pid);
}

void mirror_check_all(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->n_clients; i++) {
		struct sim_client *client = &sim->clients[i];

		if (!client->process || !client->process->is_alive || !client->mirror)
			continue;
		picture_take(sim, client, sim->picture);
		mirror_check(sim, client, sim->picture);
	}
}
