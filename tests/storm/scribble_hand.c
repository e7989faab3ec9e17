/* SPDX-License-Identifier: MIT */
/*
 * scribble_hand.c - the hand that scribbles; see scribble.c
 *
 * What it may write is what its process has mapped for writing; of a named ring that is the whole
 * file, which it maps by itself, the victim's page included.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tests/storm/guarded.h"
#include "tests/storm/scribble.h"

#define WORDS_MAX 512u /* of one attachment */

struct hand {
	const struct scribble_scene *scene;
	struct shmq_client *client;
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
	void *file; /* all of a named ring */
	size_t file_bytes;
	uint64_t random;
};

static uint64_t next(struct hand *hand)
{
	return scribble_random(&hand->random);
}

/* ---- words ---- */

static uint64_t *place_choose(struct hand *hand)
{
	struct guarded mapping;
	unsigned n = 0;

	while (guarded_writable(n, &mapping) == 0)
		n++;
	if (n == 0 || guarded_writable((unsigned)(next(hand) % n), &mapping) < 0)
		return NULL;
	if (next(hand) % 2) /* where positions and tickets are */
		return (uint64_t *)(void *)mapping.memory + next(hand) % 32;
	return (uint64_t *)(void *)mapping.memory + next(hand) % (mapping.bytes / sizeof(uint64_t));
}

/* Almost what is there, or what is elsewhere. */
static uint64_t lie(struct hand *hand, uint64_t truth)
{
	uint64_t *other;

	switch (next(hand) % 6) {
	case 0:
		return truth + 1;
	case 1:
		return truth - 1;
	case 2:
		return truth + (UINT64_C(1) << 32);
	case 3:
		return truth ^ UINT64_C(1) << next(hand) % 64;
	case 4:
		return truth + SCRIBBLE_SLOTS + next(hand) % 2;
	default:
		other = place_choose(hand);
		/* [S3] relaxed: any value will do */
		return __atomic_load_n(other, __ATOMIC_RELAXED);
	}
}

static void scribble(struct hand *hand)
{
	uint64_t *place = place_choose(hand);
	uint64_t word;

	if (!place)
		return;
	/* [S4] relaxed, here and below: any value at any time is the point */
	word = hand->scene->honest ? lie(hand, __atomic_load_n(place, __ATOMIC_RELAXED))
	       : next(hand) % 8	   ? next(hand)
				   : UINT64_MAX * (next(hand) % 2);
	__atomic_store_n(place, word, __ATOMIC_RELAXED);
	hand->scene->board->n_words++;
}

/* ---- honesty ---- */

static void behave(struct hand *hand)
{
	char buf[SCRIBBLE_SIZE] = "an honest message";

	if (hand->producer)
		shmq_push(hand->producer, buf, next(hand) % SCRIBBLE_SIZE, 0);
	else
		shmq_pop(hand->consumer, buf, sizeof(buf), 0);
	hand->scene->board->n_honest++;
}

/* ---- attachments ---- */

/* The file of a named ring; whoever has one role may write all of it. */
static int file_map(struct hand *hand)
{
	_cleanup_fd_ int fd = -1;
	char name[256], path[280];
	struct stat st;

	if (!daemon_segment_name(hand->scene->daemon, SCRIBBLE_RING, name, sizeof(name)))
		return -EAGAIN; /* the victim has just destroyed it */
	snprintf(path, sizeof(path), "/dev/shm/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -EAGAIN;
	hand->file_bytes = (size_t)st.st_size;
	if (hand->file_bytes == 0)
		return -EAGAIN;
	hand->file = mmap(NULL, hand->file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (hand->file == MAP_FAILED)
		hand->file = NULL;
	return hand->file ? 0 : -ENOMEM;
}

static int attach(struct hand *hand)
{
	const struct scribble_scene *scene = hand->scene;
	enum shmq_role role = scene->victim == SHMQ_ROLE_PRODUCER ? SHMQ_ROLE_CONSUMER
								  : SHMQ_ROLE_PRODUCER;
	int r = scribble_attach(scene, hand->client, role, &hand->producer, &hand->consumer);

	if (r == 0 && !scene->sealed)
		r = file_map(hand);
	return r;
}

static void detach(struct hand *hand)
{
	if (hand->file)
		munmap(hand->file, hand->file_bytes);
	hand->file = NULL;
	hand->producer = shmq_producer_detach(hand->producer);
	hand->consumer = shmq_consumer_detach(hand->consumer);
}

int scribble_scribbler(void *arg)
{
	struct timespec breath = timespec_from_ns(100000);
	struct hand hand = { .scene = arg };

	hand.random = ~hand.scene->seed;
	if (shmq_connect(&hand.client, hand.scene->daemon->socket) < 0)
		return fprintf(stderr, "%s\n", shmq_error_detail()), 1;
	while (!scribble_must_stop(hand.scene)) {
		uint64_t n_words = 1 + next(&hand) % WORDS_MAX;
		int r = attach(&hand);

		if (r == -EBADMSG) /* it has spoiled the ring for itself: the next one */
			shmq_destroy(hand.client, SCRIBBLE_RING, SHMQ_DESTROY_FORCE);
		else if (r < 0 && r != -EAGAIN)
			return fprintf(stderr, "the scribbler: %s\n", shmq_error_detail()), 1;
		for (uint64_t i = 0; r == 0 && i < n_words && !scribble_must_stop(hand.scene); i++) {
			if (hand.scene->honest && next(&hand) % 8)
				behave(&hand);
			else
				scribble(&hand);
		}
		detach(&hand);
		nanosleep(&breath, NULL);
	}
	shmq_disconnect(hand.client);
	return 0;
}
