/* SPDX-License-Identifier: MIT */
/*
 * registry.h - the daemon's truth: ring and attachment records that survive it
 *
 * The records lie in a shared memory object that nobody but shmqd opens, and they are the state:
 * there is no second copy, only indexes that are rebuilt at start (core.c). A daemon can be killed
 * between any two stores, so every change is a sequence that the next daemon understands:
 *
 *   A record's fields are filled while its state says FREE; the one store of the state publishes
 *   them. States name intents: what is being done is recorded before it is begun.
 *
 *   ring        FREE -> CREATING -> LIVE -> DESTROYING -> TOMBSTONE -> FREE
 *                 CREATING    a segment of this name may exist, whole or half: undone at start
 *                 LIVE        the segment exists whole; LOST: somebody else unlinked it
 *                 DESTROYING  the segment is to be unlinked: finished at start
 *                 TOMBSTONE   unlinked; kept while attachments still map it
 *               LIVE -> PURGING -> LIVE   nobody is attached: the segment is unlinked and made anew
 *                 under a new generation and use_count; at start whatever is left of either segment
 *                 is removed and a new one is made
 *   A FREE record remembers the name and the unread messages of a ring that was reaped, until it is
 *   used again.
 *   attachment  FREE -> HELD -> DETACHING | DYING -> FREE
 *                 DETACHING, DYING   the board is about to say so: finished at start
 *
 * The layout may change with every version (REGISTRY_LAYOUT): nobody else maps it. This file knows
 * no system call; daemon/registry_file.c finds, locks, maps and judges the object.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/control.h"

#define REGISTRY_MAGIC	UINT64_C(0x3147455251534853)
#define REGISTRY_LAYOUT 3u
#define REGISTRY_INSTANCE_MAX 31	/* characters of an instance's name */
#define REGISTRY_SCHEMAS      64	/* texts of types */
#define REGISTRY_SCHEMA_BYTES 4096	/* with NUL */

enum registry_ring_state {
	REGISTRY_RING_FREE = 0,
	REGISTRY_RING_CREATING,
	REGISTRY_RING_LIVE,
	REGISTRY_RING_LOST,
	REGISTRY_RING_DESTROYING,
	REGISTRY_RING_TOMBSTONE,
	REGISTRY_RING_PURGING,
};

enum registry_attachment_state {
	REGISTRY_ATTACHMENT_FREE = 0,
	REGISTRY_ATTACHMENT_HELD,
	REGISTRY_ATTACHMENT_DETACHING,
	REGISTRY_ATTACHMENT_DYING,
};

/* One process, as the kernel tells it from every other that ever ran since boot. */
struct process_identity {
	int32_t pid;
	uint32_t uid;
	uint32_t gid;
	uint32_t seen_from;	/* pid namespace (its inode) of the daemon that saw this pid; 0: unknown */
	uint64_t start_ticks;	/* field 22 of proc_pid_stat(5); 0: could not be read */
	uint64_t pidfs_inode;	/* of its pidfd; 0: this kernel gives none */
	uint64_t pidns_inode;	/* of its pid namespace; 0: could not be read */
	char comm[CONTROL_COMM_MAX];
};

struct registry_ring {
	uint32_t state;		/* enum registry_ring_state, stored last */
	uint32_t lifetime;	/* enum control_lifetime */
	uint32_t slots, size_bytes, stride_bytes, lead_bytes, region_bytes;
	uint32_t align_payload;
	uint32_t wake;
	uint32_t linger_s;
	uint32_t mode;
	uint32_t gid;		/* of mode 0660 */
	uint32_t n_rules;
	uint32_t sealed;
	uint64_t segment_bytes;
	uint64_t inode;		/* of the segment, once it exists */
	uint64_t use_count;	/* the board's record while this ring lives */
	uint64_t incarnation[2]; /* producer, consumer: attachments granted so far */
	uint64_t nonce;		/* of the request that made it */
	uint64_t created_s;
	uint64_t schema;
	uint64_t destroyed_unread; /* free: messages nobody read when it was reaped, for who asks */
	uint64_t destroyed_s;	/* when that was */
	uint8_t generation[CONTROL_GENERATION_BYTES];
	struct control_rule rules[CONTROL_RULES_MAX];
	struct process_identity creator;
	char name[CONTROL_NAME_MAX + 1];
};

struct registry_attachment {
	uint32_t state;		/* enum registry_attachment_state, stored last */
	uint32_t ring;		/* index of its ring's record */
	uint32_t role;		/* enum shmq_role */
	uint32_t pad0;
	uint64_t id;		/* never reused while the registry lives */
	uint64_t nonce;
	uint64_t incarnation;
	uint64_t since_s;
	struct process_identity process;
};

struct registry_header {
	uint64_t magic;
	uint32_t layout;
	uint32_t n_rings;	/* records, fixed when the registry is made */
	uint32_t n_attachments;
	uint32_t pad0;
	uint64_t bytes;		/* of the whole object */
	uint64_t next_attachment_id; /* stored before an id is given out */
	uint8_t boot_id[16];
	uint8_t board_epoch[16];
	char board_name[CONTROL_SEGMENT_MAX];
	char instance[REGISTRY_INSTANCE_MAX + 1];
	uint64_t check;		/* of the fields above, set once when it is made */
	int32_t daemon_pid;	/* who serves it, for the sentence to whoever comes second */
	uint32_t pad1;
};

/* A schema's text, kept once for all rings of that type. The fingerprint is a hash of the text: it
 * proves the text whole. */
struct registry_schema {
	uint64_t fingerprint;	/* 0: free */
	char text[REGISTRY_SCHEMA_BYTES];
};

/* The mapped registry; memory may as well be malloc()ed (tests, simulator). */
struct registry {
	struct registry_header *header;
	struct registry_ring *rings;
	struct registry_attachment *attachments;
	struct registry_schema *schemas;	/* REGISTRY_SCHEMAS of them */
};

size_t registry_bytes(uint32_t n_rings, uint32_t n_attachments);

/* Format zeroed memory of registry_bytes(). */
void registry_format(void *memory, uint32_t n_rings, uint32_t n_attachments, const char *instance,
		     const uint8_t boot_id[16], const char *board_name, const uint8_t epoch[16],
		     struct registry *ret_registry);

/*
 * Judge memory that an earlier daemon (or an attacker) left and take it over.
 * Return: 0; -EBADMSG not a registry or damaged, -EPROTO of another layout, -ESTALE of another boot,
 * -ENOMEM.
 * Records that make no sense by themselves are -EBADMSG for the whole: it is set aside, not mended.
 */
int registry_adopt(void *memory, size_t bytes, const char *instance, const uint8_t boot_id[16],
		   struct registry *ret_registry);

/* The one store that publishes a record's change. Tests and the simulator may set the hook, which
 * runs before each such store and may longjmp() out: the daemon's death between two stores. */
void registry_ring_set_state(struct registry_ring *ring, enum registry_ring_state state);
void registry_attachment_set_state(struct registry_attachment *attachment,
				   enum registry_attachment_state state);
extern void (*registry_store_hook)(void);

/* @text is shorter than REGISTRY_SCHEMA_BYTES. The place may hold one that nobody needs. */
void registry_schema_store(struct registry_schema *place, uint64_t fingerprint, const char *text);
