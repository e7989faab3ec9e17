/* SPDX-License-Identifier: MIT */
/*
 * sim_judge.c - what must be true after every step, and what when nothing is under way
 */
#include "tests/sim/sim.h"

#include <string.h>

static const struct shmq_board_ring *words_of(const struct sim *sim, uint32_t ring)
{
	return (const struct shmq_board_ring *)(const void *)(sim->fake->board + 1) + ring;
}

/* A handle that fits the use must fit the memory. */
static void judge_memory(struct sim *sim, uint32_t i)
{
	const struct registry_ring *record = &sim->fake->registry.rings[i];

	if (record->use_count != sim->use_counts[i])
		sim->inodes[i] = 0;
	if (record->state != REGISTRY_RING_LIVE)
		return;
	if (sim->inodes[i] && sim->inodes[i] != record->inode)
		fake_complain(sim->fake, "ring %u has other memory under the same use count", i);
	sim->inodes[i] = record->inode;
}

/* Numbers that only grow: an old handle must never fit a new ring, nor an old holder a new role. */
static void judge_numbers(struct sim *sim)
{
	const struct registry *registry = &sim->fake->registry;

	for (uint32_t i = 0; i < sim->fake->n_rings; i++) {
		const struct registry_ring *record = &registry->rings[i];

		judge_memory(sim, i);
		if (record->use_count < sim->use_counts[i])
			fake_complain(sim->fake, "ring %u: use %" PRIu64 " after %" PRIu64, i,
				      record->use_count, sim->use_counts[i]);
		for (unsigned role = 0; role < 2; role++) {
			if (record->use_count == sim->use_counts[i] &&
			    record->incarnation[role] < sim->incarnations[i][role])
				fake_complain(sim->fake, "ring %u: incarnation %" PRIu64
					      " after %" PRIu64, i, record->incarnation[role],
					      sim->incarnations[i][role]);
			sim->incarnations[i][role] = record->incarnation[role];
		}
		sim->use_counts[i] = record->use_count;
	}
	if (registry->header->next_attachment_id < sim->next_attachment_id)
		fake_complain(sim->fake, "attachment ids go back");
	sim->next_attachment_id = registry->header->next_attachment_id;
}

/* Until when each ring had a reason to be there. */
static void note_use(struct sim *sim)
{
	const struct registry *registry = &sim->fake->registry;

	for (uint32_t i = 0; i < sim->fake->n_attachments; i++) {
		const struct registry_attachment *record = &registry->attachments[i];
		const struct registry_ring *ring = &registry->rings[record->ring];

		if (record->state == REGISTRY_ATTACHMENT_HELD &&
		    (ring->state == REGISTRY_RING_LIVE || ring->state == REGISTRY_RING_LOST))
			sim->used_ns[record->ring] = sim->fake->now_ns;
	}
	for (uint32_t i = 0; i < sim->fake->n_rings; i++)
		if (registry->rings[i].state == REGISTRY_RING_CREATING ||
		    registry->rings[i].state == REGISTRY_RING_PURGING)
			sim->used_ns[i] = sim->fake->now_ns;
}

void judge_step(struct sim *sim)
{
	char text[CONTROL_TEXT_MAX];

	if (sim->is_up && sim->step % sim->check_every == 0 && core_check(sim->fake->core, text) < 0)
		fake_complain(sim->fake, "%s", text);
	judge_numbers(sim);
	note_use(sim);
}

/* ---- quiet ---- */

/* Who sleeps on a word has been woken after its last change. */
static void judge_wakes(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->fake->n_rings; i++) {
		const struct shmq_board_ring *words = words_of(sim, i);
		const struct fake_woken *woken = &sim->fake->woken[i];

		if (words->bump != woken->bump || words->state != woken->state ||
		    words->role[0] != woken->role[0] || words->role[1] != woken->role[1])
			fake_complain(sim->fake, "ring %u: the board has changed and nobody was woken",
				      i);
	}
}

static bool may_have_segment(uint32_t state)
{
	return state == REGISTRY_RING_CREATING || state == REGISTRY_RING_DESTROYING ||
	       state == REGISTRY_RING_PURGING || state == REGISTRY_RING_LOST;
}

/* Destroyed memory that somebody maps is on somebody's account. */
static bool is_charged(const struct sim *sim, const struct fake_file *file)
{
	if (!file->n_lies && !file->n_maps)
		return true;
	for (uint32_t i = 0; i < sim->fake->n_rings; i++)
		if (sim->fake->registry.rings[i].state != REGISTRY_RING_FREE &&
		    sim->fake->registry.rings[i].inode == file->inode)
			return true;
	return false;
}

