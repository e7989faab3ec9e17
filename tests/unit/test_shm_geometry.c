/* SPDX-License-Identifier: MIT */
/*
 * test_shm_geometry.c - segments are divided without overlap, gap or trap, and nonsense is refused
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "shm/geometry.h"

TestSuite(geometry, .timeout = 20);

static struct shmq_geometry computed(uint32_t slots, uint32_t size_bytes, bool align)
{
	struct shmq_geometry geometry;

	cr_assert_eq(geometry_compute(slots, size_bytes, align, 4096, &geometry), 0, "%u x %u",
		     slots, size_bytes);
	return geometry;
}

static void assert_refused(uint32_t slots, uint32_t size_bytes, uint32_t region_bytes, int error)
{
	struct shmq_geometry geometry = { .slots = 99 };

	cr_assert_eq(geometry_compute(slots, size_bytes, false, region_bytes, &geometry), error,
		     "%u x %u, %u", slots, size_bytes, region_bytes);
	cr_assert_eq(geometry.slots, 99, "the output was written");
	cr_assert_not_null(geometry_problem(slots, size_bytes, region_bytes));
}

Test(geometry, stride_is_the_header_and_the_size_rounded_up_to_8)
{
	cr_assert_eq(computed(1024, 1, false).stride_bytes, 16);
	cr_assert_eq(computed(1024, 8, false).stride_bytes, 16);
	cr_assert_eq(computed(1024, 9, false).stride_bytes, 24);
	cr_assert_eq(computed(1024, 64, false).stride_bytes, 72);
	cr_assert_eq(computed(1024, 64, false).lead_bytes, 0);
}

Test(geometry, aligned_payloads_start_on_lines)
{
	struct shmq_geometry geometry = computed(8, 100, true);

	cr_assert_eq(geometry.lead_bytes, 56);
	cr_assert_eq(geometry.stride_bytes, 128);
	for (uint64_t i = 0; i < 8; i++)
		cr_assert_eq((2 * 4096 + geometry.lead_bytes + i * geometry.stride_bytes + 8) % 64,
			     0);
}

Test(geometry, stride_is_never_a_multiple_of_4096_unless_there_is_one_slot)
{
	cr_assert_eq(computed(2, 4088, false).stride_bytes, 4096 + 64);
	cr_assert_eq(computed(2, 4088, true).stride_bytes, 4096 + 64);
	cr_assert_eq(computed(2, 4089, false).stride_bytes, 4104);
	cr_assert_eq(computed(1, 4088, false).stride_bytes, 4096);
	for (uint32_t size = 1; size < 70000; size++) {
		cr_assert_neq(computed(4, size, false).stride_bytes % 4096, 0, "%u", size);
		cr_assert_neq(computed(4, size, true).stride_bytes % 4096, 0, "%u", size);
	}
}

Test(geometry, segment_holds_two_pages_and_all_slots)
{
	struct shmq_geometry geometry = computed(1, 1, false);

	cr_assert_eq(geometry.segment_bytes, 3 * 4096);
	cr_assert_eq(geometry_slots_region_bytes(&geometry), 4096);
	geometry = computed(1024, 256, false);
	cr_assert_eq(geometry.segment_bytes, 2 * 4096 + (1024 * 264 + 4095) / 4096 * 4096);
	cr_assert_eq(geometry_compute(16, 64, false, 65536, &geometry), 0);
	cr_assert_eq(geometry.segment_bytes, 3 * 65536);
}

Test(geometry, the_largest_ring_does_not_overflow)
{
	struct shmq_geometry geometry = computed(SHMQ_SLOTS_MAX, SHMQ_SIZE_MAX, true);

	cr_assert_eq(geometry.stride_bytes, SHMQ_SIZE_MAX + 64);
	cr_assert_eq(geometry.segment_bytes,
		     2 * 4096 + ((UINT64_C(1) << 20) * (SHMQ_SIZE_MAX + 64) + 56 + 4095) / 4096 *
					4096);
	cr_assert_eq(geometry_check(&geometry), 0);
}

Test(geometry, slots_must_be_a_power_of_two_within_the_limit)
{
	assert_refused(0, 64, 4096, -EINVAL);
	assert_refused(3, 64, 4096, -EINVAL);
	assert_refused(1023, 64, 4096, -EINVAL);
	assert_refused(UINT32_MAX, 64, 4096, -EINVAL);
	assert_refused(SHMQ_SLOTS_MAX + 1, 64, 4096, -EINVAL);
	assert_refused(SHMQ_SLOTS_MAX * 2, 64, 4096, -ERANGE);
	assert_refused(UINT32_C(1) << 31, 64, 4096, -ERANGE);
}

Test(geometry, size_must_be_within_the_limit)
{
	assert_refused(16, 0, 4096, -EINVAL);
	assert_refused(16, SHMQ_SIZE_MAX + 1, 4096, -ERANGE);
	assert_refused(16, UINT32_MAX, 4096, -ERANGE);
}

Test(geometry, region_must_be_a_page)
{
	assert_refused(16, 64, 0, -EINVAL);
	assert_refused(16, 64, 2048, -EINVAL);
	assert_refused(16, 64, 4097, -EINVAL);
	assert_refused(16, 64, UINT32_C(1) << 31, -EINVAL);
}

Test(geometry, every_problem_has_a_sentence_of_its_own)
{
	const char *problems[] = {
		geometry_problem(3, 64, 4096), geometry_problem(SHMQ_SLOTS_MAX * 2, 64, 4096),
		geometry_problem(16, 0, 4096), geometry_problem(16, SHMQ_SIZE_MAX + 1, 4096),
		geometry_problem(16, 64, 100),
	};

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < i; k++)
			cr_assert_str_neq(problems[i], problems[k]);
	cr_assert_null(geometry_problem(16, 64, 4096));
}

Test(geometry, check_takes_what_compute_makes)
{
	for (uint32_t slots = 1; slots <= SHMQ_SLOTS_MAX; slots *= 2)
		for (uint32_t size = 1; size <= SHMQ_SIZE_MAX; size = size * 3 + 1)
			for (int align = 0; align < 2; align++) {
				struct shmq_geometry geometry = computed(slots, size, align);

				cr_assert_eq(geometry_check(&geometry), 0, "%u x %u", slots, size);
			}
}

/* One field of a good geometry is changed; the figures no longer fit each other. */
static void assert_bad(struct shmq_geometry geometry, const char *what)
{
	cr_assert_lt(geometry_check(&geometry), 0, "%s", what);
}

