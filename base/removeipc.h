/* SPDX-License-Identifier: MIT */
/*
 * removeipc.h - will logind delete this user's shared memory at logout?
 *
 * With RemoveIPC=yes, which is its default, logind removes every object in /dev/shm that belongs to
 * a user when his last session ends: rings of his own shmqd vanish under their users. System users
 * are spared.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* @root: "" or where another system's files lie (tests). */
bool removeipc_threatens(const char *root, uid_t uid);
