/* SPDX-License-Identifier: MIT */
/*
 * segment_files.h - open descriptors of segments: a few kept for reuse, some until they are forgotten
 *
 * A segment is opened by its name and believed only if it is the inode that the registry recorded.
 * Descriptors are borrowed: valid until the next call. Pinned ones belong to segments that have lost
 * their name and are still to be punched; there are at most SEGMENT_FILES_PINNED, so that rings
 * destroyed by the thousand can't use up the daemon's descriptors, and a part of them of one user's, so
 * that others' can be destroyed too. Without one, pages go back when
 * the last process unmaps them; what somebody has mapped waits for a place.
 *
 * Sealed rings have no name: their descriptors are the memory, and are kept until it is dropped.
 */
#pragma once

#include <stdint.h>

#include "daemon/core/core.h"
#include "daemon/sealed.h"
#include "daemon/shm_dir.h"

#define SEGMENT_FILES_KEPT   32u
#define SEGMENT_FILES_PINNED 256u
#define SEGMENT_FILES_PINNED_PER_UID 64u /* root's and the daemon's own have no limit of their own */

struct segment_file {
	int fd;			/* -1: free */
	uint32_t ring;
	ino_t inode;
	uint64_t used;		/* when, in calls */
};

/* A sealed ring's, and the name under which it is kept for the next daemon. */
struct sealed_memory {
	struct sealed_file file;
	char name[CONTROL_SEGMENT_MAX];
};

struct segment_files {
	const struct shm_dir *dir;
	const struct core *core;
	const struct registry *registry;
	uint64_t clock;
	struct segment_file kept[SEGMENT_FILES_KEPT];
	struct segment_file pinned[SEGMENT_FILES_PINNED];
	struct sealed_memory **sealed;	/* per ring, NULL: none; NULL until there is one */
};

void segment_files_init(struct segment_files *files, const struct shm_dir *dir,
			const struct core *core, const struct registry *registry);
void segment_files_deinit(struct segment_files *files);

/* Return: descriptor, read-write; -ENOENT the name is gone; -ESTALE: it is another object's now;
 * -EPERM it isn't ours; -errno. */
int segment_files_get(struct segment_files *files, uint32_t ring);
/* A segment just created; takes @fd over. */
void segment_files_add(struct segment_files *files, uint32_t ring, int fd, ino_t inode);
/* Keep this ring's descriptor beyond its name. Return: 0; -EMFILE: there are enough; or as _get(). */
int segment_files_pin(struct segment_files *files, uint32_t ring);
void segment_files_forget(struct segment_files *files, uint32_t ring);
/* Fresh descriptors for who takes @role: of a named ring one, for writing; of a sealed one two, as
 * sealed.h says. Return: 0, or as _get(): both are -1. */
int segment_files_open_for(struct segment_files *files, uint32_t ring, enum shmq_role role,
			   int ret_fds[2]);
/* Of a sealed ring. Return: NULL: it has no memory (any more). */
const struct sealed_file *segment_files_sealed(const struct segment_files *files, uint32_t ring);
/* Takes @file over. Return: 0, -ENOMEM. */
int segment_files_seal(struct segment_files *files, uint32_t ring, const struct sealed_file *file);
/* What the service manager kept of this sealed ring. Return: 0; -ENOENT; -errno: it is not it. */
int segment_files_restore(struct segment_files *files, uint32_t ring);
