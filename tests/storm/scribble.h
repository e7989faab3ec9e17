/* SPDX-License-Identifier: MIT */
/*
 * scribble.h - what the processes of a scene share; see scribble.c
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <shmq/shmq.h>

#include "tests/harness/daemon.h"

#define SCRIBBLE_RING  "hunted"
#define SCRIBBLE_OTHER "other"
#define SCRIBBLE_SIZE  64u
#define SCRIBBLE_SLOTS 32u

/* In memory that all processes share. Each word has one writer. */
struct scribble_board {
	uint32_t stop; /* the parent's */
	/* the victim's */
	uint64_t n_calls, n_messages, n_poisoned, n_refused, n_others;
	/* the scribbler's */
	uint64_t n_words, n_honest;
};

struct scribble_scene {
	const struct daemon *daemon;
	struct scribble_board *board;
	enum shmq_role victim;
	bool sealed;
	bool honest; /* the scribbler is, now and then */
	uint64_t seed;
};

bool scribble_must_stop(const struct scribble_scene *scene);
uint64_t scribble_random(uint64_t *state);
/* Have the role in the hunted ring. Return: 0; -EAGAIN not now; 1 the end has come. */
int scribble_attach(const struct scribble_scene *scene, struct shmq_client *client,
		    enum shmq_role role, struct shmq_producer **ret_producer,
		    struct shmq_consumer **ret_consumer);

/* Processes: the exit status is 0 if nothing was found. */
int scribble_victim(void *scene);
int scribble_scribbler(void *scene);
