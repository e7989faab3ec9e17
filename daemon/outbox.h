/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - packets on their way to one client, in order, bounded
 *
 * Usually a packet goes straight into the socket and nothing is kept. When the socket is full,
 * packets wait here, and their connection is not read from until they have left.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define OUTBOX_PACKETS_MAX 512u
#define OUTBOX_BYTES_MAX   (1u << 20)

/* Descriptors that go with a packet: none, one, or two. */
struct outbox_fds {
	int fd[2]; /* -1: none */
};

#define OUTBOX_NO_FD	((struct outbox_fds){ { -1, -1 } })
#define OUTBOX_FD(only) ((struct outbox_fds){ { (only), -1 } })

struct outbox_packet;

struct outbox {
	struct outbox_packet *first, **end;
	unsigned n_packets;
	size_t bytes;
};

void outbox_init(struct outbox *outbox);
void outbox_deinit(struct outbox *outbox);

static inline bool outbox_is_empty(const struct outbox *outbox)
{
	return !outbox->first;
}

/*
 * outbox_send() - send a packet, or keep it until outbox_flush()
 * @fds: descriptors that go with it, or OUTBOX_NO_FD; duplicates are kept if need be.
 * Return: 0; -ENOBUFS: the outbox is full, the packet is lost; -EPIPE, -ECONNRESET: nobody reads;
 * -ENOMEM, -errno.
 */
int outbox_send(struct outbox *outbox, int socket_fd, const void *data, size_t len_bytes,
		struct outbox_fds fds);
/* Return: 0: empty; -EAGAIN: when the socket can be written again; -EBUSY: somewhat later (the
 * kernel holds too many descriptors in flight, or no memory); -errno: the connection is broken. */
int outbox_flush(struct outbox *outbox, int socket_fd);
