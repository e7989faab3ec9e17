/* SPDX-License-Identifier: MIT */
/*
 * fake_shell.c - performing the core's actions on the modelled kernel
 */
#include "tests/sim/fake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- /dev/shm ---- */

struct fake_file *fake_file_find(struct fake *fake, const char *name)
{
	struct fake_file *file;

	HASH_FIND(hh, fake->names, name, strlen(name), file);
	return file;
}

struct fake_file *fake_file_plant(struct fake *fake, const char *name, uint64_t bytes, bool is_ours)
{
	struct fake_file *file = calloc(1, sizeof(*file));

	assert(file && strlen(name) < sizeof(file->name) && !fake_file_find(fake, name));
	strcpy(file->name, name);
	file->inode = ++fake->last_inode;
	file->bytes = bytes;
	file->is_ours = is_ours;
	file->is_linked = true;
	file->next = fake->files;
	fake->files = file;
	HASH_ADD_STR(fake->names, name, file);
	return file;
}

/* Without name, mapping and descriptor its pages go back. */
void fake_file_put(struct fake *fake, struct fake_file *file)
{
	struct fake_file **at = &fake->files;

	if (file->is_linked || file->n_maps || file->n_opens || file->n_lies)
		return;
	fake->used_bytes -= file->allocated;
	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	free(file);
}

void fake_file_unlink(struct fake *fake, struct fake_file *file)
{
	HASH_DEL(fake->names, file);
	file->is_linked = false;
	fake_file_put(fake, file);
}

void fake_file_remove(struct fake *fake, struct fake_file *file)
{
	struct core_event event = { .type = CORE_SEGMENT_GONE };
	bool is_known = fake->core && core_ring_by_segment(fake->core, file->name, &event.ring) == 0;

	fake_file_unlink(fake, file);
	if (is_known)
		fake_step(fake, &event);
}

size_t fake_files_linked(const struct fake *fake)
{
	return HASH_COUNT(fake->names);
}

static void answer(struct fake *fake, enum core_event_type type, uint32_t ring, int error,
		   uint64_t inode)
{
	struct core_event event = { .type = type, .ring = ring, .error = error, .inode = inode };

	fake_step(fake, &event);
}

static void keep_open(struct fake *fake, uint32_t ring, struct fake_file *file)
{
	struct fake_file *old = fake->opened[ring];

	if (old == file)
		return;
	fake->opened[ring] = file;
	if (file)
		file->n_opens++;
	if (old) {
		old->n_opens--;
		fake_file_put(fake, old);
	}
}

static int do_create(struct fake *fake, uint32_t ring, uint64_t *ret_inode)
{
	const struct registry_ring *record = &fake->registry.rings[ring];
	char name[CONTROL_SEGMENT_MAX];
	struct fake_file *file;

	core_segment_name(fake->core, ring, name);
	if (record->state != REGISTRY_RING_CREATING && record->state != REGISTRY_RING_PURGING)
		fake_complain(fake, "%s is made without an intent (state %u)", name, record->state);
	if (fake_file_find(fake, name))
		return -EEXIST;
	file = fake_file_plant(fake, name, record->segment_bytes, true);
	keep_open(fake, ring, file);
	*ret_inode = file->inode;
	return 0;
}

static int do_allocate(struct fake *fake, const struct core_action *action)
{
	struct fake_file *file = fake->opened[action->ring];

	if (!file)
		return -EBADF;
	if (action->offset != file->allocated || action->offset + action->bytes > file->bytes)
		fake_complain(fake, "%s: allocated %#" PRIx64 "+%#" PRIx64 " after %#" PRIx64
			      " of %#" PRIx64, file->name, action->offset, action->bytes,
			      file->allocated, file->bytes);
	if (action->bytes > fake->capacity_bytes - fake->used_bytes)
		return -ENOSPC;
	file->allocated += action->bytes;
	fake->used_bytes += action->bytes;
	return 0;
}

static int do_share(struct fake *fake, uint32_t ring)
{
	struct fake_file *file = fake->opened[ring];

	if (!file || !file->is_linked)
		return -ENOENT;
	if (file->allocated != file->bytes)
		fake_complain(fake, "%s is shared before it is whole", file->name);
	file->is_shared = true;
	return 0;
}

