/* SPDX-License-Identifier: MIT */
/*
 * fuzz_registry.c - a registry that somebody has written into, as the next daemon finds it
 *
 * Input: records of a place and some bytes for it, written over a registry with a ring and two
 * attachments. It is taken or refused, and a registry that is taken holds nothing out of range.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/registry.h"
#include "daemon/core/registry_judge.h"
#include "shm/geometry.h"

#define RINGS	    4u
#define ATTACHMENTS 6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static const uint8_t boot_id[16] = "the same boot..";
static const uint8_t epoch[16] = "one epoch......";

static void fill(struct registry *registry)
{
	struct registry_ring *ring = &registry->rings[0];
	struct shmq_geometry geometry;

	MUST(geometry_compute(8, 64, false, 4096, &geometry) == 0);
	ring->slots = geometry.slots;
	ring->size_bytes = geometry.size_bytes;
	ring->stride_bytes = geometry.stride_bytes;
	ring->lead_bytes = geometry.lead_bytes;
	ring->region_bytes = geometry.region_bytes;
	ring->segment_bytes = geometry.segment_bytes;
	ring->use_count = 1;
	ring->mode = 0600;
	ring->incarnation[0] = ring->incarnation[1] = 1;
	strcpy(ring->name, "ring");
	registry_ring_set_state(ring, REGISTRY_RING_LIVE);
	for (uint32_t i = 0; i < 2; i++) {
		struct registry_attachment *attachment = &registry->attachments[i];

		attachment->id = i + 1;
		attachment->role = i;
		attachment->incarnation = 1;
		attachment->process.pid = 100 + (int32_t)i;
		registry_attachment_set_state(attachment, REGISTRY_ATTACHMENT_HELD);
	}
	registry->header->next_attachment_id = 3;
}

/* Everything that a daemon would index or print by. */
static void must_make_sense(const struct registry *registry, size_t bytes)
{
	const struct registry_header *header = registry->header;

	MUST(registry_bytes(header->n_rings, header->n_attachments) <= bytes);
	for (uint32_t i = 0; i < header->n_rings; i++) {
		const struct registry_ring *ring = &registry->rings[i];

		MUST(ring->n_rules <= CONTROL_RULES_MAX || ring->state == REGISTRY_RING_FREE);
		MUST(memchr(ring->name, 0, sizeof(ring->name)) || ring->state == REGISTRY_RING_FREE);
	}
	for (uint32_t i = 0; i < header->n_attachments; i++) {
		const struct registry_attachment *attachment = &registry->attachments[i];

		if (attachment->state == REGISTRY_ATTACHMENT_FREE)
			continue;
		MUST(attachment->ring < header->n_rings && attachment->role <= SHMQ_ROLE_OWNER);
		MUST(attachment->id < header->next_attachment_id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t bytes = registry_bytes(RINGS, ATTACHMENTS), at = 0;
	unsigned char *memory = calloc(1, bytes);
	struct registry registry;
	size_t open_bytes;
	int r;

	MUST(memory);
	registry_format(memory, RINGS, ATTACHMENTS, "fuzz", boot_id, "/shmq.fuzz.board.1", epoch,
			&registry);
	fill(&registry);
	open_bytes = (size_t)((unsigned char *)&registry.attachments[ATTACHMENTS] - memory);
	if (size == 0) /* nobody has written */
		MUST(registry_adopt(memory, bytes, "fuzz", boot_id, &registry) == 0);
	while (size - at >= 4) {
		size_t place = ((size_t)data[at] << 8 | data[at + 1]) % open_bytes;
		size_t n = data[at + 2] % 16;

		at += 3;
		for (size_t i = 0; i < n && at < size && place + i < open_bytes; i++)
			memory[place + i] = data[at++];
	}
	if (size % 2) /* by somebody who can do sums */
		((struct registry_header *)(void *)memory)->check =
			registry_digest((struct registry_header *)(void *)memory);
	r = registry_adopt(memory, bytes, "fuzz", boot_id, &registry);
	MUST(r == 0 || r == -EBADMSG || r == -EPROTO || r == -ESTALE);
	if (r == 0)
		must_make_sense(&registry, bytes);
	free(memory);
	return 0;
}
