/* SPDX-License-Identifier: MIT */
/*
 * ring.c - records of rings: taken, given back, found by name, and what is said about them
 */
#include <assert.h>
#include <string.h>

#include "daemon/core/parts.h"

struct core_ring *ring_find(const struct core *core, const char *name)
{
	struct core_ring *ring;

	HASH_FIND(by_name, core->names, name, strlen(name), ring);
	return ring;
}

void ring_name_add(struct core *core, struct core_ring *ring)
{
	const char *name = ring_record(core, ring)->name;

	assert(!ring->is_named && !ring_find(core, name));
	HASH_ADD_KEYPTR(by_name, core->names, name, strlen(name), ring);
	ring->is_named = true;
}

void ring_name_remove(struct core *core, struct core_ring *ring)
{
	if (!ring->is_named)
		return;
	HASH_DELETE(by_name, core->names, ring);
	ring->is_named = false;
}

/* ---- reaps that are remembered in free records ---- */

static struct core_ring *dropped_find(const struct core *core, const char *name)
{
	struct core_ring *ring;

	HASH_FIND(by_dropped, core->dropped, name, strlen(name), ring);
	return ring;
}

static void dropped_remove(struct core *core, struct core_ring *ring)
{
	if (!ring->is_dropped)
		return;
	HASH_DELETE(by_dropped, core->dropped, ring);
	ring->is_dropped = false;
	ring_record(core, ring)->destroyed_unread = 0;
}

void ring_remember(struct core *core, struct core_ring *ring)
{
	const char *name = ring_record(core, ring)->name;

	ring_forget(core, name);
	HASH_ADD_KEYPTR(by_dropped, core->dropped, name, strlen(name), ring);
	ring->is_dropped = true;
}

const struct registry_ring *ring_remembered(struct core *core, const char *name)
{
	struct core_ring *ring = dropped_find(core, name);

	if (ring && core->now_s > ring_record(core, ring)->destroyed_s + CORE_REMEMBER_S) {
		dropped_remove(core, ring);
		ring = NULL;
	}
	return ring ? ring_record(core, ring) : NULL;
}

void ring_forget(struct core *core, const char *name)
{
	struct core_ring *ring = dropped_find(core, name);

	if (ring)
		dropped_remove(core, ring);
}

/* ---- records ---- */

struct core_ring *ring_take(struct core *core)
{
	/* the one that is free longest: what it remembers is the oldest */
	struct list *node = list_take(&core->free_rings);
	struct core_ring *ring;

	if (!node)
		return NULL;
	ring = list_entry(node, struct core_ring, free);
	dropped_remove(core, ring);
	core->n_rings++;
	return ring;
}

void ring_give_back(struct core *core, struct core_ring *ring)
{
	struct registry_ring *record = ring_record(core, ring);

	assert(!ring->is_named && list_is_empty(&ring->asks) && !ring_is_attached(ring) &&
	       !ring->holders[SHMQ_ROLE_OWNER]);
	ring_timer_clear(core, ring);
	account_release_ring(core, record);
	registry_ring_set_state(record, REGISTRY_RING_FREE);
	free(ring->schema_text);
	ring_init(ring);
	if (record->destroyed_unread)
		ring_remember(core, ring);
	list_append(&core->free_rings, &ring->free);
	core->n_rings--;
}

void ring_init(struct core_ring *ring)
{
	*ring = (struct core_ring){ .step = RING_IDLE };
	list_init(&ring->free);
	list_init(&ring->asks);
}

/* ---- timer and count of unread messages ---- */

void ring_timer_set(struct core *core, struct core_ring *ring, int64_t deadline_ns)
{
	ring->deadline_ns = deadline_ns;
	action_ring(core, CORE_RING_TIMER_SET, ring)->delay_ns =
		deadline_ns > core->now_ns ? deadline_ns - core->now_ns : 0;
}

void ring_timer_clear(struct core *core, struct core_ring *ring)
{
	if (!ring->deadline_ns)
		return;
	ring->deadline_ns = 0;
	action_ring(core, CORE_RING_TIMER_CLEAR, ring);
}

void ring_probe(struct core *core, struct core_ring *ring, enum ring_probe why)
{
	ring->probe |= why;
	ring->probe_cookie = ++core->last_cookie;
	action_ring(core, CORE_SEGMENT_PROBE, ring)->cookie = ring->probe_cookie;
}

/* ---- what keeps two rings of one name apart ---- */

void generation_make(struct core *core, uint8_t generation[CONTROL_GENERATION_BYTES])
{
	/* a step may make more than one: the count keeps them apart */
	uint8_t n = (uint8_t)++core->n_generations;

	memcpy(generation, core->random + 8, CONTROL_GENERATION_BYTES);
	generation[0] ^= n;
}
