/* SPDX-License-Identifier: MIT */
/*
 * registry_file.h - the registry's object in /dev/shm: found, locked, judged and mapped, or made anew
 *
 * Registry and board belong together. A pair that can't be trusted is set aside as a whole: renamed
 * into quarantine, its board retired so that attached clients learn of it, its segments quarantined.
 * The daemon starts with an empty registry then; it neither believes nor forgets nor crashes.
 *
 * The lock on the registry keeps a second daemon from the same instance at another socket; the one
 * beside the socket (instance.h) from the same socket.
 */
#pragma once

#include "base/process.h"
#include "daemon/board_file.h"
#include "daemon/core/registry.h"
#include "daemon/shm_dir.h"

struct registry_file {
	struct registry registry;
	void *memory;
	size_t bytes;
	int fd;				/* holds the lock */
	char name[CONTROL_SEGMENT_MAX];
	struct board_file board;
	bool is_adopted;		/* false: made anew, nothing in it */
};

#define REGISTRY_FILE_INIT { .fd = -1, .board = BOARD_FILE_INIT }

/*
 * registry_file_open() - the instance's records, adopted or new
 * @n_rings: of a new one. Logs what it decides.
 * Return: 0; -EBUSY another daemon has this instance (logged); -ENOSPC; -errno.
 */
int registry_file_open(const struct shm_dir *dir, uint32_t n_rings,
		       const uint8_t boot_id[BOOT_ID_BYTES], struct registry_file *ret_file);
/* At an orderly end: nothing in it, so registry and board need not stay. */
bool registry_file_is_empty(const struct registry_file *file);
void registry_file_remove(const struct shm_dir *dir, struct registry_file *file);
void registry_file_close(struct registry_file *file); /* unmaps and unlocks; the objects stay */
