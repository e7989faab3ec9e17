/* SPDX-License-Identifier: MIT */
/*
 * listener.h - accepting clients, also when descriptors run out
 *
 * At EMFILE a listening socket stays readable for ever, and a client in its backlog waits for ever.
 * So one descriptor is kept in reserve: it is given up to accept and refuse, with a sentence, then
 * taken again; and the listener pauses, to leave the rest of the loop in peace.
 */
#pragma once

#include <stdbool.h>

#include <event2/event.h>

struct shell;

struct listener {
	struct shell *shell;
	int fd;			/* the instance's */
	int reserve_fd;		/* -1: given up, none to be had */
	struct event *acceptable;
	struct event *resume;
	bool has_told;		/* of this shortage */
};

#define LISTENER_INIT { .fd = -1, .reserve_fd = -1 }

/* Return: 0, -errno. */
int listener_init(struct listener *listener, struct shell *shell, int fd);
void listener_deinit(struct listener *listener);
