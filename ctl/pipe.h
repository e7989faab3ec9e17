/* SPDX-License-Identifier: MIT */
/*
 * pipe.h - standard input and output, which may be pipes of other programs
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* A pipe holds 64 KiB unless asked; fewer and larger reads and writes carry a stream. Best effort.
 */
void pipe_widen(int fd);

/* Whether a read(2) would not block now; wait until it would not. Return of the latter: 0 or
 * -errno. */
bool pipe_readable_now(int fd);
int pipe_wait_readable(int fd);

/* Write all of @iov, which is used up, to any kind of descriptor. @written counts bytes, on failure
 * too. Return: 0 or -errno. */
int pipe_writev(int fd, struct iovec *iov, int n_iov, size_t *written);
