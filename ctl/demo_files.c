/* SPDX-License-Identifier: MIT */
/*
 * demo_files.c - a directory tree of this machine, of about the size that is wanted
 *
 * The names go into a file, for tar: so the archive is whole, whatever its size, and holds only
 * what we may read.
 */
#include <errno.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/demo.h"

static void fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static void fts_closep(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

/* Files that change while they are read would make tar complain, and are none of a system's own. */
static bool wanted(const FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_F:
		return access(entry->fts_accpath, R_OK) == 0;
	case FTS_D:
	case FTS_SL:
		return true;
	default:
		return false;
	}
}

/* Small files, then large ones: a tree of both, that no disk reads for ever. */
static const struct {
	const char *path;
	uint64_t max_files;
	unsigned percent; /* of all bytes, up to here */
} roots[] = {
	{ "/usr/share", 3000, 20 },
	{ "/usr/bin", 6000, 50 },
	{ "/usr/lib", 12000, 100 },
	{ "/opt", 15000, 100 },
};

static int add_tree(FILE *list, const char *root, uint64_t max_files, uint64_t max_bytes,
		    struct demo_tree *tree)
{
	char *const roots[] = { (char *)root, NULL };
	_cleanup_(fts_closep) FTS *fts =
		fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	uint64_t enough_bytes = max_bytes - max_bytes / 50; /* no search for the last small file */
	FTSENT *entry;

	if (!fts)
		return -errno;
	while (tree->bytes < enough_bytes && tree->n_files < max_files && !demo_interrupted() &&
	       (entry = fts_read(fts))) {
		if (!wanted(entry))
			continue;
		if (entry->fts_info == FTS_F) {
			if ((uint64_t)entry->fts_statp->st_size > max_bytes - tree->bytes)
				continue;
			tree->bytes += (uint64_t)entry->fts_statp->st_size;
			tree->n_files++;
		}
		if (fwrite(entry->fts_path, strlen(entry->fts_path) + 1, 1, list) != 1)
			return -EIO;
	}
	return 0;
}

int demo_choose_files(struct demo *demo, struct demo_tree *ret_tree)
{
	struct demo_tree tree = { 0 };
	_cleanup_(fclosep) FILE *list = NULL;

	snprintf(tree.list, sizeof(tree.list), "%s/files", demo->dir);
	list = fopen(tree.list, "we");
	if (!list)
		return -errno;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		uint64_t max_bytes = demo->stream_bytes / 100 * roots[i].percent;
		int r = access(roots[i].path, R_OK) == 0 && tree.bytes < max_bytes
				? add_tree(list, roots[i].path, roots[i].max_files, max_bytes,
					   &tree)
				: 0;

		if (r < 0)
			return r;
	}
	if (fflush(list) != 0)
		return -errno;
	if (tree.n_files == 0)
		return -ENOENT;
	*ret_tree = tree;
	return 0;
}
