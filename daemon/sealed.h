/* SPDX-License-Identifier: MIT */
/*
 * sealed.h - memory of sealed rings: two objects without a name, one per writer
 *
 * The producer's object is its page and, behind it, the slots; the consumer's is its page. Both are
 * sealed against shrinking, growing and further seals before anybody sees them, and have mode 0600:
 * a descriptor that was opened read-only can't be opened anew for writing, not through /proc either.
 * Whoever writes an object gets it read-write, its peer read-only, each a description of its own.
 *
 * Offsets are those of a named segment (producer's page, consumer's page, slots), so that the core
 * need not know. The objects live as long as somebody has them open: here, until they are dropped.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/core/registry.h"

enum sealed_part { SEALED_PRODUCER, SEALED_CONSUMER, SEALED_PARTS };

struct sealed_file {
	int fd[SEALED_PARTS];	/* -1: none */
};

/* Make both, unallocated. Return: 0; -EMFILE, -ENOMEM, -errno: nothing is left. */
int sealed_create(const struct registry_ring *record, const char *name,
		  struct sealed_file *ret_file, uint64_t *ret_inode);
void sealed_close(struct sealed_file *file);
/* Were these made by sealed_create() for this ring? They come from the service manager. */
int sealed_check(const struct registry_ring *record, const struct sealed_file *file);

/* fallocate(2) of a part of the whole; @mode 0 or punching. */
int sealed_change(const struct registry_ring *record, const struct sealed_file *file, int mode,
		  uint64_t offset, uint64_t bytes);
/* pread(2) of a part that lies within one region. Return: 0; -ENODATA; -errno. */
int sealed_read(const struct registry_ring *record, const struct sealed_file *file, void *buf,
		size_t len_bytes, uint64_t offset);
/* Fresh descriptors for who takes @role, in the order of enum sealed_part. */
int sealed_open_for(const struct sealed_file *file, enum shmq_role role,
		    struct sealed_file *ret_opened);
