/* SPDX-License-Identifier: MIT */
/*
 * geometry.h - how a ring's segment is divided; used by the daemon that makes it and the client
 * that maps it
 *
 * Pure arithmetic: no memory but the caller's, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <shmq/layout.h>

/* What layout.h draws: two pages of region_bytes each, then the slots. */
struct shmq_geometry {
	uint32_t slots;	       /* a power of two */
	uint32_t size_bytes;   /* largest message */
	uint32_t stride_bytes; /* from slot to slot */
	uint32_t lead_bytes;   /* from the start of the slots' region to slot 0 */
	uint32_t region_bytes;
	uint64_t segment_bytes; /* a multiple of region_bytes */
};

/*
 * geometry_compute() - the geometry of a new ring
 * @region_bytes: page size of the host.
 * Return: 0; -EINVAL: @slots or @region_bytes is no power of two, @size_bytes is 0; -ERANGE: beyond
 * SHMQ_SLOTS_MAX or SHMQ_SIZE_MAX; -EOVERFLOW: more than one process of this machine can map.
 */
int geometry_compute(uint32_t slots, uint32_t size_bytes, bool align_payload, uint32_t region_bytes,
		     struct shmq_geometry *ret_geometry);

/*
 * geometry_check() - may a process map a segment by these figures, whoever made them up?
 * Every slot lies within the segment, headers are aligned, limits are kept. The stride may be
 * larger than geometry_compute() would choose: a later version may know better.
 *
 * Return: 0; -EINVAL, -ERANGE, -EOVERFLOW as above.
 */
int geometry_check(const struct shmq_geometry *geometry);

/* What is wrong with values that geometry_compute() refuses, for people: "slots must be …".
 * NULL: nothing. */
const char *geometry_problem(uint32_t slots, uint32_t size_bytes, uint32_t region_bytes);

static inline uint64_t geometry_slots_region_bytes(const struct shmq_geometry *geometry)
{
	return geometry->segment_bytes - 2 * (uint64_t)geometry->region_bytes;
}
