/* SPDX-License-Identifier: MIT */
/*
 * sleep.h - sleeping for news of several ends at once, without ever missing the wake-up
 *
 * Who sleeps is the end's owner (wait.c) or a thread that watches for him, with a copy of the
 * handle that nobody else touches. Either way, one at a time has an end's ticket in his hands.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <shmq/hot.h>

#include "shm/futex.h"

/* Zero, then what matters. */
struct sleep {
	struct shmq_hot *const *hots;
	size_t n;		   /* with a control word at most SLEEP_WATCHED_MAX */
	uint64_t n_slots;	   /* a producer asks for; consumers 1 */
	int64_t started_ns;	   /* since then there is no news */
	int64_t deadline_ns;	   /* may be DEADLINE_NEVER */
	int64_t nap_ns;		   /* with wake=never: the last one; 0: none yet */
	struct futex_word control; /* ends the sleep too; .word NULL: there is none */
	bool is_long;		   /* as of the last sleep_announce() */
	bool announced;		   /* a ticket was stored, and no fence has come behind it */
	bool unsure;		   /* a fence failed: wake-ups may get lost */
};

#define SLEEP_WATCHED_MAX (FUTEX_WORDS_MAX / 2 - 1)

/* Has one of them something to say: a message, room, what the board tells, an error? Nothing is
 * taken or told yet. sleep_peers_moved() does not look at the board. @ret_index: the first. */
bool sleep_peers_moved(const struct sleep *sleep, size_t *ret_index);
bool sleep_has_news(const struct sleep *sleep, size_t *ret_index);

/* Count one sleep of @hot: by who is watched for, before it begins. */
void sleep_count(struct shmq_hot *hot);

/* Store the tickets; take them back. */
void sleep_announce(struct sleep *sleep);
void sleep_withdraw(const struct sleep *sleep);

/*
 * sleep_until_woken() - fence, look, sleep; between sleep_announce() and sleep_withdraw()
 * Return: 0: news of hots[*ret_index]; -EAGAIN: slept or was woken, look again; -ETIMEDOUT.
 */
int sleep_until_woken(struct sleep *sleep, size_t *ret_index);
