/* SPDX-License-Identifier: MIT */
/*
 * poller.c - the thread that sleeps for others; see poller.h
 *
 * The thread goes round: under its mutex it copies what is armed and stores the tickets; without it,
 * it fences, looks, and sleeps on all words at once; under it again it signals those that have news.
 * A control word ends its sleep when something was armed or taken away. The copies' memory stays
 * mapped until the round is over: who takes a pollable away waits for that.
 */
#include "client/poller.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

struct poller {
	struct poller *next;
	pthread_t thread;
	pthread_mutex_t mutex;	 /* all below */
	pthread_cond_t went_round;
	uint32_t control; /* futex: changed and woken when the thread shall look again */
	bool stopping;
	bool in_round; /* the thread may touch what was armed when the round began */
	uint64_t n_rounds;
	uint64_t n_armings; /* ever; names each arming */
	int64_t quiet_since_ns;
	size_t n;
	struct pollable *places[POLLER_PLACES];
};

/* What the thread sleeps for at a time. */
struct round {
	struct sleep sleep;
	struct shmq_hot copies[POLLER_PLACES];
	struct shmq_hot *hots[POLLER_PLACES];
	size_t places[POLLER_PLACES];
	uint64_t armings[POLLER_PLACES];
};

static uint64_t arming_load(const struct pollable *pollable)
{
	/* [W1] relaxed: its owner looks whether anything changed; all else is under the mutex */
	return __atomic_load_n(&pollable->arming, __ATOMIC_RELAXED);
}

static void arming_store(struct pollable *pollable, uint64_t arming)
{
	/* [W2] relaxed: as above; pairs with [W1] */
	__atomic_store_n(&pollable->arming, arming, __ATOMIC_RELAXED);
}

/* ---- the thread ---- */

static void round_begin(struct poller *poller, struct round *round)
{
	struct sleep *sleep = &round->sleep;

	poller->in_round = true;
	sleep->n = 0;
	for (size_t place = 0; place < POLLER_PLACES; place++) {
		const struct pollable *pollable = poller->places[place];

		if (!pollable || !pollable->arming)
			continue;
		round->copies[sleep->n] = pollable->copy;
		round->hots[sleep->n] = &round->copies[sleep->n];
		round->places[sleep->n] = place;
		round->armings[sleep->n] = pollable->arming;
		sleep->n++;
	}
	if (sleep->started_ns != poller->quiet_since_ns)
		sleep->nap_ns = 0;
	sleep->started_ns = poller->quiet_since_ns;
	sleep->control.expected = poller->control;
	sleep_announce(sleep);
}

/* It is to be looked at: by news, by its owner's wish. The mutex is held. */
static void signal_owner(struct pollable *pollable)
{
	struct shmq_hot *const hot = &pollable->copy;

	sleep_withdraw(&(struct sleep){ .hots = &hot, .n = 1 });
	arming_store(pollable, 0);
	/* it can't block: the count was 0. It fails if the program closed what is not its own */
	eventfd_write(pollable->fd, 1);
}

static void round_end(struct poller *poller, struct round *round)
{
	for (size_t i = 0; i < round->sleep.n; i++) {
		struct pollable *pollable = poller->places[round->places[i]];
		const struct sleep one = { .hots = &round->hots[i], .n = 1, .n_slots = 1 };
		size_t index;

		/* armed again, or taken away: then its memory may be gone */
		if (!pollable || pollable->arming != round->armings[i])
			continue;
		if (sleep_has_news(&one, &index)) {
			signal_owner(pollable);
			poller->quiet_since_ns = clock_monotonic_ns();
		}
	}
	poller->in_round = false;
	poller->n_rounds++;
	pthread_cond_broadcast(&poller->went_round);
}

static void *poller_run(void *arg)
{
	struct poller *poller = arg;
	struct round *round = &(struct round){
		.sleep = {
			.n_slots = 1,
			.deadline_ns = DEADLINE_NEVER,
			.control.word = &poller->control,
		},
	};
	size_t index;

	round->sleep.hots = round->hots;
	pthread_mutex_lock(&poller->mutex);
	while (!poller->stopping) {
		round_begin(poller, round);
		pthread_mutex_unlock(&poller->mutex);
		sleep_until_woken(&round->sleep, &index);
		pthread_mutex_lock(&poller->mutex);
		round_end(poller, round);
	}
	pthread_mutex_unlock(&poller->mutex);
	return NULL;
}

/* The thread shall look again. The mutex is held. */
static void control_bump(struct poller *poller)
{
	/* [W3] relaxed: the futex compares it, and under the mutex nothing overtakes it */
	__atomic_store_n(&poller->control, poller->control + 1, __ATOMIC_RELAXED);
}

/* No signal is for this thread, but for those that it causes itself: blocked, they kill whatever the
 * program has installed for them, as for memory that somebody has cut off. */
