/* SPDX-License-Identifier: MIT */
/*
 * packet.c - sending and receiving single packets; see packet.h
 */
#include "client/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fd.h"

#define DESCRIPTORS_MAX 8 /* room for more than anybody should send, to see and close them */

/* Return: 0 when @fd is ready, or has something to say about its end; -ETIMEDOUT. */
static int packet_wait(int fd, short events, int64_t deadline_ns)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = events };
		int n = poll(&poll_fd, 1, deadline_poll_timeout_ms(deadline_ns));

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (deadline_left_ns(deadline_ns) == 0)
			return -ETIMEDOUT;
	}
}

/* Blocking, for the kernel queues whoever waits for room in the listener's backlog; who asks again
 * and again would come after everybody who does so faster. Return: 0; -EAGAIN; -errno. */
static int connect_in_turn(int fd, const struct sockaddr_un *address, int64_t deadline_ns)
{
	int64_t left_ns = deadline_left_ns(deadline_ns);
	struct timeval left = { .tv_sec = left_ns / NS_PER_S,
				.tv_usec = left_ns % NS_PER_S / NS_PER_US };
	int r;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof(left)) < 0 ||
	    fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 && r == 0)
		r = -errno;
	return r;
}

int packet_connect_until(const char *path, int64_t deadline_ns)
{
	_cleanup_fd_ int fd = -1;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int r;

	if (len >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	do {
		r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
		if (r == -EAGAIN && deadline_left_ns(deadline_ns) >= NS_PER_MS)
			r = connect_in_turn(fd, &address, deadline_ns);
	} while (r == -EINTR);
	return r < 0 ? r : TAKE_FD(fd);
}

int packet_connect(const char *path)
{
	return packet_connect_until(path, 0);
}

int packet_send(int fd, const void *buf, size_t len_bytes, int64_t deadline_ns)
{
	for (;;) {
		int r;

		if (send(fd, buf, len_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		r = packet_wait(fd, POLLOUT, deadline_ns);
		if (r < 0)
			return r;
	}
}

/* Collect what came along: PACKET_FDS at most are kept. Return: how many there were. */
static unsigned take_descriptors(struct msghdr *message, int fds[PACKET_FDS])
{
	unsigned n_fds = 0;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg;
	     cmsg = CMSG_NXTHDR(message, cmsg)) {
		size_t n;

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			if (n_fds < PACKET_FDS)
				fds[n_fds] = fd;
			else
				fd_close(fd);
			n_fds++;
		}
	}
	return n_fds;
}

/* Return: as packet_receive(), or -EAGAIN. */
static ssize_t receive_now(int socket_fd, void *buf, size_t cap_bytes, int ret_fds[PACKET_FDS])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = buf, .iov_len = cap_bytes };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	_cleanup_fd_ int first = -1, second = -1;
	int fds[PACKET_FDS] = { -1, -1 };
	unsigned n_fds;
	ssize_t n;

	do {
		n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	n_fds = take_descriptors(&message, fds);
	first = fds[0];
	second = fds[1];
	if (n_fds > PACKET_FDS || message.msg_flags & MSG_TRUNC)
		return -EBADMSG;
	if (message.msg_flags & MSG_CTRUNC && n_fds)
		return -EBADMSG;
	if (n == 0 && n_fds == 0)
		return -EPIPE; /* an empty packet and the end look alike, and are answered alike */
	ret_fds[0] = TAKE_FD(first);
	ret_fds[1] = TAKE_FD(second);
	return n;
}

ssize_t packet_receive(int fd, void *buf, size_t cap_bytes, int64_t deadline_ns,
		       int ret_fds[PACKET_FDS])
{
	for (;;) {
		ssize_t n = receive_now(fd, buf, cap_bytes, ret_fds);

		if (n != -EAGAIN)
			return n;
		n = packet_wait(fd, POLLIN, deadline_ns);
		if (n < 0)
			return n;
	}
}
