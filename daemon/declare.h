/* SPDX-License-Identifier: MIT */
/*
 * declare.h - making the rings that the configuration declares
 *
 * The daemon is a client of itself for it, through a pair of sockets: declared rings go the way of all
 * others, belong to the daemon's user, and count against his quota. One that exists already is left as
 * it is; that it differs is told.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "daemon/declared_ring.h"

struct shell;

/* All were tried, @n_failed in vain. */
typedef void declare_done_fn(struct shell *shell, unsigned n_failed);

struct declare {
	const struct declared_rings *rings; /* NULL: not at work */
	declare_done_fn *done;
	size_t next;
	unsigned n_failed;
	int fd;
	struct event *readable;
	uint64_t echo;
};

/* Begin to make @rings, which stay where they are meanwhile. @done is called from the loop. Return: 0; -EBUSY; -ENOMEM, -EMFILE, -errno. */
int declare_start(struct shell *shell, const struct declared_rings *rings, declare_done_fn *done);
bool declare_is_busy(const struct shell *shell);
void declare_deinit(struct shell *shell);
