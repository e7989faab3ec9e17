/* SPDX-License-Identifier: MIT */
/*
 * describe.c - who holds what: for replies, and in words
 *
 * What other processes chose (commands, names) is made printable first.
 */
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/core/parts.h"

void describe_attachment(const struct core *core, const struct core_attachment *attachment,
		       struct control_holder *ret_holder)
{
	const struct registry_attachment *record = attachment_record(core, attachment);

	*ret_holder = (struct control_holder){
		.attachment = record->id,
		.pid = record->process.pid,
		.uid = record->process.uid,
		.role = (enum shmq_role)record->role,
		.unverified = attachment->process->is_unverified,
		.since_s = record->since_s,
		.incarnation = record->incarnation,
	};
	memcpy(ret_holder->comm, record->process.comm, sizeof(ret_holder->comm));
	strcpy(ret_holder->ring, core->registry.rings[record->ring].name);
}

const char *role_name(unsigned role)
{
	static const char *const names[CORE_ROLES] = { "producer", "consumer", "owner" };

	return names[role];
}

const char *describe_process(const struct process_identity *process, char *text, size_t cap_bytes)
{
	char comm[3 * CONTROL_COMM_MAX];

	format_printable(process->comm, comm, sizeof(comm));
	snprintf(text, cap_bytes, "pid %d (%s)", process->pid, comm);
	return text;
}

const char *describe_holder(const struct core *core, const struct core_attachment *attachment,
			    char *text, size_t cap_bytes)
{
	const struct registry_attachment *record = attachment_record(core, attachment);
	uint64_t held_s = core->now_s > record->since_s ? core->now_s - record->since_s : 0;
	char process[96], span[32];

	describe_process(&record->process, process, sizeof(process));
	format_duration_ns((int64_t)held_s * NS_PER_S, span, sizeof(span));
	snprintf(text, cap_bytes, "%s for %s%s", process, span,
		 attachment->process->is_unverified
			 ? " (shmqd can't tell whether it still lives)"
			 : "");
	return text;
}
