/* SPDX-License-Identifier: MIT */
/*
 * scan.c - reading /dev/shm once; see scan.h
 */
#include "daemon/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const struct shm_dir *dir;
	struct core_scan_entry *entries;
	size_t n_entries, n_room;
};

static int room_make(struct scan *scan)
{
	size_t n = scan->n_room ? 2 * scan->n_room : 64;
	struct core_scan_entry *entries = reallocarray(scan->entries, n, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	scan->entries = entries;
	scan->n_room = n;
	return 0;
}

static int scan_one(void *arg, const char *name, enum shm_kind kind)
{
	struct scan *scan = arg;
	struct core_scan_entry *entry;
	struct stat st;
	int r = 0;

	if (kind != SHM_SEGMENT || strlen(name) + 2 > sizeof(entry->name))
		return 0;
	if (shm_dir_stat(scan->dir, name, &st) < 0 || st.st_uid != scan->dir->uid)
		return 0;
	if (scan->n_entries == scan->n_room)
		r = room_make(scan);
	if (r < 0)
		return r;
	entry = &scan->entries[scan->n_entries++];
	memset(entry, 0, sizeof(*entry));
	snprintf(entry->name, sizeof(entry->name), "/%s", name);
	entry->inode = st.st_ino;
	entry->bytes = (uint64_t)st.st_size;
	entry->ours = shm_stat_is(scan->dir, &st, SHM_OURS);
	return 0;
}

int scan_segments(const struct shm_dir *dir, struct core_scan_entry **ret_entries,
		  size_t *ret_n_entries)
{
	struct scan scan = { .dir = dir };
	int r = shm_dir_each(dir, scan_one, &scan);

	if (r < 0) {
		free(scan.entries);
		return r;
	}
	*ret_entries = scan.entries;
	*ret_n_entries = scan.n_entries;
	return 0;
}
