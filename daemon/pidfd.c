/* SPDX-License-Identifier: MIT */
/*
 * pidfd.c - counted pidfds; see pidfd.h
 */
#include "daemon/pidfd.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/fd.h"

struct pidfd *pidfd_new(int fd)
{
	struct pidfd *pidfd = calloc(1, sizeof(*pidfd));

	assert(fd >= 0);
	if (!pidfd)
		return NULL;
	pidfd->fd = fd;
	pidfd->n_refs = 1;
	return pidfd;
}

struct pidfd *pidfd_ref(struct pidfd *pidfd)
{
	pidfd->n_refs++;
	return pidfd;
}

struct pidfd *pidfd_unref(struct pidfd *pidfd)
{
	if (!pidfd || --pidfd->n_refs > 0)
		return NULL;
	fd_close(pidfd->fd);
	free(pidfd);
	return NULL;
}

bool pidfd_has_fired(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int n;

	do {
		n = poll(&poll_fd, 1, 0);
	} while (n < 0 && errno == EINTR);
	return n > 0; /* readable, or hung up: both mean ended */
}
