/* SPDX-License-Identifier: MIT */
/*
 * geometry.c - dividing a segment; see geometry.h
 *
 * Within the limits nothing can overflow: slots * stride < 2^20 * (2^24 + 2^8).
 */
#include "shm/geometry.h"

#include <errno.h>
#include <stddef.h>

#define STRIDE_MAX (SHMQ_SIZE_MAX + 2 * SHMQ_STRIDE_TRAP)
#define REGION_MAX (UINT32_C(1) << 30)

static bool is_power_of_two(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t round_up(uint64_t value, uint64_t power_of_two)
{
	return (value + power_of_two - 1) & ~(power_of_two - 1);
}

static int check_values(uint32_t slots, uint32_t size_bytes, uint32_t region_bytes,
			const char **ret_problem)
{
	if (!is_power_of_two(slots)) {
		*ret_problem = "the number of slots must be a power of two, 1 to 1048576";
		return -EINVAL;
	}
	if (slots > SHMQ_SLOTS_MAX) {
		*ret_problem = "a ring has at most 1048576 slots";
		return -ERANGE;
	}
	if (size_bytes == 0) {
		*ret_problem = "the message size must be at least 1 byte";
		return -EINVAL;
	}
	if (size_bytes > SHMQ_SIZE_MAX) {
		*ret_problem = "a message has at most 16777216 bytes (16 MiB)";
		return -ERANGE;
	}
	if (!is_power_of_two(region_bytes) || region_bytes < SHMQ_REGION_MIN ||
	    region_bytes > REGION_MAX) {
		*ret_problem = "a region is a page: a power of two, at least 4096 bytes";
		return -EINVAL;
	}
	return 0;
}

const char *geometry_problem(uint32_t slots, uint32_t size_bytes, uint32_t region_bytes)
{
	const char *problem = NULL;

	check_values(slots, size_bytes, region_bytes, &problem);
	return problem;
}

static uint64_t bytes_needed(const struct shmq_geometry *geometry)
{
	uint64_t slots_bytes =
		geometry->lead_bytes + (uint64_t)geometry->slots * geometry->stride_bytes;

	return 2 * (uint64_t)geometry->region_bytes + round_up(slots_bytes, geometry->region_bytes);
}

static int check_mappable(uint64_t segment_bytes)
{
	return segment_bytes > PTRDIFF_MAX ? -EOVERFLOW : 0;
}

int geometry_compute(uint32_t slots, uint32_t size_bytes, bool align_payload, uint32_t region_bytes,
		     struct shmq_geometry *ret_geometry)
{
	uint32_t alignment = align_payload ? SHMQ_PAYLOAD_LINE : SHMQ_HEADER_BYTES;
	struct shmq_geometry geometry = {
		.slots = slots,
		.size_bytes = size_bytes,
		.lead_bytes = align_payload ? SHMQ_PAYLOAD_LINE - SHMQ_HEADER_BYTES : 0,
		.region_bytes = region_bytes,
	};
	const char *problem;
	int r = check_values(slots, size_bytes, region_bytes, &problem);

	if (r < 0)
		return r;
	geometry.stride_bytes = (uint32_t)round_up(SHMQ_HEADER_BYTES + size_bytes, alignment);
	if (slots > 1 && geometry.stride_bytes % SHMQ_STRIDE_TRAP == 0)
		geometry.stride_bytes += SHMQ_PAYLOAD_LINE;
	geometry.segment_bytes = bytes_needed(&geometry);
	r = check_mappable(geometry.segment_bytes);
	if (r < 0)
		return r;
	*ret_geometry = geometry;
	return 0;
}

int geometry_check(const struct shmq_geometry *geometry)
{
	const char *problem;
	int r = check_values(geometry->slots, geometry->size_bytes, geometry->region_bytes,
			     &problem);

	if (r < 0)
		return r;
	if (geometry->lead_bytes == 0) {
		if (geometry->stride_bytes % SHMQ_HEADER_BYTES != 0)
			return -EINVAL;
	} else if (geometry->lead_bytes != SHMQ_PAYLOAD_LINE - SHMQ_HEADER_BYTES ||
		   geometry->stride_bytes % SHMQ_PAYLOAD_LINE != 0) {
		return -EINVAL;
	}
	if (geometry->stride_bytes < SHMQ_HEADER_BYTES + geometry->size_bytes ||
	    geometry->stride_bytes > STRIDE_MAX)
		return -ERANGE;
	if (geometry->segment_bytes != bytes_needed(geometry))
		return -ERANGE;
	return check_mappable(geometry->segment_bytes);
}
