/* SPDX-License-Identifier: MIT */
/*
 * listener.c - accept4(2) in the loop; see listener.h
 */
#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "daemon/log.h"
#include "daemon/log_limit.h"
#include "daemon/loop.h"
#include "daemon/outbox.h"
#include "daemon/receive.h"
#include "daemon/shell.h"
#include "proto/wire.h"

#define ACCEPTS_PER_TURN  4u /* each may cost as much as ten requests: others wait so long */
#define REFUSALS_PER_TURN 64u
#define PAUSE_NS	  (100 * NS_PER_MS)

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS;
}

static int accept_one(const struct listener *listener)
{
	int fd;

	do {
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd < 0 ? -errno : fd;
}

/* ---- shortage ---- */

static void reserve_take(struct listener *listener)
{
	if (listener->reserve_fd < 0)
		listener->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Say why, if its first request is here already, and hang up. */
static void refuse(struct listener *listener, int fd, int status, const char *why)
{
	unsigned char *in = listener->shell->sessions.in, out[512];
	struct control_reply reply = { .status = status, .text = why };
	struct received received;
	struct outbox outbox;
	ssize_t n;

	if (receive_packet(fd, in, CONTROL_PACKET_MAX, &received) == 0)
		reply.id = wire_request_id(in, received.len_bytes);
	n = wire_encode_reply(&reply, out, sizeof(out));
	outbox_init(&outbox);
	if (n > 0)
		outbox_send(&outbox, fd, out, (size_t)n, OUTBOX_NO_FD);
	outbox_deinit(&outbox);
	fd_close(fd);
}

static void refuse_in_shortage(struct listener *listener, int fd)
{
	refuse(listener, fd, -EMFILE,
	       "shmqd has no file descriptors left: try again, or raise LimitNOFILE= of its "
	       "service");
}

static void pause_accepting(struct listener *listener)
{
	struct timeval pause = timeval_from_ns(PAUSE_NS);

	event_del(listener->acceptable);
	evtimer_add(listener->resume, &pause);
}

static void run_short(struct listener *listener, int error)
{
	if (!listener->has_told)
		log_line(LOG_ERR, "no more clients can be accepted: %s", strerror(-error));
	listener->has_told = true;
	for (unsigned i = 0; i < REFUSALS_PER_TURN && listener->reserve_fd >= 0; i++) {
		int fd;

		listener->reserve_fd = fd_close(listener->reserve_fd);
		fd = accept_one(listener);
		if (fd >= 0)
			refuse_in_shortage(listener, fd);
		reserve_take(listener);
		if (fd < 0)
			break;
	}
	pause_accepting(listener);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)fd;
	(void)what;
	reserve_take(listener);
	if (listener->reserve_fd < 0 || event_add(listener->acceptable, NULL) < 0)
		pause_accepting(listener);
}

/* ---- clients ---- */

/*
 * To find out who somebody is takes many system calls, so that a user who does nothing but connect
 * would keep others waiting: beyond what he may ask per second he is turned away at the door.
 * Return: whether @fd was not taken.
 */
static bool may_come(struct listener *listener, int fd)
{
	struct throttle *arrivals = &listener->shell->sessions.arrivals;
	int64_t now_ns = clock_monotonic_ns();
	struct ucred ucred;
	socklen_t len = sizeof(ucred);
	char why[128];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ucred, &len) < 0 ||
	    throttle_pass(arrivals, ucred.uid, now_ns))
		return true;
	snprintf(why, sizeof(why), "uid %u connects more than %" PRId64 " times a second",
		 (unsigned)ucred.uid, NS_PER_S / arrivals->cost_ns);
	if (throttle_tells(arrivals, now_ns))
		log_event(SHELL_LOG_SLOWED, LOG_WARNING, "%s: the others are turned away", why);
	refuse(listener, fd, -EAGAIN, why);
	return false;
}

/* Return: 0; -errno of a shortage. */
static int welcome(struct listener *listener, int fd)
{
	static struct log_limit unidentified = { .burst = 10, .per_s = 1 };
	unsigned n_swallowed;
	struct peer peer;
	int on = 1, r;

	if (!may_come(listener, fd))
		return 0;
	/* credentials with every packet; the ones that came before have them from the listener */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		fd_close(fd);
		return 0;
	}
	r = peer_identify(fd, &peer);
	if (r == 0)
		return session_new(&listener->shell->sessions, fd, &peer);
	if (is_shortage(r)) {
		refuse_in_shortage(listener, fd);
		return r;
	}
	/* who is gone needs no answer */
	if (r != -ESRCH && log_limit_pass(&unidentified, 0, clock_monotonic_ns(), &n_swallowed))
		log_line(LOG_WARNING, "a client could not be identified: %s", strerror(-r));
	fd_close(fd);
	return 0;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;
	int r = 0;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN && r == 0; i++) {
		int client = accept_one(listener);

		r = client < 0 ? client : welcome(listener, client);
	}
	if (is_shortage(r))
		run_short(listener, r);
	else if (r == 0)
		listener->has_told = false;
	else if (r != -EAGAIN)
		log_line(LOG_ERR, "accept: %s", strerror(-r));
	shell_settle(listener->shell);
}

int listener_init(struct listener *listener, struct shell *shell, int fd)
{
	int on = 1;

	listener->shell = shell;
	listener->fd = fd;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	reserve_take(listener);
	if (listener->reserve_fd < 0)
		return -errno;
	listener->acceptable = event_new(shell->base, fd, EV_READ | EV_PERSIST, on_acceptable,
					 listener);
	listener->resume = evtimer_new(shell->base, on_resume, listener);
	if (!listener->acceptable || !listener->resume || event_add(listener->acceptable, NULL) < 0)
		return -ENOMEM;
	return 0;
}

void listener_deinit(struct listener *listener)
{
	if (listener->acceptable)
		event_free(listener->acceptable);
	if (listener->resume)
		event_free(listener->resume);
	listener->acceptable = listener->resume = NULL;
	listener->reserve_fd = fd_close(listener->reserve_fd);
}
