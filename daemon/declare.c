/* SPDX-License-Identifier: MIT */
/*
 * declare.c - declared rings, asked for one after the other; see declare.h
 */
#include "daemon/declare.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <shmq/layout.h>

#include "base/fd.h"
#include "base/random.h"
#include "daemon/log.h"
#include "daemon/shell.h"
#include "proto/wire.h"

#define TOLD_MAX 20u /* rings that could not be made: each has a line, the others their number */

/* Our end as a client like any other. Takes @fd. */
static int welcome_ourselves(struct shell *shell, int fd)
{
	struct peer peer;
	int on = 1, r;

	r = setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno
									 : peer_identify(fd, &peer);
	if (r == 0)
		return session_new(&shell->sessions, fd, &peer);
	fd_close(fd);
	return r;
}

static int ask(struct declare *declare, struct control_request *request)
{
	unsigned char packet[CONTROL_PACKET_MAX];
	ssize_t n;

	request->id = declare->next + 1;
	request->echo = declare->echo;
	n = wire_encode_request(request, packet, sizeof(packet));
	if (n < 0)
		return (int)n;
	return send(declare->fd, packet, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int greet(struct declare *declare)
{
	struct control_request hello = {
		.op = CONTROL_HELLO,
		.name = "",
		.protocol_min = CONTROL_PROTOCOL,
		.protocol_max = CONTROL_PROTOCOL,
		.layout = SHMQ_LAYOUT_VERSION,
		.library = PACKAGE_VERSION,
	};

	return ask(declare, &hello);
}

static int ask_for_next(struct declare *declare)
{
	const struct declared_ring *ring = &declare->rings->rings[declare->next];
	struct control_request create = {
		.op = CONTROL_CREATE,
		.name = ring->name,
		.has_config = true,
		.config = ring->config,
		.library = "",
	};
	int r = random_u64(&create.nonce);

	return r < 0 ? r : ask(declare, &create);
}

static void finish(struct shell *shell, int error)
{
	struct declare *declare = &shell->declare;
	declare_done_fn *done;
	unsigned n_failed;

	if (declare->n_failed > TOLD_MAX)
		log_line(LOG_WARNING, "%u more declared rings are not as the configuration says: see "
			 "'shmqctl list'", declare->n_failed - TOLD_MAX);
	if (error < 0)
		log_line(LOG_ERR, "declared rings can't be made: %s", strerror(-error));
	event_free(declare->readable);
	fd_close(declare->fd); /* the session finds its end */
	n_failed = declare->n_failed + (error < 0);
	done = declare->done;
	*declare = (struct declare){ .fd = -1 };
	done(shell, n_failed);
}

/* Return: 0; -EBADMSG. */
static int judge(struct declare *declare, const struct control_reply *reply)
{
	const struct declared_ring *ring;

	if (declare->echo == 0) {
		if (reply->status != 0 || reply->body != CONTROL_BODY_HELLO)
			return -EBADMSG;
		declare->echo = reply->hello.echo;
		return 0;
	}
	ring = &declare->rings->rings[declare->next++];
	if (reply->status == 0)
		return 0;
	if (declare->n_failed++ < TOLD_MAX)
		log_line(LOG_WARNING, "%s: [Ring %s] of the configuration: %s", ring->where, ring->name,
			 reply->text);
	return 0;
}

static void on_reply(evutil_socket_t fd, short what, void *arg)
{
	static unsigned char packet[CONTROL_PACKET_MAX];
	struct shell *shell = arg;
	struct declare *declare = &shell->declare;
	struct wire_packet decoded;
	ssize_t n = recv(fd, packet, sizeof(packet), MSG_DONTWAIT); /* closes descriptors with it */
	int r = n < 0 ? -errno : n == 0 ? -EPIPE : 0;

	(void)what;
	if (r == -EAGAIN || r == -EINTR)
		return;
	if (r == 0)
		r = wire_decode_packet(packet, (size_t)n, &decoded);
	if (r == 0) {
		r = decoded.is_event ? -EBADMSG : judge(declare, &decoded.reply);
		wire_packet_release(&decoded);
	}
	if (r == 0 && declare->next < declare->rings->n)
		r = ask_for_next(declare);
	if (r < 0 || declare->next == declare->rings->n)
		finish(shell, r);
	shell_settle(shell);
}

int declare_start(struct shell *shell, const struct declared_rings *rings, declare_done_fn *done)
{
	struct declare *declare = &shell->declare;
	int fds[2], r;

	if (declare->rings)
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	*declare = (struct declare){ .rings = rings, .done = done, .fd = fds[0] };
	declare->readable = event_new(shell->base, fds[0], EV_READ | EV_PERSIST, on_reply, shell);
	if (!declare->readable)
		fd_close(fds[1]);
	r = declare->readable ? welcome_ourselves(shell, fds[1]) : -ENOMEM;
	if (r == 0 && event_add(declare->readable, NULL) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = greet(declare);
	if (r < 0)
		declare_deinit(shell);
	return r;
}

bool declare_is_busy(const struct shell *shell)
{
	return shell->declare.rings != NULL;
}

void declare_deinit(struct shell *shell)
{
	struct declare *declare = &shell->declare;

	if (declare->readable)
		event_free(declare->readable);
	if (declare->rings)
		fd_close(declare->fd);
	*declare = (struct declare){ .fd = -1 };
}
