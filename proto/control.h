/* SPDX-License-Identifier: MIT */
/*
 * control.h - the control protocol as checked C structures
 *
 * What both ends think in; shmq.proto is what travels. wire.h turns one into the other and is the
 * only place that judges a packet's form: lengths of strings and byte fields, enum ranges, a present
 * oneof. Whether a request makes sense (names, sizes, rights) is judged by the daemon's core.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <shmq/layout.h>
#include <shmq/metrics.h>

#define CONTROL_PROTOCOL       1u
#define CONTROL_PACKET_MAX     65536u
#define CONTROL_NAME_MAX       SHMQ_NAME_MAX
#define CONTROL_TEXT_MAX       512	/* sentence for people, with NUL */
#define CONTROL_SCHEMA_MAX     16384	/* schema text, with NUL */
#define CONTROL_SEGMENT_MAX    256
#define CONTROL_COMM_MAX       16
#define CONTROL_GENERATION_BYTES 16
#define CONTROL_LIST_PAGE      64	/* rings or holders in one packet */
#define CONTROL_HOLDERS_MAX    3
#define CONTROL_RULES_MAX      8
#define CONTROL_UNIT_MAX       64	/* name of a systemd unit, with NUL */

enum control_wake { CONTROL_WAKE_MEMBARRIER, CONTROL_WAKE_FENCE, CONTROL_WAKE_NEVER };
enum control_lifetime { CONTROL_LINGER, CONTROL_PERSISTENT, CONTROL_WITH_CREATOR };

enum control_principal { CONTROL_USER, CONTROL_GROUP, CONTROL_UNIT };

#define CONTROL_PRODUCE	   1u
#define CONTROL_CONSUME	   2u
#define CONTROL_SEE	   4u
#define CONTROL_ALL_RIGHTS 7u

/* Somebody besides the owner, and what he may. Lies in the registry as it is. */
struct control_rule {
	uint32_t who;			/* enum control_principal */
	uint32_t rights;		/* CONTROL_PRODUCE … */
	uint32_t id;			/* of a user or group */
	char unit[CONTROL_UNIT_MAX];	/* else "" */
};

struct control_ring_config {
	uint32_t slots;
	uint32_t size_bytes;
	bool align_payload;
	enum control_wake wake;
	enum control_lifetime lifetime;
	uint32_t linger_s;
	uint32_t mode;
	bool gid_set;
	gid_t gid;
	uint64_t schema;
	const char *schema_text;	/* never NULL once decoded; owned by the packet */
	bool sealed;
	size_t n_rules;
	struct control_rule rules[CONTROL_RULES_MAX];
};

enum control_op {
	CONTROL_UNKNOWN,		/* a request of a later version: answered with ENOTSUP */
	CONTROL_HELLO,
	CONTROL_CREATE,
	CONTROL_ATTACH,
	CONTROL_DETACH,
	CONTROL_DESTROY,
	CONTROL_PURGE,
	CONTROL_LIST,
	CONTROL_SHOW,
	CONTROL_CLIENTS,
	CONTROL_WATCH,
	CONTROL_PING,
	CONTROL_INFO,
	CONTROL_STATS,
};

/* Strings point into the packet's own memory (struct wire_packet) and are NUL-terminated. */
struct control_request {
	uint64_t id;
	uint64_t echo;
	enum control_op op;
	const char *name;		/* create, attach, destroy, purge, show, stats; "" else */
	bool has_config;		/* create: always; attach: with create */
	struct control_ring_config config;
	bool exclusive;
	bool force;			/* destroy */
	bool create;			/* attach */
	bool want_descriptor;		/* attach */
	enum shmq_role role;		/* attach */
	bool schema_set;		/* attach */
	uint64_t schema;
	uint64_t nonce;			/* create, attach */
	uint64_t attachment;		/* detach */
	uint64_t cursor;		/* list, clients, stats */
	uint32_t protocol_min, protocol_max, layout; /* hello */
	const char *library;		/* hello */
};

struct control_geometry {
	uint32_t slots, size_bytes, stride_bytes, lead_bytes, region_bytes;
	uint64_t segment_bytes;
};

