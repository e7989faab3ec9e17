/* SPDX-License-Identifier: MIT */
/*
 * segment.h - a ring's memory as one end maps it
 *
 * Three mappings, one per region: what this end writes is mapped for writing, all else read-only,
 * so that no mistake here can reach the peer's words. None of them is inherited by fork() or
 * dumped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/control.h"

struct segment_region {
	void *memory; /* NULL: not mapped */
	size_t bytes;
};

struct segment_map {
	struct segment_region own;
	struct segment_region peer;
	struct segment_region slots;
};

/* Open the segment by its name. Return: a descriptor or -errno. */
int segment_open(const struct control_attach *attach);

/*
 * segment_check() - is this file what the daemon spoke of
 * @owner_uid: who must own it; @any_owner: the descriptor came from the daemon itself.
 * Return: 0; -EBADMSG, sentence set.
 */
int segment_check(const struct control_attach *attach, int fd, uid_t owner_uid, bool any_owner);

/* What is mapped, and from where: of a named ring all one file, of a sealed one a file per writer. */
struct segment_fds {
	int producer, consumer; /* whose page it holds; the slots are in the producer's file */
};

/* The two of a sealed ring: sealed, of the right sizes, and writable as @role needs it.
 * Return: 0; -EBADMSG, sentence set. */
int segment_check_sealed(const struct control_attach *attach, enum shmq_role role,
			 const struct segment_fds *fds);

/* Map and populate, in huge pages where the system offers them. @attach was checked, @fds too; they may be closed afterwards.
 * Return: 0; -ENOMEM, -EBADMSG the file is not backed; sentence set. */
int segment_map(struct segment_map *ret_map, const struct control_attach *attach,
		enum shmq_role role, const struct segment_fds *fds);
/* mlock(2) all of it, until it is unmapped. @name: of the ring.
 * Return: 0; -ENOMEM, -EPERM; sentence set. */
int segment_lock(const struct segment_map *map, const char *name);
void segment_unmap(struct segment_map *map);
