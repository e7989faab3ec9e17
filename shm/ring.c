/* SPDX-License-Identifier: MIT */
/*
 * ring.c - the slow paths of one end: full, empty, the peer gone, a sleeper to wake, corruption
 *
 * Everything read here was written by somebody who may be hostile: each word is loaded once and
 * judged as a value. What no correct peer leaves poisons the handle, for good.
 */
#include "shm/ring.h"

#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "base/probe.h"
#include "shm/board.h"
#include "shm/futex.h"
#include "shm/ring_internal.h"

void ring_disable(struct shmq_hot *hot, int error)
{
	assert(error < 0);
	if (!hot->error)
		hot->error = error;
	hot->limit = hot->position;
	hot->mark = hot->position;
}

int ring_poison(struct shmq_hot *hot)
{
	ring_disable(hot, -EBADMSG);
	return hot->error;
}

/*
 * What the board says. The role word is loaded before the slot resp. the position is looked at
 * again: a peer's last message was published before the daemon saw him gone.
 * @ret_role: the role word. Return: 0; -ESTALE, -EPIPE, -EOWNERDEAD, none of them told yet.
 */
int ring_board_says(const struct shmq_hot *hot, uint64_t *ret_role)
{
	/* [B2] acquire: the state before the second look; the daemon stored it with release */
	uint64_t state = __atomic_load_n(hot->board_state, __ATOMIC_ACQUIRE);
	/* [B3] acquire: the same for the role word */
	uint64_t role = __atomic_load_n(hot->board_peer, __ATOMIC_ACQUIRE);

	*ret_role = role;
	if (!board_state_goes_on(state, hot->state_expected))
		return -ESTALE;
	return role != hot->peer_seen ? board_role_notice(role) : 0;
}

/* Full or empty, and the peer not gone. @role: as judged. */
static int blocked(struct shmq_hot *hot, uint64_t role)
{
	hot->peer_seen = role;
	if (hot->role == SHMQ_ROLE_PRODUCER)
		PROBE(shmq, full, hot, hot->position);
	else
		PROBE(shmq, empty, hot, hot->position);
	if (hot->on_blocked)
		hot->on_blocked(hot);
	return -EAGAIN;
}

/* A notice was confirmed: tell it, once; a ring's end for good. */
static int tell(struct shmq_hot *hot, int notice, uint64_t role)
{
	PROBE(shmq, peer_gone, hot, hot->position, -notice);
	if (notice == -ESTALE)
		ring_disable(hot, -ESTALE);
	else
		hot->peer_seen = role;
	return notice;
}

void ring_note_visit(struct shmq_hot *hot)
{
	/* [F1] relaxed: a figure for tools */
	__atomic_store_n(&hot->own_page->last_ns, (uint64_t)clock_monotonic_ns(), __ATOMIC_RELAXED);
}

void ring_count(uint64_t *counter)
{
	/* [F2] relaxed: a figure; this end is its only writer */
	uint64_t value = __atomic_load_n(counter, __ATOMIC_RELAXED);

	/* [F3] relaxed: the same */
	__atomic_store_n(counter, value + 1, __ATOMIC_RELAXED);
}

/* ---- producer ---- */

/* Load the consumer's position and judge it. Return: free slots, 0 too when it was impossible (and
 * the handle is poisoned). */
static uint64_t producer_look(struct shmq_hot *hot)
{
	/* [P4] acquire: the consumer's reads before our overwriting; pairs with [C2] */
	uint64_t consumer = __atomic_load_n(&hot->peer_page->position, __ATOMIC_ACQUIRE);

	/* never back, and never ahead of what was published */
	if (consumer - hot->peer_position > hot->position - hot->peer_position) {
		ring_poison(hot);
		return 0;
	}
	hot->peer_position = consumer;
	return ring_slots(hot) - (hot->position - consumer);
}

static void producer_set_limit(struct shmq_hot *hot, uint64_t n_slots, uint64_t n_free)
{
	uint64_t n = ring_slots(hot) < SHMQ_STATE_CHECK_MESSAGES ? ring_slots(hot)
								 : SHMQ_STATE_CHECK_MESSAGES;
	uint64_t reserved = hot->mark - hot->position;

	if (n < n_slots)
		n = n_slots;
	/* what is reserved stays within; a mark behind the position is a huge number here */
	if (reserved <= n_free && n < reserved)
		n = reserved;
	hot->limit = hot->position + (n < n_free ? n : n_free);
}

uint64_t ring_room(struct shmq_hot *hot, uint64_t n_slots)
{
	uint64_t n_free;

	if (hot->error)
		return 0;
	n_free = ring_slots(hot) - (hot->position - hot->peer_position);
	if (n_free < n_slots)
		n_free = producer_look(hot);
	if (!hot->error)
		producer_set_limit(hot, n_slots, n_free);
	return n_free;
}

