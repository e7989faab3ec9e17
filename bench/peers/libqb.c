/* SPDX-License-Identifier: MIT */
/*
 * libqb.c - peer: libqb's ring buffer between processes, polled, copied and in place
 */
#include <errno.h>
#include <qb/qbdefs.h>
#include <qb/qbrb.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/loops.h"

#define CHUNK_BYTES 16 /* what it adds to a message, rounded up */

static qb_ringbuffer_t *to, *fro;

static qb_ringbuffer_t *ring_open(const char *what, size_t bytes)
{
	char name[64];

	snprintf(name, sizeof(name), "shmq-bench-%d-%s", (int)getpid(), what);
	return qb_rb_open(name, bytes,
			  QB_RB_FLAG_CREATE | QB_RB_FLAG_SHARED_PROCESS | QB_RB_FLAG_NO_SEMAPHORE,
			  0);
}

static void qb_close(void *rings)
{
	(void)rings;
	if (to)
		qb_rb_close(to);
	if (fro)
		qb_rb_close(fro);
}

static void *qb_open(size_t slots, size_t size_bytes)
{
	size_t bytes = slots * (size_bytes + CHUNK_BYTES);

	to = ring_open("to", bytes);
	fro = ring_open("fro", bytes);
	if (to && fro)
		return to;
	qb_close(NULL);
	return NULL;
}

static int qb_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	*ret_ends = (struct bench_ends){ .out = is_a ? to : fro, .in = is_a ? fro : to };
	return 0;
}

static int send(void *end, const void *msg, size_t len)
{
	ssize_t n = qb_rb_chunk_write(end, msg, len);

	if (n == (ssize_t)len)
		return 0;
	return n == -EAGAIN ? 1 : -1;
}

static int receive(void *end, void *buf, size_t len)
{
	ssize_t n = qb_rb_chunk_read(end, buf, len, 0);

	if (n == (ssize_t)len)
		return 0;
	return n == 0 || n == -ETIMEDOUT || n == -EAGAIN ? 1 : -1;
}

static int reserve(void *end, size_t len, void **ret_payload)
{
	void *payload = qb_rb_chunk_alloc(end, len);

	if (!payload)
		return 1;
	*ret_payload = payload;
	return 0;
}

static int commit(void *end, size_t len)
{
	return qb_rb_chunk_commit(end, len);
}

static int peek(void *end, const void **ret_msg)
{
	void *msg = NULL;

	if (qb_rb_chunk_peek(end, &msg, 0) <= 0)
		return 1;
	*ret_msg = msg;
	return 0;
}

static int release(void *end)
{
	qb_rb_chunk_reclaim(end);
	return 0;
}

static const struct bench_ops ops = {
	.send = send,
	.receive = receive,
	.reserve = reserve,
	.commit = commit,
	.peek = peek,
	.release = release,
	.pauses = true,
};

BENCH_HALVES(copy, ops, qb_attach, false)
BENCH_HALVES(in_place, ops, qb_attach, true)

extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	BENCH_BOTH(copy, "libqb", "libqb-dev", qb_open, qb_close, BENCH_COPY, BENCH_SPINS, 0),
	BENCH_BOTH(in_place, "libqb", "libqb-dev", qb_open, qb_close, BENCH_IN_PLACE, BENCH_SPINS,
		   0),
	BENCH_END,
};
