/* SPDX-License-Identifier: MIT */
/*
 * guarded.h - this program's shared mappings, with pages without access before and behind each
 *
 * The program's own mmap(2) and munmap(2) take the place of the C library's, also for the client
 * library: whatever that maps of a ring is guarded, and what of it may be written is known.
 */
#pragma once

#include <stddef.h>

struct guarded {
	unsigned char *memory;
	size_t bytes;
};

/* The @i-th mapping of this process that is shared, of a file, and writable. Return: 0, or -ENOENT
 * when there are not so many. */
int guarded_writable(unsigned i, struct guarded *ret_mapping);
