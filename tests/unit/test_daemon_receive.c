/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_receive.c - packets as the kernel delivers them, with all that may come along
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/receive.h"
#include "tests/harness/process.h"

TestSuite(receive, .timeout = 20);

#define CAP 100

static void pair_open(int fds[2])
{
	int on = 1;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	cr_assert_eq(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
}

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	cr_assert_not_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void send_descriptors(int fd, unsigned n_fds, const void *data, size_t len)
{
	static union {
		char bytes[CMSG_SPACE(253 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { (void *)data, len };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = CMSG_SPACE(n_fds * sizeof(int)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	for (unsigned i = 0; i < n_fds; i++)
		memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &fd, sizeof(int));
	cr_assert_eq(sendmsg(fd, &message, 0), (ssize_t)len);
}

Test(receive, a_packet_comes_with_its_senders_pid)
{
	struct received received;
	char buf[CAP];
	int fds[2];

	pair_open(fds);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), -EAGAIN);
	cr_assert_eq(write(fds[0], "hello", 5), 5);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_eq(received.len_bytes, 5);
	cr_assert_eq(received.sender_pid, getpid());
	cr_assert_not(received.is_end || received.is_cut || received.had_descriptors);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

static int write_x(void *arg)
{
	return write(*(int *)arg, "x", 1) == 1 ? 0 : 1;
}

Test(receive, an_heir_of_the_socket_is_told_apart)
{
	struct received received;
	char buf[CAP];
	int fds[2];
	pid_t child;

	pair_open(fds);
	child = child_start(write_x, &fds[0]);
	cr_assert_eq(child_wait(child), 0);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_eq(received.sender_pid, child);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

Test(receive, an_empty_packet_is_not_the_end)
{
	struct received received;
	char buf[CAP];
	int fds[2];

	pair_open(fds);
	cr_assert_eq(send(fds[0], "", 0, 0), 0);
	fd_close(fds[0]);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_eq(received.len_bytes, 0);
	cr_assert_not(received.is_end);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert(received.is_end);
	fd_close(fds[1]);
}

Test(receive, a_packet_that_is_too_long_is_marked_and_the_next_is_whole)
{
	struct received received;
	char buf[CAP], large[CAP + 1] = { 0 };
	int fds[2];

	pair_open(fds);
	cr_assert_eq(write(fds[0], large, CAP), CAP);
	cr_assert_eq(write(fds[0], large, CAP + 1), CAP + 1);
	cr_assert_eq(write(fds[0], "y", 1), 1);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_not(received.is_cut);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert(received.is_cut);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_eq(received.len_bytes, 1);
	cr_assert_eq(buf[0], 'y');
	fd_close(fds[0]);
	fd_close(fds[1]);
}

Test(receive, descriptors_are_closed_however_many)
{
	static const unsigned counts[] = { 1, 2, 7, 8, 9, 100, 253 };
	struct received received;
	unsigned before;
	char buf[CAP];
	int fds[2];

	pair_open(fds);
	before = descriptors();
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		send_descriptors(fds[0], counts[i], "z", 1);
		cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
		cr_assert(received.had_descriptors, "%u descriptors", counts[i]);
		cr_assert_eq(received.sender_pid, getpid());
		cr_assert_eq(descriptors(), before, "%u descriptors", counts[i]);
	}
	cr_assert_eq(write(fds[0], "q", 1), 1);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_not(received.had_descriptors);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

Test(receive, an_empty_packet_with_descriptors_is_a_packet)
{
	struct received received;
	unsigned before;
	char buf[CAP];
	int fds[2];

	pair_open(fds);
	before = descriptors();
	send_descriptors(fds[0], 3, "", 0);
	cr_assert_eq(receive_packet(fds[1], buf, CAP, &received), 0);
	cr_assert_not(received.is_end);
	cr_assert(received.had_descriptors);
	cr_assert_eq(descriptors(), before);
	fd_close(fds[0]);
	fd_close(fds[1]);
}
