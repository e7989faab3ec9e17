/* SPDX-License-Identifier: MIT */
/*
 * scan.c - reading /dev/shm once; see scan.h
 */
#include "daemon/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fd_store.h"

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
	entry->owned = shm_stat_is(scan->dir, &st, SHM_OWNED);
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

static int scan_one_sealed(struct scan *scan, struct segment_files *files, uint32_t ring)
{
	const struct registry_ring *record = &files->registry->rings[ring];
	struct core_scan_entry *entry;
	int r;

	if (segment_files_restore(files, ring) < 0)
		return 0; /* the core says so of the ring */
	r = scan->n_entries == scan->n_room ? room_make(scan) : 0;
	if (r < 0)
		return r;
	entry = &scan->entries[scan->n_entries++];
	memset(entry, 0, sizeof(*entry));
	core_segment_name(files->core, ring, entry->name);
	entry->inode = record->inode;
	entry->bytes = record->segment_bytes;
	entry->owned = entry->ours = true;
	return 0;
}

int scan_sealed(struct segment_files *files, struct core_scan_entry **entries, size_t *n_entries)
{
	struct scan scan = { .entries = *entries, .n_entries = *n_entries, .n_room = *n_entries };
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < files->registry->header->n_rings; i++)
		if (files->registry->rings[i].sealed &&
		    files->registry->rings[i].state == REGISTRY_RING_LIVE)
			r = scan_one_sealed(&scan, files, i);
	fd_store_forget_rest();
	*entries = scan.entries;
	*n_entries = scan.n_entries;
	return r;
}