static int thread_start(struct poller *poller)
{
	static const int own[] = { SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	sigset_t others, before;
	int r;

	sigfillset(&others);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	r = pthread_create(&poller->thread, NULL, poller_run, poller);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		pthread_setname_np(poller->thread, "shmq-poller");
	return r == EAGAIN ? -ENOMEM : -r;
}

static int poller_new(struct poller **ret_poller)
{
	struct poller *poller = calloc(1, sizeof(*poller));
	int r;

	if (!poller)
		return -ENOMEM;
	pthread_mutex_init(&poller->mutex, NULL);
	pthread_cond_init(&poller->went_round, NULL);
	r = thread_start(poller);
	if (r < 0) {
		free(poller);
		return r;
	}
	*ret_poller = poller;
	return 0;
}

struct poller *pollers_free(struct poller *pollers, bool in_child)
{
	while (pollers) {
		struct poller *poller = pollers;

		pollers = poller->next;
		if (!in_child) {
			pthread_mutex_lock(&poller->mutex);
			poller->stopping = true;
			control_bump(poller);
			pthread_mutex_unlock(&poller->mutex);
			futex_wake_all(&poller->control);
			pthread_join(poller->thread, NULL);
			pthread_cond_destroy(&poller->went_round);
			pthread_mutex_destroy(&poller->mutex);
		}
		free(poller);
	}
	return NULL;
}

/* ---- pollables ---- */

/* Return: false: no place is free. */
static bool place_take(struct poller *poller, struct pollable *pollable)
{
	bool taken = false;

	pthread_mutex_lock(&poller->mutex);
	for (size_t place = 0; place < POLLER_PLACES && !taken; place++) {
		if (poller->places[place])
			continue;
		poller->places[place] = pollable;
		pollable->poller = poller;
		pollable->place = place;
		taken = true;
	}
	pthread_mutex_unlock(&poller->mutex);
	return taken;
}

static int place_find(struct poller **pollers, struct pollable *pollable)
{
	struct poller *fresh;
	int r;

	for (struct poller *poller = *pollers; poller; poller = poller->next)
		if (place_take(poller, pollable))
			return 0;
	r = poller_new(&fresh);
	if (r < 0)
		return r;
	fresh->next = *pollers;
	*pollers = fresh;
	place_take(fresh, pollable);
	return 0;
}

int pollable_new(struct poller **pollers, struct pollable **ret_pollable)
{
	_cleanup_(pollable_freep) struct pollable *pollable = calloc(1, sizeof(*pollable));
	int r;

	if (!pollable)
		return -ENOMEM;
	/* readable: nobody has looked yet */
	pollable->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pollable->fd < 0)
		return -errno;
	r = place_find(pollers, pollable);
	if (r < 0)
		return r;
	*ret_pollable = TAKE_PTR(pollable);
	return 0;
}

static void place_leave(struct pollable *pollable)
{
	struct poller *poller = pollable->poller;
	uint64_t round;

	pthread_mutex_lock(&poller->mutex);
	if (pollable->arming)
		signal_owner(pollable);
	poller->places[pollable->place] = NULL;
	control_bump(poller);
	futex_wake_all(&poller->control);
	round = poller->n_rounds;
	/* a thread that is only being started has nothing in its hands yet, and will not find this */
	while (poller->in_round && poller->n_rounds == round)
		pthread_cond_wait(&poller->went_round, &poller->mutex);
	pthread_mutex_unlock(&poller->mutex);
}

struct pollable *pollable_free(struct pollable *pollable)
{
	if (!pollable)
		return NULL;
	if (pollable->poller)
		place_leave(pollable);
	if (pollable->fd >= 0)
		close(pollable->fd);
	free(pollable);
	return NULL;
}

void pollable_arm(struct pollable *pollable, struct shmq_hot *hot)
{
	struct poller *poller = pollable->poller;
	eventfd_t count;

	if (arming_load(pollable) && pollable->position == hot->position)
		return;
	pthread_mutex_lock(&poller->mutex);
	sleep_count(hot);
	if (!pollable->arming)
		eventfd_read(pollable->fd, &count);
	pollable->copy = *hot;
	pollable->position = hot->position;
	arming_store(pollable, ++poller->n_armings);
	poller->quiet_since_ns = clock_monotonic_ns();
	control_bump(poller);
	pthread_mutex_unlock(&poller->mutex);
	futex_wake_all(&poller->control);
}

void pollable_disarm(struct pollable *pollable)
{
	if (!arming_load(pollable))
		return;
	pthread_mutex_lock(&pollable->poller->mutex);
	if (pollable->arming)
		signal_owner(pollable);
	pthread_mutex_unlock(&pollable->poller->mutex);
}

void pollable_disown(struct pollable *pollable)
{
	pollable->poller = NULL;
}
