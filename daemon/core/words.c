/* SPDX-License-Identifier: MIT */
/*
 * words.c - stores to the board, the memory that clients watch
 *
 * Each word is stored whole, and every change is followed by words_tell(): state first, then the
 * futex word, then the wake-up. A sleeper read the futex word before it looked at the others, so it
 * sees the change or doesn't fall asleep.
 */
#include "daemon/core/parts.h"

static struct shmq_board_ring *words_of(const struct core *core, const struct core_ring *ring)
{
	return &core->words[ring_index(core, ring)];
}

static void word_store(uint64_t *word, uint64_t value)
{
	if (registry_store_hook)
		registry_store_hook();
	/* [D1] release: what the registry says before what the board says; pairs with [B2] */
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

void words_set_state(struct core *core, const struct core_ring *ring, enum shmq_ring_state state)
{
	word_store(&words_of(core, ring)->state,
		   SHMQ_BOARD_WORD(ring_record(core, ring)->use_count, state));
}

void words_set_role(struct core *core, const struct core_ring *ring, enum shmq_role role,
		    uint64_t incarnation, enum shmq_role_state state)
{
	word_store(&words_of(core, ring)->role[role], SHMQ_BOARD_WORD(incarnation, state));
}

void words_begin(struct core *core, const struct core_ring *ring)
{
	for (unsigned role = 0; role <= SHMQ_ROLE_CONSUMER; role++)
		words_set_role(core, ring, role, ring_record(core, ring)->incarnation[role],
			       SHMQ_ROLE_NONE);
	words_set_state(core, ring, SHMQ_RING_LIVE);
}

uint64_t words_state(const struct core *core, const struct core_ring *ring)
{
	return words_of(core, ring)->state;
}

uint64_t words_role(const struct core *core, const struct core_ring *ring, enum shmq_role role)
{
	return words_of(core, ring)->role[role];
}

void words_tell(struct core *core, const struct core_ring *ring)
{
	struct shmq_board_ring *words = words_of(core, ring);

	if (registry_store_hook)
		registry_store_hook();
	/* [D2] release: the changed word before the futex word; pairs with [B2] */
	__atomic_store_n(&words->bump, words->bump + 1, __ATOMIC_RELEASE);
	action_ring(core, CORE_WAKE, ring);
}
