/* SPDX-License-Identifier: MIT */
/*
 * segment.h - what is done to the objects behind rings: made, given memory, shared, removed, looked at
 *
 * The daemon never maps a segment: its users may shrink it at any time, and a read beyond the end is
 * an answer from pread(2) and a signal from a mapping.
 */
#pragma once

#include "daemon/segment_files.h"

/* shm_open(O_EXCL, 0600), ftruncate. Return: 0; -EEXIST; -ENOSPC; -EFBIG; -errno, nothing is left. */
int segment_file_create(struct segment_files *files, uint32_t ring, uint64_t *ret_inode);
/* Does a process other than us have it open or mapped? */
bool segment_file_is_held(struct segment_files *files, uint32_t ring);
/* Return: 0; -ENOSPC; -errno. */
int segment_file_allocate(struct segment_files *files, uint32_t ring, uint64_t offset, uint64_t bytes);
/* Return: 0; -EBUSY: that was the last of it, and somebody holds it still; -errno. */
int segment_file_punch(struct segment_files *files, uint32_t ring, uint64_t offset, uint64_t bytes);
/* Let in whom the ring's record names. What can't be expressed here (no ACLs) is no error: the
 * others get the descriptor from the daemon. Return: 0 or -errno. */
int segment_file_share(struct segment_files *files, uint32_t ring);
/* Remove the name if it is still ours, and let nobody open it anew by another. Return: 0; -ENOENT;
 * -EMFILE: somebody holds it, and too many such are kept already: not now; -EBUSY: somebody holds it,
 * and it is not to be kept: nobody would be charged for it; -errno. */
int segment_file_unlink(struct segment_files *files, uint32_t ring, bool keep_open);
/* The same for one that no ring claims. */
int segment_file_unlink_stray(const struct shm_dir *dir, const char *name);

struct segment_figures {
	uint64_t pushed, popped;
	uint64_t n_full, n_dry, n_sleeps, n_wakes;
};

/* Positions and counters as the two ends left them. Return: 0; -ENODATA: the segment is shorter than
 * it should be; -errno. */
int segment_file_probe(struct segment_files *files, uint32_t ring, struct segment_figures *ret_figures);
/* Ask the kernel again. @remark: what differs from the record, "" if nothing does. */
void segment_file_inspect(struct segment_files *files, uint32_t ring, char *remark, size_t cap_bytes);
