/* SPDX-License-Identifier: MIT */
/*
 * test_shm_board.c - a board is judged before it is read, and its words mean what layout.h says
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "shm/board.h"

TestSuite(board, .timeout = 10);

static struct shmq_board_header *board_with(uint32_t n_rings, size_t bytes)
{
	struct shmq_board_header *board =
		calloc(1, bytes < sizeof(*board) ? sizeof(*board) : bytes);

	cr_assert_not_null(board);
	board->magic = SHMQ_BOARD_MAGIC;
	board->layout = SHMQ_LAYOUT_VERSION;
	board->n_rings = n_rings;
	return board;
}

Test(board, every_record_of_a_good_board_is_found)
{
	struct shmq_board_header *board = board_with(5, board_bytes(5));
	uint32_t n_rings = 0;

	cr_assert_eq(board_bytes(5), 4096 + 5 * 64);
	cr_assert_eq(board_check(board, board_bytes(5), &n_rings), 0);
	cr_assert_eq(n_rings, 5);
	for (uint32_t i = 0; i < 5; i++)
		cr_assert_eq((const char *)board_ring(board, n_rings, i) - (const char *)board,
			     4096 + 64 * (ptrdiff_t)i);
	cr_assert_null(board_ring(board, n_rings, 5));
	cr_assert_null(board_ring(board, n_rings, UINT32_MAX));
	free(board);
}

Test(board, no_rings_is_a_board_too)
{
	struct shmq_board_header *board = board_with(0, board_bytes(0));
	uint32_t n_rings = 1;

	cr_assert_eq(board_check(board, board_bytes(0), &n_rings), 0);
	cr_assert_null(board_ring(board, n_rings, 0));
	free(board);
}

Test(board, a_board_that_claims_more_than_it_has_is_refused)
{
	struct shmq_board_header *board = board_with(5, board_bytes(5));
	uint32_t n_rings = 77;

	cr_assert_eq(board_check(board, board_bytes(5) - 1, &n_rings), -EBADMSG);
	board->n_rings = UINT32_MAX;
	cr_assert_eq(board_check(board, board_bytes(5), &n_rings), -EBADMSG);
	cr_assert_eq(board_check(board, sizeof(*board) - 1, &n_rings), -EBADMSG);
	cr_assert_eq(board_check(board, 0, &n_rings), -EBADMSG);
	cr_assert_eq(n_rings, 77);
	free(board);
}

Test(board, other_magic_and_other_layout_are_told_apart)
{
	struct shmq_board_header *board = board_with(1, board_bytes(1));
	uint32_t n_rings;

	board->layout++;
	cr_assert_eq(board_check(board, board_bytes(1), &n_rings), -EPROTO);
	board->magic++;
	cr_assert_eq(board_check(board, board_bytes(1), &n_rings), -EBADMSG);
	free(board);
}

Test(board, magic_reads_as_text)
{
	uint64_t magic = SHMQ_BOARD_MAGIC;

	cr_assert_arr_eq(&magic, "SQBOARD1", 8);
}

Test(board, only_a_live_or_lost_ring_of_the_same_use_goes_on)
{
	uint64_t expected = SHMQ_BOARD_WORD(9, SHMQ_RING_LIVE);

	cr_assert(board_state_goes_on(expected, expected));
	cr_assert(board_state_goes_on(SHMQ_BOARD_WORD(9, SHMQ_RING_LOST), expected));
	cr_assert_not(board_state_goes_on(SHMQ_BOARD_WORD(10, SHMQ_RING_LIVE), expected));
	cr_assert_not(board_state_goes_on(SHMQ_BOARD_WORD(10, SHMQ_RING_LOST), expected));
	cr_assert_not(board_state_goes_on(SHMQ_BOARD_WORD(9, SHMQ_RING_DESTROYED), expected));
	cr_assert_not(board_state_goes_on(SHMQ_BOARD_WORD(9, SHMQ_RING_RETIRED), expected));
	cr_assert_not(board_state_goes_on(SHMQ_BOARD_WORD(9, SHMQ_RING_NONE), expected));
	cr_assert_not(board_state_goes_on(0, expected));
}

Test(board, role_words_tell_how_the_holder_left)
{
	cr_assert_eq(board_role_notice(SHMQ_BOARD_WORD(3, SHMQ_ROLE_NONE)), 0);
	cr_assert_eq(board_role_notice(SHMQ_BOARD_WORD(3, SHMQ_ROLE_HELD)), 0);
	cr_assert_eq(board_role_notice(SHMQ_BOARD_WORD(3, SHMQ_ROLE_DETACHED)), -EPIPE);
	cr_assert_eq(board_role_notice(SHMQ_BOARD_WORD(3, SHMQ_ROLE_DIED)), -EOWNERDEAD);
	cr_assert_eq(board_role_notice(UINT64_MAX), 0);
}
