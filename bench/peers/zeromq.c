/* SPDX-License-Identifier: MIT */
/*
 * zeromq.c - peer: ZeroMQ, a PAIR over ipc://
 *
 * Its sockets and threads belong to a process, so each half makes its own; before the clock they
 * exchange one message, and after the last one the receiver says that it has come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "bench/loops.h"

static char dir[] = "/tmp/shmq-bench-XXXXXX", url[128], path[96];
static void *context, *socket_;

static void *zmq_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	snprintf(dir, sizeof(dir), "/tmp/shmq-bench-XXXXXX");
	if (!mkdtemp(dir))
		return NULL;
	snprintf(path, sizeof(path), "%s/zeromq", dir);
	snprintf(url, sizeof(url), "ipc://%s", path);
	return dir;
}

static void zmq_close_(void *rings)
{
	(void)rings;
	unlink(path);
	rmdir(dir);
}

static int hello(bool is_a)
{
	char byte = 0;

	if (is_a)
		return zmq_send(socket_, &byte, 1, 0) == 1 && zmq_recv(socket_, &byte, 1, 0) == 1;
	return zmq_recv(socket_, &byte, 1, 0) == 1 && zmq_send(socket_, &byte, 1, 0) == 1;
}

static int zmq_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	int linger_ms = 0;

	(void)run;
	context = zmq_ctx_new();
	socket_ = context ? zmq_socket(context, ZMQ_PAIR) : NULL;
	if (!socket_)
		return -1;
	zmq_setsockopt(socket_, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
	if ((is_a ? zmq_bind(socket_, url) : zmq_connect(socket_, url)) < 0 || !hello(is_a))
		return -1;
	*ret_ends = (struct bench_ends){ .out = socket_, .in = socket_ };
	return 0;
}

static int send(void *end, const void *msg, size_t len)
{
	return zmq_send(end, msg, len, 0) == (int)len ? 0 : -1;
}

static int receive(void *end, void *buf, size_t len)
{
	return zmq_recv(end, buf, len, 0) == (int)len ? 0 : -1;
}

static const struct bench_ops ops = { .send = send, .receive = receive };

BENCH_HALVES(copy, ops, zmq_attach, false)

static int produce(const struct bench_run *run)
{
	char byte;

	return copy_produce(run) || zmq_recv(socket_, &byte, 1, 0) != 1;
}

static int consume(const struct bench_run *run)
{
	return copy_consume(run) || zmq_send(socket_, "", 1, 0) != 1;
}

extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	{ "ZeroMQ", "libzmq3-dev", zmq_open, zmq_close_, produce, consume, BENCH_THROUGHPUT,
	  BENCH_COPY, BENCH_SLEEPS, 0, true },
	{ "ZeroMQ", "libzmq3-dev", zmq_open, zmq_close_, copy_ask, copy_answer, BENCH_ROUND_TRIP,
	  BENCH_COPY, BENCH_SLEEPS, 0, true },
	BENCH_END,
};