struct control_holder {
	uint64_t attachment;
	pid_t pid;
	uid_t uid;
	enum shmq_role role;
	bool unverified;
	uint64_t since_s;
	uint64_t incarnation;
	char comm[CONTROL_COMM_MAX];
	char ring[CONTROL_NAME_MAX + 1];
};

struct control_ring_info {
	char name[CONTROL_NAME_MAX + 1];
	uint8_t generation[CONTROL_GENERATION_BYTES];
	char segment[CONTROL_SEGMENT_MAX];
	char state[16];
	struct control_geometry geometry;
	struct control_ring_config config;	/* schema_text is "" here unless it is a Show reply */
	uid_t uid;
	gid_t gid;
	pid_t creator_pid;
	char creator_comm[CONTROL_COMM_MAX];
	uint64_t created_s;
	uint64_t pushed, popped, n_full, n_dry, n_sleeps, n_wakes;
	uint64_t linger_left_ns;
	size_t n_holders;
	struct control_holder holders[CONTROL_HOLDERS_MAX];
	char remark[256];
};

enum control_body {
	CONTROL_BODY_NONE,
	CONTROL_BODY_HELLO,
	CONTROL_BODY_ATTACH,
	CONTROL_BODY_RING,
	CONTROL_BODY_LIST,
	CONTROL_BODY_CLIENTS,
	CONTROL_BODY_PURGE,
	CONTROL_BODY_INFO,
	CONTROL_BODY_STATS,
};

struct control_hello {
	uint32_t protocol, layout;
	uint64_t echo;
	const char *version, *instance;
	uid_t owner_uid;
	uint64_t board_bytes;
	uint8_t epoch[16];
	pid_t pid;
};

struct control_attach {
	uint64_t attachment, incarnation;
	uint8_t generation[CONTROL_GENERATION_BYTES];
	const char *segment;
	uint64_t inode;
	struct control_geometry geometry;
	enum control_wake wake;
	uint32_t board_index;
	uint64_t use_count;
	bool created;
	uint64_t schema;
	const char *schema_text;
	bool sealed;
};

struct control_info {
	const char *version, *instance;
	pid_t pid;
	uint32_t n_rings, max_rings, n_attachments, max_attachments, n_connections;
	uint64_t bytes, max_bytes, uptime_ns;
};

/* Values in the order of the tables of metrics.h: n_values of them are known to who sent them. */
struct control_ring_stats {
	char name[CONTROL_NAME_MAX + 1];
	size_t n_values;
	uint64_t values[SHMQ_N_RING_METRICS];
};

struct control_stats {
	const struct control_ring_stats *rings;
	size_t n_rings;
	uint64_t next_cursor;
	size_t n_values;
	uint64_t values[SHMQ_N_DAEMON_METRICS];
};

struct control_reply {
	uint64_t id;
	int status;				/* 0 or -errno */
	const char *text;			/* never NULL once decoded */
	size_t n_holders;
	struct control_holder holders[CONTROL_HOLDERS_MAX];
	uint64_t limit, used;
	enum control_body body;
	union {
		struct control_hello hello;
		struct control_attach attach;
		struct control_ring_info ring;
		struct {
			const struct control_ring_info *rings;
			size_t n_rings;
			uint64_t next_cursor;
		} list;
		struct {
			const struct control_holder *holders;
			size_t n_holders;
			uint64_t next_cursor;
		} clients;
		uint64_t dropped;
		struct control_info info;
		struct control_stats stats;
	};
};

enum control_event_kind {
	CONTROL_EVENT_UNKNOWN,
	CONTROL_EVENT_CREATED,
	CONTROL_EVENT_DESTROYED,
	CONTROL_EVENT_LOST,
	CONTROL_EVENT_ATTACHED,
	CONTROL_EVENT_DETACHED,
	CONTROL_EVENT_DIED,
	CONTROL_EVENT_REAPED,
	CONTROL_EVENT_MISSED,
};

struct control_event {
	enum control_event_kind kind;
	enum shmq_role role;
	pid_t pid;
	uid_t uid;
	uint64_t time_ns;
	uint64_t count;
	char comm[CONTROL_COMM_MAX];
	char ring[CONTROL_NAME_MAX + 1];
};
