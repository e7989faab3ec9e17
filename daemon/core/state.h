/* SPDX-License-Identifier: MIT */
/*
 * state.h - inside of the core: the indexes beside registry and board
 *
 * Everything here can be lost at any time: core_adopt() makes it anew from the registry. One thread.
 * The core is in one step at a time, so what belongs to the step (the queue of actions, the clock
 * as the event told it) is kept in struct core and not passed around. parts.h has the functions.
 *
 * Memory: an action or an index entry that can't be allocated ends the process (core_oom()): the
 * registry is whole between any two stores, and the next daemon goes on from there.
 */
#pragma once

#define HASH_NONFATAL_OOM 0
#define uthash_fatal(text) core_oom()
/* Names and nonces are chosen by clients: by its own function uthash would let some hundred names of
 * theirs stop a table from growing, for everybody. */
#ifdef UTHASH_H
_Static_assert(0, "uthash.h was there before, with a hash function of its own");
#endif
#define HASH_FUNCTION(key, bytes, hash) ((hash) = core_hash((key), (bytes)))

#include <uthash.h>

#include "base/clock.h"
#include "daemon/core/core.h"
#include "daemon/core/list.h"

#define CORE_ROLES		3	/* enum shmq_role */
#define CORE_GROUPS_MAX		1024	/* supplementary groups remembered per connection */
#define CORE_ASKS_MAX		8	/* requests of one connection that wait for a ring */
#define CORE_WATCHERS_MAX	128	/* connections that watch, of all uids */
#define CORE_EVENTS_PER_STEP	64	/* more in one step are told as MISSED */
#define CORE_LOGS_PER_STEP	64
#define CORE_SCAN_PER_PAGE	4096u	/* records looked at for one page of a listing */
#define CORE_REMOVAL_GAP_NS	NS_PER_MS /* between two removals that fall due together */
#define CORE_TOLD_SLOTS		64u	/* uids that have a line about their quota in CORE_TELL_NS */
#define CORE_TELL_NS		(60 * NS_PER_S) /* between two lines about one uid's quota */
#define CORE_RETRY_NS		(2 * NS_PER_S) /* after the system refused to unlink or to allocate */
#define CORE_REMEMBER_S		UINT64_C(86400) /* a reap with unread messages is told for so long */
#define CORE_OVERFLOW_UID	65534u	/* what the kernel shows of a uid that our user namespace does not map */

_Noreturn void core_oom(void);
unsigned core_hash(const void *key, size_t bytes);

/* Of syslog(3), whose header is none of the core's. */
enum core_priority { CORE_ERR = 3, CORE_WARNING = 4, CORE_NOTICE = 5, CORE_INFO = 6 };

/* What a ring awaits from the shell. */
enum ring_step {
	RING_IDLE,
	RING_MAKING,
	RING_ALLOCATING,
	RING_SHARING,
	RING_UNLINKING,
	RING_PUNCHING,
};

/* Why somebody counts the unread messages. */
enum ring_probe { PROBE_LIFETIME = 1, PROBE_ASKS = 2 };

struct core_scanned;

struct core_ring {
	UT_hash_handle by_name;		/* core->names, while the name is taken */
	UT_hash_handle by_dropped;	/* core->dropped: a FREE record that remembers a reap */
	bool is_named, is_dropped;
	struct list free;
	struct core_attachment *holders[CORE_ROLES];
	struct list asks;		/* requests that wait for this ring */
	enum ring_step step;
	uint64_t offset;		/* of the chunk being allocated or punched */
	int failure;			/* CREATING: why it is undone; PURGING: why it is not made */
	unsigned probe;			/* enum ring_probe, a set */
	uint64_t probe_cookie;
	uint64_t unread;		/* as last counted */
	bool unread_known;		/* nobody was attached since */
	bool is_reaping;		/* the next count of unread messages ends this ring */
	bool is_retrying;		/* PURGING: what failed is being done again */
	bool is_gone;			/* somebody removed the segment while it was being made */
	bool has_clock;			/* its linger time runs, or is over */
	bool has_turn;			/* among the removals: the timer says when */
	bool is_held;			/* a process that is not attached was seen to keep the memory */
	bool kept_open;			/* the shell has a descriptor for punching */
	bool is_new;			/* nobody was ever attached */
	int64_t deadline_ns;		/* of the ring's timer; 0: not set */
	uint64_t note_unread;		/* the name's last ring was reaped with so many unread */
	bool has_asker;			/* somebody awaits the end of the destroy or the purge: */
	uint32_t asker;			/* this connection */
	uint64_t asker_id;		/* and this request */
	uint8_t next_generation[CONTROL_GENERATION_BYTES]; /* purge */
	uint64_t n_attached, n_detached, n_died, n_refused; /* since the daemon's start */
	char *schema_text;		/* NULL: none known since the daemon's start */
};

