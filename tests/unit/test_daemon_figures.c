/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_figures.c - what the daemon reads in a segment that clients write
 */
#include "shm/ring.h"
#include "tests/unit/daemon_bed.h"

TestSuite(figures, .timeout = 30);

Test(figures, figures_are_what_the_ends_wrote)
{
	struct segment_figures figures;
	struct bed bed;

	bed_begin(&bed);
	make(&bed, 0);
	put(&bed, 0, 0, 10);
	put(&bed, 0, REGION, 8);
	put(&bed, 0, offsetof(struct shmq_end_page, n_dry), 1);
	put(&bed, 0, REGION + offsetof(struct shmq_end_page, n_dry), 2);
	put(&bed, 0, offsetof(struct shmq_end_page, n_sleeps), 3);
	put(&bed, 0, REGION + offsetof(struct shmq_end_page, n_sleeps), 4);
	put(&bed, 0, offsetof(struct shmq_end_page, n_wakes), 5);
	put(&bed, 0, REGION + offsetof(struct shmq_end_page, n_wakes), 6);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
	cr_assert_eq(figures.pushed, 10);
	cr_assert_eq(figures.popped, 8);
	cr_assert_eq(figures.n_full, 1);
	cr_assert_eq(figures.n_dry, 2);
	cr_assert_eq(figures.n_sleeps, 7);
	cr_assert_eq(figures.n_wakes, 11);
	bed_end(&bed);
}

/* The producer died after it had published and before it noted it. */
Test(figures, a_published_message_counts_even_if_nobody_noted_it)
{
	struct segment_figures figures;
	struct bed bed;

	bed_begin(&bed);
	make(&bed, 0);
	put(&bed, 0, 0, 5);
	put(&bed, 0, REGION, 5);
	publish(&bed, 0, 5);
	publish(&bed, 0, 6);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
	cr_assert_eq(figures.pushed, 7);
	cr_assert_eq(figures.popped, 5);
	/* the consumer took one of the two */
	put(&bed, 0, REGION, 6);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
	cr_assert_eq(figures.pushed, 7);
	cr_assert_eq(figures.popped, 6);
	bed_end(&bed);
}

#define MANY UINT64_C(16384)

/* However many they are, and wherever they end: found without looking at each. */
Test(figures, all_that_is_published_counts)
{
	static const uint64_t counts[] = {
		0, 1, 2, 3, 5, 64, 1000, 4096, 4097, 8191, 8192, 12345, MANY - 1, MANY,
	};
	const uint64_t from = 10;
	struct segment_figures figures;
	uint64_t position = from;
	struct bed bed;

	bed_begin(&bed);
	record_of(&bed, 0)->slots = MANY;
	record_of(&bed, 0)->segment_bytes = 2 * REGION + MANY * STRIDE;
	make(&bed, 0);
	put(&bed, 0, 0, from);
	put(&bed, 0, REGION, from);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (; position < from + counts[i]; position++)
			put(&bed, 0, 2 * REGION + position % MANY * STRIDE,
			    (position / MANY + 1) << SHMQ_HEADER_LAP_SHIFT | 3);
		cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
		cr_assert_eq(figures.pushed - figures.popped, counts[i]);
	}
	bed_end(&bed);
}

Test(figures, nonsense_is_a_figure_and_nothing_worse)
{
	struct segment_figures figures;
	struct bed bed;
	int fd;

	bed_begin(&bed);
	make(&bed, 0);
	put(&bed, 0, 0, UINT64_MAX);
	put(&bed, 0, REGION, UINT64_C(1) << 63);
	for (uint64_t i = 0; i < SLOTS; i++)
		put(&bed, 0, 2 * REGION + i * STRIDE, UINT64_MAX);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
	fd = segment_files_get(&bed.files, 0);
	cr_assert_eq(ftruncate(fd, REGION), 0);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), -ENODATA);
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), -ENODATA);
	bed_end(&bed);
}

Test(figures, an_inspection_says_what_differs)
{
	char name[CONTROL_SEGMENT_MAX], remark[256], other[300];
	struct bed bed;
	int fd;

	bed_begin(&bed);
	make(&bed, 0);
	segment_file_inspect(&bed.files, 0, remark, sizeof(remark));
	cr_assert_str_eq(remark, "");
	name_of(&bed, 0, name);
	snprintf(other, sizeof(other), "%s.twin", name + 1);
	cr_assert_eq(linkat(bed.place.shm.fd, name + 1, bed.place.shm.fd, other, 0), 0);
	segment_file_inspect(&bed.files, 0, remark, sizeof(remark));
	cr_assert_not_null(strstr(remark, "another name"), "%s", remark);
	cr_assert_eq(unlinkat(bed.place.shm.fd, other, 0), 0);
	fd = segment_files_get(&bed.files, 0);
	cr_assert_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, REGION), 0);
	segment_file_inspect(&bed.files, 0, remark, sizeof(remark));
	cr_assert_not_null(strstr(remark, "allocated"), "%s", remark);
	cr_assert_eq(ftruncate(fd, REGION), 0);
	segment_file_inspect(&bed.files, 0, remark, sizeof(remark));
	cr_assert_not_null(strstr(remark, "size"), "%s", remark);
	cr_assert_eq(unlinkat(bed.place.shm.fd, name + 1, 0), 0);
	segment_file_inspect(&bed.files, 0, remark, sizeof(remark));
	cr_assert_not_null(strstr(remark, "not in /dev/shm"), "%s", remark);
	bed_end(&bed);
}
