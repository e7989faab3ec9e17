/* SPDX-License-Identifier: MIT */
/*
 * sealed.c - memory of sealed rings; see sealed.h
 */
#include "daemon/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* Linux 6.3; not in Debian 12's headers */
#endif

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static uint64_t part_bytes(const struct registry_ring *record, enum sealed_part part)
{
	return part == SEALED_CONSUMER ? record->region_bytes
				       : record->segment_bytes - record->region_bytes;
}

/* Another description of the same object. */
static int reopen(int fd, int flags)
{
	char path[40];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, flags | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

static int make_object(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* an older kernel */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int part_create(const char *name, uint64_t bytes)
{
	_cleanup_fd_ int fd = make_object(name);

	if (fd < 0)
		return fd;
	if (fchmod(fd, 0600) < 0 || ftruncate(fd, (off_t)bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	/* the kernel doesn't count the first description as a writer, and we ask who writes */
	return reopen(fd, O_RDWR);
}

int sealed_create(const struct registry_ring *record, const char *name,
		  struct sealed_file *ret_file, uint64_t *ret_inode)
{
	struct sealed_file file = { { -1, -1 } };
	struct stat st;

	for (unsigned part = 0; part < SEALED_PARTS; part++) {
		int fd = part_create(name, part_bytes(record, part));

		if (fd < 0) {
			sealed_close(&file);
			return fd;
		}
		file.fd[part] = fd;
	}
	if (fstat(file.fd[SEALED_PRODUCER], &st) < 0) {
		int r = -errno;

		sealed_close(&file);
		return r;
	}
	*ret_inode = st.st_ino;
	*ret_file = file;
	return 0;
}

void sealed_close(struct sealed_file *file)
{
	for (unsigned part = 0; part < SEALED_PARTS; part++)
		file->fd[part] = fd_close(file->fd[part]);
}

int sealed_check(const struct registry_ring *record, const struct sealed_file *file)
{
	for (unsigned part = 0; part < SEALED_PARTS; part++) {
		int seals = fcntl(file->fd[part], F_GET_SEALS);
		struct stat st;

		if (fstat(file->fd[part], &st) < 0)
			return -errno;
		if (seals < 0 || (seals & SEALS) != SEALS || st.st_uid != geteuid() ||
		    (st.st_mode & 0777) != 0600 ||
		    (uint64_t)st.st_size != part_bytes(record, part))
			return -EBADMSG;
		if (part == SEALED_PRODUCER && st.st_ino != record->inode)
			return -ESTALE;
	}
	return 0;
}

/* ---- offsets ---- */

/* The part that holds @offset, where in it, and how far it goes on there. */
static enum sealed_part locate(const struct registry_ring *record, uint64_t offset,
			       uint64_t *ret_at, uint64_t *ret_left)
{
	uint64_t region = record->region_bytes;

	if (offset < region) {
		*ret_at = offset;
		*ret_left = region - offset;
		return SEALED_PRODUCER;
	}
	if (offset < 2 * region) {
		*ret_at = offset - region;
		*ret_left = 2 * region - offset;
		return SEALED_CONSUMER;
	}
	*ret_at = offset - region;
	*ret_left = record->segment_bytes - offset;
	return SEALED_PRODUCER;
}

int sealed_change(const struct registry_ring *record, const struct sealed_file *file, int mode,
		  uint64_t offset, uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t at, left;
		enum sealed_part part = locate(record, offset, &at, &left);

		if (left > bytes)
			left = bytes;
		if (fallocate(file->fd[part], mode, (off_t)at, (off_t)left) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		offset += left;
		bytes -= left;
	}
	return 0;
}

int sealed_read(const struct registry_ring *record, const struct sealed_file *file, void *buf,
		size_t len_bytes, uint64_t offset)
{
	uint64_t at, left;
	enum sealed_part part = locate(record, offset, &at, &left);
	ssize_t n;

	if (len_bytes > left)
		return -ENODATA;
	do {
		n = pread(file->fd[part], buf, len_bytes, (off_t)at);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len_bytes ? 0 : -ENODATA;
}

int sealed_open_for(const struct sealed_file *file, enum shmq_role role,
		    struct sealed_file *ret_opened)
{
	struct sealed_file opened = { { -1, -1 } };

	for (unsigned part = 0; part < SEALED_PARTS; part++) {
		bool is_writer = (role == SHMQ_ROLE_PRODUCER) == (part == SEALED_PRODUCER);
		int fd = reopen(file->fd[part], is_writer ? O_RDWR : O_RDONLY);

		if (fd < 0) {
			sealed_close(&opened);
			return fd;
		}
		opened.fd[part] = fd;
	}
	*ret_opened = opened;
	return 0;
}
