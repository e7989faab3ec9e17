/* SPDX-License-Identifier: MIT */
/*
 * fixture.h - one daemon per test, and clients of it
 *
 * The test's own process asserts. Children use check() and report the line by their exit status.
 */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <shmq/shmq.h>

#include "tests/harness/daemon.h"
#include "tests/harness/process.h"

#define PASS_S	60
#define LONG_NS HARNESS_DEADLINE_NS

/* In a child: end with the number of the check that failed. */
#define check(number, condition)                                                                   \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "check %d failed: %s (%s)\n", number, #condition,          \
				shmq_error_detail());                                              \
			return number;                                                             \
		}                                                                                  \
	} while (0)

#define assert_ok(call)                                                                            \
	do {                                                                                       \
		long long result_ = (call);                                                        \
		cr_assert(ge(llong, result_, 0), "%s: %s", #call, shmq_error_detail());            \
	} while (0)

#define assert_error(call, error)                                                                  \
	do {                                                                                       \
		long long result_ = (call);                                                        \
		cr_assert(eq(llong, result_, error), "%s: %s", #call, shmq_error_detail());        \
	} while (0)

/* The last error's sentence has these words. */
#define assert_detail(words)                                                                       \
	cr_assert(ne(ptr, (void *)strstr(shmq_error_detail(), words), NULL), "'%s' is not in: %s", \
		  words, shmq_error_detail())

static inline void fixture_start(struct daemon *daemon, const char *const *args)
{
	cr_assert(eq(int, daemon_start(daemon, args), 0));
}

/* What every test ends with: nothing of its rings may be left once they are destroyed. */
static inline void fixture_end(struct daemon *daemon)
{
	daemon_deinit(daemon);
}

static inline struct shmq_client *fixture_connect(const struct daemon *daemon)
{
	struct shmq_client *client = NULL;

	assert_ok(shmq_connect(&client, daemon->socket));
	return client;
}

/* In a child. */
static inline struct shmq_client *child_connect(const struct daemon *daemon)
{
	struct shmq_client *client = NULL;

	if (shmq_connect(&client, daemon->socket) < 0)
		fprintf(stderr, "child: %s\n", shmq_error_detail());
	return client;
}

/* A test and a child of it agree when to go on. */
struct cue {
	struct daemon *daemon;
	struct gate ready, go_on;
};

static inline void cue_init(struct cue *cue, struct daemon *daemon)
{
	cue->daemon = daemon;
	cr_assert(eq(int, gate_init(&cue->ready), 0));
	cr_assert(eq(int, gate_init(&cue->go_on), 0));
}

static inline void cue_deinit(struct cue *cue)
{
	gate_deinit(&cue->ready);
	gate_deinit(&cue->go_on);
}

/* Messages that carry their number and a pattern that depends on it. */
static inline size_t message_make(uint64_t number, size_t len, unsigned char *buf)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (unsigned char)(number * 31 + i);
	if (len >= sizeof(number))
		memcpy(buf, &number, sizeof(number));
	return len;
}

static inline bool message_is(uint64_t number, const void *buf, size_t len)
{
	unsigned char expected[4096];

	return len <= sizeof(expected) &&
	       memcmp(buf, expected, message_make(number, len, expected)) == 0;
}
