/* SPDX-License-Identifier: MIT */
/*
 * session_out.c - what one client is told, and how its connection ends; see session.h
 */
#include "daemon/session.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/probe.h"
#include "daemon/loop.h"
#include "daemon/receive.h"
#include "daemon/shell.h"
#include "proto/wire.h"

#define CLOSING_NS     (5 * NS_PER_S)	 /* for the last reply to be taken */
#define DRAIN_PACKETS  64u
#define WRITE_AGAIN_NS (50 * NS_PER_MS) /* after the kernel had no room for a descriptor */

/* ---- what the loop is asked for ---- */

void session_doom(struct session *session)
{
	struct sessions *sessions = &session->shell->sessions;

	if (session->is_doomed)
		return;
	session->is_doomed = true;
	event_del(session->readable);
	event_del(session->writable);
	event_del(session->deadline);
	session->next_doomed = sessions->doomed;
	sessions->doomed = session;
}

void session_set_deadline(struct session *session, int64_t delay_ns)
{
	struct timeval delay = timeval_from_ns(delay_ns);

	if (evtimer_add(session->deadline, &delay) < 0)
		session_doom(session);
}

static bool may_read(const struct session *session)
{
	return !session->is_doomed && !session->is_closing &&
	       outbox_is_empty(&session->outbox) &&
	       session->n_unanswered < SESSION_UNANSWERED_MAX && !session->is_slowed;
}

void session_update_reading(struct session *session)
{
	if (!may_read(session))
		event_del(session->readable);
	else if (!event_pending(session->readable, EV_READ, NULL) &&
		 event_add(session->readable, NULL) < 0)
		session_doom(session);
}

/* After an attempt to write: @r is outbox_flush()'s. */
static void writing_update(struct session *session, int r)
{
	if (r == 0) {
		event_del(session->writable);
		if (session->is_closing)
			session_doom(session);
	} else if (r == -EAGAIN) {
		if (event_add(session->writable, NULL) < 0)
			session_doom(session);
	} else if (r == -EBUSY) {
		event_del(session->writable);
		if (!session->is_closing)
			session_set_deadline(session, WRITE_AGAIN_NS);
	} else {
		session_doom(session);
	}
	session_update_reading(session);
}

/* ---- out ---- */

void session_send(struct session *session, const void *data, size_t len_bytes,
		  struct outbox_fds fds)
{
	int r;

	if (session->is_doomed)
		return;
	r = outbox_send(&session->outbox, session->fd, data, len_bytes, fds);
	if (r < 0)
		session_doom(session);
	else if (!outbox_is_empty(&session->outbox))
		writing_update(session, outbox_flush(&session->outbox, session->fd));
}

void session_reply(struct session *session, const struct control_reply *reply,
		   struct outbox_fds fds)
{
	unsigned char out[CONTROL_PACKET_MAX];
	ssize_t n = wire_encode_reply(reply, out, sizeof(out));

	PROBE(shmqd, reply, session->id, reply->id, -reply->status);
	if (n < 0) {
		struct control_reply short_reply = {
			.id = reply->id, .status = (int)n,
			.text = n == -EMSGSIZE ? "the answer doesn't fit into a packet"
					       : "shmqd is out of memory",
		};

		n = wire_encode_reply(&short_reply, out, sizeof(out));
		fds = OUTBOX_NO_FD;
	}
	if (n < 0)
		session_doom(session);
	else
		session_send(session, out, (size_t)n, fds);
}

void session_answered(struct session *session)
{
	if (session->n_unanswered > 0)
		session->n_unanswered--;
	if (!session->is_doomed)
		session_update_reading(session);
}

static void event_send(struct session *session, const struct control_event *event)
{
	unsigned char out[1024];
	ssize_t n = wire_encode_event(event, out, sizeof(out));

	if (n < 0)
		session->n_missed++;
	else
		session_send(session, out, (size_t)n, OUTBOX_NO_FD);
}

void session_tell(struct session *session, const struct control_event *event)
{
	if (session->is_doomed || session->is_closing)
		return;
	if (session->n_missed > 0 || session->outbox.n_packets >= SESSION_EVENTS_MAX)
		session->n_missed += event->kind == CONTROL_EVENT_MISSED ? event->count : 1;
	else
		event_send(session, event);
}

/* Everything was written: say how many events there was no room for. */
static void missed_tell(struct session *session)
{
	struct control_event event = {
		.kind = CONTROL_EVENT_MISSED,
		.count = session->n_missed,
		.time_ns = (uint64_t)clock_realtime_ns(),
	};

	if (session->n_missed == 0 || !outbox_is_empty(&session->outbox))
		return;
	session->n_missed = 0;
	event_send(session, &event);
}

void session_write(struct session *session)
{
	writing_update(session, outbox_flush(&session->outbox, session->fd));
	if (!session->is_doomed)
		missed_tell(session);
}

/* ---- the end ---- */

/* A socket closed with packets unread takes the last reply away from its client: read them. */
static void drain(struct session *session)
{
	unsigned char *in = session->shell->sessions.in;
	struct received received;

	for (unsigned i = 0; i < DRAIN_PACKETS; i++)
		if (receive_packet(session->fd, in, CONTROL_PACKET_MAX, &received) < 0 ||
		    received.is_end)
			return;
}

void session_close(struct session *session)
{
	if (session->is_doomed || session->is_closing)
		return;
	if (session->turned_away && !session->has_spoken)
		return; /* its first request is waited for */
	session->is_closing = true;
	drain(session);
	if (outbox_is_empty(&session->outbox))
		session_doom(session);
	else
		session_set_deadline(session, CLOSING_NS);
}

/* ---- turned away ---- */

void session_refuse(struct session *session, uint64_t id)
{
	struct control_reply reply = {
		.id = id, .status = session->turned_away, .text = session->why,
	};

	session_reply(session, &reply, OUTBOX_NO_FD);
	session_close(session);
}

void session_turn_away(struct session *session, int status, const char *why)
{
	struct sessions *sessions = &session->shell->sessions;
	struct received received;
	uint64_t id = 0;

	session->turned_away = status;
	snprintf(session->why, sizeof(session->why), "%s", why);
	if (sessions->n_turned_away++ < SESSION_TURNED_MAX)
		return;
	/* too many are waited for: only if its request is here already, it learns why */
	session->has_spoken = true;
	if (receive_packet(session->fd, sessions->in, sizeof(sessions->in), &received) == 0)
		id = wire_request_id(sessions->in, received.len_bytes);
	session_refuse(session, id);
}
