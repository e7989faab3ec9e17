/* SPDX-License-Identifier: MIT */
/*
 * registry_judge.c - is this memory a registry that a daemon of this boot left whole?
 *
 * Everything is read as if an enemy had written it; what passes may be asserted afterwards. Records
 * are judged by themselves and against each other (one holder per role, one ring per name), because
 * the indexes of the core have room for one of each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/core/names.h"
#include "daemon/core/registry_judge.h"
#include "shm/geometry.h"

#define BOARD_COUNT_MAX (UINT64_MAX >> 8)

static bool text_ends(const char *text, size_t cap_bytes)
{
	return memchr(text, 0, cap_bytes);
}

static int judge_header(const struct registry_header *header, size_t bytes, const char *instance,
			const uint8_t boot_id[16])
{
	if (bytes < sizeof(*header) || header->magic != REGISTRY_MAGIC)
		return -EBADMSG;
	if (header->layout != REGISTRY_LAYOUT)
		return -EPROTO;
	if (header->check != registry_digest(header))
		return -EBADMSG;
	if (header->n_rings == 0 || header->n_rings > REGISTRY_RINGS_MAX ||
	    header->n_attachments == 0 || header->n_attachments > REGISTRY_ATTACHMENTS_MAX)
		return -EBADMSG;
	if (header->bytes != registry_bytes(header->n_rings, header->n_attachments) ||
	    header->bytes > bytes)
		return -EBADMSG;
	if (!text_ends(header->instance, sizeof(header->instance)) ||
	    !text_ends(header->board_name, sizeof(header->board_name)) ||
	    strcmp(header->instance, instance) != 0 || header->next_attachment_id == 0)
		return -EBADMSG;
	if (memcmp(header->boot_id, boot_id, sizeof(header->boot_id)) != 0)
		return -ESTALE;
	return 0;
}

static bool geometry_is_sane(const struct registry_ring *ring)
{
	struct shmq_geometry geometry = {
		.slots = ring->slots,
		.size_bytes = ring->size_bytes,
		.stride_bytes = ring->stride_bytes,
		.lead_bytes = ring->lead_bytes,
		.region_bytes = ring->region_bytes,
		.segment_bytes = ring->segment_bytes,
	};

	return geometry_check(&geometry) == 0;
}

/* They share their word of the board with a state. */
static bool counts_are_sane(const struct registry_ring *ring)
{
	return ring->use_count > 0 && ring->use_count <= BOARD_COUNT_MAX &&
	       ring->incarnation[SHMQ_ROLE_PRODUCER] <= BOARD_COUNT_MAX &&
	       ring->incarnation[SHMQ_ROLE_CONSUMER] <= BOARD_COUNT_MAX;
}

static bool rules_are_sane(const struct registry_ring *ring)
{
	if (ring->n_rules > CONTROL_RULES_MAX || ring->sealed > 1)
		return false;
	for (uint32_t i = 0; i < ring->n_rules; i++)
		if (ring->rules[i].who > CONTROL_UNIT || !ring->rules[i].rights ||
		    ring->rules[i].rights & ~CONTROL_ALL_RIGHTS ||
		    !text_ends(ring->rules[i].unit, sizeof(ring->rules[i].unit)))
			return false;
	return true;
}

static bool ring_is_sane(const struct registry_ring *ring)
{
	return text_ends(ring->name, sizeof(ring->name)) && name_is_valid(ring->name) &&
	       text_ends(ring->creator.comm, sizeof(ring->creator.comm)) &&
	       ring->lifetime <= CONTROL_WITH_CREATOR && ring->wake <= CONTROL_WAKE_NEVER &&
	       ring->align_payload <= 1 && mode_is_valid(ring->mode) &&
	       rules_are_sane(ring) && counts_are_sane(ring) && geometry_is_sane(ring);
}

