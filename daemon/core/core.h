/* SPDX-License-Identifier: MIT */
/*
 * core.h - the daemon's decisions: event in, new state and a list of actions out
 *
 * The core makes no system call, reads no clock and holds no descriptor. The shell (the files of daemon/ itself)
 * turns what libevent reports into struct core_event, calls core_step(), and performs the actions in
 * their order; what it learns by performing one comes back as an event. The simulator does the same
 * with thousands of made-up clients, and kills the daemon between any two actions or stores.
 *
 * State is the registry and the board (memory given to core_new()) plus indexes that core_adopt()
 * rebuilds from them. Words of the board are stored here; only the wake-up system call is an action.
 *
 * Objects are named by small integers: ring = index of its registry and board record; connection
 * and process = ids chosen by the shell resp. the core, never reused at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/registry.h"
#include "proto/control.h"

#define CORE_SLOTS_DEFAULT	1024u	/* of a ring whose maker does not say */
#define CORE_SIZE_DEFAULT	256u

struct core;

struct core_limits {
	uint64_t max_bytes;		/* of all segments together */
	uint64_t max_bytes_per_uid;
	uint32_t max_rings_per_uid;
	uint32_t max_attachments_per_uid;
	uint32_t max_connections;
	uint32_t max_connections_per_uid;
	uint32_t max_watches_per_uid;
	uint32_t max_sealed;		/* rings that keep descriptors open */
	uint32_t max_handshakes_per_uid; /* connections that have not said Hello */
	bool fair_shares;		/* one uid takes at most 1/(n+1) of what the others left */
};

/* Rings whose names begin so are for these to make; see access.c. */
struct core_create_rule {
	char prefix[CONTROL_NAME_MAX + 1];
	struct control_rule who;	/* its rights mean nothing here */
};

struct core_config {
	const char *instance;
	const char *version;
	uid_t daemon_uid;		/* owns the segments; its own clients need no ACL */
	pid_t daemon_pid;
	uint32_t page_bytes;		/* region size of new segments */
	uint32_t default_linger_s;	/* 30 */
	uint32_t linger_unread_s;	/* 3600 */
	int64_t grace_ns;		/* after a start nothing is reaped for so long */
	uint32_t allocate_chunk_bytes;	/* 4 MiB */
	struct core_limits limits;
	const struct core_create_rule *create_rules; /* the caller's, while the core lives */
	size_t n_create_rules;
};

/* ---- events ---- */

enum core_event_type {
	CORE_CONNECTED,		/* connection, process: somebody connected */
	CORE_DISCONNECTED,	/* connection */
	CORE_REQUEST,		/* connection, request, sender_is_peer */
	CORE_PROCESS_VERIFIED,	/* process_id, verdict: answer to CORE_PROCESS_VERIFY */
	CORE_PROCESS_ENDED,	/* process_id: its pidfd fired */
	CORE_SEGMENT_CREATED,	/* ring, error, inode: answers, in the order of the actions */
	CORE_SEGMENT_ALLOCATED,	/* ring, error */
	CORE_SEGMENT_SHARED,	/* ring, error: its ACL was set */
	CORE_SEGMENT_UNLINKED,	/* ring, error (-ENOENT is fine) */
	CORE_SEGMENT_PUNCHED,	/* ring, error; -EBUSY: all of it, but some process holds it still */
	CORE_SEGMENT_PROBED,	/* ring, error, pushed, popped, cookie */
	CORE_SEGMENT_GONE,	/* ring: somebody else deleted or moved its name */
	CORE_RING_TIMER,	/* ring: the timer set by CORE_RING_TIMER_SET ran out */
	CORE_STOPPING,		/* SIGTERM: nothing changes but what is answered */
};

enum core_verdict { CORE_PROCESS_ALIVE, CORE_PROCESS_DEAD, CORE_PROCESS_UNKNOWN };

struct core_event {
	enum core_event_type type;
	int64_t now_ns;			/* CLOCK_MONOTONIC, set on every event */
	uint64_t now_s;			/* CLOCK_REALTIME, for records that people read */
	uint32_t connection;
	uint32_t ring;
	uint32_t process_id;
	int error;			/* 0 or -errno */
	uint64_t inode;
	uint64_t pushed, popped;
	bool is_held;			/* probed: some process has the segment open or mapped */
	uint64_t cookie;
	enum core_verdict verdict;
	bool sender_is_peer;		/* SCM_CREDENTIALS name the connected process, and it lives */
	const struct process_identity *process; /* connected */
	const gid_t *groups;		/* connected: supplementary groups (SO_PEERGROUPS), copied */
	size_t n_groups;
	const char *unit;		/* connected, verified: the system's unit it runs in, "" if unknown */
	const struct control_request *request;
	/* Fresh random bytes, on every event: for what it may create (a generation, an echo). */
	uint8_t random[32];
};

