/* SPDX-License-Identifier: MIT */
/*
 * fake.h - a shell and a kernel for the core, in memory: /dev/shm, processes, timers, a clock
 *
 * Actions are performed on the model, and what the system would say goes back into the core. What
 * the daemon's death leaves (registry, board, files, living processes) survives fake_crash(). Each
 * action asserts what the core may rely on and what it must not do (punch what is mapped, unlink what
 * is not ours): fake->complaint is set to a sentence then, and stays.
 *
 * Used by the unit tests of the core, which drain after each request, and by the simulator, which
 * lets everything else happen between any two actions.
 */
#pragma once

#include <stdbool.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "daemon/core/core.h"

#define FAKE_ACTION_TYPES (CORE_LOG + 1)

struct fake_file {
	char name[CONTROL_SEGMENT_MAX];
	uint64_t inode, bytes, allocated;
	uint64_t pushed, popped;
	bool is_linked;			/* name leads here: it is in fake->names */
	bool is_ours;
	bool has_twin;			/* a second name, which somebody gave it */
	bool is_shared;
	unsigned n_maps, n_opens;	/* by clients; by the daemon */
	unsigned n_lies;		/* by clients that have said they left */
	unsigned unlinked_life;		/* of the daemon that unlinked it, 0: another did */
	UT_hash_handle hh;
	struct fake_file *next;		/* of all */
};

struct fake_process {
	struct process_identity identity;
	uint32_t id;			/* in the core's words while watched, else 0 */
	bool is_alive;
	bool is_hidden;			/* after a restart nobody can tell whether it lives */
	const gid_t *groups;
	size_t n_groups;
	const char *unit;		/* NULL: unknown */
	void *user;
	bool end_is_due;		/* its pidfd has fired, the core was not told yet */
	struct fake_process *next;
};

struct fake_connection {
	uint32_t id;
	struct fake_process *process;
	bool is_open;			/* the core was not told that it is closed */
	bool is_closing;		/* the core asked for it */
	UT_hash_handle hh;
};

/* What a wake-up found on the board: after everything is done it must be what is there. */
struct fake_woken {
	uint64_t state, role[2];
	uint32_t bump;
};

struct fake {
	struct core_config config;
	void *memory;			/* the registry's */
	size_t memory_bytes;
	struct shmq_board_header *board;
	struct registry registry;
	struct core *core;
	struct core_actions *actions;
	uint32_t n_rings, n_attachments;
	unsigned n_lives;		/* daemons so far */

	struct fake_file *names, *files;
	struct fake_file **opened;	/* per ring: the daemon's descriptor */
	int64_t *timers;		/* per ring: when it fires, 0: not set */
	struct fake_woken *woken;
	struct fake_process *processes;
	struct fake_connection *connections;
	uint64_t capacity_bytes, used_bytes;
	uint64_t last_inode, last_tick, last_pid;
	struct core_scan_entry *scan;	/* while adopting */
	struct core_action *performing;
	bool has_store;			/* a service manager keeps descriptors of sealed rings */
	bool defers;			/* chunks are done by fake_perform_slow() only */
	struct core_action *slow, **slow_end;
	unsigned *n_slow;		/* per ring */
	uint32_t last_connection;
	int64_t now_ns;
	uint64_t random;		/* state of the generator */

	int fail[FAKE_ACTION_TYPES];	/* errors that the next such action meets */
	unsigned counts[FAKE_ACTION_TYPES];
	char complaint[256];

	/* What goes to clients and to the journal; they may be NULL. */
	void (*on_reply)(struct fake *fake, struct core_action *action);
	void (*on_event)(struct fake *fake, struct core_action *action);
	void (*on_log)(struct fake *fake, struct core_action *action);
	void *user;
};

/* @config: NULL for the defaults of fake_config(). The core is up, nothing is connected. */
struct fake *fake_new(uint32_t n_rings, uint32_t n_attachments, const struct core_config *config,
		      uint64_t seed);
struct fake *fake_free(struct fake *fake);
void fake_config(struct core_config *ret_config);

uint64_t fake_random(struct fake *fake);
/* Uniform below @n. */
uint64_t fake_below(struct fake *fake, uint64_t n);
void fake_complain(struct fake *fake, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- the daemon ---- */

/* Its memory is gone: the core, its queue, its descriptors, its connections and watches. */
void fake_crash(struct fake *fake);
/* The next daemon adopts. Return: 0, or what registry_adopt() said. */
int fake_restart(struct fake *fake);
/* Perform the first action. Return: false: there was none. */
bool fake_perform(struct fake *fake);
/* The same for what takes long, which the shell puts off to a turn of its own. */
bool fake_perform_slow(struct fake *fake);
void fake_drain(struct fake *fake);
/* Nothing is left to perform, now or later. */
bool fake_is_idle(const struct fake *fake);
/* The same, but for what takes long. */
bool fake_is_settled(const struct fake *fake);
void fake_step(struct fake *fake, struct core_event *event);
/* Time passes; timers that fall due fire in their order, each drained. */
void fake_sleep_ns(struct fake *fake, int64_t ns);
void fake_fire(struct fake *fake, uint32_t ring);

/* ---- processes and connections ---- */

/* @pid 0: a new number. */
struct fake_process *fake_process_new(struct fake *fake, int32_t pid, uint32_t uid);
void fake_process_forget(struct fake *fake, struct fake_process *process);
/* It ends; the core is told by fake_process_report(). */
void fake_process_kill(struct fake *fake, struct fake_process *process);
void fake_process_report(struct fake *fake, struct fake_process *process);
uint32_t fake_connect(struct fake *fake, struct fake_process *process);
void fake_disconnect(struct fake *fake, uint32_t connection);
struct fake_connection *fake_connection(struct fake *fake, uint32_t connection);
/* The connected process sends @request, or (not @is_peer) somebody else on its socket. */
void fake_request(struct fake *fake, uint32_t connection, const struct control_request *request,
		  bool is_peer);

/* ---- /dev/shm ---- */

struct fake_file *fake_file_find(struct fake *fake, const char *name);
struct fake_file *fake_file_plant(struct fake *fake, const char *name, uint64_t bytes, bool is_ours);
/* Somebody removes the name; the core is told, as inotify would. */
void fake_file_remove(struct fake *fake, struct fake_file *file);
void fake_file_unlink(struct fake *fake, struct fake_file *file);
void fake_file_put(struct fake *fake, struct fake_file *file);
size_t fake_files_linked(const struct fake *fake);
