/* SPDX-License-Identifier: MIT */
/*
 * watch_shm.h - noticing that somebody else removes or replaces a segment
 *
 * inotify(7) on /dev/shm tells of every name that goes; when it has lost some, or can't be had, the
 * living rings are looked at one by one, a few per turn of the loop, at most once in ten seconds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

struct shell;

struct watch_shm {
	struct shell *shell;
	int fd;				/* inotify; -1: none to be had */
	struct event *readable;
	struct event *rescan;		/* the next slice, or the next rescan */
	bool is_rescanning;
	bool again;			/* asked for while one goes on */
	uint32_t next_ring;
	int64_t last_ns;		/* when the last rescan began; 0: never */
};

#define WATCH_SHM_INIT { .fd = -1 }

/* Before /dev/shm is scanned, so that nothing is missed between. Return: 0, -errno. */
int watch_shm_init(struct watch_shm *watch, struct shell *shell);
/* Once the core knows its rings. Return: 0, -ENOMEM. */
int watch_shm_start(struct watch_shm *watch);
void watch_shm_deinit(struct watch_shm *watch);