/* ---- actions ---- */

enum core_action_type {
	CORE_REPLY,		/* connection, reply */
	CORE_REPLY_RING,	/* connection, reply, ring: fill in info of one ring (figures by pread) */
	CORE_REPLY_LIST,	/* connection, reply, n_ring_list, ring_list: fill in a page of rings */
	CORE_REPLY_STATS,	/* connection, reply, n_ring_list, ring_list: fill in their figures */
	CORE_EVENT,		/* connection, event */
	CORE_CLOSE,		/* connection: after its queue is written; CORE_DISCONNECTED follows */
	CORE_PROCESS_WATCH,	/* process_id, connection: watch the pidfd that came with this connection */
	CORE_PROCESS_VERIFY,	/* process_id, process: after a restart: open, compare, watch, answer */
	CORE_PROCESS_FORGET,	/* process_id: nothing of it is left */
	CORE_SEGMENT_CREATE,	/* ring: shm_open(O_EXCL, 0600), ftruncate; or without a name, sealed */
	CORE_SEGMENT_ALLOCATE,	/* ring, offset, bytes: posix_fallocate */
	CORE_SEGMENT_SHARE,	/* ring: mode, ACL for the creator's uid and the group */
	CORE_SEGMENT_UNLINK,	/* ring, keep_open: keep a descriptor for punching */
	CORE_SEGMENT_PUNCH,	/* ring, offset, bytes: give pages back */
	CORE_SEGMENT_CLOSE,	/* ring: forget its descriptor, if one is kept */
	CORE_SEGMENT_PROBE,	/* ring, cookie: read both positions */
	CORE_UNLINK_STRAY,	/* name: a segment that no record claims, found by core_adopt() */
	CORE_WAKE,		/* ring: FUTEX_WAKE all on its board word */
	CORE_RING_TIMER_SET,	/* ring, delay_ns */
	CORE_RING_TIMER_CLEAR,	/* ring */
	CORE_LOG,		/* log */
};

/* What the journal is told; daemon/log_events.h has the stable ids, texts are for people. */
enum core_log_id {
	CORE_LOG_RING_CREATED, CORE_LOG_RING_DESTROYED, CORE_LOG_RING_REAPED, CORE_LOG_RING_LOST,
	CORE_LOG_CLIENT_DIED, CORE_LOG_REFUSED, CORE_LOG_ADOPTED, CORE_LOG_UNVERIFIED,
	CORE_LOG_STRAY, CORE_LOG_CREATE_FAILED, CORE_LOG_ATTACHED, CORE_LOG_DETACHED,
	CORE_LOG_PURGED, CORE_LOG_QUOTA, CORE_LOG_HELD, CORE_N_LOGS,
};

struct core_log {
	enum core_log_id id;
	int priority;			/* of syslog(3) */
	char ring[CONTROL_NAME_MAX + 1];
	bool has_process;
	struct process_identity process; /* pid 0: in a namespace that we can't see into */
	char unit[CONTROL_UNIT_MAX];	/* that the process runs in; "" if unknown */
	const char *role;		/* that it has or had; NULL: not about a role */
	uint64_t bytes;
	char text[CONTROL_TEXT_MAX];
};

/*
 * Small fields first: an action is allocated only as far as its type needs (a wake-up without the
 * reply, a reply without the log), so a daemon that adopts 100,000 rings doesn't ask for gigabytes.
 * Read only what the type is about, and don't copy the struct.
 */
