/* SPDX-License-Identifier: MIT */
/*
 * scribble_victim.c - an honest end of a ring whose other end is not; see scribble.c
 *
 * It makes every call there is and believes no more than the manual says: each call ends, with a
 * length that fits or with an error of the list; -EBADMSG stays; a stream in another ring, in between
 * every two calls, loses nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/storm/scribble.h"

#define NAP_NS	 INT64_C(200000)
#define BATCH	 4u /* what a ring of so many slots takes at once */

struct victim {
	const struct scribble_scene *scene;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	struct shmq_producer *other_producer;
	struct shmq_consumer *other_consumer;
	uint64_t random, n_others;
};

static int bad(const char *what, long r)
{
	fprintf(stderr, "the victim's %s returned %ld (%s)\n", what, r,
		r < 0 ? shmq_strerror((int)r) : "");
	return 1;
}

static bool is_expected(long r)
{
	return r == -EAGAIN || r == -ETIMEDOUT || r == -EBADMSG || r == -EPIPE ||
	       r == -EOWNERDEAD || r == -ESTALE;
}

/* Look at every byte: what is outside faults. */
static unsigned sum(const void *data, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((const volatile unsigned char *)data)[i];
	return n;
}

/* ---- calls: each returns what its call did, after looking at what it gave ---- */

static long push(struct victim *victim)
{
	char message[SCRIBBLE_SIZE] = "message";
	int64_t timeout_ns = scribble_random(&victim->random) % 4 ? 0 : NAP_NS;

	return shmq_push(victim->producer, message, scribble_random(&victim->random) % SCRIBBLE_SIZE,
			 timeout_ns);
}

static long reserve(struct victim *victim)
{
	void *payload;
	int r = shmq_reserve(victim->producer, &payload);

	if (r < 0)
		return r;
	memset(payload, 0xa5, SCRIBBLE_SIZE);
	return shmq_commit(victim->producer, SCRIBBLE_SIZE);
}

static long push_many(struct victim *victim)
{
	struct shmq_message messages[BATCH] = { { "a", 1 }, { "b", 1 }, { "c", 1 }, { "d", 1 } };
	ssize_t n = shmq_try_push_n(victim->producer, messages, BATCH);

	return n > (ssize_t)BATCH ? -EOVERFLOW : n;
}

static long wait_room(struct victim *victim)
{
	if (shmq_producer_depth(victim->producer) > SCRIBBLE_SLOTS)
		return -EOVERFLOW;
	return shmq_producer_wait(victim->producer, 1, NAP_NS);
}

static long pop(struct victim *victim)
{
	char buf[SCRIBBLE_SIZE];
	int64_t timeout_ns = scribble_random(&victim->random) % 4 ? 0 : NAP_NS;
	ssize_t n = shmq_pop(victim->consumer, buf, sizeof(buf), timeout_ns);

	return n > (ssize_t)sizeof(buf) ? -EOVERFLOW : n;
}

static long peek(struct victim *victim)
{
	const void *data;
	size_t len;
	int r = shmq_peek(victim->consumer, &data, &len, NULL);

	if (r < 0)
		return r;
	if (len > SCRIBBLE_SIZE)
		return -EOVERFLOW;
	sum(data, len);
	return shmq_release(victim->consumer);
}

static long peek_many(struct victim *victim)
{
	struct shmq_view views[BATCH];
	ssize_t n = shmq_peek_n(victim->consumer, views, BATCH);

	for (ssize_t i = 0; i < n; i++) {
		if (views[i].len > SCRIBBLE_SIZE || n > (ssize_t)BATCH)
			return -EOVERFLOW;
		sum(views[i].data, views[i].len);
	}
	return n <= 0 ? n : shmq_release_n(victim->consumer, (size_t)n);
}

static long wait_message(struct victim *victim)
{
	if (shmq_consumer_depth(victim->consumer) > SCRIBBLE_SLOTS)
		return -EOVERFLOW;
	return shmq_consumer_wait(victim->consumer, NAP_NS);
}

