/* SPDX-License-Identifier: MIT */
/*
 * death.c - a process has ended, or a restarted daemon has found out whether it lives
 */
#include <string.h>

#include "daemon/core/parts.h"

void process_ended(struct core *core, struct core_process *process)
{
	process->has_ended = true;
	process->is_unverified = false;
	list_each (node, after, &process->attachments) {
		struct core_attachment *attachment =
			list_entry(node, struct core_attachment, of_process);
		struct core_ring *ring = attachment_ring(core, attachment);

		attachment_end(core, attachment, true);
		ring_left(core, ring);
	}
	process_put(core, process);
}

/* It may have connected meanwhile: that connection's pidfd is as good. */
static bool process_watch_any(struct core *core, struct core_process *process)
{
	struct core_connection *connection, *next;

	HASH_ITER(by_id, core->connections, connection, next) {
		if (connection->process == process) {
			process_watch(core, process, connection);
			return true;
		}
	}
	return false;
}

static void process_is_unknown(struct core *core, struct core_process *process)
{
	const struct process_identity *identity = &process->identity;

	if (process->n_connections && process_watch_any(core, process))
		return;
	core_log_write(core, CORE_LOG_UNVERIFIED, CORE_WARNING, NULL, identity,
		       "can't tell whether pid %d (%s) still lives: it keeps what it holds",
		       identity->pid, identity->comm);
}

void process_verified(struct core *core, struct core_process *process, enum core_verdict verdict,
		      const char *unit)
{
	if (!process->is_verifying)
		return;
	process->is_verifying = false;
	if (verdict == CORE_PROCESS_ALIVE) {
		process->is_watched = true;
		process->is_unverified = false;
		if (unit && !process->unit[0] && strlen(unit) < sizeof(process->unit))
			strcpy(process->unit, unit);
	} else if (verdict == CORE_PROCESS_DEAD) {
		process_ended(core, process);
		return;
	} else if (!list_is_empty(&process->attachments)) {
		process_is_unknown(core, process);
	}
	process_put(core, process);
}
