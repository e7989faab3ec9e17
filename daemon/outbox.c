/* SPDX-License-Identifier: MIT */
/*
 * outbox.c - the queue in front of a client's socket; see outbox.h
 */
#include "daemon/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

struct outbox_packet {
	struct outbox_packet *next;
	int fd;
	size_t len_bytes;
	unsigned char data[];
};

void outbox_init(struct outbox *outbox)
{
	*outbox = (struct outbox){ 0 };
	outbox->end = &outbox->first;
}

static void packet_drop(struct outbox *outbox)
{
	struct outbox_packet *packet = outbox->first;

	outbox->first = packet->next;
	if (!outbox->first)
		outbox->end = &outbox->first;
	outbox->n_packets--;
	outbox->bytes -= packet->len_bytes;
	fd_close(packet->fd);
	free(packet);
}

void outbox_deinit(struct outbox *outbox)
{
	while (outbox->first)
		packet_drop(outbox);
}

/* Return: 0, -EAGAIN, -EBUSY, -errno as outbox_flush(). */
static int packet_send(int socket_fd, const void *data, size_t len_bytes, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec part = { .iov_base = (void *)data, .iov_len = len_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *cmsg = &control.align;

		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	while (sendmsg(socket_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM)
			return -EBUSY;
		return -errno;
	}
	return 0;
}

static int packet_keep(struct outbox *outbox, const void *data, size_t len_bytes, int fd)
{
	struct outbox_packet *packet;

	if (outbox->n_packets >= OUTBOX_PACKETS_MAX || outbox->bytes + len_bytes > OUTBOX_BYTES_MAX)
		return -ENOBUFS;
	packet = malloc(sizeof(*packet) + len_bytes);
	if (!packet)
		return -ENOMEM;
	packet->fd = OUTBOX_NO_FD;
	if (fd >= 0) {
		packet->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (packet->fd < 0) {
			int r = -errno;

			free(packet);
			return r;
		}
	}
	packet->next = NULL;
	packet->len_bytes = len_bytes;
	memcpy(packet->data, data, len_bytes);
	*outbox->end = packet;
	outbox->end = &packet->next;
	outbox->n_packets++;
	outbox->bytes += len_bytes;
	return 0;
}

int outbox_send(struct outbox *outbox, int socket_fd, const void *data, size_t len_bytes, int fd)
{
	int r = outbox_flush(outbox, socket_fd);

	if (r == 0)
		r = packet_send(socket_fd, data, len_bytes, fd);
	return r == -EAGAIN || r == -EBUSY ? packet_keep(outbox, data, len_bytes, fd) : r;
}

int outbox_flush(struct outbox *outbox, int socket_fd)
{
	while (outbox->first) {
		const struct outbox_packet *packet = outbox->first;
		int r = packet_send(socket_fd, packet->data, packet->len_bytes, packet->fd);

		if (r < 0)
			return r;
		packet_drop(outbox);
	}
	return 0;
}
