/* SPDX-License-Identifier: MIT */
/*
 * wait.c - spin, then sleep, without ever missing the wake-up; see wait.h
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
 */
#include "shm/wait.h"

#include <errno.h>

#include "base/clock.h"
#include "shm/futex.h"
#include "shm/ring_internal.h"

#define POLLS_PER_CLOCK 64u

/* One call that waits, from its first failure on. */
struct waiting {
	struct shmq_hot *const *hots;
	size_t n;
	uint64_t n_slots; /* a producer asks for; consumers 1 */
	int64_t spin_ns;
	int64_t timeout_ns;
	int64_t started_ns; /* 0: the clock was not read yet */
	int64_t deadline_ns;
	int64_t nap_ns; /* with wake=never: the next one */
};

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

static bool any_peer_has_moved(const struct waiting *waiting, size_t *ret_index)
{
	for (size_t i = 0; i < waiting->n; i++) {
		if (peer_has_moved(waiting->hots[i], waiting->n_slots)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* The same, and what the board has to tell; nothing is taken or told yet. */
static bool any_news(const struct waiting *waiting, size_t *ret_index)
{
	for (size_t i = 0; i < waiting->n; i++) {
		struct shmq_hot *hot = waiting->hots[i];
		uint64_t role;

		if (hot->error || ring_board_says(hot, &role) < 0 ||
		    peer_has_moved(hot, waiting->n_slots)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* ---- spinning ---- */

/* Exactly one pause per poll: none or two make a round trip 40-50 ns longer. */
static bool polls(const struct waiting *waiting, size_t *ret_index)
{
	for (unsigned i = 0; i < POLLS_PER_CLOCK; i++) {
		shmq_pause();
		if (any_peer_has_moved(waiting, ret_index))
			return true;
	}
	return false;
}

static void clock_start(struct waiting *waiting)
{
	if (waiting->started_ns)
		return;
	waiting->started_ns = clock_monotonic_ns();
	waiting->deadline_ns = deadline_after_ns(waiting->timeout_ns);
	for (size_t i = 0; i < waiting->n; i++) {
		if (waiting->hots[i]->error)
			continue;
		ring_count(&waiting->hots[i]->own_page->n_dry);
		ring_note_visit(waiting->hots[i]);
	}
}

static bool spin(struct waiting *waiting, size_t *ret_index)
{
	int64_t now_ns;

	if (waiting->spin_ns <= 0 || !cpus_allow_spinning())
		return false;
	/* what comes at once is not delayed by the clock */
	if (polls(waiting, ret_index))
		return true;
	clock_start(waiting);
	do {
		if (polls(waiting, ret_index))
			return true;
		now_ns = clock_monotonic_ns();
	} while (now_ns - waiting->started_ns < waiting->spin_ns && now_ns < waiting->deadline_ns);
	return false;
}

/* ---- sleeping ---- */

static uint64_t slots_wanted(const struct shmq_hot *hot, uint64_t n_slots)
{
	/* a full ring shall not wake for each message */
	return n_slots > ring_batch_max(hot) ? n_slots : ring_batch_max(hot);
}

/* The position this end waits for, + 1. 0, which means none, comes up once in 2^64 messages. */
static uint64_t ticket_for(const struct shmq_hot *hot, uint64_t n_slots)
{
	if (hot->role == SHMQ_ROLE_CONSUMER)
		return hot->position + 1;
	return hot->position - ring_slots(hot) + slots_wanted(hot, n_slots);
}

static void ticket_store(struct shmq_hot *hot, uint64_t ticket)
{
	/* [S1] relaxed: the fence in arm() orders it before what follows; pairs with [P3], [C3] */
	__atomic_store_n(&hot->own_page->ticket, ticket, __ATOMIC_RELAXED);
}

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

/* Tickets, fences. Return: how long a sleep may last at most. */
static int64_t arm(struct waiting *waiting)
{
	int64_t slice_ns = futex_has_waitv() ? WAIT_SLICE_NS : WAIT_SLICE_ONE_WORD_NS;
	bool membarrier = false, unsure = false, nap = false;

	for (size_t i = 0; i < waiting->n; i++) {
		struct shmq_hot *hot = waiting->hots[i];

		if (hot->error)
			continue;
		membarrier |= hot->wake == RING_WAKE_MEMBARRIER;
		nap |= hot->wake == RING_WAKE_NEVER;
		unsure |= ticket_for(hot, waiting->n_slots) == 0;
		ticket_store(hot, ticket_for(hot, waiting->n_slots));
	}
	fence();
	/* [S3] the wakers' side of the fence: they have only a compiler barrier */
	if (membarrier && membarrier_all() < 0)
		unsure = true;
	if (unsure)
		slice_ns = WAIT_SLICE_NO_BARRIER_NS;
	if (nap && waiting->nap_ns < slice_ns) {
		slice_ns = waiting->nap_ns;
		if (waiting->nap_ns < WAIT_NAP_MAX_NS)
			waiting->nap_ns *= 2;
	}
	return slice_ns;
}

static void disarm(const struct waiting *waiting)
{
	for (size_t i = 0; i < waiting->n; i++)
		if (!waiting->hots[i]->error)
			ticket_store(waiting->hots[i], 0);
}

static struct futex_word peer_word(const struct shmq_hot *hot)
{
	if (hot->role == SHMQ_ROLE_PRODUCER)
		return (struct futex_word){ ring_low_word(&hot->peer_page->position),
					    (uint32_t)hot->peer_position };
	return (struct futex_word){ ring_lap_word(hot, hot->position),
				    ring_lap_empty(hot, hot->position) };
}

/* All peers' words and, behind them, all bumps. */
static size_t words_fill(const struct waiting *waiting, const uint32_t *bumps,
			 struct futex_word *words)
{
	for (size_t i = 0; i < waiting->n; i++) {
		words[i] = peer_word(waiting->hots[i]);
		words[waiting->n + i] =
			(struct futex_word){ waiting->hots[i]->board_bump, bumps[i] };
	}
	return 2 * waiting->n;
}

/* The memory of a ring is gone: somebody has shrunk its file. If it can't be told which one, none
 * can be slept on. */
static void poison_faulty(const struct waiting *waiting)
{
	bool found = false;

	for (size_t i = 0; i < waiting->n; i++) {
		if (futex_wake_all(peer_word(waiting->hots[i]).word) == -EFAULT) {
			ring_poison(waiting->hots[i]);
			found = true;
		}
	}
	for (size_t i = 0; i < waiting->n && !found; i++)
		ring_poison(waiting->hots[i]);
}

/* A producer that waits for more than it was asked for must not sleep for ever beside what it asked
 * for: it looks again after as long as it has waited. */
static int64_t slice_limit(const struct waiting *waiting, int64_t now_ns)
{
	const struct shmq_hot *hot = waiting->hots[0];
	int64_t waited_ns = now_ns - waiting->started_ns;

	if (hot->role != SHMQ_ROLE_PRODUCER ||
	    slots_wanted(hot, waiting->n_slots) == waiting->n_slots)
		return WAIT_SLICE_NS;
	return waited_ns > WAIT_SLICE_NO_BARRIER_NS ? waited_ns : WAIT_SLICE_NO_BARRIER_NS;
}

static int64_t wake_time(const struct waiting *waiting, int64_t slice_ns)
{
	int64_t now_ns = clock_monotonic_ns();
	int64_t limit_ns = slice_limit(waiting, now_ns);

	if (slice_ns > limit_ns)
		slice_ns = limit_ns;
	if (waiting->deadline_ns - now_ns < slice_ns || futex_pretends(FUTEX_PRETEND_NO_SLICES))
		return waiting->deadline_ns;
	return now_ns + slice_ns;
}

/* Return: 0 news; -EAGAIN: slept or was woken, look again; -ETIMEDOUT. */
static int sleep_once(struct waiting *waiting, size_t *ret_index)
{
	struct futex_word words[FUTEX_WORDS_MAX];
	uint32_t bumps[RING_WAIT_ANY_MAX];
	int64_t slice_ns = arm(waiting);
	int r;

	for (size_t i = 0; i < waiting->n; i++)
		/* [B5] acquire: the bump before state and role: one bumped later wakes us */
		bumps[i] = waiting->hots[i]->error ? 0
						   : __atomic_load_n(waiting->hots[i]->board_bump,
								     __ATOMIC_ACQUIRE);
	if (any_news(waiting, ret_index)) {
		disarm(waiting);
		return 0;
	}
	if (deadline_left_ns(waiting->deadline_ns) == 0) {
		disarm(waiting);
		return -ETIMEDOUT;
	}
	for (size_t i = 0; i < waiting->n; i++)
		ring_count(&waiting->hots[i]->own_page->n_sleeps);
	r = futex_wait_any(words, words_fill(waiting, bumps, words), wake_time(waiting, slice_ns));
	disarm(waiting);
	if (r == -EFAULT)
		poison_faulty(waiting);
	return -EAGAIN;
}

/* Return: 0: one of them has something to say; -EAGAIN: timeout_ns was 0; -ETIMEDOUT. */
static int wait_for_news(struct waiting *waiting, size_t *ret_index)
{
	int r;

	if (waiting->timeout_ns == 0)
		return -EAGAIN;
	if (spin(waiting, ret_index))
		return 0;
	clock_start(waiting);
	cpus_look_again();
	do {
		r = sleep_once(waiting, ret_index);
	} while (r == -EAGAIN);
	return r;
}

static struct waiting waiting_for(struct shmq_hot *const *hots, size_t n, uint64_t n_slots,
				  int64_t spin_ns, int64_t timeout_ns)
{
	return (struct waiting){
		.hots = hots,
		.n = n,
		.n_slots = n_slots,
		.spin_ns = spin_ns,
		.timeout_ns = timeout_ns,
		.nap_ns = WAIT_NAP_MIN_NS,
	};
}

/* ---- the calls ---- */

int ring_push(struct shmq_hot *hot, int64_t spin_ns, const void *msg, size_t len,
	      int64_t timeout_ns)
{
	struct waiting waiting = waiting_for(&hot, 1, 1, spin_ns, timeout_ns);
	size_t index;
	int r;

	while ((r = shmq_hot_try_push(hot, msg, len)) == -EAGAIN) {
		r = wait_for_news(&waiting, &index);
		if (r < 0)
			return r;
	}
	return r;
}

ssize_t ring_pop(struct shmq_hot *hot, int64_t spin_ns, void *buf, size_t cap, int64_t timeout_ns)
{
	struct waiting waiting = waiting_for(&hot, 1, 1, spin_ns, timeout_ns);
	size_t index;
	ssize_t len;

	while ((len = (ssize_t)shmq_hot_try_pop(hot, buf, cap)) == -EAGAIN) {
		int r = wait_for_news(&waiting, &index);

		if (r < 0)
			return r;
	}
	return len;
}

int ring_wait_room(struct shmq_hot *hot, uint64_t n_slots, int64_t spin_ns, int64_t timeout_ns)
{
	struct waiting waiting = waiting_for(&hot, 1, n_slots, spin_ns, timeout_ns);
	size_t index;
	int r;

	if (hot->error)
		return hot->error;
	if (n_slots == 0 || n_slots > ring_batch_max(hot))
		return -EINVAL;
	while ((r = shmq_hot_refill(hot, n_slots)) == -EAGAIN) {
		r = wait_for_news(&waiting, &index);
		if (r < 0)
			return r;
	}
	return r;
}

int ring_wait_message(struct shmq_hot *hot, int64_t spin_ns, int64_t timeout_ns)
{
	struct waiting waiting = waiting_for(&hot, 1, 1, spin_ns, timeout_ns);
	struct shmq_view view;
	size_t index;
	int r;

	while ((r = shmq_hot_peek(hot, &view)) == -EAGAIN) {
		r = wait_for_news(&waiting, &index);
		if (r < 0)
			return r;
	}
	return r;
}

int ring_wait_any(struct shmq_hot *const *hots, size_t n, int64_t spin_ns, int64_t timeout_ns,
		  size_t *ret_index)
{
	struct waiting waiting = waiting_for(hots, n, 1, spin_ns, timeout_ns);

	if (n == 0 || n > RING_WAIT_ANY_MAX)
		return -EINVAL;
	if (any_news(&waiting, ret_index))
		return 0;
	return wait_for_news(&waiting, ret_index);
}
