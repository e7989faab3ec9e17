/* SPDX-License-Identifier: MIT */
/*
 * process.c - processes that are connected or hold something
 *
 * A process is one thing however many connections it has, and it is known again after a restart of
 * the daemon: a pid together with what the kernel says of it, never a pid alone. A process whose pid
 * reads 0 is another one on every connection; it may hold nothing, so nobody needs to know it again.
 */
#include <assert.h>

#include "daemon/core/parts.h"

static bool differ(uint64_t a, uint64_t b)
{
	return a && b && a != b;
}

bool identity_same(const struct process_identity *a, const struct process_identity *b)
{
	if (a->pid == 0 || a->pid != b->pid || differ(a->start_ticks, b->start_ticks) ||
	    differ(a->pidfs_inode, b->pidfs_inode) || differ(a->pidns_inode, b->pidns_inode))
		return false;
	/* an equal pid proves nothing by itself */
	return (a->start_ticks && b->start_ticks) || (a->pidfs_inode && b->pidfs_inode);
}

static void pid_add(struct core *core, struct core_process *process)
{
	struct core_process *first;
	int32_t pid = process->identity.pid;

	HASH_FIND(by_pid, core->pids, &pid, sizeof(pid), first);
	if (first) {
		process->same_pid = first->same_pid;
		first->same_pid = process;
	} else {
		HASH_ADD(by_pid, core->pids, identity.pid, sizeof(pid), process);
	}
}

static void pid_remove(struct core *core, struct core_process *process)
{
	struct core_process *first;
	int32_t pid = process->identity.pid;

	HASH_FIND(by_pid, core->pids, &pid, sizeof(pid), first);
	assert(first);
	if (first != process) {
		while (first->same_pid != process)
			first = first->same_pid;
		first->same_pid = process->same_pid;
		return;
	}
	HASH_DELETE(by_pid, core->pids, process);
	if (process->same_pid)
		HASH_ADD(by_pid, core->pids, identity.pid, sizeof(pid), process->same_pid);
}

static struct core_process *process_find(const struct core *core,
					 const struct process_identity *identity)
{
	struct core_process *process;
	int32_t pid = identity->pid;

	HASH_FIND(by_pid, core->pids, &pid, sizeof(pid), process);
	while (process && (process->has_ended || !identity_same(&process->identity, identity)))
		process = process->same_pid;
	return process;
}

struct core_process *process_get(struct core *core, const struct process_identity *identity)
{
	struct core_process *process = process_find(core, identity);

	if (process)
		return process;
	process = core_alloc(sizeof(*process));
	process->id = ++core->last_process_id;
	process->identity = *identity;
	list_init(&process->attachments);
	HASH_ADD(by_id, core->processes, id, sizeof(process->id), process);
	pid_add(core, process);
	return process;
}

struct core_process *process_by_id(const struct core *core, uint32_t id)
{
	struct core_process *process;

	HASH_FIND(by_id, core->processes, &id, sizeof(id), process);
	return process;
}

const char *process_unit(const struct core *core, const struct process_identity *identity)
{
	struct core_process *process = NULL;
	int32_t pid = identity->pid;

	if (pid)
		HASH_FIND(by_pid, core->pids, &pid, sizeof(pid), process);
	while (process && !identity_same(&process->identity, identity))
		process = process->same_pid;
	return process ? process->unit : "";
}

void process_put(struct core *core, struct core_process *process)
{
	if (process->n_connections || !list_is_empty(&process->attachments))
		return;
	if (process->is_watched || process->is_verifying)
		action_new(core, CORE_PROCESS_FORGET)->process_id = process->id;
	HASH_DELETE(by_id, core->processes, process);
	pid_remove(core, process);
	free(process);
}

void process_watch(struct core *core, struct core_process *process,
		   const struct core_connection *connection)
{
	struct core_action *action;

	/* an answer to CORE_PROCESS_VERIFY is on its way, which watches it as well */
	if (process->is_watched || process->is_verifying)
		return;
	process->is_watched = true;
	process->is_unverified = false;
	action = action_new(core, CORE_PROCESS_WATCH);
	action->process_id = process->id;
	action->connection = connection->id;
}
