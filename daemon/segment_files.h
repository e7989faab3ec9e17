/* SPDX-License-Identifier: MIT */
/*
 * segment_files.h - open descriptors of segments: a few kept for reuse, some until they are forgotten
 *
 * A segment is opened by its name and believed only if it is the inode that the registry recorded.
 * Descriptors are borrowed: valid until the next call. Pinned ones belong to segments that have lost
 * their name and are still to be punched; there are at most SEGMENT_FILES_PINNED, so that rings
 * destroyed by the thousand can't use up the daemon's descriptors. Without one, pages go back when
 * the last process unmaps them.
 */
#pragma once

#include <stdint.h>

#include "daemon/core/core.h"
#include "daemon/shm_dir.h"

#define SEGMENT_FILES_KEPT   32u
#define SEGMENT_FILES_PINNED 64u

struct segment_file {
	int fd;			/* -1: free */
	uint32_t ring;
	ino_t inode;
	uint64_t used;		/* when, in calls */
};

struct segment_files {
	const struct shm_dir *dir;
	const struct core *core;
	const struct registry *registry;
	uint64_t clock;
	struct segment_file kept[SEGMENT_FILES_KEPT];
	struct segment_file pinned[SEGMENT_FILES_PINNED];
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
