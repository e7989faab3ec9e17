/* SPDX-License-Identifier: MIT */
/*
 * observer.h - messages of a ring, read from outside: nothing is written, attached or mapped
 *
 * The segment is read as a file, so that whatever its participants do, this is an error and never a
 * fault; and whoever reads that way can neither slow nor wake anybody. What it may show is what is
 * unread: once the consumer has released a message its slot is the producer's, who may be writing the
 * next payload there long before its header says so. So a message counts only if the consumer was
 * still not past it *after* it was copied. Whatever was not caught in time is counted as missed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <shmq/shmq.h>

struct observer {
	int fd;
	uint32_t slots, size_bytes, stride_bytes;
	uint32_t region_bytes, lead_bytes;
	uint64_t next;	 /* sequence of the next message to show */
	uint64_t missed; /* since observer_missed() was asked last */
	unsigned char *buf;
};

struct observed {
	uint64_t seq;
	const void *data; /* until the next call */
	size_t len_bytes;
};

/*
 * observer_open() - look at the ring that @info describes (from shmq_show())
 * @only_new: begin with what comes, instead of the oldest unread message.
 * Return: 0; -EACCES no right to open the segment; -ENOENT it is gone; -EOPNOTSUPP a sealed ring has no
 * file; -EBADMSG what is there is no such segment; -ENOMEM.
 */
int observer_open(const struct shmq_ring_info *info, bool only_new, struct observer *ret_observer);
void observer_close(struct observer *observer);

/* The next message. Return: 1; 0 there is none yet; -EBADMSG what is there can't be; -EIO. */
int observer_next(struct observer *observer, struct observed *ret_message);

/* How many went by unseen since this was called last. */
uint64_t observer_missed(struct observer *observer);
