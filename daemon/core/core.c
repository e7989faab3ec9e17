/* SPDX-License-Identifier: MIT */
/*
 * core.c - life of the core, and to whom each event goes
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/core/parts.h"

static char *text_dup(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = malloc(bytes);

	return copy ? memcpy(copy, text, bytes) : NULL;
}

int core_new(struct core **ret_core, struct registry *registry, struct shmq_board_header *board,
	     const struct core_config *config)
{
	uint32_t n_rings = registry->header->n_rings;
	struct core *core = calloc(1, sizeof(*core));

	if (!core)
		return -ENOMEM;
	assert(board->n_rings == n_rings);
	assert(config->page_bytes >= SHMQ_REGION_MIN && config->allocate_chunk_bytes > 0);
	core->registry = *registry;
	core->board = board;
	core->words = (struct shmq_board_ring *)(void *)(board + 1);
	core->config = *config;
	core->instance = text_dup(config->instance);
	core->version = text_dup(config->version);
	core->rings = calloc(n_rings, sizeof(*core->rings));
	core->attachments = calloc(registry->header->n_attachments, sizeof(*core->attachments));
	list_init(&core->free_rings);
	list_init(&core->free_attachments);
	list_init(&core->watchers);
	list_init(&core->due);
	if (!core->instance || !core->version || !core->rings || !core->attachments) {
		core_free(core);
		return -ENOMEM;
	}
	core->config.instance = core->instance;
	core->config.version = core->version;
	for (uint32_t i = 0; i < n_rings; i++)
		ring_init(&core->rings[i]);
	for (uint32_t i = 0; i < registry->header->n_attachments; i++) {
		list_init(&core->attachments[i].free);
		list_init(&core->attachments[i].of_process);
	}
	*ret_core = core;
	return 0;
}

void core_reconfigure(struct core *core, const struct core_limits *limits,
		      const struct core_create_rule *create_rules, size_t n_create_rules,
		      uint32_t default_linger_s, uint32_t linger_unread_s)
{
	struct core_config *config = &core->config;

	config->limits = *limits;
	config->create_rules = create_rules;
	config->n_create_rules = n_create_rules;
	config->default_linger_s = default_linger_s;
	config->linger_unread_s = linger_unread_s;
}

struct core *core_free(struct core *core)
{
	struct core_connection *connection, *next_connection;
	struct core_process *process, *next_process;
	struct core_uid *account, *next_account;
	struct core_type *type, *next_type;

	if (!core)
		return NULL;
	HASH_ITER (by_id, core->connections, connection, next_connection)
		connection_free(core, connection);
	HASH_CLEAR(by_pid, core->pids);
	HASH_ITER (by_id, core->processes, process, next_process) {
		HASH_DELETE(by_id, core->processes, process);
		free(process);
	}
	HASH_ITER (hh, core->uids, account, next_account) {
		HASH_DEL(core->uids, account);
		free(account);
	}
	HASH_ITER (hh, core->types, type, next_type) {
		HASH_DEL(core->types, type);
		free(type);
	}
	adopt_forget_scan(core);
	HASH_CLEAR(by_name, core->names);
	HASH_CLEAR(by_dropped, core->dropped);
	HASH_CLEAR(by_id, core->ids);
	HASH_CLEAR(hh, core->granted);
	if (core->attachments)
		for (uint32_t i = 0; i < core->registry.header->n_attachments; i++)
			free(core->attachments[i].granted);
	if (core->rings)
		for (uint32_t i = 0; i < core->registry.header->n_rings; i++)
			free(core->rings[i].schema_text);
	free(core->rings);
	free(core->attachments);
	free(core->instance);
	free(core->version);
	free(core);
	return NULL;
}

static void step_connection(struct core *core, const struct core_event *event)
{
	struct core_connection *connection;

	switch (event->type) {
	case CORE_CONNECTED:
		connection_open(core, event);
		break;
	case CORE_DISCONNECTED:
		/* one that was turned away is not known */
		connection = connection_find(core, event->connection);
		if (connection)
			connection_close(core, connection);
		break;
	default:
		request_event(core, event);
		break;
	}
}

static void step_process(struct core *core, const struct core_event *event)
{
	/* what the shell says of a process may cross with its being forgotten */
	struct core_process *process = process_by_id(core, event->process_id);

	if (!process)
		return;
	if (event->type == CORE_PROCESS_VERIFIED)
		process_verified(core, process, event->verdict, event->unit);
	else if (!process->has_ended)
		process_ended(core, process);
}

void core_step(struct core *core, const struct core_event *event, struct core_actions *actions)
{
	core_step_begin(core, event->now_ns, actions);
	core->now_s = event->now_s;
	memcpy(core->random, event->random, sizeof(core->random));
	switch (event->type) {
	case CORE_CONNECTED:
	case CORE_DISCONNECTED:
	case CORE_REQUEST:
		step_connection(core, event);
		break;
	case CORE_PROCESS_VERIFIED:
	case CORE_PROCESS_ENDED:
		step_process(core, event);
		break;
	case CORE_STOPPING:
		core->is_stopping = true;
		break;
	default:
		assert(event->ring < core->registry.header->n_rings);
		ring_event(core, event);
		break;
	}
	watch_tell_missed(core);
	core->out = NULL;
}
