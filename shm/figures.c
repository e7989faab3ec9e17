/* SPDX-License-Identifier: MIT */
/*
 * figures.c - what a ring holds, judged from outside by copies of its pages and headers
 */
#include "shm/ring.h"

void ring_figures(const struct shmq_end_page *producer, const struct shmq_end_page *consumer,
		  uint64_t slots, struct ring_figures *ret_figures)
{
	uint64_t pushed = producer->position, popped = consumer->position;
	int64_t ahead = (int64_t)(pushed - popped);

	*ret_figures = (struct ring_figures){
		.pushed = ahead < 0 ? popped : pushed,
		.popped = popped,
		.depth = ahead < 0 ? 0 : (uint64_t)ahead,
	};
	if (ret_figures->depth > slots)
		ret_figures->depth = slots;
}

uint64_t ring_slot_offset(const struct shmq_geometry *geometry, uint64_t position)
{
	return 2 * (uint64_t)geometry->region_bytes + geometry->lead_bytes +
	       (position & (geometry->slots - 1)) * geometry->stride_bytes;
}

bool ring_slot_holds(const struct shmq_geometry *geometry, uint64_t header, uint64_t position)
{
	unsigned shift = (unsigned)__builtin_ctz(geometry->slots);
	uint64_t full = (uint64_t)(uint32_t)((position >> shift) + 1) << SHMQ_HEADER_LAP_SHIFT;

	return header - full <= geometry->size_bytes;
}
