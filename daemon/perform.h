/* SPDX-License-Identifier: MIT */
/*
 * perform.h - doing what the core decided
 */
#pragma once

#include <event2/event.h>

struct shell;

/* Do all that waits, in order, until the core wants nothing more. Chunks go to the slow queue. */
void perform_all(struct shell *shell);

/* A turn's worth of that queue; a callback of the loop. */
void perform_slow(evutil_socket_t fd, short what, void *shell);
