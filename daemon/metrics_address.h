/* SPDX-License-Identifier: MIT */
/*
 * metrics_address.h - the socket on which metrics are served
 */
#pragma once

/*
 * metrics_listen() - open @address, "ADDRESS:PORT", "[ADDRESS]:PORT", or a path
 * A path at which nobody listens any more is taken over. Return: a listening descriptor (CLOEXEC, does
 * not block); -EINVAL it is no address; -errno.
 */
int metrics_listen(const char *address);

/* Make @fd, which a service manager has handed over, fit for the loop. Return: it, or -EINVAL it is no
 * listening stream socket; -errno. */
int metrics_take(int fd);

/* Remove what metrics_listen() made in the file system, if anything. */
void metrics_unlisten(const char *address);
