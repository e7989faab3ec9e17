/* SPDX-License-Identifier: MIT */
/*
 * world.h - a ring in memory that processes share, without a daemon: for killing one end of it
 *
 * The parent plays the daemon: it alone writes the board. Messages say their position and carry a sum,
 * so that whoever reads one knows whether it is whole and the right one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shm/ring.h"

#define WORLD_SIZE 40

struct world {
	struct shmq_geometry geometry;
	unsigned char *memory; /* producer page, consumer page, slots */
	struct shmq_board_ring *board;
};

int world_init(struct world *world, uint32_t slots);

/* An empty ring whose next position is @base, then @depth messages. */
void world_reset(struct world *world, uint64_t base, uint32_t depth);

/* Become an end, as the library does it after attach. Return: ring_attach_*(). */
int world_producer(const struct world *world, struct shmq_hot *ret_hot);
int world_consumer(const struct world *world, struct shmq_hot *ret_hot);

/* The daemon's part: @role's holder has died; tell and wake. */
void world_tell_death(struct world *world, enum shmq_role role);

uint32_t message_fill(uint64_t position, unsigned char message[WORLD_SIZE]);
bool message_is(uint64_t position, const void *data, uint64_t len);
