/* SPDX-License-Identifier: MIT */
/*
 * nng.c - peer: nng, a pair over ipc://
 *
 * Its sockets and threads belong to a process, so each half makes its own; before the clock they
 * exchange one message, and after the last one the receiver says that it has come.
 */
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/loops.h"

static char dir[] = "/tmp/shmq-bench-XXXXXX", url[128], path[96];
static nng_socket pair;

static void *pair_open(size_t slots, size_t size_bytes)
{
	(void)slots;
	(void)size_bytes;
	snprintf(dir, sizeof(dir), "/tmp/shmq-bench-XXXXXX");
	if (!mkdtemp(dir))
		return NULL;
	snprintf(path, sizeof(path), "%s/nng", dir);
	snprintf(url, sizeof(url), "ipc://%s", path);
	return dir;
}

static void pair_close(void *rings)
{
	(void)rings;
	unlink(path);
	rmdir(dir);
}

static int send(void *end, const void *msg, size_t len)
{
	return nng_send(*(nng_socket *)end, (void *)msg, len, 0) == 0 ? 0 : -1;
}

static int receive(void *end, void *buf, size_t len)
{
	size_t got = len;

	return nng_recv(*(nng_socket *)end, buf, &got, 0) == 0 && got == len ? 0 : -1;
}

static int hello(bool is_a)
{
	char byte = 0;

	if (is_a)
		return send(&pair, &byte, 1) == 0 && receive(&pair, &byte, 1) == 0;
	return receive(&pair, &byte, 1) == 0 && send(&pair, &byte, 1) == 0;
}

/* The one that connects tries until the other one listens. */
static int pair_attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	if (nng_pair0_open(&pair) != 0 ||
	    nng_socket_set_size(pair, NNG_OPT_RECVMAXSZ, BENCH_SIZE_MAX) != 0)
		return -1;
	if ((is_a ? nng_listen(pair, url, NULL, 0)
		  : nng_dial(pair, url, NULL, NNG_FLAG_NONBLOCK)) != 0)
		return -1;
	if (!hello(is_a))
		return -1;
	*ret_ends = (struct bench_ends){ .out = &pair, .in = &pair };
	return 0;
}

static const struct bench_ops ops = { .send = send, .receive = receive };

BENCH_HALVES(copy, ops, pair_attach, false)

static int produce(const struct bench_run *run)
{
	char byte;

	return copy_produce(run) || receive(&pair, &byte, 1) != 0;
}

static int consume(const struct bench_run *run)
{
	return copy_consume(run) || send(&pair, "", 1) != 0;
}

extern const struct bench_variant bench_variants[];
const struct bench_variant bench_variants[] = {
	{ "nng", "libnng-dev", pair_open, pair_close, produce, consume, BENCH_THROUGHPUT,
	  BENCH_COPY, BENCH_SLEEPS, 0, true },
	{ "nng", "libnng-dev", pair_open, pair_close, copy_ask, copy_answer, BENCH_ROUND_TRIP,
	  BENCH_COPY, BENCH_SLEEPS, 0, true },
	BENCH_END,
};
