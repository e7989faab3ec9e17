/* SPDX-License-Identifier: MIT */
/*
 * holders.c - one walk over /proc: tasks' descriptors by statx(2), mappings by maps
 */
#include "ctl/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* Inode number of the first pid namespace, fixed in the kernel (PROC_PID_INIT_INO). */
#define FIRST_PID_NAMESPACE UINT64_C(0xEFFFFFFC)

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int by_inode(const void *a, const void *b)
{
	const struct held_file *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->dev == y->dev ? 0 : x->dev < y->dev ? -1 : 1;
}

struct walk {
	struct held_file **sorted; /* by inode, then device */
	size_t n;
	struct holders_view *view;
};

static int by_inode_indirect(const void *a, const void *b)
{
	return by_inode(*(struct held_file *const *)a, *(struct held_file *const *)b);
}

static void add_holder(const struct walk *walk, dev_t dev, ino_t inode, pid_t pid)
{
	const struct held_file key = { .dev = dev, .inode = inode };
	const struct held_file *key_pointer = &key;
	struct held_file **found = bsearch(&key_pointer, walk->sorted, walk->n,
					   sizeof(*walk->sorted), by_inode_indirect);
	struct held_file *file = found ? *found : NULL;
	size_t known;

	if (!file)
		return;
	known = file->n_holders < HOLDER_PIDS_MAX ? file->n_holders : HOLDER_PIDS_MAX;
	/* A process comes up in one piece: if it is known it is the last one. */
	if (file->n_holders > 0 && file->pids[known - 1] == pid)
		return;
	if (file->n_holders < HOLDER_PIDS_MAX)
		file->pids[file->n_holders] = pid;
	file->n_holders++;
}

/* Descriptors of one task. Return: 0; -EACCES may not look; -ENOENT it has just ended. */
static int walk_descriptors(const struct walk *walk, int proc, const char *path, pid_t pid)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	_cleanup_fd_ int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	TAKE_FD(fd);
	errno = 0;
	while ((entry = readdir(dir))) {
		struct statx info;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		/* Follows the magic link; without a round trip to a file server that may hang. */
		if (statx(dirfd(dir), entry->d_name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
			  STATX_INO, &info) == 0)
			add_holder(walk, makedev(info.stx_dev_major, info.stx_dev_minor),
				   info.stx_ino, pid);
		errno = 0;
	}
	return -errno;
}

/* Threads may have descriptor tables of their own, so every task is asked. */
static int walk_tasks(const struct walk *walk, int proc, pid_t pid)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	_cleanup_fd_ int fd = -1;
	struct dirent *entry;
	char path[300];
	int worst = 0;

	snprintf(path, sizeof(path), "%d/task", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	TAKE_FD(fd);
	while ((entry = readdir(dir))) {
		int r;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%d/task/%s/fd", (int)pid, entry->d_name);
		r = walk_descriptors(walk, proc, path, pid);
		if (r < 0 && r != -ENOENT && r != -ESRCH)
			worst = r;
	}
	return worst;
}

/* "7f..-7f.. rw-s 00000000 00:16 1234   /dev/shm/x": device and inode are what counts. */
static int walk_mappings(const struct walk *walk, int proc, pid_t pid)
{
	_cleanup_(fclosep) FILE *maps = NULL;
	_cleanup_fd_ int fd = -1;
	char line[4096 + 256];
	char path[64];

	snprintf(path, sizeof(path), "%d/maps", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	maps = fdopen(fd, "re");
	if (!maps)
		return -errno;
	TAKE_FD(fd);
	errno = 0;
	while (fgets(line, sizeof(line), maps)) {
		unsigned major, minor;
		uint64_t inode;

		if (sscanf(line, "%*s %*s %*s %x:%x %" SCNu64, &major, &minor, &inode) == 3 &&
		    inode)
			add_holder(walk, makedev(major, minor), inode, pid);
	}
	return ferror(maps) ? -errno : 0;
}

/* A process that has ended meanwhile holds nothing; a zombie neither (its files are closed). */
static void walk_process(const struct walk *walk, int proc, pid_t pid)
{
	int r = walk_tasks(walk, proc, pid);
	int r2 = walk_mappings(walk, proc, pid);

	walk->view->n_processes++;
	if ((r < 0 && r != -ENOENT && r != -ESRCH) || (r2 < 0 && r2 != -ENOENT && r2 != -ESRCH)) {
		walk->view->n_hidden++;
		walk->view->hidden_pid = pid;
	}
}

/* With hidepid= the processes of others aren't even listed: then somebody must be missing. */
static void note_hidepid(struct holders_view *view)
{
	if (geteuid() != 0 && access("/proc/1/stat", F_OK) != 0) {
		view->n_hidden++;
		view->hidden_pid = 1;
	}
}

int holders_find(struct held_file *files, size_t n_files, struct holders_view *ret_view)
{
	_cleanup_(freep) struct held_file **sorted = calloc(n_files ? n_files : 1, sizeof(*sorted));
	_cleanup_(closedirp) DIR *dir = opendir("/proc");
	struct holders_view view = { 0 };
	struct walk walk = { .sorted = sorted, .n = n_files, .view = &view };
	struct dirent *entry;
	struct stat st;

	if (!sorted)
		return -ENOMEM;
	if (!dir)
		return -errno;
	for (size_t i = 0; i < n_files; i++) {
		files[i].n_holders = 0;
		sorted[i] = &files[i];
	}
	qsort(sorted, n_files, sizeof(*sorted), by_inode_indirect);
	if (stat("/proc/self/ns/pid", &st) < 0)
		return -errno;
	view.namespaced = st.st_ino != FIRST_PID_NAMESPACE;
	errno = 0;
	while ((entry = readdir(dir))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			walk_process(&walk, dirfd(dir), (pid_t)strtol(entry->d_name, NULL, 10));
		errno = 0;
	}
	if (errno)
		return -errno;
	note_hidepid(&view);
	*ret_view = view;
	return 0;
}
