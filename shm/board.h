/* SPDX-License-Identifier: MIT */
/*
 * board.h - reading the board: where a record lies, what its words say
 *
 * The board is written by the daemon alone; these helpers only read it. Its words change under the
 * reader: each is loaded once and judged as a value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <shmq/layout.h>

static inline size_t board_bytes(uint32_t n_rings)
{
	return sizeof(struct shmq_board_header) + (size_t)n_rings * sizeof(struct shmq_board_ring);
}

/*
 * board_check() - is this mapping a board that we can read?
 * @bytes: of the mapping. @ret_n_rings: records that lie within it, loaded once.
 * Return: 0; -EBADMSG: not a board, or it claims more records than it has room for; -EPROTO: of
 * another layout.
 */
int board_check(const struct shmq_board_header *board, size_t bytes, uint32_t *ret_n_rings);

/* The record @index of a checked board; NULL if there is none. */
static inline const struct shmq_board_ring *board_ring(const struct shmq_board_header *board,
						       uint32_t n_rings, uint32_t index)
{
	const struct shmq_board_ring *rings =
		(const struct shmq_board_ring *)(const void *)(board + 1);

	return index < n_rings ? &rings[index] : NULL;
}

/* May a handle that was granted under the state word @expected go on? A lost ring goes on. */
static inline bool board_state_goes_on(uint64_t word, uint64_t expected)
{
	return word == expected || (SHMQ_BOARD_COUNT(word) == SHMQ_BOARD_COUNT(expected) &&
				    SHMQ_BOARD_STATE(word) == SHMQ_RING_LOST);
}

/* What a role word says of an absent peer: -EPIPE, -EOWNERDEAD, or 0 (held, or nobody yet). */
int board_role_notice(uint64_t word);
