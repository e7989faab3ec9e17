/* SPDX-License-Identifier: MIT */
/*
 * check_sums.c - counters and quota sums, computed again and compared
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/core/check_sums.h"

int check_fail(char text[CONTROL_TEXT_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, CONTROL_TEXT_MAX, format, args);
	va_end(args);
	return -EBADMSG;
}

/* What one uid holds, counted from the records. */
static struct core_uid uid_count(const struct core *core, uid_t uid)
{
	struct core_uid sum = { .uid = uid };
	const struct core_connection *connection;

	for (uint32_t i = 0; i < core->registry.header->n_rings; i++) {
		const struct registry_ring *record = &core->registry.rings[i];

		if (record->state == REGISTRY_RING_FREE || record->creator.uid != uid)
			continue;
		sum.n_rings++;
		sum.n_sealed += record->sealed;
		sum.bytes += record->segment_bytes;
	}
	for (uint32_t i = 0; i < core->registry.header->n_attachments; i++)
		sum.n_attachments += core->registry.attachments[i].state &&
				     core->registry.attachments[i].process.uid == uid;
	for (connection = core->connections; connection; connection = connection->by_id.next) {
		sum.n_connections += connection->identity.uid == uid;
		sum.n_greeting += connection->identity.uid == uid && !connection->has_greeted;
		sum.n_watches += connection->identity.uid == uid && connection->is_watching;
	}
	return sum;
}

static int check_uids(const struct core *core, struct core_uid *ret_total, char *text)
{
	struct core_uid total = { 0 };

	for (const struct core_uid *account = core->uids; account; account = account->hh.next) {
		struct core_uid sum = uid_count(core, account->uid);

		if (sum.n_rings != account->n_rings || sum.n_sealed != account->n_sealed || sum.bytes != account->bytes ||
		    sum.n_attachments != account->n_attachments ||
		    sum.n_connections != account->n_connections ||
		    sum.n_watches != account->n_watches ||
		    sum.n_greeting != account->n_greeting)
			return check_fail(text, "uid %u is charged %u rings, %" PRIu64
					  " bytes, %u attachments, %u connections, %u watches, and "
					  "has %u, %" PRIu64 ", %u, %u, %u", account->uid,
					  account->n_rings, account->bytes, account->n_attachments,
					  account->n_connections, account->n_watches, sum.n_rings,
					  sum.bytes, sum.n_attachments, sum.n_connections,
					  sum.n_watches);
		total.n_rings += sum.n_rings;
		total.n_sealed += sum.n_sealed;
		total.bytes += sum.bytes;
		total.n_attachments += sum.n_attachments;
		total.n_connections += sum.n_connections;
		total.n_watches += sum.n_watches;
	}
	*ret_total = total;
	return 0;
}

/* A ring or attachment whose uid has no account is in no sum: the totals would differ. */
static int check_totals(const struct core *core, const struct core_uid *total, char *text)
{
	uint32_t n_rings = 0, n_attachments = 0;

	for (uint32_t i = 0; i < core->registry.header->n_rings; i++)
		n_rings += core->registry.rings[i].state != REGISTRY_RING_FREE;
	for (uint32_t i = 0; i < core->registry.header->n_attachments; i++)
		n_attachments += core->registry.attachments[i].state != REGISTRY_ATTACHMENT_FREE;
	if (core->n_rings != n_rings || total->n_rings != n_rings)
		return check_fail(text, "%u rings, counted %u, charged %u", n_rings, core->n_rings,
				  total->n_rings);
	if (core->n_sealed != total->n_sealed)
		return check_fail(text, "%u sealed rings, charged %u", core->n_sealed,
				  total->n_sealed);
	if (core->n_attachments != n_attachments || total->n_attachments != n_attachments)
		return check_fail(text, "%u attachments, counted %u, charged %u", n_attachments,
				  core->n_attachments, total->n_attachments);
	if (core->bytes != total->bytes)
		return check_fail(text, "%" PRIu64 " bytes, charged %" PRIu64, core->bytes,
				  total->bytes);
	if (core->n_connections != HASH_CNT(by_id, core->connections) ||
	    core->n_connections != total->n_connections || core->n_watchers != total->n_watches)
		return check_fail(text, "%u connections and %u watchers, charged %u and %u",
				  core->n_connections, core->n_watchers, total->n_connections,
				  total->n_watches);
	return 0;
}

static int check_types(const struct core *core, char *text)
{
	uint32_t n_typed = 0, n_counted = 0;

	for (uint32_t i = 0; i < core->registry.header->n_rings; i++) {
		const struct registry_ring *record = &core->registry.rings[i];

		if (record->state == REGISTRY_RING_FREE || !record->schema)
			continue;
		n_typed++;
		if (!account_has_type(core, record->schema))
			return check_fail(text, "ring %u is of type %016" PRIx64 ", which none is", i,
					  record->schema);
	}
	for (const struct core_type *type = core->types; type; type = type->hh.next)
		n_counted += type->n_rings;
	if (n_counted != n_typed)
		return check_fail(text, "%u rings have a type, counted %u", n_typed, n_counted);
	return 0;
}

static int check_processes(const struct core *core, char *text)
{
	uint32_t n_connections = 0, n_attachments = 0;

	for (const struct core_process *process = core->processes; process;
	     process = process->by_id.next) {
		uint32_t n_held = 0;

		for (const struct list *node = process->attachments.next;
		     node != &process->attachments; node = node->next)
			n_held++;
		if (!n_held && !process->n_connections)
			return check_fail(text, "process %u (pid %d) is kept for nothing",
					  process->id, process->identity.pid);
		n_connections += process->n_connections;
		n_attachments += n_held;
	}
	if (n_connections != core->n_connections || n_attachments != core->n_attachments)
		return check_fail(text, "processes have %u connections and %u attachments of %u and %u",
				  n_connections, n_attachments, core->n_connections,
				  core->n_attachments);
	return 0;
}

int check_sums(const struct core *core, char text[CONTROL_TEXT_MAX])
{
	struct core_uid total = { 0 };
	int r = check_uids(core, &total, text);

	if (r == 0)
		r = check_totals(core, &total, text);
	if (r == 0)
		r = check_types(core, text);
	if (r == 0)
		r = check_processes(core, text);
	return r;
}