Test(geometry, check_refuses_figures_that_would_map_slots_outside)
{
	const struct shmq_geometry good = computed(64, 100, false);
	struct shmq_geometry bad;

#define BAD(field, value) (bad = good, bad.field = (value), assert_bad(bad, #field " = " #value))
	BAD(slots, 0);
	BAD(slots, 128 * 64);
	BAD(slots, 65);
	BAD(slots, SHMQ_SLOTS_MAX * 2);
	BAD(size_bytes, 0);
	BAD(size_bytes, good.stride_bytes - 7);
	BAD(size_bytes, UINT32_MAX);
	BAD(stride_bytes, 0);
	BAD(stride_bytes, good.stride_bytes + 4);
	BAD(stride_bytes, good.stride_bytes + 4096);
	BAD(stride_bytes, UINT32_MAX - 7);
	BAD(lead_bytes, 8);
	BAD(lead_bytes, 56);
	BAD(lead_bytes, UINT32_MAX);
	BAD(region_bytes, 0);
	BAD(region_bytes, 8192);
	BAD(region_bytes, 4095);
	BAD(segment_bytes, 0);
	BAD(segment_bytes, good.segment_bytes - 1);
	BAD(segment_bytes, good.segment_bytes + 4096);
	BAD(segment_bytes, UINT64_MAX);
#undef BAD
}

Test(geometry, check_lets_a_later_version_choose_a_larger_stride)
{
	struct shmq_geometry geometry = computed(64, 100, false);

	geometry.stride_bytes += 64;
	geometry.segment_bytes =
		2 * 4096 + (64 * (uint64_t)geometry.stride_bytes + 4095) / 4096 * 4096;
	cr_assert_eq(geometry_check(&geometry), 0);
}
