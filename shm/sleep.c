/* SPDX-License-Identifier: MIT */
/*
 * sleep.c - tickets, fences, the last look, the futex; see sleep.h
 *
 * The sleeper, in this order:
 *   1. its ticket: which position it waits for
 *   2. a full fence; with wake=membarrier also one in every process that may publish
 *   3. the board's bump word
 *   4. state, role, and the slot resp. the consumer's position once more: is there news after all?
 *   5. futex: sleep if neither the peer's word nor the bump has changed since
 * The waker publishes, (fences,) and looks at the ticket. If it misses the ticket, its publication
 * came before the sleeper's fence, and 4 sees it; if 4 misses the publication, the waker sees the
 * ticket. Between 4 and 5 the word itself has changed. The daemon stores role or state, then bumps,
 * then wakes: a change that 4 missed has not been bumped when 3 looked.
 *
 * A ticket that stays from one sleep to the next needs no fence again: the first one stands between
 * it and every later look.
 */
#include "shm/sleep.h"

#include <errno.h>

#include "base/clock.h"
#include "base/probe.h"
#include "shm/ring_internal.h"
#include "shm/wait.h"

/* ---- is there news? ---- */

static bool peer_has_moved(struct shmq_hot *hot, uint64_t n_slots)
{
	uint64_t header;

	if (hot->error)
		return true;
	if (hot->role == SHMQ_ROLE_PRODUCER)
		return ring_room(hot, n_slots) >= n_slots || hot->error;
	header = ring_header_load(hot, hot->position);
	return !ring_header_is_empty(hot, header, hot->position);
}

