/* SPDX-License-Identifier: MIT */
/*
 * fake.c - the world around the core: memory that survives, processes, connections, time
 */
#include "tests/sim/fake.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const uint8_t boot_id[16] = "this-boot";
static const uint8_t epoch[16] = "this-board";

/* xorshift*: the same numbers for a seed, everywhere. */
uint64_t fake_random(struct fake *fake)
{
	fake->random ^= fake->random >> 12;
	fake->random ^= fake->random << 25;
	fake->random ^= fake->random >> 27;
	return fake->random * UINT64_C(0x2545F4914F6CDD1D);
}

uint64_t fake_below(struct fake *fake, uint64_t n)
{
	return (fake_random(fake) >> 11) % n;
}

void fake_complain(struct fake *fake, const char *format, ...)
{
	va_list args;

	if (fake->complaint[0])
		return;
	va_start(args, format);
	vsnprintf(fake->complaint, sizeof(fake->complaint), format, args);
	va_end(args);
}

void fake_config(struct core_config *ret_config)
{
	*ret_config = (struct core_config){
		.instance = "fake",
		.version = "0.0.1",
		.daemon_uid = 990,
		.daemon_pid = 1,
		.page_bytes = 4096,
		.default_linger_s = 30,
		.linger_unread_s = 3600,
		.grace_ns = 5 * NS_PER_S,
		.allocate_chunk_bytes = 64 << 10,
		.limits = {
			.max_bytes = UINT64_C(1) << 30,
			.max_bytes_per_uid = UINT64_C(1) << 29,
			.max_rings_per_uid = 64,
			.max_attachments_per_uid = 128,
			.max_connections = 4096,
			.max_connections_per_uid = 2048,
			.max_watches_per_uid = 8,
			.max_handshakes_per_uid = 2048,
			.max_sealed = 8,
		},
	};
}

static void *alloc(size_t bytes)
{
	void *memory = calloc(1, bytes);

	assert(memory);
	return memory;
}

static void core_start(struct fake *fake, bool whole)
{
	struct core_scan_entry *entries = alloc((HASH_COUNT(fake->names) + 1) * sizeof(*entries));
	size_t n = 0;
	int r;

	fake->actions = core_actions_new();
	r = core_new(&fake->core, &fake->registry, fake->board, &fake->config);
	assert(fake->actions && r == 0);
	fake->n_lives++;
	for (struct fake_file *file = fake->names; file; file = file->hh.next) {
		strcpy(entries[n].name, file->name);
		entries[n].inode = file->inode;
		entries[n].bytes = file->bytes;
		entries[n].owned = file->is_ours;
		entries[n++].ours = file->is_ours && !file->has_twin;
	}
	fake->scan = entries;
	core_adopt(fake->core, entries, n, whole, fake->now_ns, fake->actions);
	fake->scan = NULL;
	free(entries);
}

struct fake *fake_new(uint32_t n_rings, uint32_t n_attachments, const struct core_config *config,
		      uint64_t seed)
{
	struct fake *fake = alloc(sizeof(*fake));

	fake_config(&fake->config);
	if (config)
		fake->config = *config;
	fake->random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
	fake->n_rings = n_rings;
	fake->n_attachments = n_attachments;
	fake->memory_bytes = registry_bytes(n_rings, n_attachments);
	fake->memory = alloc(fake->memory_bytes);
	fake->board = alloc(sizeof(*fake->board) + n_rings * sizeof(struct shmq_board_ring));
	fake->board->magic = SHMQ_BOARD_MAGIC;
	fake->board->layout = SHMQ_LAYOUT_VERSION;
	fake->board->state = SHMQ_BOARD_LIVE;
	fake->board->n_rings = n_rings;
	memcpy(fake->board->epoch, epoch, sizeof(epoch));
	fake->opened = alloc(n_rings * sizeof(struct fake_file *));
	fake->timers = alloc(n_rings * sizeof(*fake->timers));
	fake->woken = alloc(n_rings * sizeof(*fake->woken));
	fake->n_slow = alloc(n_rings * sizeof(*fake->n_slow));
	fake->slow_end = &fake->slow;
	fake->capacity_bytes = UINT64_C(1) << 40;
	fake->now_ns = 1000 * NS_PER_S;
	registry_format(fake->memory, n_rings, n_attachments, fake->config.instance, boot_id,
			"/shmq.fake.board.0123456789abcdef", epoch, &fake->registry);
	core_start(fake, false);
	fake_drain(fake);
	return fake;
}

