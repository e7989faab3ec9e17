/* SPDX-License-Identifier: MIT */
/*
 * request.c - from a packet to an event for the core; see request.h
 *
 * The kernel frames packets, so a bad one spoils nothing behind it: it is answered, and the
 * connection goes on.
 */
#include "daemon/request.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/probe.h"
#include "daemon/log.h"
#include "daemon/shell.h"
#include "proto/wire.h"

/* What is wrong with the packet as such; NULL: nothing. */
static const char *packet_problem(const struct received *received, int *ret_status)
{
	if (received->had_descriptors) {
		*ret_status = -EINVAL;
		return "the packet carried file descriptors, which no request does: they were closed";
	}
	if (received->is_cut) {
		*ret_status = -EMSGSIZE;
		return "the packet is longer than the 65536 bytes that a request may have";
	}
	if (received->len_bytes == 0) {
		*ret_status = -EBADMSG;
		return "the packet is empty";
	}
	return NULL;
}

static void refuse(struct session *session, uint64_t id, int status, const char *text)
{
	const struct process_identity *identity = &session->peer.identity;
	struct control_reply reply = { .id = id, .status = status, .text = text };
	struct core_log log = {
		.id = CORE_LOG_REFUSED, .priority = LOG_NOTICE, .has_process = true,
		.process = *identity,
	};

	snprintf(log.text, sizeof(log.text), "request of pid %d (%s, uid %u) refused: %s",
		 (int)identity->pid, identity->comm, (unsigned)identity->uid, text);
	log_core(&log, clock_monotonic_ns());
	core_count_refusal(session->shell->core, status);
	session_reply(session, &reply, OUTBOX_NO_FD);
}

/* Was it sent by the process that connected, which lives? */
static bool sender_is_peer(const struct session *session, const struct received *received)
{
	const struct peer *peer = &session->peer;

	return received->sender_pid > 0 && received->sender_pid == peer->identity.pid &&
	       peer->pidfd && !pidfd_has_fired(peer->pidfd->fd);
}

void request_take(struct session *session, const struct received *received)
{
	struct shell *shell = session->shell;
	const void *data = shell->sessions.in;
	struct wire_request decoded = { 0 };
	struct core_event event = {
		.type = CORE_REQUEST,
		.connection = session->id,
		.sender_is_peer = sender_is_peer(session, received),
		.request = &decoded.request,
	};
	const char *problem;
	int status, r;

	problem = packet_problem(received, &status);
	if (problem) {
		refuse(session, wire_request_id(data, received->len_bytes), status, problem);
		return;
	}
	r = wire_decode_request(data, received->len_bytes, &decoded);
	if (r == -EBADMSG)
		refuse(session, decoded.request.id, r,
		       "the packet is no request of shmqd's control protocol");
	else if (r < 0)
		refuse(session, decoded.request.id, r, "shmqd is out of memory");
	if (r < 0)
		return;
	session->n_unanswered++;
	PROBE(shmqd, request, session->id, decoded.request.id, decoded.request.op,
	      session->peer.identity.pid, decoded.request.name);
	shell_step(shell, &event);
	wire_request_release(&decoded);
}