static bool attachment_is_sane(const struct registry *registry,
			       const struct registry_attachment *attachment)
{
	const struct registry_ring *ring;

	if (attachment->ring >= registry->header->n_rings ||
	    attachment->role > SHMQ_ROLE_OWNER || attachment->id == 0 ||
	    attachment->id >= registry->header->next_attachment_id ||
	    attachment->process.pid <= 0 ||
	    !text_ends(attachment->process.comm, sizeof(attachment->process.comm)))
		return false;
	ring = &registry->rings[attachment->ring];
	if (ring->state == REGISTRY_RING_FREE || ring->state == REGISTRY_RING_CREATING)
		return false;
	return attachment->role == SHMQ_ROLE_OWNER
		       ? ring->lifetime == CONTROL_WITH_CREATOR
		       : attachment->incarnation > 0 &&
				 attachment->incarnation == ring->incarnation[attachment->role];
}

/* It keeps its name when it is adopted, so nobody else may have it. One that is CREATING does not:
 * the undoing may have failed once, and another of its name been made since. */
static bool ring_has_name(const struct registry_ring *ring)
{
	return ring->state == REGISTRY_RING_LIVE || ring->state == REGISTRY_RING_LOST ||
	       ring->state == REGISTRY_RING_PURGING;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(const struct registry_ring *const *)a)->name,
		      (*(const struct registry_ring *const *)b)->name);
}

static int judge_rings(const struct registry *registry)
{
	uint32_t n = registry->header->n_rings;
	_cleanup_(freep) const struct registry_ring **named = calloc(n, sizeof(*named));
	size_t n_named = 0;

	if (!named)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct registry_ring *ring = &registry->rings[i];
		/* [R2] acquire: the state before the record's fields; pairs with [R1] */
		uint32_t state = __atomic_load_n(&ring->state, __ATOMIC_ACQUIRE);

		if (state == REGISTRY_RING_FREE)
			continue;
		if (state > REGISTRY_RING_PURGING || !ring_is_sane(ring))
			return -EBADMSG;
		if (ring_has_name(ring))
			named[n_named++] = ring;
	}
	qsort(named, n_named, sizeof(*named), compare_names);
	for (size_t i = 1; i < n_named; i++)
		if (strcmp(named[i - 1]->name, named[i]->name) == 0)
			return -EBADMSG;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int judge_attachments(const struct registry *registry)
{
	uint32_t n = registry->header->n_attachments;
	_cleanup_(freep) uint64_t *ids = calloc(n, sizeof(*ids));
	_cleanup_(freep) uint8_t *roles = calloc(registry->header->n_rings, sizeof(*roles));
	size_t n_ids = 0;

	if (!ids || !roles)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct registry_attachment *attachment = &registry->attachments[i];
		/* [R2] acquire: the state before the record's fields; pairs with [R1] */
		uint32_t state = __atomic_load_n(&attachment->state, __ATOMIC_ACQUIRE);

		if (state == REGISTRY_ATTACHMENT_FREE)
			continue;
		if (state > REGISTRY_ATTACHMENT_DYING || !attachment_is_sane(registry, attachment))
			return -EBADMSG;
		if (roles[attachment->ring] & 1u << attachment->role)
			return -EBADMSG;
		roles[attachment->ring] |= (uint8_t)(1u << attachment->role);
		ids[n_ids++] = attachment->id;
	}
	qsort(ids, n_ids, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < n_ids; i++)
		if (ids[i - 1] == ids[i])
			return -EBADMSG;
	return 0;
}

int registry_adopt(void *memory, size_t bytes, const char *instance, const uint8_t boot_id[16],
		   struct registry *ret_registry)
{
	const struct registry_header *header = memory;
	struct registry registry;
	int r = judge_header(header, bytes, instance, boot_id);

	if (r < 0)
		return r;
	registry_point(memory, header->n_rings, header->n_attachments, &registry);
	r = judge_rings(&registry);
	if (r == 0)
		r = judge_attachments(&registry);
	if (r < 0)
		return r;
	*ret_registry = registry;
	return 0;
}