bool sleep_peers_moved(const struct sleep *sleep, size_t *ret_index)
{
	for (size_t i = 0; i < sleep->n; i++) {
		if (peer_has_moved(sleep->hots[i], sleep->n_slots)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

bool sleep_has_news(const struct sleep *sleep, size_t *ret_index)
{
	for (size_t i = 0; i < sleep->n; i++) {
		struct shmq_hot *hot = sleep->hots[i];
		uint64_t role;

		if (hot->error || ring_board_says(hot, &role) < 0 ||
		    peer_has_moved(hot, sleep->n_slots)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

void sleep_count(struct shmq_hot *hot)
{
	ring_count(&hot->own_page->n_dry);
	ring_count(&hot->own_page->n_sleeps);
	ring_note_visit(hot);
}

/* ---- tickets ---- */

/* A full ring shall not wake for each message. But who has waited for long takes what he asked for:
 * nobody shall sleep for ever beside it. */
static uint64_t slots_wanted(const struct sleep *sleep, const struct shmq_hot *hot)
{
	if (sleep->n_slots > ring_batch_max(hot) || sleep->is_long)
		return sleep->n_slots;
	return ring_batch_max(hot);
}

/* The position this end waits for, + 1. 0, which means none, comes up once in 2^64 messages. */
static uint64_t ticket_for(const struct sleep *sleep, const struct shmq_hot *hot)
{
	if (hot->role == SHMQ_ROLE_CONSUMER)
		return hot->position + 1;
	return hot->position - ring_slots(hot) + slots_wanted(sleep, hot);
}

void sleep_announce(struct sleep *sleep)
{
	sleep->is_long = clock_monotonic_ns() - sleep->started_ns >= WAIT_SLICE_NS;
	for (size_t i = 0; i < sleep->n; i++) {
		struct shmq_hot *hot = sleep->hots[i];
		uint64_t ticket;

		if (hot->error)
			continue;
		ticket = ticket_for(sleep, hot);
		/* [S5] relaxed: who announces is the only writer */
		if (ticket && ticket == __atomic_load_n(&hot->own_page->ticket, __ATOMIC_RELAXED))
			continue;
		/* [S1] relaxed: the fence behind it orders it before the look; pairs with [P3], [C3] */
		__atomic_store_n(&hot->own_page->ticket, ticket, __ATOMIC_RELAXED);
		sleep->announced = true;
		sleep->unsure |= ticket == 0;
	}
}

void sleep_withdraw(const struct sleep *sleep)
{
	for (size_t i = 0; i < sleep->n; i++)
		if (!sleep->hots[i]->error)
			/* [S6] relaxed: a waker who sees it a little longer makes one idle wake-up */
			__atomic_store_n(&sleep->hots[i]->own_page->ticket, 0, __ATOMIC_RELAXED);
}

/* ---- fences ---- */

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
static void fence(void)
{
	/* [S2] seq_cst: tickets before the looks at slot or position; pairs with [P3f], [P3m] */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#pragma GCC diagnostic pop
#endif

static bool any_wakes_by(const struct sleep *sleep, enum ring_wake wake)
{
	for (size_t i = 0; i < sleep->n; i++)
		if (!sleep->hots[i]->error && sleep->hots[i]->wake == wake)
			return true;
	return false;
}

static void fence_tickets(struct sleep *sleep)
{
	if (!sleep->announced)
		return;
	fence();
	/* [S3] the wakers' side of the fence: they have only a compiler barrier */
	if (any_wakes_by(sleep, RING_WAKE_MEMBARRIER) && membarrier_all() < 0)
		sleep->unsure = true;
	sleep->announced = false;
}

/* ---- how long ---- */

static bool wants_more(const struct sleep *sleep)
{
	for (size_t i = 0; i < sleep->n; i++) {
		const struct shmq_hot *hot = sleep->hots[i];

		if (hot->role == SHMQ_ROLE_PRODUCER && !hot->error &&
		    slots_wanted(sleep, hot) != sleep->n_slots)
			return true;
	}
	return false;
}

static int64_t min_ns(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* As long as it has been quiet, so that who is idle for long wakes up less and less. */
static int64_t quiet_slice(const struct sleep *sleep, int64_t now_ns)
{
	int64_t waited_ns = now_ns - sleep->started_ns;
	int64_t shortest_ns = wants_more(sleep) ? WAIT_SLICE_NO_BARRIER_NS : WAIT_SLICE_NS;

	if (waited_ns < shortest_ns)
		return shortest_ns;
	return min_ns(waited_ns, WAIT_SLICE_MAX_NS);
}

static int64_t slice(struct sleep *sleep, int64_t now_ns)
{
	int64_t slice_ns = quiet_slice(sleep, now_ns);

	if (sleep->n && !futex_has_waitv())
		slice_ns = min_ns(slice_ns, sleep->control.word ? WAIT_SLICE_NO_BARRIER_NS
								: WAIT_SLICE_ONE_WORD_NS);
	if (sleep->unsure)
		slice_ns = min_ns(slice_ns, WAIT_SLICE_NO_BARRIER_NS);
	if (any_wakes_by(sleep, RING_WAKE_NEVER)) {
		sleep->nap_ns = sleep->nap_ns ? min_ns(2 * sleep->nap_ns, WAIT_NAP_MAX_NS)
					      : WAIT_NAP_MIN_NS;
		slice_ns = min_ns(slice_ns, sleep->nap_ns);
	}
	return slice_ns;
}

static int64_t wake_time(struct sleep *sleep)
{
	int64_t now_ns = clock_monotonic_ns();
	int64_t slice_ns = slice(sleep, now_ns);

	if (sleep->deadline_ns - now_ns < slice_ns || futex_pretends(FUTEX_PRETEND_NO_SLICES))
		return sleep->deadline_ns;
	return now_ns + slice_ns;
}

/* ---- the futex ---- */

static struct futex_word peer_word(const struct shmq_hot *hot)
{
	if (hot->role == SHMQ_ROLE_PRODUCER)
		return (struct futex_word){ ring_low_word(&hot->peer_page->position),
					    (uint32_t)hot->peer_position };
	return (struct futex_word){ ring_lap_word(hot, hot->position),
				    ring_lap_empty(hot, hot->position) };
}

/* The control word, all peers' words and, behind them, all bumps: where only one word can be slept
 * on, it is the first. */
static size_t words_fill(const struct sleep *sleep, const uint32_t *bumps, struct futex_word *words)
{
	size_t n_words = 0;

	if (sleep->control.word)
		words[n_words++] = sleep->control;
	for (size_t i = 0; i < sleep->n; i++)
		words[n_words++] = peer_word(sleep->hots[i]);
	for (size_t i = 0; i < sleep->n; i++)
		words[n_words++] = (struct futex_word){ sleep->hots[i]->board_bump, bumps[i] };
	return n_words;
}

/* The memory of a ring is gone: somebody has shrunk its file. If it can't be told which one, none
 * can be slept on. */
static void poison_faulty(const struct sleep *sleep)
{
	bool found = false;

	sleep_withdraw(sleep); /* the last thing that is done there */
	for (size_t i = 0; i < sleep->n; i++) {
		if (futex_wake_all(peer_word(sleep->hots[i]).word) == -EFAULT) {
			ring_poison(sleep->hots[i]);
			found = true;
		}
	}
	for (size_t i = 0; i < sleep->n && !found; i++)
		ring_poison(sleep->hots[i]);
}

int sleep_until_woken(struct sleep *sleep, size_t *ret_index)
{
	struct futex_word words[FUTEX_WORDS_MAX];
	uint32_t bumps[RING_WAIT_ANY_MAX];
	size_t n_words;
	int r;

	fence_tickets(sleep);
	for (size_t i = 0; i < sleep->n; i++)
		/* [B5] acquire: the bump before state and role: one bumped later wakes us */
		bumps[i] = sleep->hots[i]->error ? 0
						 : __atomic_load_n(sleep->hots[i]->board_bump,
								   __ATOMIC_ACQUIRE);
	if (sleep_has_news(sleep, ret_index))
		return 0;
	if (deadline_left_ns(sleep->deadline_ns) == 0)
		return -ETIMEDOUT;
	if (!sleep->control.word) /* else it is counted by whoever is watched for */
		for (size_t i = 0; i < sleep->n; i++)
			ring_count(&sleep->hots[i]->own_page->n_sleeps);
	n_words = words_fill(sleep, bumps, words);
	if (sleep->n) /* a poller's thread may watch for none */
		PROBE(shmq, sleep, sleep->hots[0], sleep->hots[0]->role, sleep->hots[0]->position,
		      sleep->n);
	r = futex_wait_any(words, n_words, wake_time(sleep));
	if (sleep->n)
		PROBE(shmq, awake, sleep->hots[0], -r);
	if (r == -EFAULT)
		poison_faulty(sleep);
	return -EAGAIN;
}
