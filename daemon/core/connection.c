/* SPDX-License-Identifier: MIT */
/*
 * connection.c - who is connected, and the greeting
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
	struct core_uid *account = uid_get(core, event->process->uid);
	struct core_connection *connection;
	char text[CONTROL_TEXT_MAX];

	assert(!connection_find(core, event->connection));
	if (!quota_has_connection(core, account, event->process, text, sizeof(text))) {
		turn_away(core, event->connection, text);
		uid_put(core, account);
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
	uid_put(core, account);
}

void connection_request(struct core *core, const struct core_event *event)
{
	struct core_ask ask = {
		.connection = connection_find(core, event->connection),
		.request = *event->request,
		.is_peer = event->sender_is_peer,
	};

	if (!ask.connection)
		return;
	count_request(core, ask.request.op);
	if (!ask.connection->has_greeted && ask.request.op != CONTROL_HELLO) {
		refuse(core, &ask, -EPROTO, "the first request of a connection is Hello");
		return;
	}
	ask_dispatch(core, &ask);
}

static void hello_refuse(struct core *core, struct core_ask *ask, const char *what, unsigned theirs_min,
			 unsigned theirs_max, unsigned ours)
{
	refuse(core, ask, -EPROTO,
	       "this shmqd (%s) speaks version %u of the %s, the client %u to %u: "
	       "install versions that go together",
	       core->version, ours, what, theirs_min, theirs_max);
	action_new(core, CORE_CLOSE)->connection = ask->connection->id;
}

void connection_hello(struct core *core, struct core_ask *ask)
{
	const struct control_request *request = &ask->request;
	struct core_connection *connection = ask->connection;
	struct core_action *reply;
	struct control_hello *hello;

	if (request->protocol_min > CONTROL_PROTOCOL || request->protocol_max < CONTROL_PROTOCOL) {
		hello_refuse(core, ask, "protocol", request->protocol_min, request->protocol_max,
			     CONTROL_PROTOCOL);
		return;
	}
	if (request->layout != SHMQ_LAYOUT_VERSION) {
		hello_refuse(core, ask, "memory layout", request->layout, request->layout,
			     SHMQ_LAYOUT_VERSION);
		return;
	}
	if (!connection->has_greeted) {
		memcpy(&connection->echo, core->random, sizeof(connection->echo));
		connection->echo |= 1; /* 0 is what a client that never got an answer has */
		connection->has_greeted = true;
		connection->uid->n_greeting--;
	}
	reply = reply_new(core, ask);
	reply->with_descriptor = true;
	reply->reply.body = CONTROL_BODY_HELLO;
	hello = &reply->reply.hello;
	hello->protocol = CONTROL_PROTOCOL;
	hello->layout = SHMQ_LAYOUT_VERSION;
	hello->echo = connection->echo;
	hello->version = core->version;
	hello->instance = core->instance;
	hello->owner_uid = core->config.daemon_uid;
	hello->board_bytes = sizeof(struct shmq_board_header) +
			     (uint64_t)core->registry.header->n_rings * sizeof(struct shmq_board_ring);
	memcpy(hello->epoch, core->board->epoch, sizeof(hello->epoch));
	hello->pid = core->config.daemon_pid;
}
