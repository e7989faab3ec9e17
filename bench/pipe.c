/* SPDX-License-Identifier: MIT */
/*
 * pipe.c - peer: pipe(2), one message per write
 */
#include <fcntl.h>
#include <unistd.h>

#include "bench/loops.h"

#define PIPE_BYTES (1 << 20)

static int to[2], fro[2];

static int pipe_make(int *fds)
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	(void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

static void *pipe_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	if (pipe_make(to) < 0)
		return NULL;
	if (pipe_make(fro) < 0) {
		close(to[0]);
		close(to[1]);
		return NULL;
	}
	return to;
}

static void pipe_close(void *rings)
{
	(void)rings;
	for (int i = 0; i < 2; i++) {
		close(to[i]);
		close(fro[i]);
	}
}

static int pipe_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	*ret_ends = (struct bench_ends){ .out = is_a ? &to[1] : &fro[1],
					 .in = is_a ? &fro[0] : &to[0] };
	return 0;
}

static int pipe_send(void *end, const void *msg, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = write(*(int *)end, (const char *)msg + sent, len - sent);

		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return 0;
}

static int pipe_receive(void *end, void *buf, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = read(*(int *)end, (char *)buf + got, len - got);

		if (n <= 0)
			return -1;
		got += (size_t)n;
	}
	return 0;
}

static const struct bench_ops ops = { .send = pipe_send, .receive = pipe_receive };

BENCH_HALVES(copy, ops, pipe_attach, false)

const struct bench_variant pipe_variants[] = {
	BENCH_BOTH(copy, "pipe", NULL, pipe_open, pipe_close, BENCH_COPY, BENCH_SLEEPS, 0),
	BENCH_END,
};