static int do_unlink(struct fake *fake, const struct core_action *action)
{
	char name[CONTROL_SEGMENT_MAX];
	struct fake_file *file;
	uint32_t state = fake->registry.rings[action->ring].state;

	core_segment_name(fake->core, action->ring, name);
	if (state != REGISTRY_RING_CREATING && state != REGISTRY_RING_PURGING &&
	    state != REGISTRY_RING_DESTROYING)
		fake_complain(fake, "%s is unlinked without an intent (state %u)", name, state);
	file = fake_file_find(fake, name);
	if (!file)
		return -ENOENT;
	if (!file->is_ours)
		return -EPERM;
	keep_open(fake, action->ring, action->keep_open ? file : NULL);
	file->unlinked_life = action->keep_open ? fake->n_lives : 0;
	fake_file_unlink(fake, file);
	return 0;
}

static int do_punch(struct fake *fake, const struct core_action *action)
{
	struct fake_file *file = fake->opened[action->ring];
	uint64_t bytes = action->bytes;

	if (!file)
		return -EBADF;
	if (file->n_maps)
		fake_complain(fake, "%s is punched while it is mapped", file->name);
	if (bytes > file->allocated)
		bytes = file->allocated;
	file->allocated -= bytes;
	fake->used_bytes -= bytes;
	return file->n_lies && action->offset + action->bytes == file->bytes ? -EBUSY : 0;
}

static void do_probe(struct fake *fake, const struct core_action *action, int error)
{
	struct core_event event = {
		.type = CORE_SEGMENT_PROBED,
		.ring = action->ring,
		.cookie = action->cookie,
		.error = error,
	};
	char name[CONTROL_SEGMENT_MAX];
	struct fake_file *file;

	core_segment_name(fake->core, action->ring, name);
	file = fake_file_find(fake, name);
	if (!file && !error)
		event.error = -ENOENT;
	if (!event.error) {
		event.pushed = file->pushed;
		event.popped = file->popped;
		event.is_held = file->n_lies > 0;
	}
	fake_step(fake, &event);
}

static void do_unlink_stray(struct fake *fake, const char *name)
{
	struct fake_file *file = fake_file_find(fake, name);

	if (!file || !file->is_ours) {
		fake_complain(fake, "%s is removed as a stray, but it is not ours", name);
		return;
	}
	for (uint32_t i = 0; i < fake->n_rings; i++)
		if ((fake->registry.rings[i].state == REGISTRY_RING_LIVE) &&
		    fake->registry.rings[i].inode == file->inode)
			fake_complain(fake, "%s is removed as a stray, but it is ring %u", name, i);
	fake_file_unlink(fake, file);
}

/* ---- processes ---- */

static struct fake_process *process_by_identity(struct fake *fake,
						const struct process_identity *identity)
{
	for (struct fake_process *process = fake->processes; process; process = process->next)
		if (process->identity.pid == identity->pid &&
		    process->identity.start_ticks == identity->start_ticks)
			return process;
	return NULL;
}

static struct fake_process *process_watched(struct fake *fake, uint32_t id)
{
	for (struct fake_process *process = fake->processes; process; process = process->next)
		if (process->id == id)
			return process;
	return NULL;
}

static void do_watch(struct fake *fake, const struct core_action *action)
{
	struct fake_connection *connection = fake_connection(fake, action->connection);

	if (!connection) {
		fake_complain(fake, "process %u is watched through an unknown connection",
			      action->process_id);
		return;
	}
	if (connection->process->id)
		fake_complain(fake, "pid %d is watched twice", connection->process->identity.pid);
	connection->process->id = action->process_id;
	connection->process->end_is_due = !connection->process->is_alive;
}

static void do_verify(struct fake *fake, const struct core_action *action)
{
	struct core_event event = {
		.type = CORE_PROCESS_VERIFIED,
		.process_id = action->process_id,
		.verdict = CORE_PROCESS_DEAD,
	};
	struct fake_process *process = process_by_identity(fake, &action->process);

	if (process && process->is_hidden) {
		event.verdict = CORE_PROCESS_UNKNOWN;
	} else if (process && process->is_alive) {
		event.verdict = CORE_PROCESS_ALIVE;
		process->id = action->process_id;
	}
	fake_step(fake, &event);
}

static void do_forget(struct fake *fake, uint32_t id)
{
	struct fake_process *process = process_watched(fake, id);

	if (process) {
		process->id = 0;
		process->end_is_due = false;
	}
}

static void do_wake(struct fake *fake, uint32_t ring)
{
	const struct shmq_board_ring *words = (const void *)(fake->board + 1);

	fake->woken[ring] = (struct fake_woken){
		.state = words[ring].state,
		.role = { words[ring].role[0], words[ring].role[1] },
		.bump = words[ring].bump,
	};
}

