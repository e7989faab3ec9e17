/* SPDX-License-Identifier: MIT */
/*
 * held.h - does anybody else have this file open or mapped?
 *
 * The kernel knows: it grants a write lease only to the file's one and only description. The mapping
 * counts as the description that it was made from, and one that is on its way through a socket counts
 * too, and those of processes that can't be seen from here. The lease is given back at once.
 */
#pragma once

#include <stdbool.h>

/* @fd: the caller's only one of a file that is his, or anybody's if he is root. He ignores SIGIO: who
 * opens the file meanwhile breaks the lease. Where the kernel can't be asked the answer is no. */
bool held_elsewhere(int fd);
