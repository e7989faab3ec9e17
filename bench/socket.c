/* SPDX-License-Identifier: MIT */
/*
 * socket.c - peers: UNIX sockets, SEQPACKET and STREAM, sleeping, and SEQPACKET polled
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/loops.h"

#define SOCKET_BYTES (4 << 20)

static int pair[2]; /* both directions */

static void *open_type(int type)
{
	int bytes = SOCKET_BYTES;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return NULL;
	for (int i = 0; i < 2; i++)
		if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
			(void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return pair;
}

static void *seqpacket_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	return open_type(SOCK_SEQPACKET);
}

static void *stream_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	return open_type(SOCK_STREAM);
}

static void socket_close(void *rings)
{
	(void)rings;
	close(pair[0]);
	close(pair[1]);
}

static int attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	int *end = &pair[is_a ? 0 : 1];

	(void)run;
	*ret_ends = (struct bench_ends){ .out = end, .in = end };
	return 0;
}

static int packet_send(void *end, const void *msg, size_t len)
{
	return send(*(int *)end, msg, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

static int packet_receive(void *end, void *buf, size_t len)
{
	return recv(*(int *)end, buf, len, 0) == (ssize_t)len ? 0 : -1;
}

static int not_now(ssize_t n, size_t len)
{
	if (n == (ssize_t)len)
		return 0;
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 1 : -1;
}

static int packet_send_polled(void *end, const void *msg, size_t len)
{
	return not_now(send(*(int *)end, msg, len, MSG_NOSIGNAL | MSG_DONTWAIT), len);
}

static int packet_receive_polled(void *end, void *buf, size_t len)
{
	return not_now(recv(*(int *)end, buf, len, MSG_DONTWAIT), len);
}

static int stream_send(void *end, const void *msg, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(*(int *)end, (const char *)msg + sent, len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return 0;
}

static int stream_receive(void *end, void *buf, size_t len)
{
	return recv(*(int *)end, buf, len, MSG_WAITALL) == (ssize_t)len ? 0 : -1;
}

static const struct bench_ops packet_ops = { .send = packet_send, .receive = packet_receive };
static const struct bench_ops polled_ops = { .send = packet_send_polled,
					     .receive = packet_receive_polled };
static const struct bench_ops stream_ops = { .send = stream_send, .receive = stream_receive };

BENCH_HALVES(packet, packet_ops, attach, false)
BENCH_HALVES(polled, polled_ops, attach, false)
BENCH_HALVES(stream, stream_ops, attach, false)

const struct bench_variant socket_variants[] = {
	BENCH_BOTH(packet, "UNIX seqpacket", NULL, seqpacket_open, socket_close, BENCH_COPY,
		   BENCH_SLEEPS, 0),
	BENCH_BOTH(stream, "UNIX stream", NULL, stream_open, socket_close, BENCH_COPY, BENCH_SLEEPS,
		   0),
	BENCH_BOTH(polled, "UNIX seqpacket", NULL, seqpacket_open, socket_close, BENCH_COPY,
		   BENCH_SPINS, 0),
	BENCH_END,
};
