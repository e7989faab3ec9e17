/* SPDX-License-Identifier: MIT */
/*
 * declare.c - declared rings, asked for one after the other; see declare.h
 */
#include "daemon/declare.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "daemon/log.h"
#include "daemon/peer.h"
#include "daemon/shell.h"

static void identify(struct process_identity *identity)
{
	pid_t pid = getpid();

	*identity = (struct process_identity){
		.pid = pid, .uid = geteuid(), .gid = getegid(), .seen_from = peer_own_pidns(),
	};
	if (process_start_time(pid, &identity->start_ticks) < 0)
		identity->start_ticks = 0;
	if (process_pidns_inode(pid, &identity->pidns_inode) < 0)
		identity->pidns_inode = 0;
	if (process_comm(pid, identity->comm) < 0)
		strcpy(identity->comm, "shmqd");
}

static void connect_self(struct declare *declare)
{
	struct process_identity identity;
	struct core_event event = { .type = CORE_CONNECTED, .process = &identity, .unit = "" };
	struct control_request hello = {
		.op = CONTROL_HELLO, .name = "", .library = "", .layout = SHMQ_LAYOUT_VERSION,
		.protocol_min = CONTROL_PROTOCOL, .protocol_max = CONTROL_PROTOCOL,
	};

	identify(&identity);
	declare->connection = event.connection = session_id_new(&declare->shell->sessions);
	shell_step(declare->shell, &event);
	event = (struct core_event){
		.type = CORE_REQUEST, .connection = declare->connection, .request = &hello,
	};
	shell_step(declare->shell, &event);
}

static void disconnect_self(struct declare *declare)
{
	struct core_event event = {
		.type = CORE_DISCONNECTED, .connection = declare->connection,
	};

	declare->connection = 0;
	shell_step(declare->shell, &event);
}

/* The request's id says which ring it is about: 0 is the Hello's. */
static void ask_next(struct declare *declare)
{
	const struct declared_ring *ring = &declare->rings.rings[declare->at];
	struct control_request request = {
		.id = declare->at + 1, .op = CONTROL_CREATE, .name = ring->name, .library = "",
		.has_config = true, .config = ring->config,
	};
	struct core_event event = {
		.type = CORE_REQUEST, .connection = declare->connection, .request = &request,
	};

	shell_step(declare->shell, &event);
}

static void finish(struct declare *declare)
{
	void (*done)(struct shell *shell) = declare->done;

	declare->done = NULL;
	if (done)
		done(declare->shell);
}

static void begin_round(struct declare *declare)
{
	declared_rings_release(&declare->rings);
	declare->rings = declare->next;
	declare->next = (struct declared_rings){ 0 };
	declare->at = 0;
	if (declare->rings.n == 0) {
		finish(declare);
		return;
	}
	connect_self(declare);
	ask_next(declare);
}

void declare_begin(struct shell *shell, struct declared_rings *rings,
		   void (*done)(struct shell *shell))
{
	struct declare *declare = &shell->declare;

	declare->shell = shell;
	if (done)
		declare->done = done;
	declared_rings_release(&declare->next);
	declare->next = *rings;
	*rings = (struct declared_rings){ 0 };
	if (!declare->connection)
		begin_round(declare);
}

static void take_answer(struct declare *declare, const struct control_reply *reply)
{
	const struct declared_ring *ring = &declare->rings.rings[declare->at];

	if (reply->status < 0)
		log_line(LOG_WARNING, "%s: [Ring %s] %s: %s", ring->where, ring->name,
			 reply->status == -EEXIST ? "is left as it is" : "could not be made",
			 reply->text);
	if (++declare->at < declare->rings.n) {
		ask_next(declare);
		return;
	}
	disconnect_self(declare);
	begin_round(declare);
}

bool declare_takes(struct shell *shell, const struct core_action *action)
{
	struct declare *declare = &shell->declare;

	if (!declare->connection || action->connection != declare->connection)
		return false;
	if (action->type == CORE_CLOSE) { /* turned away: the daemon is full */
		disconnect_self(declare);
		log_line(LOG_WARNING, "declared rings can't be made now: a reload tries it again");
		finish(declare);
	} else if (action->type != CORE_EVENT && action->reply.id == declare->at + 1) {
		take_answer(declare, &action->reply);
	}
	return true;
}

void declare_deinit(struct declare *declare)
{
	declared_rings_release(&declare->rings);
	declared_rings_release(&declare->next);
}
