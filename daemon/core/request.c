/* SPDX-License-Identifier: MIT */
/*
 * request.c - to whom each request goes, and the greeting, which comes first
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/parts.h"

static void hello_refuse(struct core *core, struct core_ask *ask, const char *what, unsigned theirs_min,
			 unsigned theirs_max, unsigned ours)
{
	refuse(core, ask, -EPROTO,
	       "this shmqd (%s) speaks version %u of the %s, the client %u to %u: "
	       "install versions that go together",
	       core->version, ours, what, theirs_min, theirs_max);
	action_new(core, CORE_CLOSE)->connection = ask->connection->id;
}

static void request_hello(struct core *core, struct core_ask *ask)
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

static bool changes_rings(enum control_op op)
{
	return op == CONTROL_CREATE || op == CONTROL_ATTACH || op == CONTROL_DESTROY ||
	       op == CONTROL_PURGE;
}

static void request_dispatch(struct core *core, struct core_ask *ask)
{
	enum control_op op = ask->request.op;

	if (core->is_stopping && changes_rings(op)) {
		refuse(core, ask, -EAGAIN, "shmqd is stopping: ask its successor");
		return;
	}
	switch (op) {
	case CONTROL_HELLO:
		request_hello(core, ask);
		break;
	case CONTROL_CREATE:
		create_ask(core, ask);
		break;
	case CONTROL_ATTACH:
		attach_ask(core, ask);
		break;
	case CONTROL_DETACH:
		detach_ask(core, ask);
		break;
	case CONTROL_DESTROY:
		destroy_ask(core, ask);
		break;
	case CONTROL_PURGE:
		purge_ask(core, ask);
		break;
	case CONTROL_WATCH:
		watch_ask(core, ask);
		break;
	case CONTROL_LIST:
	case CONTROL_SHOW:
	case CONTROL_CLIENTS:
	case CONTROL_PING:
	case CONTROL_INFO:
	case CONTROL_STATS:
		query_ask(core, ask);
		break;
	default:
		refuse(core, ask, -ENOTSUP, "shmqd %s does not know this request", core->version);
		break;
	}
}

void request_event(struct core *core, const struct core_event *event)
{
	struct core_ask ask = {
		.connection = connection_find(core, event->connection),
		.request = *event->request,
		.is_peer = event->sender_is_peer,
		.run = request_dispatch,
	};

	if (!ask.connection)
		return;
	count_request(core, ask.request.op);
	if (!ask.connection->has_greeted && ask.request.op != CONTROL_HELLO) {
		refuse(core, &ask, -EPROTO, "the first request of a connection is Hello");
		return;
	}
	request_dispatch(core, &ask);
}
