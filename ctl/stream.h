/* SPDX-License-Identifier: MIT */
/*
 * stream.h - what send and recv share: opening their end of a ring
 */
#pragma once

#include "ctl/ctl.h"

/* A ring that one of them makes: whoever comes first. Lines: 1024 x 1 KiB, bytes: 64 x 64 KiB. */
#define STREAM_LINE_SLOTS 1024u
#define STREAM_LINE_SIZE  1024u
#define STREAM_BYTE_SLOTS 64u
#define STREAM_BYTE_SIZE  65536u

struct stream_options {
	uint64_t slots, size; /* 0: not asked for */
	bool bytes;
	bool existing; /* don't make it */
};

union stream_end {
	struct shmq_producer *producer;
	struct shmq_consumer *consumer;
};

/* Judge the combination of options, connect, attach as @role (of layout.h).
 * Return: CTL_OK, or the status of a failure that has been printed. */
int stream_open(struct ctl *ctl, const char *ring, uint32_t role,
		const struct stream_options *options, union stream_end *ret_end);
