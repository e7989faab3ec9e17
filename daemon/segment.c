/* SPDX-License-Identifier: MIT */
/*
 * segment.c - making and removing segments; see segment.h
 */
#include "daemon/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/held.h"

static const struct registry_ring *record_of(const struct segment_files *files, uint32_t ring)
{
	return &files->registry->rings[ring];
}

static int create_sealed(struct segment_files *files, uint32_t ring, uint64_t *ret_inode)
{
	char name[CONTROL_SEGMENT_MAX];
	struct sealed_file file;
	int r;

	core_segment_name(files->core, ring, name);
	r = sealed_create(record_of(files, ring), name + 1, &file, ret_inode);
	if (r < 0)
		return r;
	r = segment_files_seal(files, ring, &file);
	if (r < 0)
		sealed_close(&file);
	return r;
}

int segment_file_create(struct segment_files *files, uint32_t ring, uint64_t *ret_inode)
{
	_cleanup_fd_ int fd = -1;
	char name[CONTROL_SEGMENT_MAX];
	struct stat st;
	int r = 0;

	if (record_of(files, ring)->sealed)
		return create_sealed(files, ring, ret_inode);
	core_segment_name(files->core, ring, name);
	fd = shm_dir_create(files->dir, name);
	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)record_of(files, ring)->segment_bytes) < 0 || fstat(fd, &st) < 0)
		r = -errno;
	if (r < 0) {
		shm_dir_unlink(files->dir, name);
		return r;
	}
	*ret_inode = st.st_ino;
	segment_files_add(files, ring, TAKE_FD(fd), st.st_ino);
	return 0;
}

static int change_pages(int fd, int mode, uint64_t offset, uint64_t bytes)
{
	int r;

	do {
		r = fallocate(fd, mode, (off_t)offset, (off_t)bytes) < 0 ? -errno : 0;
	} while (r == -EINTR); /* tmpfs has undone it */
	return r;
}

static int change(struct segment_files *files, uint32_t ring, int mode, uint64_t offset,
		  uint64_t bytes)
{
	const struct sealed_file *sealed = segment_files_sealed(files, ring);
	int fd;

	if (record_of(files, ring)->sealed)
		return sealed ? sealed_change(record_of(files, ring), sealed, mode, offset, bytes)
			      : -ENOENT;
	fd = segment_files_get(files, ring);
	return fd < 0 ? fd : change_pages(fd, mode, offset, bytes);
}

int segment_file_allocate(struct segment_files *files, uint32_t ring, uint64_t offset, uint64_t bytes)
{
	return change(files, ring, 0, offset, bytes);
}

int segment_file_punch(struct segment_files *files, uint32_t ring, uint64_t offset, uint64_t bytes)
{
	int r = change(files, ring, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
	bool is_last = offset + bytes >= record_of(files, ring)->segment_bytes;

	return r == 0 && is_last && segment_file_is_held(files, ring) ? -EBUSY : r;
}

bool segment_file_is_held(struct segment_files *files, uint32_t ring)
{
	const struct sealed_file *sealed = segment_files_sealed(files, ring);
	int fd;

	if (record_of(files, ring)->sealed)
		return sealed && (held_elsewhere(sealed->fd[SEALED_PRODUCER]) ||
				  held_elsewhere(sealed->fd[SEALED_CONSUMER]));
	fd = segment_files_get(files, ring);
	return fd >= 0 && held_elsewhere(fd);
}

/* Is what bears this name the object that the record means? */
static int judge_name(const struct segment_files *files, uint32_t ring, const char *name)
{
	uint64_t recorded = record_of(files, ring)->inode;
	struct stat st;
	int r = shm_dir_stat(files->dir, name, &st);

	if (r < 0)
		return r;
	if (!shm_stat_is(files->dir, &st, SHM_OWNED) || (recorded && recorded != st.st_ino))
		return -ENOENT; /* ours is gone: that is all the core needs to know */
	return 0;
}

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* What has no descriptor here goes back by itself when it is closed: if nobody else has one. */
static int keep_for_punching(struct segment_files *files, uint32_t ring)
{
	int r = segment_files_pin(files, ring);
	int fd = segment_files_get(files, ring);

	if (fd < 0)
		return is_shortage(fd) ? fd : 0;
	fchmod(fd, 0); /* takes the ACL's rights as well: a hard link that was made of it opens nothing */
	return r == -EMFILE && held_elsewhere(fd) ? -EMFILE : 0;
}

/* What goes for good must be nobody's. First nobody can open it any more, then it is asked who has it
 * open: the other way round somebody might slip in between. */
static int leave_to_nobody(struct segment_files *files, uint32_t ring)
{
	int fd = segment_files_get(files, ring);

	if (fd < 0)
		return is_shortage(fd) ? fd : 0;
	fchmod(fd, 0);
	if (!held_elsewhere(fd))
		return 0;
	if (record_of(files, ring)->state == REGISTRY_RING_PURGING)
		segment_file_share(files, ring); /* the ring goes on as it was */
	return -EBUSY;
}

/* Who was in the middle of opening it just then was not seen, and has an empty file now. To close it
 * would take as long, if it is nobody's. */
static void give_back(struct segment_files *files, uint32_t ring)
{
	change(files, ring, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
	       record_of(files, ring)->segment_bytes);
}

int segment_file_unlink(struct segment_files *files, uint32_t ring, bool keep_open)
{
	char name[CONTROL_SEGMENT_MAX];
	int r, named;

	if (record_of(files, ring)->sealed) {
		/* its end is that nobody has it open */
		r = segment_files_sealed(files, ring) ? 0 : -ENOENT;
		if (!keep_open)
			segment_files_forget(files, ring);
		return r;
	}
	core_segment_name(files->core, ring, name);
	named = judge_name(files, ring, name);
	r = keep_open ? keep_for_punching(files, ring)
	    : named == 0 ? leave_to_nobody(files, ring) : 0;
	if (r < 0)
		return r;
	r = named < 0 ? named : shm_dir_unlink(files->dir, name);
	if (!keep_open) {
		if (r == 0)
			give_back(files, ring);
		segment_files_forget(files, ring);
	}
	return r;
}

int segment_file_unlink_stray(const struct shm_dir *dir, const char *name)
{
	struct stat st;
	int r = shm_dir_stat(dir, name, &st);

	if (r < 0)
		return r;
	if (shm_dir_kind(dir, name) != SHM_SEGMENT || !shm_stat_is(dir, &st, SHM_OWNED))
		return -EPERM;
	return shm_dir_unlink(dir, name);
}
