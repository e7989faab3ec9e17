/* SPDX-License-Identifier: MIT */
/*
 * fd.h - small helpers around file descriptors; all results are 0/count or -errno
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"

/* fd_close() - close @fd if it is not negative, keep errno. Return: -1, to be assigned. */
int fd_close(int fd);

static inline void fd_closep(int *fd)
{
	*fd = fd_close(*fd);
}
#define _cleanup_fd_ _cleanup_(fd_closep)

int fd_set_nonblock(int fd, bool nonblock);

/* Write all of @len_bytes, through EINTR and short writes; blocking descriptors. */
int fd_write_all(int fd, const void *buf, size_t len_bytes);

/* Read until @len_bytes or end of file, through EINTR. Return: bytes read, or -errno. */
ssize_t fd_read_full(int fd, void *buf, size_t len_bytes);

/* Read a whole small text file (procfs, sysfs) into @buf, NUL-terminated, trailing newline cut.
 * Return: length, -E2BIG when it does not fit, or -errno. */
ssize_t file_read_line(const char *path, char *buf, size_t cap_bytes);
