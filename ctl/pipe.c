/* SPDX-License-Identifier: MIT */
/*
 * pipe.c - reading and writing what may be a pipe, a terminal, a file, blocking or not
 */
#include "ctl/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20)

void pipe_widen(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ,
		    PIPE_BYTES); /* EBADF: no pipe, EPERM: limits. Fine as it is */
}

static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int n = poll(&poll_fd, 1, timeout_ms);

	return n < 0 && errno != EINTR ? -errno : n > 0;
}

bool pipe_readable_now(int fd)
{
	return wait_for(fd, POLLIN, 0) > 0;
}

int pipe_wait_readable(int fd)
{
	int r = wait_for(fd, POLLIN, -1);

	return r < 0 ? r : 0;
}

int pipe_writev(int fd, struct iovec *iov, int n_iov, size_t *written)
{
	*written = 0;
	while (n_iov > 0) {
		ssize_t n;
		int r;

		if (iov->iov_len == 0) {
			iov++;
			n_iov--;
			continue;
		}
		n = writev(fd, iov, n_iov);
		if (n < 0 && errno == EAGAIN) {
			r = wait_for(fd, POLLOUT, -1);
			if (r < 0)
				return r;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		*written += (size_t)n;
		while (n > 0) {
			size_t step = (size_t)n < iov->iov_len ? (size_t)n : iov->iov_len;

			iov->iov_base = (char *)iov->iov_base + step;
			iov->iov_len -= step;
			n -= (ssize_t)step;
			if (iov->iov_len == 0) {
				iov++;
				n_iov--;
			}
		}
	}
	return 0;
}
