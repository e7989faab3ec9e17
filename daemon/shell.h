/* SPDX-License-Identifier: MIT */
/*
 * shell.h - the thin shell around the core: what libevent reports becomes events, actions are done
 *
 * Who owns what:
 *
 *   shell ── instance           lock, listening socket
 *         ├─ dir, registry      /dev/shm, registry and board
 *         ├─ core, actions      decisions, and the queue of what follows from them
 *         ├─ segments           descriptors of rings
 *         ├─ slow               actions that are done one per turn of the loop
 *         ├─ timers             one per ring that has a deadline
 *         ├─ processes          pidfds in the loop
 *         ├─ sessions           clients' sockets
 *         ├─ listener           accepts them
 *         ├─ watch              inotify on /dev/shm
 *         ├─ declare            makes the rings that the configuration declares
 *         ├─ metrics            HTTP for who scrapes, if asked for
 *         └─ systemd            readiness, status, watchdog
 *
 * One thread. A callback of libevent fills in an event, calls shell_step() and ends with
 * shell_settle(), which performs until nothing is left to do. Nothing performs in between, so no
 * function here is ever called from inside itself.
 */
#pragma once

#include <event2/event.h>

#include "daemon/declare.h"
#include "daemon/session.h"
#include "daemon/instance.h"
#include "daemon/listener.h"
#include "daemon/options.h"
#include "daemon/process_watch.h"
#include "daemon/registry_file.h"
#include "daemon/ring_timers.h"
#include "daemon/segment.h"
#include "daemon/shm_dir.h"
#include "daemon/slow_queue.h"
#include "daemon/watch_shm.h"

struct metrics_server;
struct systemd;

struct shell {
	const struct options *options;
	struct instance instance;
	struct shm_dir dir;
	struct registry_file registry;
	struct event_base *base;
	struct core *core;
	struct core_actions *actions;
	struct segment_files segments;
	struct slow_queue slow;
	struct ring_timers timers;
	struct process_watches processes;
	struct sessions sessions;
	struct listener listener;
	struct watch_shm watch;
	struct event *signals[3];
	struct metrics_server *metrics;	/* NULL: not asked for */
	const char *metrics_address;	/* where we made its socket; NULL: nowhere */
	int metrics_fd;			/* handed over for it, until it is made; -1: none */
	int64_t turn_began_ns, turn_max_ns;	/* 0: no turn has begun; the longest of all */
	struct systemd *systemd;	/* NULL: nobody to tell */
	struct declare declare;
	int argc;			/* the command line, to be read again with the configuration */
	char **argv;
	struct options fresh;		/* what was read last; all zero: nothing since the start */
	bool is_reloading, reload_again;
	bool is_ending;			/* a signal says so */
	void (*perform)(struct shell *shell); /* all that waits: shell_settle() */
};

/* Serve until SIGTERM or SIGINT. @argc, @argv: where @options come from. Return: 0 after an orderly end; -errno: it could not start (logged). */
int shell_run(const struct options *options, int argc, char **argv);

/* ---- turn.c ---- */

/* Tell the core. Fills in time and random bytes; what follows waits for shell_settle(). */
void shell_step(struct shell *shell, struct core_event *event);
/* Perform all that waits. The last thing that a callback does. */
void shell_settle(struct shell *shell);
