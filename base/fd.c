/* SPDX-License-Identifier: MIT */
/*
 * fd.c - reading, writing and closing file descriptors without the classical mistakes
 *
 * Stateless. Interrupted calls are repeated, short ones continued; errno is never the result.
 */
#include "base/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fd_close(int fd)
{
	int saved = errno;

	/* Linux has released the descriptor even when close(2) reports EINTR: never repeat it. */
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

int fd_set_nonblock(int fd, bool nonblock)
{
	int flags = fcntl(fd, F_GETFL);
	int wanted;

	if (flags < 0)
		return -errno;
	wanted = nonblock ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	if (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)
		return -errno;
	return 0;
}

int fd_write_all(int fd, const void *buf, size_t len_bytes)
{
	const char *next = buf;

	while (len_bytes > 0) {
		ssize_t n = write(fd, next, len_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		next += n;
		len_bytes -= (size_t)n;
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *buf, size_t len_bytes)
{
	char *start = buf;
	size_t done = 0;

	while (done < len_bytes) {
		ssize_t n = read(fd, start + done, len_bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t file_read_line(const char *path, char *buf, size_t cap_bytes)
{
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	assert(cap_bytes > 0);
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	n = fd_read_full(fd, buf, cap_bytes);
	if (n < 0)
		return n;
	if ((size_t)n == cap_bytes)
		return -E2BIG;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return n;
}
