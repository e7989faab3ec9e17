/* SPDX-License-Identifier: MIT */
/*
 * guard.h - what a shrunk segment does to who has it mapped: an error instead of a signal
 *
 * Only of use to programs that asked for it, shmq_guard_sigbus(). The handler knows the regions of
 * all handles; a handle is used by one thread at a time, so the one that faults can't have it closed
 * meanwhile.
 */
#pragma once

#include "client/segment.h"

struct shmq_hot;

/* From here on faults in these regions are the handle's. No room for more: they stay signals. */
void guard_add(const struct segment_map *map, struct shmq_hot *hot);
/* Before they are unmapped. */
void guard_remove(const struct segment_map *map);
