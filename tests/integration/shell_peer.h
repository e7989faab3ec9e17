/* SPDX-License-Identifier: MIT */
/*
 * shell_peer.h - a client that speaks the protocol by itself, one packet at a time
 */
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client/packet.h"
#include "proto/wire.h"
#include "tests/integration/fixture.h"

#define PEER_GONE 1 /* instead of a status: the connection was closed */

struct peer {
	int fd;
	uint64_t echo;
	uint64_t last_id;
	uint64_t answered;		/* id of the last reply */
	struct control_event event;	/* the last one */
	char text[CONTROL_TEXT_MAX];	/* of the last reply */
};

static inline void peer_connect(struct peer *peer, const struct daemon *daemon)
{
	*peer = (struct peer){ .fd = packet_connect(daemon->socket) };
	cr_assert(ge(int, peer->fd, 0));
}

static inline void peer_close(struct peer *peer)
{
	peer->fd = fd_close(peer->fd);
}

static inline void peer_send(struct peer *peer, struct control_request request)
{
	uint8_t packet[CONTROL_PACKET_MAX];
	ssize_t n;

	request.id = ++peer->last_id;
	request.echo = peer->echo;
	n = wire_encode_request(&request, packet, sizeof(packet));
	cr_assert(gt(long, n, 0));
	packet_send(peer->fd, packet, (size_t)n, deadline_after_ns(LONG_NS)); /* may be hung up on */
}

/* Wait for the next packet. Return: 0 it is an event; PEER_GONE; else 2, and *@ret_status. */
static inline int peer_next(struct peer *peer, int *ret_status)
{
	static uint8_t packet[CONTROL_PACKET_MAX];
	struct wire_packet got;
	int fds[PACKET_FDS] = { -1, -1 };
	ssize_t n = packet_receive(peer->fd, packet, sizeof(packet), deadline_after_ns(LONG_NS), fds);

	fd_close(fds[0]);
	fd_close(fds[1]);
	if (n == -EPIPE)
		return PEER_GONE;
	cr_assert(gt(long, n, 0));
	cr_assert(eq(int, wire_decode_packet(packet, (size_t)n, &got), 0));
	if (got.is_event) {
		peer->event = got.event;
	} else {
		*ret_status = got.reply.status;
		peer->answered = got.reply.id;
		snprintf(peer->text, sizeof(peer->text), "%s", got.reply.text);
		if (got.reply.body == CONTROL_BODY_HELLO)
			peer->echo = got.reply.hello.echo;
	}
	n = got.is_event ? 0 : 2;
	wire_packet_release(&got);
	return (int)n;
}

/* The status of the next reply, or PEER_GONE. */
static inline int peer_status(struct peer *peer)
{
	int status = 0, r;

	do {
		r = peer_next(peer, &status);
	} while (r == 0);
	return r == PEER_GONE ? PEER_GONE : status;
}

static inline int peer_ask(struct peer *peer, struct control_request request)
{
	peer_send(peer, request);
	return peer_status(peer);
}

static inline int peer_hello(struct peer *peer)
{
	return peer_ask(peer, (struct control_request){ .op = CONTROL_HELLO, .protocol_min = 1,
							.protocol_max = 1,
							.layout = SHMQ_LAYOUT_VERSION,
							.library = "test" });
}

/* Is a packet here already? */
static inline bool peer_has_packet(const struct peer *peer)
{
	struct pollfd poll_fd = { .fd = peer->fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0;
}

static inline bool log_has(const struct daemon *daemon, const char *words)
{
	static char log[65536];

	daemon_log(daemon, log, sizeof(log));
	return strstr(log, words);
}

struct log_wait {
	const struct daemon *daemon;
	const char *words;
};

static inline bool log_has_words(void *arg)
{
	const struct log_wait *wait = arg;

	return log_has(wait->daemon, wait->words);
}

#define assert_logged(daemon, text)                                                                \
	do {                                                                                       \
		struct log_wait wait_ = { daemon, text };                                          \
		cr_assert(wait_until(log_has_words, &wait_), "not logged: %s", text);              \
	} while (0)