static void slow_free(struct fake *fake)
{
	struct core_action *action;

	while ((action = fake->slow)) {
		fake->slow = action->next;
		free(action);
	}
	fake->slow_end = &fake->slow;
	memset(fake->n_slow, 0, fake->n_rings * sizeof(*fake->n_slow));
}

struct fake *fake_free(struct fake *fake)
{
	struct fake_file *file;
	struct fake_process *process;
	struct fake_connection *connection, *next;

	if (!fake)
		return NULL;
	core_free(fake->core);
	core_actions_free(fake->actions);
	HASH_CLEAR(hh, fake->names);
	while ((file = fake->files)) {
		fake->files = file->next;
		free(file);
	}
	while ((process = fake->processes)) {
		fake->processes = process->next;
		free(process);
	}
	HASH_ITER (hh, fake->connections, connection, next) {
		HASH_DEL(fake->connections, connection);
		free(connection);
	}
	free(fake->scan);
	free(fake->performing);
	slow_free(fake);
	free(fake->n_slow);
	free(fake->opened);
	free(fake->timers);
	free(fake->woken);
	free(fake->memory);
	free(fake->board);
	free(fake);
	return NULL;
}

void fake_crash(struct fake *fake)
{
	struct fake_connection *connection, *next;

	slow_free(fake);
	fake->core = core_free(fake->core);
	fake->actions = core_actions_free(fake->actions);
	free(fake->scan);
	fake->scan = NULL;
	HASH_ITER (hh, fake->connections, connection, next) {
		HASH_DEL(fake->connections, connection);
		free(connection);
	}
	for (struct fake_process *process = fake->processes; process; process = process->next) {
		process->id = 0;
		process->end_is_due = false;
	}
	for (uint32_t i = 0; i < fake->n_rings; i++) {
		struct fake_file *file = fake->opened[i];

		fake->timers[i] = 0;
		fake->opened[i] = NULL;
		if (!file)
			continue;
		file->n_opens--;
		if (fake->registry.rings[i].sealed && !fake->has_store && file->is_linked)
			fake_file_unlink(fake, file);
		else
			fake_file_put(fake, file);
	}
}

/* The next daemon wakes nobody at free records: nobody is attached, so nobody sleeps there. */
static void forget_sleepers(struct fake *fake)
{
	const struct shmq_board_ring *words = (const void *)(fake->board + 1);

	for (uint32_t i = 0; i < fake->n_rings; i++)
		if (fake->registry.rings[i].state == REGISTRY_RING_FREE)
			fake->woken[i] = (struct fake_woken){
				.state = words[i].state,
				.role = { words[i].role[0], words[i].role[1] },
				.bump = words[i].bump,
			};
}

int fake_restart(struct fake *fake)
{
	int r = registry_adopt(fake->memory, fake->memory_bytes, fake->config.instance, boot_id,
			       &fake->registry);

	if (r < 0)
		return r;
	forget_sleepers(fake);
	core_start(fake, true);
	return 0;
}

void fake_step(struct fake *fake, struct core_event *event)
{
	uint64_t number;

	event->now_ns = fake->now_ns;
	event->now_s = (uint64_t)(fake->now_ns / NS_PER_S) + UINT64_C(1700000000);
	for (size_t i = 0; i < sizeof(event->random); i += sizeof(number)) {
		number = fake_random(fake);
		memcpy(event->random + i, &number, sizeof(number));
	}
	core_step(fake->core, event, fake->actions);
}

void fake_drain(struct fake *fake)
{
	while (fake_perform(fake) || fake_perform_slow(fake))
		continue;
}

