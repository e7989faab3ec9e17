/* SPDX-License-Identifier: MIT */
/*
 * ring_internal.h - what the files of shm/ know of a handle and others need not
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shm/ring.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the layout is little-endian");

/* Disable @hot because of what it read. Return: its error. */
int ring_poison(struct shmq_hot *hot);

/* What the board has to tell: 0, -ESTALE, -EPIPE, -EOWNERDEAD; @ret_role: the role word. */
int ring_board_says(const struct shmq_hot *hot, uint64_t *ret_role);

/* Free slots of a producer, reloading the consumer's position only if fewer than @n_slots are
 * known; moves the limit. 0 on a disabled handle. */
uint64_t ring_room(struct shmq_hot *hot, uint64_t n_slots);

/* Figures of this end's own page. */
void ring_count(uint64_t *counter);
void ring_note_visit(struct shmq_hot *hot);

static inline uint64_t ring_header_load(const struct shmq_hot *hot, uint64_t position)
{
	/* [C5] acquire: header before payload; pairs with [P1] */
	return __atomic_load_n(shmq_hot_slot_(hot, position), __ATOMIC_ACQUIRE);
}

static inline bool ring_header_is_message(const struct shmq_hot *hot, uint64_t header,
					  uint64_t position)
{
	return header - shmq_hot_header_(hot, position) <= hot->size_max_bytes;
}

/* The slot still shows the lap before. */
static inline bool ring_header_is_empty(const struct shmq_hot *hot, uint64_t header,
					uint64_t position)
{
	return header >> SHMQ_HEADER_LAP_SHIFT == (uint32_t)(position >> hot->shift);
}

/* The futex word that a publication of @position changes, and what it says before. */
static inline const uint32_t *ring_lap_word(const struct shmq_hot *hot, uint64_t position)
{
	return (const uint32_t *)(const void *)shmq_hot_slot_(hot, position) + 1;
}

static inline uint32_t ring_lap_empty(const struct shmq_hot *hot, uint64_t position)
{
	return (uint32_t)(position >> hot->shift);
}

/* The futex word that a release changes. */
static inline const uint32_t *ring_low_word(const uint64_t *position)
{
	return (const uint32_t *)(const void *)position;
}
