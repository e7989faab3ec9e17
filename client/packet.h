/* SPDX-License-Identifier: MIT */
/*
 * packet.h - one packet over a SOCK_SEQPACKET socket, under a deadline
 *
 * Sockets are non-blocking; waiting is poll(2). Descriptors that come with a packet are taken by
 * whoever asked for one and closed in every other case: nobody can fill this process with them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Connect to the socket at @path. Return: a non-blocking, close-on-exec descriptor, or -errno as
 * connect(2) says it; -EAGAIN: the listener's queue is full. */
int packet_connect(const char *path);
/* The same, waiting for room in that queue. */
int packet_connect_until(const char *path, int64_t deadline_ns);

/* Return: 0; -ETIMEDOUT; -EPIPE and friends when the other end is gone. */
int packet_send(int fd, const void *buf, size_t len_bytes, int64_t deadline_ns);

#define PACKET_FDS 2 /* descriptors that a packet may carry */

/*
 * packet_receive() - wait for the next packet
 * @ret_fds: the descriptors that came with it, or -1: also when this process has no room for them.
 * Return: its length; -ETIMEDOUT; -EPIPE the other end has closed; -EBADMSG longer than @cap_bytes,
 * or with more than PACKET_FDS descriptors; or -errno.
 */
ssize_t packet_receive(int fd, void *buf, size_t cap_bytes, int64_t deadline_ns,
		       int ret_fds[PACKET_FDS]);
