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
	struct outbox_fds fds;
	size_t len_bytes;
	unsigned char data[];
};

void outbox_init(struct outbox *outbox)
{
	*outbox = (struct outbox){ 0 };
	outbox->end = &outbox->first;
}

static void fds_close(struct outbox_fds *fds)
{
	for (unsigned i = 0; i < 2; i++)
		fds->fd[i] = fd_close(fds->fd[i]);
}

static void packet_drop(struct outbox *outbox)
{
	struct outbox_packet *packet = outbox->first;

	outbox->first = packet->next;
	if (!outbox->first)
		outbox->end = &outbox->first;
	outbox->n_packets--;
	outbox->bytes -= packet->len_bytes;
	fds_close(&packet->fds);
	free(packet);
}

void outbox_deinit(struct outbox *outbox)
{
	while (outbox->first)
		packet_drop(outbox);
}

/* Return: 0, -EAGAIN, -EBUSY, -errno as outbox_flush(). */
static int packet_send(int socket_fd, const void *data, size_t len_bytes,
		       const struct outbox_fds *fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(fds->fd))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec part = { .iov_base = (void *)data, .iov_len = len_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t fds_bytes = (size_t)((fds->fd[0] >= 0) + (fds->fd[1] >= 0)) * sizeof(int);

	if (fds_bytes) {
		struct cmsghdr *cmsg = &control.align;

		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fds_bytes);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(fds_bytes);
		memcpy(CMSG_DATA(cmsg), fds->fd, fds_bytes);
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

/* Return: 0; -EMFILE, nothing was copied. */
static int fds_copy(const struct outbox_fds *fds, struct outbox_fds *ret_fds)
{
	struct outbox_fds copy = OUTBOX_NO_FD;

	for (unsigned i = 0; i < 2; i++) {
		if (fds->fd[i] < 0)
			continue;
		copy.fd[i] = fcntl(fds->fd[i], F_DUPFD_CLOEXEC, 3);
		if (copy.fd[i] < 0) {
			int r = -errno;

			fds_close(&copy);
			return r;
		}
	}
	*ret_fds = copy;
	return 0;
}

static int packet_keep(struct outbox *outbox, const void *data, size_t len_bytes,
		       const struct outbox_fds *fds)
{
	struct outbox_packet *packet;
	int r;

	if (outbox->n_packets >= OUTBOX_PACKETS_MAX || outbox->bytes + len_bytes > OUTBOX_BYTES_MAX)
		return -ENOBUFS;
	packet = malloc(sizeof(*packet) + len_bytes);
	if (!packet)
		return -ENOMEM;
	r = fds_copy(fds, &packet->fds);
	if (r < 0) {
		free(packet);
		return r;
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

int outbox_send(struct outbox *outbox, int socket_fd, const void *data, size_t len_bytes,
		struct outbox_fds fds)
{
	int r = outbox_flush(outbox, socket_fd);

	if (r == 0)
		r = packet_send(socket_fd, data, len_bytes, &fds);
	return r == -EAGAIN || r == -EBUSY ? packet_keep(outbox, data, len_bytes, &fds) : r;
}

int outbox_flush(struct outbox *outbox, int socket_fd)
{
	while (outbox->first) {
		const struct outbox_packet *packet = outbox->first;
		int r = packet_send(socket_fd, packet->data, packet->len_bytes, &packet->fds);

		if (r < 0)
			return r;
		packet_drop(outbox);
	}
	return 0;
}
