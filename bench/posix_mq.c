/* SPDX-License-Identifier: MIT */
/*
 * posix_mq.c - peer: mq_open(3); ten messages of 8 KiB is what everybody may have
 */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/loops.h"

#define MQ_MESSAGES  10
#define MQ_SIZE_MAX  8192

static mqd_t to = (mqd_t)-1, fro = (mqd_t)-1;

static mqd_t queue_open(const char *what, size_t size_bytes)
{
	struct mq_attr attr = { .mq_maxmsg = MQ_MESSAGES, .mq_msgsize = (long)size_bytes };
	char name[64];
	mqd_t queue;

	snprintf(name, sizeof(name), "/shmq-bench-%d-%s", (int)getpid(), what);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	mq_unlink(name);
	return queue;
}

static void mq_close_both(void *rings)
{
	(void)rings;
	if (to != (mqd_t)-1)
		mq_close(to);
	if (fro != (mqd_t)-1)
		mq_close(fro);
}

static void *mq_open_both(size_t slots, size_t size_bytes)
{
	(void)slots;
	to = queue_open("to", size_bytes);
	fro = queue_open("fro", size_bytes);
	if (to != (mqd_t)-1 && fro != (mqd_t)-1)
		return &to;
	mq_close_both(NULL);
	return NULL;
}

static int attach(const struct bench_run *run, bool is_a, struct bench_ends *ret_ends)
{
	(void)run;
	*ret_ends = (struct bench_ends){ .out = is_a ? &to : &fro, .in = is_a ? &fro : &to };
	return 0;
}

static int send(void *end, const void *msg, size_t len)
{
	return mq_send(*(mqd_t *)end, (const char *)msg, len, 0);
}

static int receive(void *end, void *buf, size_t len)
{
	return mq_receive(*(mqd_t *)end, buf, len, NULL) == (ssize_t)len ? 0 : -1;
}

static const struct bench_ops ops = { .send = send, .receive = receive };

BENCH_HALVES(copy, ops, attach, false)

const struct bench_variant posix_mq_variants[] = {
	BENCH_BOTH(copy, "POSIX mq", NULL, mq_open_both, mq_close_both, BENCH_COPY, BENCH_SLEEPS,
		   MQ_SIZE_MAX),
	BENCH_END,
};