/* ---- actions ---- */

static void perform_segment(struct fake *fake, const struct core_action *action, int error)
{
	uint64_t inode = 0;

	switch (action->type) {
	case CORE_SEGMENT_CREATE:
		error = error ? error : do_create(fake, action->ring, &inode);
		answer(fake, CORE_SEGMENT_CREATED, action->ring, error, inode);
		break;
	case CORE_SEGMENT_ALLOCATE:
		error = error ? error : do_allocate(fake, action);
		answer(fake, CORE_SEGMENT_ALLOCATED, action->ring, error, 0);
		break;
	case CORE_SEGMENT_SHARE:
		error = error ? error : do_share(fake, action->ring);
		answer(fake, CORE_SEGMENT_SHARED, action->ring, error, 0);
		break;
	case CORE_SEGMENT_UNLINK:
		error = error ? error : do_unlink(fake, action);
		answer(fake, CORE_SEGMENT_UNLINKED, action->ring, error, 0);
		break;
	case CORE_SEGMENT_PUNCH:
		if (error && fake->opened[action->ring]) /* what can't be punched is given up */
			fake->opened[action->ring]->unlinked_life = 0;
		error = error ? error : do_punch(fake, action);
		answer(fake, CORE_SEGMENT_PUNCHED, action->ring, error, 0);
		break;
	case CORE_SEGMENT_CLOSE:
		keep_open(fake, action->ring, NULL);
		break;
	default:
		do_probe(fake, action, error);
		break;
	}
}

static void perform_other(struct fake *fake, struct core_action *action)
{
	struct fake_connection *connection;

	switch (action->type) {
	case CORE_CLOSE:
		connection = fake_connection(fake, action->connection);
		if (connection)
			connection->is_closing = true;
		break;
	case CORE_PROCESS_WATCH:
		do_watch(fake, action);
		break;
	case CORE_PROCESS_VERIFY:
		do_verify(fake, action);
		break;
	case CORE_PROCESS_FORGET:
		do_forget(fake, action->process_id);
		break;
	case CORE_UNLINK_STRAY:
		do_unlink_stray(fake, action->segment);
		break;
	case CORE_WAKE:
		do_wake(fake, action->ring);
		break;
	case CORE_RING_TIMER_SET:
		fake->timers[action->ring] = fake->now_ns + action->delay_ns;
		break;
	case CORE_RING_TIMER_CLEAR:
		fake->timers[action->ring] = 0;
		break;
	default:
		break;
	}
}

static bool is_slow(const struct fake *fake, const struct core_action *action)
{
	if (action->type == CORE_SEGMENT_ALLOCATE || action->type == CORE_SEGMENT_PUNCH)
		return true;
	return action->type >= CORE_SEGMENT_CREATE && action->type <= CORE_SEGMENT_PROBE &&
	       fake->n_slow[action->ring] > 0;
}

static void perform(struct fake *fake, struct core_action *action)
{
	int error;

	/* reachable from @fake: performing it may end in the daemon's death */
	free(fake->performing);
	fake->performing = action;
	fake->counts[action->type]++;
	error = fake->fail[action->type];
	fake->fail[action->type] = 0;
	if (action->type <= CORE_REPLY_STATS) {
		if (fake->on_reply)
			fake->on_reply(fake, action);
	} else if (action->type == CORE_EVENT) {
		if (fake->on_event)
			fake->on_event(fake, action);
	} else if (action->type == CORE_LOG) {
		if (fake->on_log)
			fake->on_log(fake, action);
	} else if (action->type >= CORE_SEGMENT_CREATE && action->type <= CORE_SEGMENT_PROBE) {
		perform_segment(fake, action, error);
	} else {
		perform_other(fake, action);
	}
}

bool fake_perform(struct fake *fake)
{
	struct core_action *action = core_actions_take(fake->actions);

	if (!action)
		return false;
	if (!fake->defers || !is_slow(fake, action)) {
		perform(fake, action);
		return true;
	}
	action->next = NULL;
	*fake->slow_end = action;
	fake->slow_end = &action->next;
	fake->n_slow[action->ring]++;
	return true;
}

bool fake_perform_slow(struct fake *fake)
{
	struct core_action *action = fake->slow;

	if (!action)
		return false;
	fake->slow = action->next;
	if (!fake->slow)
		fake->slow_end = &fake->slow;
	fake->n_slow[action->ring]--;
	perform(fake, action);
	return true;
}
