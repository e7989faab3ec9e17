/* SPDX-License-Identifier: MIT */
/*
 * log.c - lines for the journal, so many a step
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/parts.h"

struct core_log *core_log_write(struct core *core, enum core_log_id id, int priority,
				const struct core_ring *ring,
				const struct process_identity *process, const char *format, ...)
{
	struct core_action *action;
	va_list args;

	if (core->n_logs++ >= CORE_LOGS_PER_STEP)
		return NULL;
	action = action_new(core, CORE_LOG);
	action->log.id = id;
	action->log.priority = priority;
	if (ring) {
		strcpy(action->log.ring, ring_record(core, ring)->name);
		action->log.bytes = ring_record(core, ring)->segment_bytes;
	}
	if (process) {
		action->log.has_process = true;
		action->log.process = *process;
		strcpy(action->log.unit, process_unit(core, process));
	}
	va_start(args, format);
	vsnprintf(action->log.text, sizeof(action->log.text), format, args);
	va_end(args);
	return &action->log;
}
