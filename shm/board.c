/* SPDX-License-Identifier: MIT */
/*
 * board.c - judging a board's mapping and its words; see board.h
 */
#include "shm/board.h"

#include <errno.h>

int board_check(const struct shmq_board_header *board, size_t bytes, uint32_t *ret_n_rings)
{
	uint32_t n_rings;

	if (bytes < sizeof(*board))
		return -EBADMSG;
	/* These were written before the board was handed to anybody: plain reads. */
	if (board->magic != SHMQ_BOARD_MAGIC)
		return -EBADMSG;
	if (board->layout != SHMQ_LAYOUT_VERSION)
		return -EPROTO;
	n_rings = board->n_rings;
	if (n_rings > (bytes - sizeof(*board)) / sizeof(struct shmq_board_ring))
		return -EBADMSG;
	*ret_n_rings = n_rings;
	return 0;
}

int board_role_notice(uint64_t word)
{
	switch (SHMQ_BOARD_STATE(word)) {
	case SHMQ_ROLE_DETACHED:
		return -EPIPE;
	case SHMQ_ROLE_DIED:
		return -EOWNERDEAD;
	default:
		return 0;
	}
}
