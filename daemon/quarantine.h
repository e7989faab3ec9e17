/* SPDX-License-Identifier: MIT */
/*
 * quarantine.h - what lies under the instance's names and belongs to no registry, at a start
 */
#pragma once

#include "daemon/shm_dir.h"

/*
 * quarantine_sweep() - boards that no registry speaks of are retired and removed; segments are
 * renamed into quarantine unless @keep_segments (the registry was adopted: the core knows which of
 * them are nobody's). What is not ours stays as it is. Logs what it found.
 * @board: the one in use. Return: 0 or -errno.
 */
int quarantine_sweep(const struct shm_dir *dir, const char *board, bool keep_segments);
