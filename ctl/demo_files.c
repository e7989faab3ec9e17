/* SPDX-License-Identifier: MIT */
/*
 * demo_files.c - a directory tree of this machine, of about the size that is wanted
 *
 * The names go into a file, for tar: so the archive is whole, whatever its size, and holds only
 * what we may read.
 */
#include <errno.h>
#include <sys/stat.h>
#include <ftw.h>
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

/* nftw(3) has no argument for its callback. */
static struct {
	struct demo_tree *tree;
	FILE *list;
	uint64_t max_files, max_bytes;
	dev_t device; /* of its root */
	bool failed;
} walk;

static int add_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
	uint64_t bytes = type == FTW_F ? (uint64_t)st->st_size : 0;
	struct demo_tree *tree = walk.tree;

	/* not FTW_MOUNT: files of an overlay can seem to be on another device than its directories */
	if (place->level == 0)
		walk.device = st->st_dev;
	if (type == FTW_D && st->st_dev != walk.device)
		return FTW_SKIP_SUBTREE;
	/* no search for the last small file that would just fit */
	if (tree->bytes + walk.max_bytes / 50 >= walk.max_bytes ||
	    tree->n_files >= walk.max_files || demo_interrupted())
		return FTW_STOP;
	if (type != FTW_F && type != FTW_D && type != FTW_SL)
		return FTW_CONTINUE;
	if (type == FTW_F && (!S_ISREG(st->st_mode) || bytes > walk.max_bytes - tree->bytes ||
			      access(path, R_OK) < 0))
		return FTW_CONTINUE;
	if (fwrite(path, strlen(path) + 1, 1, walk.list) != 1) {
		walk.failed = true;
		return FTW_STOP;
	}
	tree->bytes += bytes;
	tree->n_files += type == FTW_F;
	return FTW_CONTINUE;
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

static int add_tree(FILE *list, size_t root, uint64_t max_bytes, struct demo_tree *tree)
{
	int r = 0;

	walk.tree = tree;
	walk.list = list;
	walk.max_files = roots[root].max_files;
	walk.max_bytes = max_bytes;
	walk.failed = false;
	if (nftw(roots[root].path, add_entry, 32, FTW_PHYS | FTW_ACTIONRETVAL) < 0)
		r = -errno;
	else if (walk.failed)
		r = -EIO;
	walk.tree = NULL; /* the caller's */
	walk.list = NULL;
	return r;
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
		int r = 0;

		if (access(roots[i].path, R_OK) == 0 && tree.bytes < max_bytes)
			r = add_tree(list, i, max_bytes, &tree);
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
