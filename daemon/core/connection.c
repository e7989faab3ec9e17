/* SPDX-License-Identifier: MIT */
/*
 * connection.c - who is connected
 *
 * A connection owns its place in the watchers' list and its waiting requests, nothing else: when it
 * closes, whatever its process holds stays held.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/core/parts.h"

struct core_connection *connection_find(const struct core *core, uint32_t id)
{
	struct core_connection *connection;

	HASH_FIND(by_id, core->connections, &id, sizeof(id), connection);
	return connection;
}

/* There is no request to answer yet: the reply's id is 0. */
static void turn_away(struct core *core, uint32_t connection, const char *text)
{
	struct core_action *reply = reply_to(core, connection, 0);

	core->counts[SHMQ_DAEMON_TURNED_AWAY_METRIC]++;
	reply->reply.status = -EDQUOT;
	reply_text(reply, "%s", text);
	action_new(core, CORE_CLOSE)->connection = connection;
}

void connection_open(struct core *core, const struct core_event *event)
{
	struct core_uid *account = account_get(core, event->process->uid);
	struct core_connection *connection;
	char text[CONTROL_TEXT_MAX];

	assert(!connection_find(core, event->connection));
	if (!quota_has_connection(core, account, event->process, text, sizeof(text))) {
		turn_away(core, event->connection, text);
		account_put(core, account);
		return;
	}
	connection = core_alloc(sizeof(*connection));
	connection->id = event->connection;
	connection->identity = *event->process;
	connection->uid = account;
	connection->n_groups = event->n_groups < CORE_GROUPS_MAX ? event->n_groups : CORE_GROUPS_MAX;
	if (connection->n_groups) {
		connection->groups = core_alloc(connection->n_groups * sizeof(gid_t));
		memcpy(connection->groups, event->groups, connection->n_groups * sizeof(gid_t));
	}
	if (event->unit && strlen(event->unit) < sizeof(connection->unit))
		strcpy(connection->unit, event->unit);
	list_init(&connection->of_watchers);
	list_init(&connection->asks);
	connection->process = process_get(core, event->process);
	strcpy(connection->process->unit, connection->unit);
	connection->process->n_connections++;
	account->n_connections++;
	account->n_greeting++;
	core->n_connections++;
	core->counts[SHMQ_DAEMON_ACCEPTED_METRIC]++;
	HASH_ADD(by_id, core->connections, id, sizeof(connection->id), connection);
	/* one that could not be verified after a restart has shown itself */
	if (!list_is_empty(&connection->process->attachments))
		process_watch(core, connection->process, connection);
}

void connection_free(struct core *core, struct core_connection *connection)
{
	struct list *node;

	while ((node = list_take(&connection->asks)))
		ask_free(list_entry(node, struct core_ask, of_connection));
	HASH_DELETE(by_id, core->connections, connection);
	free(connection->groups);
	free(connection);
}

void connection_close(struct core *core, struct core_connection *connection)
{
	struct core_process *process = connection->process;
	struct core_uid *account = connection->uid;
	bool has_greeted = connection->has_greeted;

	watch_stop(core, connection);
	connection_free(core, connection);
	core->n_connections--;
	process->n_connections--;
	process_put(core, process);
	account->n_connections--;
	if (!has_greeted)
		account->n_greeting--;
	account_put(core, account);
}
