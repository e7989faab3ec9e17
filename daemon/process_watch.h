/* SPDX-License-Identifier: MIT */
/*
 * process_watch.h - the processes that hold something: their pidfds in the loop
 *
 * The kernel makes a pidfd readable when the last thread of its process has ended. That, and nothing
 * else, is a death.
 */
#pragma once

#include <stdint.h>

#include <event2/event.h>

#include "daemon/core/core.h"
#include "daemon/pidfd.h"

struct shell;
struct process_watch;

struct process_watches {
	struct shell *shell;
	struct process_watch *by_id;
	struct event *retry;		/* for what lacked a descriptor or memory */
	uint32_t own_pidns;
};

int process_watches_init(struct process_watches *watches, struct shell *shell);
void process_watches_deinit(struct process_watches *watches); /* zeroed memory is fine */

/* Report the end of @pidfd's process as that of @process_id. Takes a reference. */
void process_watch_start(struct process_watches *watches, uint32_t process_id, struct pidfd *pidfd);
/* Find out whether a process still lives, tell the core, and watch it if it does. */
void process_watch_verify(struct process_watches *watches, uint32_t process_id,
			  const struct process_identity *identity);
/* Nobody asks about it any more; an unknown id is fine. */
void process_watch_forget(struct process_watches *watches, uint32_t process_id);
