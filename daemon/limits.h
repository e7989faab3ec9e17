/* SPDX-License-Identifier: MIT */
/*
 * limits.h - what this machine allows: open files, shared memory, and limits that follow from them
 */
#pragma once

#include "daemon/core/core.h"
#include "daemon/options.h"

/* Descriptors that are not connections': segments in use, registry, board, epoll, inotify. */
#define LIMITS_OWN_DESCRIPTORS 128u

/* Raise the limit of open files as far as it goes. Return: the limit. */
uint64_t limits_raise_open_files(void);

/*
 * limits_resolve() - what was not given on the command line
 * @open_files: limit of open files. @shm_bytes: size of /dev/shm, 0: it has none.
 */
void limits_resolve(const struct options *options, uint64_t open_files, uint64_t shm_bytes,
		    struct core_limits *ret_limits);

/* Size of the file system behind @fd; half of the machine's memory if it is not limited. */
uint64_t limits_shm_bytes(int fd);
