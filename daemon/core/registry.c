/* SPDX-License-Identifier: MIT */
/*
 * registry.c - the registry's memory: size, format, and the one store that publishes a record
 *
 * Judging what an earlier daemon left is registry_judge.c.
 */
#include <assert.h>
#include <string.h>

#include "daemon/core/registry.h"
#include "daemon/core/registry_judge.h"

void (*registry_store_hook)(void);

#define REGISTRY_ALIGN_BYTES 64u

static size_t align_up(size_t bytes)
{
	return (bytes + REGISTRY_ALIGN_BYTES - 1) & ~(size_t)(REGISTRY_ALIGN_BYTES - 1);
}

static size_t rings_offset(void)
{
	return align_up(sizeof(struct registry_header));
}

static size_t attachments_offset(uint32_t n_rings)
{
	return rings_offset() + align_up((size_t)n_rings * sizeof(struct registry_ring));
}

static size_t schemas_offset(uint32_t n_rings, uint32_t n_attachments)
{
	return attachments_offset(n_rings) +
	       align_up((size_t)n_attachments * sizeof(struct registry_attachment));
}

size_t registry_bytes(uint32_t n_rings, uint32_t n_attachments)
{
	return schemas_offset(n_rings, n_attachments) +
	       align_up(REGISTRY_SCHEMAS * sizeof(struct registry_schema));
}

void registry_point(void *memory, uint32_t n_rings, uint32_t n_attachments,
		    struct registry *ret_registry)
{
	unsigned char *bytes = memory;

	ret_registry->header = memory;
	ret_registry->rings = (void *)(bytes + rings_offset());
	ret_registry->attachments = (void *)(bytes + attachments_offset(n_rings));
	ret_registry->schemas = (void *)(bytes + schemas_offset(n_rings, n_attachments));
}

/* FNV-1a: finds damage, not malice; whoever may write the registry is the daemon's own user. */
static uint64_t digest(uint64_t state, const void *data, size_t len_bytes)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len_bytes; i++)
		state = (state ^ bytes[i]) * UINT64_C(0x100000001b3);
	return state;
}

uint64_t registry_digest(const struct registry_header *header)
{
	uint64_t state = UINT64_C(0xcbf29ce484222325);

	state = digest(state, header, offsetof(struct registry_header, next_attachment_id));
	return digest(state, header->boot_id,
		      offsetof(struct registry_header, check) -
			      offsetof(struct registry_header, boot_id));
}

void registry_format(void *memory, uint32_t n_rings, uint32_t n_attachments, const char *instance,
		     const uint8_t boot_id[16], const char *board_name, const uint8_t epoch[16],
		     struct registry *ret_registry)
{
	struct registry_header *header = memory;

	assert(n_rings > 0 && n_rings <= REGISTRY_RINGS_MAX);
	assert(n_attachments > 0 && n_attachments <= REGISTRY_ATTACHMENTS_MAX);
	assert(strlen(instance) <= REGISTRY_INSTANCE_MAX);
	assert(strlen(board_name) < CONTROL_SEGMENT_MAX);
	header->layout = REGISTRY_LAYOUT;
	header->n_rings = n_rings;
	header->n_attachments = n_attachments;
	header->bytes = registry_bytes(n_rings, n_attachments);
	header->next_attachment_id = 1;
	memcpy(header->boot_id, boot_id, sizeof(header->boot_id));
	memcpy(header->board_epoch, epoch, sizeof(header->board_epoch));
	strcpy(header->board_name, board_name);
	strcpy(header->instance, instance);
	header->magic = REGISTRY_MAGIC;
	header->check = registry_digest(header);
	registry_point(memory, n_rings, n_attachments, ret_registry);
}

/* A state is one word: whoever adopts sees the record before or after the change, never between. */
static void state_store(uint32_t *word, uint32_t state)
{
	if (registry_store_hook)
		registry_store_hook();
	/* [R1] release: the record's fields before its state; pairs with [R2] */
	__atomic_store_n(word, state, __ATOMIC_RELEASE);
}

void registry_ring_set_state(struct registry_ring *ring, enum registry_ring_state state)
{
	state_store(&ring->state, state);
}

void registry_attachment_set_state(struct registry_attachment *attachment,
				   enum registry_attachment_state state)
{
	state_store(&attachment->state, state);
}

void registry_schema_store(struct registry_schema *place, uint64_t fingerprint, const char *text)
{
	place->fingerprint = 0;
	strcpy(place->text, text);
	if (registry_store_hook)
		registry_store_hook();
	place->fingerprint = fingerprint;
}