struct core_action {
	enum core_action_type type;
	uint32_t connection;
	uint32_t ring;
	uint32_t process_id;
	uint64_t offset, bytes;
	uint64_t cookie;
	int64_t delay_ns;
	bool keep_open;
	bool with_descriptor;		/* reply: add the segment's (attach) or board's (hello) descriptor */
	enum shmq_role role;		/* attach reply: whose */
	struct core_action *next;	/* of the queue */
	struct process_identity process; /* verify */
	char segment[CONTROL_SEGMENT_MAX]; /* attach reply, stray */
	struct control_event event;	/* event */
	struct core_log log;		/* log */
	struct control_reply reply;	/* its text points at .text */
	char text[CONTROL_TEXT_MAX];
	uint32_t ring_list[CONTROL_LIST_PAGE]; /* list reply */
	size_t n_ring_list;
	struct control_holder holder_list[CONTROL_LIST_PAGE]; /* clients reply */
};

/* A growing queue that the shell takes from the front: taking an action hands it over. */
struct core_actions;
struct core_actions *core_actions_new(void);
struct core_actions *core_actions_free(struct core_actions *actions);
struct core_action *core_actions_take(struct core_actions *actions); /* NULL: empty; free() it */
bool core_actions_is_empty(const struct core_actions *actions);

/* ---- life ---- */

/* Random bytes for the hash of all tables, once, before the first core_new(). Without them anybody can
 * choose names that fall into one place (tests, the simulator). */
void core_seed(const uint8_t key[16]);

/* @board: header page and registry->header->n_rings records, writable here. All memory stays the
 * caller's. Return: 0, -ENOMEM. */
int core_new(struct core **ret_core, struct registry *registry, struct shmq_board_header *board,
	     const struct core_config *config);
struct core *core_free(struct core *core);

/* Other limits and rules from now on; nobody loses what he has. @create_rules stay the caller's, while
 * the core lives or until the next call. */
void core_reconfigure(struct core *core, const struct core_limits *limits,
		      const struct core_create_rule *create_rules, size_t n_create_rules,
		      uint32_t default_linger_s, uint32_t linger_unread_s);

/* One object under our names in /dev/shm at start. */
struct core_scan_entry {
	char name[CONTROL_SEGMENT_MAX];	/* "/shmq.…" */
	uint64_t inode;
	uint64_t bytes;
	bool owned;			/* regular file, our euid */
	bool ours;			/* with one link only: not another object by a second name */
};

/*
 * core_adopt() - take over what the registry says, once, before the first core_step()
 * @whole: the registry was adopted, not made anew: strays that are ours may be removed.
 * Bumps and wakes every board word first, then finishes or undoes intents, then asks for every
 * process that holds something (CORE_PROCESS_VERIFY).
 */
void core_adopt(struct core *core, const struct core_scan_entry *entries, size_t n_entries,
		bool whole, int64_t now_ns, struct core_actions *actions);

void core_step(struct core *core, const struct core_event *event, struct core_actions *actions);

/* Read-only views for the shell. */
void core_ring_info(const struct core *core, uint32_t ring, int64_t now_ns,
		    struct control_ring_info *ret_info); /* all but the figures */
void core_segment_name(const struct core *core, uint32_t ring, char name[CONTROL_SEGMENT_MAX]);
/* Index of the ring whose segment has this name, or -ENOENT; for inotify. */
int core_ring_by_segment(const struct core *core, const char *name, uint32_t *ret_ring);
/* Its schema's text, "" if none is known; valid until the next step. core_ring_info() leaves it out,
 * because a page of a list has no room for 64 of them: a Show reply adds it. */
const char *core_ring_schema(const struct core *core, uint32_t ring);
void core_daemon_info(const struct core *core, int64_t now_ns, struct control_info *ret_info);

/* Figures (metrics.h). Of a ring: all but what its segment says, which is 0. Of the daemon: with what
 * the shell has counted. */
void core_ring_stats(const struct core *core, uint32_t ring, struct control_ring_stats *ret_stats);
void core_daemon_stats(const struct core *core, int64_t now_ns,
		       uint64_t ret_values[SHMQ_N_DAEMON_METRICS]);
/* For what the core can't see: counters of the shell, and requests that it refused. */
void core_count(struct core *core, enum shmq_daemon_metric metric, uint64_t n);
void core_count_refusal(struct core *core, int status);
/* The first ring from @from on, and before @end, that has a name; else where the search ended. */
uint32_t core_next_ring(const struct core *core, uint32_t from, uint32_t end);
uint32_t core_n_rings(const struct core *core);

/* Every invariant that ties registry, board, indexes and quota sums together; for tests and the
 * simulator. Return: 0, or -EBADMSG and a sentence in @text. */
int core_check(const struct core *core, char text[CONTROL_TEXT_MAX]);
