/* SPDX-License-Identifier: MIT */
/*
 * instance.h - one daemon per socket: the runtime directory, its lock, the listening socket
 *
 * The lock is taken before anything else is touched. It is an open file description lock on
 * <socket>.lock, which only the daemon's user can open: a descriptor of any kind would be enough to
 * lock the daemon out. The file says who holds it.
 */
#pragma once

#include "daemon/options.h"

struct instance {
	const struct options *options;
	int lock_fd;
	int listen_fd;
	bool is_bound;		/* the socket is ours to remove; else systemd's */
	char lock_path[OPTIONS_SOCKET_MAX + 8];
};

/* Write lock on a whole file. Return: 0; -EBUSY: somebody holds one; -errno. */
int instance_lock(int fd);

/* The functions below log what went wrong. */

/* Make the runtime directory if need be, judge it, take the lock. Return: 0, -EBUSY, -errno. */
int instance_begin(const struct options *options, struct instance *ret_instance);
/* A socket that systemd listens on: is it what we need? Takes it over. Return: 0, -EINVAL, -errno. */
int instance_take_socket(struct instance *instance, int fd);
/* Our own socket, listening; an old one is replaced if nobody listens there. Return: 0, -errno. */
int instance_listen(struct instance *instance);
/* Remove socket and lock file (not systemd's), close all. */
void instance_end(struct instance *instance);
