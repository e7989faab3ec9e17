/* SPDX-License-Identifier: MIT */
/*
 * watch.c - telling watchers what happened, and counting it
 *
 * One event goes to every watcher, and one step may have many events (a process that held a thousand
 * roles has died). Both are bounded: watchers in number, events per step by CORE_EVENTS_PER_STEP,
 * after which watchers are told how many they missed.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/core/parts.h"

void watch_ask(struct core *core, struct core_ask *ask)
{
	struct core_connection *connection = ask->connection;
	uint32_t limit = core->config.limits.max_watches_per_uid;
	struct core_action *reply;

	if (!connection->is_watching && (core->n_watchers >= CORE_WATCHERS_MAX ||
					 connection->uid->n_watches >= limit)) {
		reply = refuse(core, ask, -EDQUOT,
			       "%u connections of uid %u watch already (%u of all users)",
			       connection->uid->n_watches, connection->identity.uid,
			       core->n_watchers);
		reply->reply.limit = limit < CORE_WATCHERS_MAX ? limit : CORE_WATCHERS_MAX;
		reply->reply.used = connection->uid->n_watches;
		return;
	}
	if (!connection->is_watching) {
		connection->is_watching = true;
		list_append(&core->watchers, &connection->of_watchers);
		connection->uid->n_watches++;
		core->n_watchers++;
	}
	reply_new(core, ask);
}

void watch_stop(struct core *core, struct core_connection *connection)
{
	if (!connection->is_watching)
		return;
	connection->is_watching = false;
	list_remove(&connection->of_watchers);
	connection->uid->n_watches--;
	core->n_watchers--;
}

/* @record: the ring that it is about; it is told to those who may see that. NULL: to all. */
static void event_to_all(struct core *core, const struct registry_ring *record,
			 const struct control_event *event)
{
	list_each (node, after, &core->watchers) {
		const struct core_connection *watcher =
			list_entry(node, struct core_connection, of_watchers);
		struct core_action *action;

		if (record && !access_sees(core, watcher, record))
			continue;
		action = action_new(core, CORE_EVENT);
		action->connection = watcher->id;
		action->event = *event;
	}
}

void watch_tell(struct core *core, enum control_event_kind kind, struct core_ring *ring,
		const struct process_identity *process, unsigned role, uint64_t count)
{
	struct control_event event = {
		.kind = kind,
		.role = (enum shmq_role)role,
		.pid = process->pid,
		.uid = process->uid,
		.time_ns = core->now_s * (uint64_t)NS_PER_S,
		.count = count,
	};

	count_event(core, kind, ring, count);
	if (core->n_watchers == 0)
		return;
	if (core->n_events++ >= CORE_EVENTS_PER_STEP) {
		core->n_missed++;
		return;
	}
	memcpy(event.comm, process->comm, sizeof(event.comm));
	strcpy(event.ring, ring_record(core, ring)->name);
	event_to_all(core, ring_record(core, ring), &event);
}

void watch_tell_missed(struct core *core)
{
	struct control_event event = {
		.kind = CONTROL_EVENT_MISSED,
		.time_ns = core->now_s * (uint64_t)NS_PER_S,
		.count = core->n_missed,
	};

	if (core->n_missed)
		event_to_all(core, NULL, &event);
}
