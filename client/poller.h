/* SPDX-License-Identifier: MIT */
/*
 * poller.h - a thread that sleeps for handles, and makes their descriptors readable
 *
 * A pollable's descriptor is an eventfd of this process. It is readable unless the pollable is armed;
 * while it is armed, the poller's thread sleeps for it like a blocking call would: for the peer and
 * for the board. Any news, once, makes it readable again, and the pollable is armed no more.
 *
 * A client has as many pollers as it has full sets of POLLER_PLACES pollables, and no thread before
 * the first one. The thread blocks all signals but those that it could cause. Nothing of this is in shared memory.
 *
 * Who owns what: a pollable belongs to its handle's thread; what is marked "mutex" to the poller's
 * mutex. While it is armed, the handle's ticket is the poller's too. The list of pollers is under
 * the client's mutex.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <shmq/hot.h>

#include "base/cleanup.h"
#include "shm/sleep.h"

#define POLLER_PLACES SLEEP_WATCHED_MAX /* what one futex_waitv(2) takes, and the control word */

struct poller;

struct pollable {
	struct poller *poller; /* NULL in a forked child: there the thread does not exist */
	size_t place;
	int fd;
	uint64_t position;    /* where it was armed last */
	uint64_t arming;      /* mutex, and atomic for looks without it; 0: not armed */
	struct shmq_hot copy; /* mutex: the handle's hot part as it was then */
};

/* A pollable that is readable, at a free place of one of @pollers (a new one is put in front).
 * Return: 0; -errno of eventfd(2) or pthread_create(3). */
int pollable_new(struct poller **pollers, struct pollable **ret_pollable);
/* Out of its poller, whose thread touches the handle's memory no more; closes the descriptor. */
struct pollable *pollable_free(struct pollable *pollable);
DEFINE_CLEANUP(struct pollable *, pollable_free);

/* @hot has nothing to give: make the descriptor unreadable until that changes. No system call if it
 * is so already. */
void pollable_arm(struct pollable *pollable, struct shmq_hot *hot);
/* Make it readable: who can't tell whether there is something must look. */
void pollable_disarm(struct pollable *pollable);

/* In a forked child, before anything else. */
void pollable_disown(struct pollable *pollable);
/* End all threads; their pollables are gone already. In a forked child there are none.
 * Return: NULL. */
struct poller *pollers_free(struct poller *pollers, bool in_child);
