/* SPDX-License-Identifier: MIT */
/*
 * receive.h - one packet from a client, with what the kernel says about it
 *
 * Descriptors that came along are closed before anything else happens: no request has any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct received {
	size_t len_bytes;	/* in the buffer */
	bool is_end;		/* nothing will come any more */
	bool is_cut;		/* it was longer than the buffer */
	bool had_descriptors;
	pid_t sender_pid;	/* SCM_CREDENTIALS; 0: the kernel didn't say */
};

/* Return: 0; -EAGAIN: nothing there; -errno: the connection is broken. */
int receive_packet(int socket_fd, void *buf, size_t cap_bytes, struct received *ret_received);