bool fake_is_settled(const struct fake *fake)
{
	return !fake->actions || core_actions_is_empty(fake->actions);
}

bool fake_is_idle(const struct fake *fake)
{
	return fake_is_settled(fake) && !fake->slow;
}

void fake_fire(struct fake *fake, uint32_t ring)
{
	struct core_event event = { .type = CORE_RING_TIMER, .ring = ring };

	fake->timers[ring] = 0;
	fake_step(fake, &event);
}

void fake_sleep_ns(struct fake *fake, int64_t ns)
{
	int64_t end_ns = fake->now_ns + ns;

	for (;;) {
		uint32_t first = UINT32_MAX;

		for (uint32_t i = 0; i < fake->n_rings; i++)
			if (fake->timers[i] && fake->timers[i] <= end_ns &&
			    (first == UINT32_MAX || fake->timers[i] < fake->timers[first]))
				first = i;
		if (first == UINT32_MAX)
			break;
		if (fake->timers[first] > fake->now_ns)
			fake->now_ns = fake->timers[first];
		fake_fire(fake, first);
		fake_drain(fake);
	}
	fake->now_ns = end_ns;
}

/* ---- processes and connections ---- */

struct fake_process *fake_process_new(struct fake *fake, int32_t pid, uint32_t uid)
{
	struct fake_process *process = alloc(sizeof(*process));

	process->identity = (struct process_identity){
		.pid = pid ? pid : (int32_t)(++fake->last_pid),
		.uid = uid,
		.gid = uid,
		.start_ticks = ++fake->last_tick,
		.pidfs_inode = 100000 + fake->last_tick,
		.pidns_inode = 4026531836,
	};
	snprintf(process->identity.comm, sizeof(process->identity.comm), "p%" PRIu64,
		 fake->last_tick);
	process->is_alive = true;
	process->next = fake->processes;
	fake->processes = process;
	return process;
}

void fake_process_forget(struct fake *fake, struct fake_process *process)
{
	struct fake_process **at = &fake->processes;

	while (*at != process)
		at = &(*at)->next;
	*at = process->next;
	free(process);
}

void fake_process_kill(struct fake *fake, struct fake_process *process)
{
	(void)fake;
	process->is_alive = false;
	process->end_is_due = process->id != 0;
}

void fake_process_report(struct fake *fake, struct fake_process *process)
{
	struct core_event event = { .type = CORE_PROCESS_ENDED, .process_id = process->id };

	process->end_is_due = false;
	fake_step(fake, &event);
}

struct fake_connection *fake_connection(struct fake *fake, uint32_t id)
{
	struct fake_connection *connection;

	HASH_FIND(hh, fake->connections, &id, sizeof(id), connection);
	return connection;
}

uint32_t fake_connect(struct fake *fake, struct fake_process *process)
{
	struct fake_connection *connection = alloc(sizeof(*connection));
	struct core_event event = {
		.type = CORE_CONNECTED,
		.process = &process->identity,
		.groups = process->groups,
		.n_groups = process->n_groups,
		.unit = process->unit,
	};

	connection->id = ++fake->last_connection;
	connection->process = process;
	connection->is_open = true;
	HASH_ADD(hh, fake->connections, id, sizeof(connection->id), connection);
	event.connection = connection->id;
	fake_step(fake, &event);
	return connection->id;
}

void fake_disconnect(struct fake *fake, uint32_t id)
{
	struct core_event event = { .type = CORE_DISCONNECTED, .connection = id };
	struct fake_connection *connection = fake_connection(fake, id);

	if (!connection || !connection->is_open)
		return;
	/* kept: an action that names it may be in the queue */
	connection->is_open = false;
	fake_step(fake, &event);
}

void fake_request(struct fake *fake, uint32_t connection, const struct control_request *request,
		  bool is_peer)
{
	struct core_event event = {
		.type = CORE_REQUEST,
		.connection = connection,
		.request = request,
		.sender_is_peer = is_peer,
	};

	fake_step(fake, &event);
}