/* A LIVE ring has its segment, whole; every segment of ours has its ring. */
static void judge_files(struct sim *sim)
{
	struct fake *fake = sim->fake;
	size_t n_claimed = 0, n_foreign = 0;
	uint64_t allocated = 0;

	for (uint32_t i = 0; i < fake->n_rings; i++) {
		const struct registry_ring *record = &fake->registry.rings[i];
		char name[CONTROL_SEGMENT_MAX];
		struct fake_file *file;

		if (fake->opened[i] && record->state != REGISTRY_RING_TOMBSTONE &&
		    !may_have_segment(record->state) &&
		    record->state != REGISTRY_RING_LIVE)
			fake_complain(fake, "ring %u in state %u keeps a descriptor", i,
				      record->state);
		if (record->state == REGISTRY_RING_FREE || record->state == REGISTRY_RING_TOMBSTONE)
			continue;
		core_segment_name(fake->core, i, name);
		file = fake_file_find(fake, name);
		n_claimed += file != NULL;
		if (record->state == REGISTRY_RING_LIVE &&
		    (!file || file->inode != record->inode ||
		     file->allocated != record->segment_bytes || !file->is_shared))
			fake_complain(fake, "ring '%s' is live, and its segment is not", record->name);
	}
	for (struct fake_file *file = fake->files; file; file = file->next) {
		allocated += file->allocated;
		if (file->unlinked_life == fake->n_lives && !is_charged(sim, file))
			fake_complain(fake, "%s can be mapped still, and nobody is charged for it",
				      file->name);
		n_foreign += file->is_linked && !file->is_ours;
	}
	if (n_claimed + n_foreign != fake_files_linked(fake))
		fake_complain(fake, "%zu segments, of which rings claim %zu and others own %zu",
			      fake_files_linked(fake), n_claimed, n_foreign);
	if (allocated != fake->used_bytes)
		fake_complain(fake, "the fake system has lost count of its pages");
}

static const struct registry_attachment *attachment_by_id(const struct sim *sim, uint64_t id)
{
	for (uint32_t i = 0; i < sim->fake->n_attachments; i++)
		if (sim->fake->registry.attachments[i].state == REGISTRY_ATTACHMENT_HELD &&
		    sim->fake->registry.attachments[i].id == id)
			return &sim->fake->registry.attachments[i];
	return NULL;
}

/* Who lives keeps what it was granted, over any number of daemons. */
static void judge_living(struct sim *sim, const struct sim_client *client)
{
	for (unsigned i = 0; i < client->n_held; i++) {
		const struct sim_held *held = &client->held[i];
		const struct registry_attachment *record = attachment_by_id(sim, held->id);

		/* an owner's attachment ends with the ring; a detach may be waiting for its answer */
		if (!record && (held->is_leaving || held->role == SHMQ_ROLE_OWNER))
			continue;
		if (!record || record->process.pid != client->process->identity.pid ||
		    record->ring != held->ring || record->role != held->role)
			fake_complain(sim->fake, "pid %d lives and has lost attachment %" PRIu64
				      " (role %d of ring %u)", client->process->identity.pid,
				      held->id, held->role, held->ring);
	}
	if (client->is_asking && client->is_sent)
		fake_complain(sim->fake, "pid %d awaits an answer to op %d of ring '%s' for ever",
			      client->process->identity.pid, client->request.op, client->name);
}

/* Who is dead holds nothing. */
static void judge_dead(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->fake->n_attachments; i++) {
		const struct registry_attachment *record = &sim->fake->registry.attachments[i];
		const struct fake_process *at;

		if (record->state == REGISTRY_ATTACHMENT_FREE)
			continue;
		for (at = sim->fake->processes; at; at = at->next)
			if (at->identity.start_ticks == record->process.start_ticks &&
			    (at->is_alive || at->end_is_due || at->is_hidden))
				break;
		if (!at)
			fake_complain(sim->fake, "pid %d is dead and holds role %u of ring %u",
				      record->process.pid, record->role, record->ring);
	}
}

void judge_quiet(struct sim *sim)
{
	sim->n_quiet++;
	judge_wakes(sim);
	judge_files(sim);
	for (uint32_t i = 0; i < sim->n_clients; i++)
		if (sim->clients[i].process && sim->clients[i].process->is_alive)
			judge_living(sim, &sim->clients[i]);
	judge_dead(sim);
	mirror_check_all(sim);
}
