/* SPDX-License-Identifier: MIT */
/*
 * wait.c - calls that wait: spin, then sleep; see wait.h, and sleep.h for the sleeping
 */
#include "shm/wait.h"

#include <errno.h>

#include "base/clock.h"
#include "shm/ring_internal.h"
#include "shm/sleep.h"

#define POLLS_PER_CLOCK 64u

/* What a spin that ended in a sleep counts against one that found something, when to give it up,
 * and how often to try it then. */
#define SPIN_MISS	2u
#define SPIN_MISSES_MAX 8u
#define SPIN_TRY_EVERY	64u

/* One call that waits, from its first failure on. */
struct waiting {
	struct sleep sleep;
	int64_t spin_ns;
	int64_t timeout_ns;
};

/* ---- spinning ---- */

/*
 * Does it pay to spin? Not for who gets a message now and then, nor where the peer can't run while
 * this end spins, because there are more busy processes than CPUs: there each spin delays him.
 * Which of both it is need not be known. A few misses in a row stop it; every so often it is tried
 * again.
 */
static bool spin_pays(struct shmq_hot *hot)
{
	if (hot->spin_misses < SPIN_MISSES_MAX)
		return true;
	if (++hot->spin_skips < SPIN_TRY_EVERY)
		return false;
	hot->spin_skips = 0;
	return true;
}

static void spin_learn(struct shmq_hot *hot, bool found)
{
	if (found && hot->spin_misses > 0)
		hot->spin_misses--;
	if (!found && hot->spin_misses < SPIN_MISSES_MAX)
		hot->spin_misses += SPIN_MISS;
	if (hot->spin_misses > SPIN_MISSES_MAX)
		hot->spin_misses = SPIN_MISSES_MAX;
}

/* Exactly one pause per poll: none or two make a round trip 40-50 ns longer. */
static bool polls(const struct sleep *sleep, size_t *ret_index)
{
	for (unsigned i = 0; i < POLLS_PER_CLOCK; i++) {
		shmq_pause();
		if (sleep_peers_moved(sleep, ret_index))
			return true;
	}
	return false;
}

static void clock_start(struct waiting *waiting)
{
	struct sleep *sleep = &waiting->sleep;

	if (sleep->started_ns)
		return;
	sleep->started_ns = clock_monotonic_ns();
	sleep->deadline_ns = deadline_after_ns(waiting->timeout_ns);
	for (size_t i = 0; i < sleep->n; i++) {
		if (sleep->hots[i]->error)
			continue;
		ring_count(&sleep->hots[i]->own_page->n_dry);
		ring_note_visit(sleep->hots[i]);
	}
}

static bool spin_for(struct waiting *waiting, int64_t spin_ns, size_t *ret_index)
{
	const struct sleep *sleep = &waiting->sleep;
	int64_t now_ns;

	/* what comes at once is not delayed by the clock */
	if (polls(sleep, ret_index))
		return true;
	clock_start(waiting);
	do {
		if (polls(sleep, ret_index))
			return true;
		now_ns = clock_monotonic_ns();
	} while (now_ns - sleep->started_ns < spin_ns && now_ns < sleep->deadline_ns);
	return false;
}

static bool spin(struct waiting *waiting, size_t *ret_index)
{
	struct shmq_hot *hot = waiting->sleep.hots[0];
	bool found;

	if (waiting->spin_ns == 0 || !cpus_allow_spinning())
		return false;
	if (waiting->spin_ns > 0)
		return spin_for(waiting, waiting->spin_ns, ret_index);
	if (!spin_pays(hot))
		return false;
	found = spin_for(waiting, WAIT_SPIN_NS, ret_index);
	spin_learn(hot, found);
	return found;
}

/* ---- sleeping ---- */

/* Return: 0: one of them has something to say; -EAGAIN: timeout_ns was 0; -ETIMEDOUT. */
static int wait_for_news(struct waiting *waiting, size_t *ret_index)
{
	int r;

	if (waiting->timeout_ns == 0)
		return -EAGAIN;
	if (spin(waiting, ret_index))
		return 0;
	clock_start(waiting);
	do {
		sleep_announce(&waiting->sleep);
		r = sleep_until_woken(&waiting->sleep, ret_index);
	} while (r == -EAGAIN);
	/* not before: who saw it withdrawn and announced again would wake for it a second time */
	sleep_withdraw(&waiting->sleep);
	return r;
}

static struct waiting waiting_for(struct shmq_hot *const *hots, size_t n, uint64_t n_slots,
				  int64_t spin_ns, int64_t timeout_ns)
{
	return (struct waiting){
		.sleep = { .hots = hots, .n = n, .n_slots = n_slots },
		.spin_ns = spin_ns,
		.timeout_ns = timeout_ns,
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
		if (len > hot->size_max_bytes)
			return -EMSGSIZE; /* no room would ever do */
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
	if (sleep_has_news(&waiting.sleep, ret_index))
		return 0;
	return wait_for_news(&waiting, ret_index);
}
