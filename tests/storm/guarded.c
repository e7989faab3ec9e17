/* SPDX-License-Identifier: MIT */
/*
 * guarded.c - see guarded.h
 *
 * One thread, and no more mappings at a time than the table holds.
 */
#include "tests/storm/guarded.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GUARD_BYTES  ((size_t)65536)
#define MAPPINGS_MAX 64

static struct {
	struct guarded mapping; /* memory NULL: free */
	bool writable;
} table[MAPPINGS_MAX];

static void *map(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): what the system call returns */
	return (void *)syscall(SYS_mmap, address, bytes, protection, flags, fd, offset);
}

static void remember(unsigned char *memory, size_t bytes, bool writable)
{
	unsigned i = 0;

	while (i < MAPPINGS_MAX && table[i].mapping.memory)
		i++;
	if (i == MAPPINGS_MAX)
		abort();
	table[i].mapping = (struct guarded){ memory, bytes };
	table[i].writable = writable;
}

void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	unsigned char *space;

	if (fd < 0 || !(flags & MAP_SHARED) || flags & MAP_FIXED)
		return map(address, bytes, protection, flags, fd, offset);
	space = map(NULL, bytes + 2 * GUARD_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return space;
	if (map(space + GUARD_BYTES, bytes, protection, flags | MAP_FIXED, fd, offset) ==
	    MAP_FAILED) {
		syscall(SYS_munmap, space, bytes + 2 * GUARD_BYTES);
		return MAP_FAILED;
	}
	remember(space + GUARD_BYTES, bytes, protection & PROT_WRITE);
	return space + GUARD_BYTES;
}

int munmap(void *address, size_t bytes)
{
	for (unsigned i = 0; address && i < MAPPINGS_MAX; i++) {
		struct guarded *mapping = &table[i].mapping;

		if (mapping->memory != address)
			continue;
		if (mapping->bytes != bytes)
			abort(); /* nobody unmaps a part */
		mapping->memory = NULL;
		return (int)syscall(SYS_munmap, (unsigned char *)address - GUARD_BYTES,
				    bytes + 2 * GUARD_BYTES);
	}
	return (int)syscall(SYS_munmap, address, bytes);
}

int guarded_writable(unsigned i, struct guarded *ret_mapping)
{
	for (unsigned at = 0; at < MAPPINGS_MAX; at++) {
		if (!table[at].mapping.memory || !table[at].writable || i--)
			continue;
		*ret_mapping = table[at].mapping;
		return 0;
	}
	return -ENOENT;
}
