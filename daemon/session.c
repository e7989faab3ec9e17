/* SPDX-License-Identifier: MIT */
/*
 * session.c - a connection's life: welcomed, found, swept up; see session.h
 */
#include "daemon/session.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "daemon/shell.h"

#define FIRST_REQUEST_NS (10 * NS_PER_S) /* who says nothing at all for so long is let go */

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

/* ---- begin ---- */

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

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct session *session = arg;

	(void)fd;
	(void)what;
	session_write(session);
	shell_settle(session->shell);
}

static int events_make(struct session *session)
{
	struct event_base *base = session->shell->base;

	session->readable = event_new(base, session->fd, EV_READ | EV_PERSIST,
					 session_on_readable, session);
	session->writable = event_new(base, session->fd, EV_WRITE | EV_PERSIST,
					 on_writable, session);
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
