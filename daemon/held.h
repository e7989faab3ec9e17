/* SPDX-License-Identifier: MIT */
/*
 * held.h - does anybody else have this file open or mapped?
 *
 * An attachment that has ended is a promise, and a mapping that was kept is memory that nobody pays
 * for. The kernel knows: it grants a write lease only to the file's one and only description. (The
 * mapping counts as the description that it was made from.) The lease is given back at once.
 */
#pragma once

#include <stdbool.h>

/* @fd: read-write, of a file of ours. Kernels without leases say no. */
bool held_elsewhere(int fd);
