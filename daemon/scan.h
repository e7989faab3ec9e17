/* SPDX-License-Identifier: MIT */
/*
 * scan.h - what lies in /dev/shm under the instance's names at start
 */
#pragma once

#include "daemon/core/core.h"
#include "daemon/segment_files.h"
#include "daemon/shm_dir.h"

/*
 * scan_segments() - every segment of the daemon's uid, for core_adopt()
 * Objects of others are left out: they are no ring's, and nobody here may touch them.
 * @ret_entries: to be freed. Return: 0, -ENOMEM, -errno.
 */
int scan_segments(const struct shm_dir *dir, struct core_scan_entry **ret_entries,
		  size_t *ret_n_entries);

/* Take back what the service manager kept of sealed rings, and list it with the rest: the core finds
 * it under the name that it doesn't have. Return: 0, -ENOMEM. */
int scan_sealed(struct segment_files *files, struct core_scan_entry **entries, size_t *n_entries);