int shmq_hot_refill(struct shmq_hot *hot, uint64_t n_slots)
{
	uint64_t role;
	int notice;

	if (hot->error)
		return hot->error;
	/* [B1] relaxed: a forced destroy shall reach a running stream soon, not at once */
	if (!board_state_goes_on(__atomic_load_n(hot->board_state, __ATOMIC_RELAXED),
				 hot->state_expected))
		return tell(hot, -ESTALE, 0);
	if (ring_room(hot, n_slots) >= n_slots)
		return 0;
	if (hot->error)
		return hot->error;
	notice = ring_board_says(hot, &role);
	if (notice == 0)
		return blocked(hot, role);
	/* once more: what the consumer released before he went */
	if (notice != -ESTALE && ring_room(hot, n_slots) >= n_slots)
		return 0;
	return hot->error ? hot->error : tell(hot, notice, role);
}

/* ---- consumer ---- */

int shmq_hot_stopped(struct shmq_hot *hot)
{
	/* A consumer's limit lies 2^64 - 1 messages ahead unless ring_disable() moved it. */
	return hot->error ? hot->error : ring_poison(hot);
}

/* A run of messages is over: let the producer gain some distance, or both share every line. */
static bool back_off(struct shmq_hot *hot)
{
	uint64_t run = hot->position - hot->dry_position;

	hot->dry_position = hot->position;
	if (run < SHMQ_BACKOFF_RUN)
		return false;
	for (uint32_t i = 0; i < hot->backoff_pauses; i++)
		shmq_pause();
	return true;
}

int shmq_hot_dry(struct shmq_hot *hot, uint64_t header)
{
	uint64_t role;
	int notice;

	if (hot->error)
		return hot->error;
	/* Empty shows the lap alone; the rest of the header is the last message's. A message that
	 * was seen here can't have gone: so a caller's loop ends, whatever the producer does. */
	if (!ring_header_is_empty(hot, header, hot->position) ||
	    hot->seen_position == hot->position)
		return ring_poison(hot);
	if (back_off(hot))
		return 0;
	notice = ring_board_says(hot, &role);
	if (notice == 0)
		return blocked(hot, role);
	header = ring_header_load(hot, hot->position);
	if (ring_header_is_empty(hot, header, hot->position))
		return tell(hot, notice, role);
	if (!ring_header_is_message(hot, header, hot->position))
		return ring_poison(hot);
	hot->seen_position = hot->position;
	return 0;
}

/* ---- both ---- */

/* gcc's ThreadSanitizer warns of every fence; here the order of data never hangs on one. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
static uint64_t fenced_ticket(const struct shmq_hot *hot)
{
	/* [P3f] seq_cst: publication before the look at the ticket; pairs with the sleeper's [S1] */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	/* [P3] [C3] relaxed: the fence orders it; pairs with [S1] */
	return __atomic_load_n(&hot->peer_page->ticket, __ATOMIC_RELAXED);
}
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#pragma GCC diagnostic pop
#endif

/* A ticket that was not served comes here at each publication until it is. */
void shmq_hot_wake(struct shmq_hot *hot, uint64_t ticket)
{
	const uint32_t *word;
	int r;

	if (hot->error)
		return;
	if (hot->fence) {
		ticket = fenced_ticket(hot);
		if (ticket == hot->woken)
			return;
	}
	if (ticket == 0) {
		hot->woken = 0;
		return;
	}
	/* The ticket names position ticket - 1: of any value, a slot of this ring. */
	if ((int64_t)(hot->position - ticket) < 0)
		return;
	/* the word that stands for "fence first" must keep coming here */
	hot->woken = hot->fence && ticket == UINT64_MAX ? 0 : ticket;
	if (hot->role == SHMQ_ROLE_PRODUCER)
		word = ring_lap_word(hot, ticket - 1);
	else
		word = ring_low_word(hot->own_position);
	r = futex_wake_all(word);
	PROBE(shmq, wake, hot, ticket - 1, r);
	ring_count(&hot->own_page->n_wakes);
	if (r == -EFAULT)
		ring_poison(hot);
}

uint64_t ring_depth(const struct shmq_hot *hot)
{
	uint64_t peer;
	int64_t depth;

	if (hot->error)
		return 0;
	/* [P5] acquire: a figure, nothing is read behind it; pairs with [C2], [P2] */
	peer = __atomic_load_n(&hot->peer_page->position, __ATOMIC_ACQUIRE);
	depth = (int64_t)(hot->role == SHMQ_ROLE_PRODUCER ? hot->position - peer
							  : peer - hot->position);
	if (depth < 0)
		return 0;
	return (uint64_t)depth < ring_slots(hot) ? (uint64_t)depth : ring_slots(hot);
}
