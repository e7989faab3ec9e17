/* SPDX-License-Identifier: MIT */
/*
 * pollable_stage.h - a daemon, a ring, its consumer, and the descriptor to wait with
 */
#pragma once

#include <poll.h>

#include "tests/integration/fixture.h"

#define WAIT_MS ((int)(LONG_NS / 1000000))

static const struct shmq_ring_config small = { .slots = 16, .size_bytes = 8 };

static inline bool is_readable(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int r = poll(&pollfd, 1, timeout_ms);

	return r == 1 && pollfd.revents == POLLIN;
}

/* As documented: until -EAGAIN. Return: the result that ended it. */
static inline ssize_t drain(struct shmq_consumer *consumer, uint64_t *next)
{
	uint64_t number;
	ssize_t r;

	while ((r = shmq_try_pop(consumer, &number, sizeof(number))) >= 0) {
		if (number != *next)
			return -EILSEQ;
		++*next;
	}
	return r;
}

/* Nothing to take, and the descriptor says so. */
static inline void assert_quiet(struct shmq_consumer *consumer, int fd)
{
	uint64_t next = 0;

	assert_error(drain(consumer, &next), -EAGAIN);
	cr_assert(eq(u64, next, 0));
	cr_assert(not(is_readable(fd, 0)));
}

struct stage {
	struct daemon daemon;
	struct shmq_client *client;
	struct shmq_consumer *consumer;
	int fd;
	struct gate ready, go_on;
};

/* A daemon, a ring "r", its consumer, and the descriptor, asked for before any producer came. */
static inline void stage_init(struct stage *stage)
{
	fixture_start(&stage->daemon, NULL);
	cr_assert(eq(int, gate_init(&stage->ready), 0));
	cr_assert(eq(int, gate_init(&stage->go_on), 0));
	stage->client = fixture_connect(&stage->daemon);
	assert_ok(shmq_open_consumer(stage->client, "r", &small, &stage->consumer));
	stage->fd = shmq_consumer_fd(stage->consumer);
	assert_ok(stage->fd);
	cr_assert(is_readable(stage->fd, 0), "nobody has looked yet");
	assert_quiet(stage->consumer, stage->fd);
}

static inline void stage_deinit(struct stage *stage)
{
	shmq_disconnect(stage->client);
	gate_deinit(&stage->ready);
	gate_deinit(&stage->go_on);
	fixture_end(&stage->daemon);
}
