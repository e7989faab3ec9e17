/* SPDX-License-Identifier: MIT */
/*
 * stream.h - what send and recv share: opening their end of a ring, files that are pipes
 */
#pragma once

#include <sys/uio.h>

#include "ctl/ctl.h"

/* A ring that one of them makes: whoever comes first. Lines: 1024 x 1 KiB, bytes: 64 x 64 KiB. */
#define STREAM_LINE_SLOTS 1024u
#define STREAM_LINE_SIZE  1024u
#define STREAM_BYTE_SLOTS 64u
#define STREAM_BYTE_SIZE  65536u

struct stream_options {
	uint64_t slots, size; /* 0: not asked for */
	bool bytes;
	bool existing;	      /* don't make it */
};

union stream_end {
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
};

/* Judge the combination of options, connect, attach as @role (of layout.h).
 * Return: CTL_OK, or the status of a failure that has been printed. */
int stream_open(struct ctl *ctl, const char *ring, uint32_t role,
		const struct stream_options *options, union stream_end *ret_end);

/* A pipe holds 64 KiB unless asked; fewer and larger reads and writes carry a stream. Best effort. */
void stream_widen_pipe(int fd);

/* Whether a read(2) would not block now; wait until it would not. Return of the latter: 0 or -errno. */
bool stream_readable_now(int fd);
int stream_wait_readable(int fd);

/* Write all of @iov, which is used up, to any kind of descriptor. @written counts bytes, on failure
 * too. Return: 0 or -errno. */
int stream_writev(int fd, struct iovec *iov, int n_iov, size_t *written);
