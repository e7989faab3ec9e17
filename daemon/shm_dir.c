/* SPDX-License-Identifier: MIT */
/*
 * shm_dir.c - names in /dev/shm; see shm_dir.h
 *
 * All access goes through one directory descriptor, so that a mount over /dev/shm in mid-life can't
 * split the instance. fs.protected_regular forbids O_CREAT on a file of somebody else's, so existing
 * objects are opened without it and new ones always with O_EXCL.
 */
#include "daemon/shm_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/random.h"

#define SHM_PATH     "/dev/shm"
#define RANDOM_BYTES 8

static const char *bare(const char *name)
{
	return name[0] == '/' ? name + 1 : name;
}

int shm_dir_open(const char *instance, struct shm_dir *ret_dir)
{
	int fd = open(SHM_PATH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret_dir->fd = fd;
	ret_dir->uid = geteuid();
	snprintf(ret_dir->instance, sizeof(ret_dir->instance), "%s", instance);
	return 0;
}

void shm_dir_close(struct shm_dir *dir)
{
	dir->fd = fd_close(dir->fd);
}

/* Return: what follows "shmq.<instance>.", or NULL. */
static const char *tail_of(const struct shm_dir *dir, const char *name)
{
	size_t len = strlen(dir->instance);

	name = bare(name);
	if (strncmp(name, "shmq.", 5) != 0 || strncmp(name + 5, dir->instance, len) != 0 ||
	    name[5 + len] != '.')
		return NULL;
	return name + 5 + len + 1;
}

/* "<stem>.<16 hex>" */
static bool tail_is(const char *tail, const char *stem)
{
	uint8_t bytes[RANDOM_BYTES];
	size_t len = strlen(stem);

	return strncmp(tail, stem, len) == 0 && tail[len] == '.' &&
	       hex_decode(tail + len + 1, bytes, sizeof(bytes)) == 0;
}

enum shm_kind shm_dir_kind(const struct shm_dir *dir, const char *name)
{
	const char *tail = tail_of(dir, name);

	if (!tail)
		return SHM_OTHER;
	if (tail_is(tail, "registry"))
		return SHM_REGISTRY;
	if (tail_is(tail, "board"))
		return SHM_BOARD;
	if (strncmp(tail, "quarantine+", 11) == 0)
		return SHM_QUARANTINED;
	return SHM_SEGMENT;
}

int shm_dir_new_name(const struct shm_dir *dir, const char *stem, char name[CONTROL_SEGMENT_MAX])
{
	char hex[2 * RANDOM_BYTES + 1];
	uint8_t bytes[RANDOM_BYTES];
	int r = random_bytes(bytes, sizeof(bytes));

	if (r < 0)
		return r;
	hex_encode(bytes, sizeof(bytes), hex);
	snprintf(name, CONTROL_SEGMENT_MAX, "shmq.%s.%s.%s", dir->instance, stem, hex);
	return 0;
}

bool shm_stat_is(const struct shm_dir *dir, const struct stat *st, enum shm_trust trust)
{
	if (!S_ISREG(st->st_mode) || st->st_uid != dir->uid)
		return false;
	if (trust >= SHM_OURS && st->st_nlink != 1)
		return false;
	return trust < SHM_PRIVATE || (st->st_mode & 07777) == 0600;
}

int shm_dir_stat(const struct shm_dir *dir, const char *name, struct stat *ret_st)
{
	return fstatat(dir->fd, bare(name), ret_st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int shm_dir_open_object(const struct shm_dir *dir, const char *name, int flags,
			enum shm_trust trust, struct stat *ret_st)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;
	int r = shm_dir_stat(dir, name, &st);

	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode)) /* opening a FIFO or a device has effects of its own */
		return -EPERM;
	fd = openat(dir->fd, bare(name), flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!shm_stat_is(dir, &st, trust))
		return -EPERM;
	*ret_st = st;
	return TAKE_FD(fd);
}

int shm_dir_make(const struct shm_dir *dir, uint64_t bytes)
{
	_cleanup_fd_ int fd = openat(dir->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	do {
		r = fallocate(fd, 0, 0, (off_t)bytes) < 0 ? -errno : 0;
	} while (r == -EINTR);
	return r < 0 ? r : TAKE_FD(fd);
}

int shm_dir_publish(const struct shm_dir *dir, int fd, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, dir->fd, bare(name), AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int shm_dir_create(const struct shm_dir *dir, const char *name)
{
	int fd = openat(dir->fd, bare(name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int shm_dir_unlink(const struct shm_dir *dir, const char *name)
{
	return unlinkat(dir->fd, bare(name), 0) < 0 ? -errno : 0;
}

int shm_dir_set_aside(const struct shm_dir *dir, const char *name)
{
	char aside[NAME_MAX + 1];
	const char *tail = tail_of(dir, name);

	if (!tail)
		return -EINVAL;
	if (snprintf(aside, sizeof(aside), "shmq.%s.quarantine+%s", dir->instance, tail) >=
	    (int)sizeof(aside))
		return -ENAMETOOLONG;
	return renameat2(dir->fd, bare(name), dir->fd, aside, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

int shm_dir_each(const struct shm_dir *dir,
		 int (*fn)(void *arg, const char *name, enum shm_kind kind), void *arg)
{
	int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	int r = 0;
	DIR *entries;

	if (fd < 0)
		return -errno;
	entries = fdopendir(fd);
	if (!entries) {
		r = -errno;
		fd_close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(entries))) {
		enum shm_kind kind = shm_dir_kind(dir, entry->d_name);

		if (kind != SHM_OTHER)
			r = fn(arg, entry->d_name, kind);
	}
	if (r == 0 && errno)
		r = -errno;
	closedir(entries);
	return r;
}
