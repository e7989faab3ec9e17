/* SPDX-License-Identifier: MIT */
/*
 * session.c - a connection's life: welcomed or turned away, closed, swept up; see session.h
 */
#include "daemon/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/receive.h"
#include "daemon/request.h"
#include "daemon/shell.h"

#define FIRST_REQUEST_NS (10 * NS_PER_S) /* who says nothing at all for so long is let go */
#define CLOSING_NS	 (5 * NS_PER_S)	 /* for the last reply to be taken */
#define DRAIN_PACKETS	 64u
#define SLOWED_US	 10000

void sessions_init(struct sessions *sessions, struct shell *shell)
{
	sessions->shell = shell;
	sessions_set_rate(sessions, shell->options->max_requests_per_uid);
}

void sessions_set_rate(struct sessions *sessions, uint32_t rate)
{
	sessions->throttle.cost_ns = rate ? NS_PER_S / rate : 0;
	sessions->arrivals.cost_ns = sessions->throttle.cost_ns;
}

struct session *sessions_find(const struct sessions *sessions, uint32_t id)
{
	struct session *session;

	HASH_FIND(by_id, sessions->by_id, &id, sizeof(id), session);
	return session;
}

/* ---- end ---- */

static void session_free(struct session *session)
{
	struct sessions *sessions = &session->shell->sessions;

	HASH_DELETE(by_id, sessions->by_id, session);
	if (session->turned_away)
		sessions->n_turned_away--;
	if (session->readable)
		event_free(session->readable);
	if (session->writable)
		event_free(session->writable);
	if (session->deadline)
		event_free(session->deadline);
	outbox_deinit(&session->outbox);
	peer_deinit(&session->peer);
	fd_close(session->fd);
	free(session);
}

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

bool sessions_sweep(struct sessions *sessions)
{
	struct session *session = sessions->doomed;
	struct core_event event = { .type = CORE_DISCONNECTED };

	if (!session)
		return false;
	sessions->doomed = session->next_doomed;
	event.connection = session->id;
	session_free(session);
	shell_step(sessions->shell, &event);
	return true;
}

void sessions_deinit(struct sessions *sessions)
{
	struct session *session, *next;

	HASH_ITER(by_id, sessions->by_id, session, next)
		session_free(session);
	sessions->doomed = NULL;
	if (sessions->resume)
		event_free(sessions->resume);
	sessions->resume = NULL;
}

/* ---- slowed ---- */

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct sessions *sessions = arg;
	struct session *session, *next;

	(void)fd;
	(void)what;
	HASH_ITER (by_id, sessions->by_id, session, next) {
		if (!session->is_slowed)
			continue;
		session->is_slowed = false;
		session_update_reading(session);
	}
	shell_settle(sessions->shell);
}

bool session_may_ask(struct session *session)
{
	static const struct timeval gap = { .tv_usec = SLOWED_US };
	struct sessions *sessions = &session->shell->sessions;
	uid_t uid = session->peer.identity.uid;
	int64_t now_ns = clock_monotonic_ns();

	if (throttle_pass(&sessions->throttle, uid, now_ns))
		return true;
	if (!sessions->resume)
		sessions->resume = evtimer_new(sessions->shell->base, on_resume, sessions);
	if (!sessions->resume)
		return true;
	if (throttle_tells(&sessions->throttle, now_ns))
		log_event(SHELL_LOG_SLOWED, LOG_WARNING, "uid %u asks more than %" PRId64
			  " times a second: it is served more slowly", (unsigned)uid,
			  NS_PER_S / sessions->throttle.cost_ns);
	session->is_slowed = true;
	session_update_reading(session);
	if (!evtimer_pending(sessions->resume, NULL))
		evtimer_add(sessions->resume, &gap);
	return false;
}

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
		id = request_id(sessions->in, received.len_bytes);
	session_refuse(session, id);
}

/* ---- begin ---- */

void session_set_deadline(struct session *session, int64_t delay_ns)
{
	struct timeval delay = timeval_from_ns(delay_ns);

	if (evtimer_add(session->deadline, &delay) < 0)
		session_doom(session);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct session *session = arg;

	(void)fd;
	(void)what;
	if (session->has_spoken && !session->is_closing)
		session_write(session); /* the kernel may have room again */
	else
		session_doom(session);
	shell_settle(session->shell);
}

static int events_make(struct session *session)
{
	struct event_base *base = session->shell->base;

	session->readable = event_new(base, session->fd, EV_READ | EV_PERSIST,
					 session_on_readable, session);
	session->writable = event_new(base, session->fd, EV_WRITE | EV_PERSIST,
					 session_on_writable, session);
	session->deadline = evtimer_new(base, on_deadline, session);
	if (!session->readable || !session->writable || !session->deadline)
		return -ENOMEM;
	return event_add(session->readable, NULL) < 0 ? -ENOMEM : 0;
}

static uint32_t id_new(struct sessions *sessions)
{
	do {
		sessions->last_id++;
	} while (sessions->last_id == 0 || sessions_find(sessions, sessions->last_id));
	return sessions->last_id;
}

int session_new(struct sessions *sessions, int fd, struct peer *peer)
{
	struct session *session = calloc(1, sizeof(*session));
	struct core_event event = { .type = CORE_CONNECTED };

	if (!session) {
		fd_close(fd);
		peer_deinit(peer);
		return -ENOMEM;
	}
	session->shell = sessions->shell;
	session->id = id_new(sessions);
	session->fd = fd;
	session->peer = *peer;
	*peer = (struct peer){ .pidfd = NULL }; /* consumed */
	outbox_init(&session->outbox);
	HASH_ADD(by_id, sessions->by_id, id, sizeof(session->id), session);
	if (events_make(session) < 0) {
		session_free(session);
		return -ENOMEM;
	}
	session_set_deadline(session, FIRST_REQUEST_NS);
	event.connection = session->id;
	event.process = &session->peer.identity;
	event.groups = session->peer.groups;
	event.n_groups = session->peer.n_groups;
	event.unit = session->peer.unit;
	shell_step(sessions->shell, &event);
	return 0;
}