/* What an attachment was asked for with. */
struct core_granted_key {
	uint64_t nonce;
	uint32_t process_id;
	uint32_t role;
	char name[CONTROL_NAME_MAX + 1]; /* of the ring; the rest is zero */
};

struct core_granted {
	struct core_granted_key key;
	UT_hash_handle hh;
	struct core_attachment *attachment;
};

struct core_attachment {
	UT_hash_handle by_id;
	struct core_granted *granted;	/* owned; NULL: it had no nonce */
	struct list free;
	struct list of_process;
	struct core_process *process;
};

struct core_process {
	uint32_t id;
	UT_hash_handle by_id;
	UT_hash_handle by_pid;		/* the first of its pid */
	struct core_process *same_pid;
	struct process_identity identity;
	char unit[CONTROL_UNIT_MAX];	/* as its last connection told; "": unknown */
	struct list attachments;
	uint32_t n_connections;
	bool is_watched;		/* the shell has its pidfd in the loop, or was asked to */
	bool is_unverified;		/* of an earlier daemon, and not found (yet) */
	bool is_verifying;
	bool has_ended;
};

struct core_connection {
	uint32_t id;
	UT_hash_handle by_id;
	struct core_process *process;
	struct core_uid *uid;
	struct process_identity identity;
	gid_t *groups;			/* owned; NULL: none */
	size_t n_groups;
	char unit[CONTROL_UNIT_MAX];	/* "": none that is known */
	bool has_greeted;
	uint64_t echo;
	bool is_watching;
	struct list of_watchers;
	struct list asks;
	unsigned n_asks;
};

/* What one uid makes the daemon hold. */
struct core_uid {
	uid_t uid;
	UT_hash_handle hh;
	uint64_t bytes;
	uint32_t n_rings, n_sealed, n_attachments, n_connections, n_watches;
	uint32_t n_greeting;		/* of n_connections: without Hello */
};

/* What typed rings carry, by its fingerprint. */
struct core_type {
	uint64_t fingerprint;
	UT_hash_handle hh;
	uint32_t n_rings;
};

/* The journal's last line about a refusal. It outlives what is known of the uid: who is refused
 * goes, and comes again at once. */
struct core_told {
	uid_t uid;
	int64_t at_ns;			/* 0: none yet */
};

/* One request, at work or waiting for a ring. */
struct core_ask {
	void (*run)(struct core *core, struct core_ask *ask); /* answers it, or makes it wait */
	struct list of_ring, of_connection;
	struct core_connection *connection;
	struct control_request request;
	char *name, *schema_text;	/* owned, while it waits */
	bool is_peer;			/* sent by the process that connected, and it lives */
	bool has_made;			/* this request began the ring's creation */
	bool has_count;			/* its ring's unread messages have just been counted */
};

struct core {
	struct registry registry;
	struct shmq_board_header *board;
	struct shmq_board_ring *words;
	struct core_config config;
	char *instance, *version;

	struct core_ring *rings;	/* beside registry.rings */
	struct core_attachment *attachments;
	struct core_ring *names, *dropped;
	struct core_attachment *ids;
	struct core_granted *granted;
	struct core_process *processes, *pids;
	struct core_connection *connections;
	struct core_uid *uids;
	struct core_type *types;
	struct core_told told[CORE_TOLD_SLOTS];
	struct list free_rings, free_attachments, watchers;
	struct list due;		/* asks being run again */
	struct core_ask *running;
	uint32_t n_rings, n_sealed, n_attachments, n_connections, n_watchers;
	uint64_t bytes;
	uint32_t last_process_id;
	uint64_t last_cookie;
	int64_t started_ns, grace_end_ns, next_removal_ns;
	int64_t refusals_since_ns;
	unsigned n_refusals;
	bool is_stopping;
	uint64_t counts[SHMQ_N_DAEMON_METRICS]; /* the counters among them */

	struct core_scanned *scan, *scanned; /* core_adopt(): what lies in /dev/shm */

	/* of this step */
	struct core_actions *out;
	int64_t now_ns;
	uint64_t now_s;
	uint8_t random[32];
	unsigned n_generations, n_events, n_missed, n_logs;
};