static const struct {
	const char *name;
	long (*make)(struct victim *victim);
} calls[2][4] = {
	[SHMQ_ROLE_PRODUCER] = { { "shmq_push()", push },
				 { "shmq_reserve(), shmq_commit()", reserve },
				 { "shmq_try_push_n()", push_many },
				 { "shmq_producer_wait()", wait_room } },
	[SHMQ_ROLE_CONSUMER] = { { "shmq_pop()", pop },
				 { "shmq_peek(), shmq_release()", peek },
				 { "shmq_peek_n(), shmq_release_n()", peek_many },
				 { "shmq_consumer_wait()", wait_message } },
};

/* ---- the stream elsewhere ---- */

static int go_on_elsewhere(struct victim *victim)
{
	uint64_t number = 0;
	long r = shmq_try_push(victim->other_producer, &victim->n_others, sizeof(uint64_t));

	if (r < 0)
		return bad("push elsewhere", r);
	r = shmq_try_pop(victim->other_consumer, &number, sizeof(number));
	if (r != sizeof(number) || number != victim->n_others)
		return bad("pop elsewhere", r);
	victim->scene->board->n_others = ++victim->n_others;
	return 0;
}

/* ---- its day ---- */

static int attach(struct victim *victim)
{
	const struct scribble_scene *scene = victim->scene;
	int r = scribble_attach(scene, victim->client, scene->victim, &victim->producer,
				&victim->consumer);

	if (r != -EBADMSG)
		return r;
	/* not a ring any more: that is an answer. Its maker makes it anew. */
	scene->board->n_refused++;
	r = shmq_destroy(victim->client, SCRIBBLE_RING, SHMQ_DESTROY_FORCE);
	return r < 0 && r != -ENOENT ? bad("destroy", r) : -EAGAIN;
}

static void detach(struct victim *victim)
{
	victim->producer = shmq_producer_detach(victim->producer);
	victim->consumer = shmq_consumer_detach(victim->consumer);
}

/* One handle, until it is poisoned or the ring is gone. Return: 0, or 1 something was found. */
static int use(struct victim *victim)
{
	const struct scribble_scene *scene = victim->scene;
	struct scribble_board *board = scene->board;
	bool poisoned = false;
	long r = 0;

	while (!scribble_must_stop(scene) && r != -ESTALE) {
		unsigned i = (unsigned)(scribble_random(&victim->random) % 4);

		r = calls[scene->victim][i].make(victim);
		board->n_calls++;
		board->n_messages += r >= 0;
		if (r < 0 && !is_expected(r))
			return bad(calls[scene->victim][i].name, r);
		if (poisoned)
			break;
		if (go_on_elsewhere(victim))
			return 1;
		poisoned = r == -EBADMSG;
	}
	if (poisoned && !scribble_must_stop(scene)) {
		board->n_poisoned++;
		if (r != -EBADMSG)
			return bad("call after -EBADMSG", r);
	}
	return 0;
}

static int start(struct victim *victim)
{
	struct shmq_ring_config config = { .slots = 16, .size_bytes = 8,
					   .lifetime = SHMQ_WITH_CREATOR };
	int r = shmq_connect(&victim->client, victim->scene->daemon->socket);

	if (r == 0)
		r = shmq_open_producer(victim->client, SCRIBBLE_OTHER, &config,
				       &victim->other_producer);
	if (r == 0)
		r = shmq_attach_consumer(victim->client, SCRIBBLE_OTHER, &victim->other_consumer);
	return r < 0 ? bad("start", r) : 0;
}

int scribble_victim(void *arg)
{
	struct victim victim = { .scene = arg };
	int r;

	victim.random = victim.scene->seed;
	if (start(&victim))
		return 1;
	while (!scribble_must_stop(victim.scene)) {
		r = attach(&victim);
		if (r == 0)
			r = use(&victim);
		if (r > 0)
			return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
		detach(&victim);
	}
	shmq_destroy(victim.client, SCRIBBLE_OTHER, SHMQ_DESTROY_FORCE);
	shmq_disconnect(victim.client);
	return 0;
}
