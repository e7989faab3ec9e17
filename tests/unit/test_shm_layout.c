/* SPDX-License-Identifier: MIT */
/*
 * test_shm_layout.c - layout version 1, byte for byte: what is here can't change without a new one
 *
 * struct shmq_hot is compiled into programs, the rest lies in memory that two versions of the
 * library and a third of the daemon share.
 */
#include <criterion/criterion.h>

#include "tests/unit/shm_ends.h"

TestSuite(layout, .timeout = 10);

#define AT(type, field, offset) cr_assert_eq(offsetof(struct type, field), offset, #field)

Test(layout, is_version_1)
{
	cr_assert_eq(SHMQ_LAYOUT_VERSION, 1);
}

Test(layout, an_ends_page)
{
	AT(shmq_end_page, position, 0);
	AT(shmq_end_page, ticket, 128);
	AT(shmq_end_page, n_dry, 256);
	AT(shmq_end_page, n_sleeps, 264);
	AT(shmq_end_page, n_wakes, 272);
	AT(shmq_end_page, n_incarnations, 280);
	AT(shmq_end_page, last_ns, 288);
}

Test(layout, the_board)
{
	AT(shmq_board_header, magic, 0);
	AT(shmq_board_header, layout, 8);
	AT(shmq_board_header, state, 12);
	AT(shmq_board_header, epoch, 16);
	AT(shmq_board_header, n_rings, 32);
	AT(shmq_board_header, bump, 36);
	AT(shmq_board_ring, state, 0);
	AT(shmq_board_ring, role, 8);
	AT(shmq_board_ring, bump, 24);
}

Test(layout, a_handles_hot_part)
{
	AT(shmq_hot, position, 0);
	AT(shmq_hot, limit, 8);
	AT(shmq_hot, mark, 16);
	AT(shmq_hot, woken, 24);
	AT(shmq_hot, slots, 32);
	AT(shmq_hot, stride_bytes, 40);
	AT(shmq_hot, mask, 48);
	AT(shmq_hot, shift, 56);
	AT(shmq_hot, size_max_bytes, 60);
	AT(shmq_hot, fence, 64);
	AT(shmq_hot, own_position, 80);
	AT(shmq_hot, peer_ticket, 88);
	AT(shmq_hot, error, 160);
	AT(shmq_hot, role, 164);
	cr_assert_eq(sizeof(struct shmq_hot), 224);
}

Test(layout, a_segment_with_two_messages_and_a_half_read_lap)
{
	/* 4 slots of 16 bytes: stride 24. Five pushed, three popped. */
	static const uint64_t slots[4 * 3] = {
		UINT64_C(2) << 32 | 2,
		0x2175,
		0, /* message 4, lap 1: "u!" */
		UINT64_C(1) << 32 | 1,
		0x62,
		0, /* message 1: "b", read */
		UINT64_C(1) << 32 | 0,
		0,
		0, /* message 2: empty, read */
		UINT64_C(1) << 32 | 12,
		0x6d2034206f4e2e2e,
		0x2e2e2e67, /* message 3 */
	};
	char buf[16];
	struct ends ends;

	ends_init(&ends, 4, 16);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "\0", 1), 0);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "b", 1), 0);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "", 0), 0);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "..No 4 mg...", 12), 0);
	for (int i = 0; i < 3; i++)
		cr_assert_geq(shmq_hot_try_pop(&ends.consumer, buf, sizeof(buf)), 0);
	cr_assert_eq(shmq_hot_try_push(&ends.producer, "u!", 2), 0);
	cr_assert_eq(ends.memory.geometry.segment_bytes, 3 * 4096);
	cr_assert_eq(*(uint64_t *)(void *)ends.memory.segment, 5);
	cr_assert_eq(*(uint64_t *)(void *)(ends.memory.segment + 4096), 3);
	cr_assert_arr_eq(ends.memory.segment + 2 * 4096, slots, sizeof(slots));
	ends_deinit(&ends);
}
