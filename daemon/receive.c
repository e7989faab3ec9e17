/* SPDX-License-Identifier: MIT */
/*
 * receive.c - recvmsg(2) and its control messages; see receive.h
 *
 * An empty packet and the end of the connection both read as 0 bytes; but with SO_PASSCRED every
 * packet carries credentials, and the end carries none.
 */
#include "daemon/receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

#define DESCRIPTORS_MAX 8 /* room to receive a few; the kernel closes the rest and says so */

static void close_descriptors(const struct cmsghdr *cmsg)
{
	size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
		fd_close(fd);
	}
}

static void control_read(struct msghdr *message, struct received *received, bool *ret_has_creds)
{
	*ret_has_creds = false;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg; cmsg = CMSG_NXTHDR(message, cmsg)) {
		struct ucred ucred;

		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		if (cmsg->cmsg_type == SCM_RIGHTS) {
			close_descriptors(cmsg);
			received->had_descriptors = true;
		} else if (cmsg->cmsg_type == SCM_CREDENTIALS &&
			   cmsg->cmsg_len >= CMSG_LEN(sizeof(ucred))) {
			memcpy(&ucred, CMSG_DATA(cmsg), sizeof(ucred));
			received->sender_pid = ucred.pid;
			*ret_has_creds = true;
		}
	}
}

int receive_packet(int socket_fd, void *buf, size_t cap_bytes, struct received *ret_received)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred)) +
			   CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = buf, .iov_len = cap_bytes };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct received received = { 0 };
	bool has_creds;
	ssize_t n;

	do {
		n = recvmsg(socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	control_read(&message, &received, &has_creds);
	received.len_bytes = (size_t)n;
	received.is_cut = message.msg_flags & MSG_TRUNC;
	received.had_descriptors |= (message.msg_flags & MSG_CTRUNC) != 0;
	received.is_end = n == 0 && !has_creds && !received.had_descriptors;
	*ret_received = received;
	return 0;
}
