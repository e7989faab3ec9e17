/* SPDX-License-Identifier: MIT */
/*
 * lifetime.c - when a ring's time is over
 *
 *   persistent     never
 *   linger         linger_s after the last one left it empty, linger_unread_s after it was left with
 *                  unread messages; a library's create of the same name starts the clock anew
 *   with-creator   when the owner's process ends, whoever else is attached
 *
 * Nothing is removed within the grace after a start, and removals that fall due together are made one
 * by one: each is the end of its ring's own timer, CORE_REMOVAL_GAP_NS after the one before.
 */
#include <errno.h>

#include "daemon/core/parts.h"

static int64_t max_ns(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool is_over(const struct core *core, const struct core_ring *ring)
{
	switch (ring_record(core, ring)->lifetime) {
	case CONTROL_LINGER:
		return !ring_is_attached(ring);
	case CONTROL_WITH_CREATOR:
		return !ring->holders[SHMQ_ROLE_OWNER];
	default:
		return false;
	}
}

static bool may_end(const struct core *core, const struct core_ring *ring)
{
	uint32_t state = ring_record(core, ring)->state;

	return state == REGISTRY_RING_LIVE || state == REGISTRY_RING_LOST;
}

static void start_clock(struct core *core, struct core_ring *ring)
{
	uint32_t linger_s = ring->unread ? core->config.linger_unread_s
					 : ring_record(core, ring)->linger_s;

	ring->has_clock = true;
	ring_timer_set(core, ring, max_ns(core->now_ns + (int64_t)linger_s * NS_PER_S,
					  core->grace_end_ns));
}

void lifetime_look(struct core *core, struct core_ring *ring)
{
	if (!may_end(core, ring) || !is_over(core, ring))
		return;
	if (ring_record(core, ring)->lifetime == CONTROL_WITH_CREATOR) {
		ring_timer_set(core, ring, max_ns(core->now_ns, core->grace_end_ns));
	} else if (ring->is_new) {
		ring->unread_known = true;
		start_clock(core, ring);
	} else {
		ring_probe(core, ring, PROBE_LIFETIME);
	}
}

void lifetime_look_later(struct core *core, struct core_ring *ring)
{
	if (may_end(core, ring) && is_over(core, ring))
		ring_timer_set(core, ring, core->grace_end_ns);
}

void lifetime_stop_clock(struct core *core, struct core_ring *ring)
{
	if (is_over(core, ring))
		return;
	ring_timer_clear(core, ring);
	ring->probe &= ~(unsigned)PROBE_LIFETIME;
	ring->is_reaping = false;
	ring->has_turn = ring->has_clock = false;
}

void lifetime_restart_clock(struct core *core, struct core_ring *ring)
{
	if (ring_record(core, ring)->lifetime != CONTROL_LINGER)
		return;
	/* if messages are being counted just now the clock starts when that is done */
	ring->is_reaping = ring->has_turn = false;
	if (ring->deadline_ns && ring->has_clock)
		start_clock(core, ring);
}

static void reap(struct core *core, struct core_ring *ring)
{
	destroy_begin(core, ring, true, ring->unread);
	ring_asks_run(core, ring, false);
}

/* The time is over: count what will be dropped, unless that is known. */
static void lifetime_end(struct core *core, struct core_ring *ring)
{
	if (!ring->has_turn && core->now_ns < core->next_removal_ns) {
		ring->has_turn = true;
		ring_timer_set(core, ring, core->next_removal_ns);
		core->next_removal_ns += CORE_REMOVAL_GAP_NS;
		return;
	}
	if (!ring->has_turn)
		core->next_removal_ns = core->now_ns + CORE_REMOVAL_GAP_NS;
	ring->has_turn = false;
	if (ring->unread_known || ring_record(core, ring)->state == REGISTRY_RING_LOST) {
		reap(core, ring);
		return;
	}
	ring->is_reaping = true;
	ring_probe(core, ring, PROBE_LIFETIME);
}

void lifetime_is_due(struct core *core, struct core_ring *ring)
{
	if (core->is_stopping || !is_over(core, ring))
		return;
	if (ring_record(core, ring)->lifetime == CONTROL_LINGER && !ring->has_clock)
		/* left by an earlier daemon, or it could not be counted: the clock starts now */
		ring_probe(core, ring, PROBE_LIFETIME);
	else
		lifetime_end(core, ring);
}

/* What the positions say; whoever wrote them, it is at most what the ring holds. */
static uint64_t count_unread(const struct core *core, const struct core_ring *ring,
			     const struct core_event *event)
{
	uint64_t unread = event->pushed - event->popped;
	uint64_t slots = ring_record(core, ring)->slots;

	return unread <= slots ? unread : (int64_t)unread < 0 ? 0 : slots;
}

static void lifetime_counted(struct core *core, struct core_ring *ring, int error)
{
	bool is_reaping = ring->is_reaping;

	ring->is_reaping = false;
	if (!may_end(core, ring) || !is_over(core, ring))
		return;
	/* somebody has shrunk it (ENODATA): there is nothing to read in there, now and later */
	if (error && error != -ENODATA && ring_record(core, ring)->state == REGISTRY_RING_LIVE)
		segment_retry_later(core, ring);
	else if (is_reaping)
		reap(core, ring);
	else
		start_clock(core, ring);
}

void lifetime_probed(struct core *core, struct core_ring *ring, const struct core_event *event)
{
	unsigned why = ring->probe;

	if (!why || event->cookie != ring->probe_cookie)
		return;
	ring->probe = 0;
	ring->is_held = event->is_held;
	if (!event->error || !ring->unread_known) {
		ring->unread = event->error ? 0 : count_unread(core, ring, event);
		ring->unread_known = !event->error && !ring_is_attached(ring);
	}
	if (why & PROBE_ASKS)
		ring_asks_run(core, ring, true);
	if (why & PROBE_LIFETIME)
		lifetime_counted(core, ring, event->error);
}

uint64_t lifetime_left_ns(const struct core *core, const struct core_ring *ring, int64_t now_ns)
{
	if (!ring->deadline_ns || !may_end(core, ring) || ring->deadline_ns <= now_ns)
		return 0;
	return (uint64_t)(ring->deadline_ns - now_ns);
}

void ring_left(struct core *core, struct core_ring *ring)
{
	switch (ring_record(core, ring)->state) {
	case REGISTRY_RING_LIVE:
	case REGISTRY_RING_LOST:
		lifetime_look(core, ring);
		break;
	case REGISTRY_RING_TOMBSTONE:
		destroy_go_on(core, ring);
		break;
	default:
		break;
	}
}
