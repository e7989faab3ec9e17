/* SPDX-License-Identifier: MIT */
/*
 * session_in.c - packets of one client, as fast as its user may ask; see session.h
 */
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/receive.h"
#include "daemon/request.h"
#include "daemon/shell.h"
#include "proto/wire.h"

#define SLOWED_US 10000

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

/* May a packet be read now? If not, it will be tried again. */
static bool session_may_ask(struct session *session)
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

void session_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session *session = arg;
	struct shell *shell = session->shell;
	struct received received;
	int r;

	(void)what;
	if (!session_may_ask(session))
		return;
	r = receive_packet(fd, shell->sessions.in, sizeof(shell->sessions.in), &received);
	if (r < 0 || received.is_end) {
		if (r != -EAGAIN)
			session_doom(session);
		shell_settle(shell);
		return;
	}
	if (!session->has_spoken)
		evtimer_del(session->deadline);
	session->has_spoken = true;
	if (session->turned_away)
		session_refuse(session, wire_request_id(shell->sessions.in, received.len_bytes));
	else
		request_take(session, &received);
	session_update_reading(session);
	shell_settle(shell);
}
