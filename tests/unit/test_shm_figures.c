/* SPDX-License-Identifier: MIT */
/*
 * test_shm_figures.c - figures from outside are consistent whatever the pages say
 */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/unit/shm_ends.h"

TestSuite(figures, .timeout = 10);

static struct ring_figures figures(uint64_t produced, uint64_t consumed, uint64_t slots)
{
	struct shmq_end_page producer = { .position = produced },
			     consumer = { .position = consumed };
	struct ring_figures figures;

	ring_figures(&producer, &consumer, slots, &figures);
	return figures;
}

static void assert_figures(struct ring_figures got, uint64_t pushed, uint64_t popped,
			   uint64_t depth)
{
	cr_assert_eq(got.pushed, pushed);
	cr_assert_eq(got.popped, popped);
	cr_assert_eq(got.depth, depth);
}

Test(figures, a_ring_at_rest_is_exact)
{
	assert_figures(figures(0, 0, 1), 0, 0, 0);
	assert_figures(figures(10, 7, 8), 10, 7, 3);
	assert_figures(figures(10, 2, 8), 10, 2, 8);
	assert_figures(figures(3, UINT64_MAX - 1, 8), 3, UINT64_MAX - 1, 5);
}

Test(figures, moving_ends_are_made_consistent)
{
	assert_figures(figures(10, 12, 8), 12, 12, 0);
	assert_figures(figures(1000, 12, 8), 1000, 12, 8);
	assert_figures(figures(UINT64_MAX, 2, 8), 2, 2, 0);
}

Test(figures, are_read_from_the_file_and_tell_of_messages_beyond_the_position)
{
	struct ends ends;
	struct shmq_end_page pages[2];
	struct ring_figures got;
	uint64_t header;

	ends_init(&ends, 4, 8);
	push_many(&ends, 7 - 4);
	pop_many(&ends, 3);
	push_many(&ends, 2);
	ends.memory.producer_page->position = 4; /* died between the two stores */
	for (int i = 0; i < 2; i++)
		cr_assert_eq(pread(ends.memory.segment_fd, &pages[i], sizeof(pages[i]),
				   i * (off_t)ends.memory.geometry.region_bytes),
			     (ssize_t)sizeof(pages[i]));
	ring_figures(&pages[0], &pages[1], 4, &got);
	assert_figures(got, 4, 3, 1);
	for (uint64_t position = 3; position < 8; position++) {
		cr_assert_eq(pread(ends.memory.segment_fd, &header, 8,
				   (off_t)ring_slot_offset(&ends.memory.geometry, position)),
			     8);
		cr_assert_eq(ring_slot_holds(&ends.memory.geometry, header, position),
			     position < 5);
	}
	ends_deinit(&ends);
}
