/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_outbox.c - packets to a client that reads late, or never
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "client/packet.h"
#include "daemon/outbox.h"

TestSuite(outbox, .timeout = 20);

static void pair_open(int fds[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
}

static void pair_close(int fds[2])
{
	fd_close(fds[0]);
	fd_close(fds[1]);
}

/* Fill the socket and put more behind it. Return: how many packets were taken in all. */
static uint32_t fill(struct outbox *outbox, int fd, unsigned n_kept)
{
	uint32_t n = 0;

	while (outbox->n_packets < n_kept) {
		cr_assert_eq(outbox_send(outbox, fd, &n, sizeof(n), OUTBOX_NO_FD), 0);
		n++;
	}
	return n;
}

Test(outbox, packets_go_straight_through_while_there_is_room)
{
	struct outbox outbox;
	char buf[8] = { 0 };
	int fds[2];

	pair_open(fds);
	outbox_init(&outbox);
	cr_assert_eq(outbox_send(&outbox, fds[0], "abc", 3, OUTBOX_NO_FD), 0);
	cr_assert(outbox_is_empty(&outbox));
	cr_assert_eq(read(fds[1], buf, sizeof(buf)), 3);
	cr_assert_str_eq(buf, "abc");
	outbox_deinit(&outbox);
	pair_close(fds);
}

Test(outbox, what_waited_comes_in_order_and_once)
{
	struct outbox outbox;
	uint32_t n, got;
	int fds[2];

	pair_open(fds);
	outbox_init(&outbox);
	n = fill(&outbox, fds[0], 20);
	cr_assert_eq(outbox_flush(&outbox, fds[0]), -EAGAIN);
	for (uint32_t i = 0; i < n; i++) {
		cr_assert_eq(read(fds[1], &got, sizeof(got)), (ssize_t)sizeof(got));
		cr_assert_eq(got, i);
		cr_assert(outbox_flush(&outbox, fds[0]) == 0 || !outbox_is_empty(&outbox));
	}
	cr_assert(outbox_is_empty(&outbox));
	cr_assert_eq(outbox.bytes, 0);
	cr_assert_eq(read(fds[1], &got, sizeof(got)), -1);
	outbox_deinit(&outbox);
	pair_close(fds);
}

Test(outbox, it_holds_so_many_packets_and_no_more)
{
	struct outbox outbox;
	int fds[2];

	pair_open(fds);
	outbox_init(&outbox);
	fill(&outbox, fds[0], OUTBOX_PACKETS_MAX);
	cr_assert_eq(outbox_send(&outbox, fds[0], "x", 1, OUTBOX_NO_FD), -ENOBUFS);
	cr_assert_eq(outbox.n_packets, OUTBOX_PACKETS_MAX);
	outbox_deinit(&outbox);
	cr_assert(outbox_is_empty(&outbox));
	pair_close(fds);
}

Test(outbox, it_holds_so_many_bytes_and_no_more)
{
	static char packet[65536];
	struct outbox outbox;
	int fds[2], r = 0;

	pair_open(fds);
	outbox_init(&outbox);
	while (r == 0)
		r = outbox_send(&outbox, fds[0], packet, sizeof(packet), OUTBOX_NO_FD);
	cr_assert_eq(r, -ENOBUFS);
	cr_assert_eq(outbox.bytes, OUTBOX_BYTES_MAX);
	outbox_deinit(&outbox);
	pair_close(fds);
}

/* Which file is it? */
static ino_t inode_of(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

Test(outbox, a_descriptor_stays_with_its_packet_and_is_the_callers)
{
	struct outbox outbox;
	int fds[2], file, got[PACKET_FDS] = { -1, -1 };
	char buf[8];
	uint32_t n;
	ino_t inode;

	pair_open(fds);
	outbox_init(&outbox);
	n = fill(&outbox, fds[0], 1);
	file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	inode = inode_of(file);
	cr_assert_eq(outbox_send(&outbox, fds[0], "fd", 2, OUTBOX_FD(file)), 0);
	cr_assert_eq(outbox_send(&outbox, fds[0], "no", 2, OUTBOX_NO_FD), 0);
	fd_close(file); /* the outbox has its own */
	for (uint32_t i = 0; i < n; i++) {
		cr_assert_eq(read(fds[1], buf, sizeof(buf)), 4);
		cr_assert(outbox_flush(&outbox, fds[0]) == 0 || i + 3 < n);
	}
	cr_assert_eq(packet_receive(fds[1], buf, sizeof(buf), 0, got), 2);
	cr_assert_geq(got[0], 0);
	cr_assert_eq(inode_of(got[0]), inode);
	fd_close(got[0]);
	cr_assert_eq(packet_receive(fds[1], buf, sizeof(buf), 0, got), 2);
	cr_assert_eq(got[0], -1);
	cr_assert_eq(got[1], -1);
	outbox_deinit(&outbox);
	pair_close(fds);
}

Test(outbox, two_descriptors_stay_together_and_in_order)
{
	struct outbox outbox;
	int fds[2], pipe_fds[2], got[PACKET_FDS];
	ino_t inode;
	char buf[8];
	uint32_t n;

	pair_open(fds);
	cr_assert_eq(pipe(pipe_fds), 0);
	fd_close(pipe_fds[1]);
	pipe_fds[1] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	inode = inode_of(pipe_fds[1]);
	outbox_init(&outbox);
	n = fill(&outbox, fds[0], 1);
	cr_assert_eq(outbox_send(&outbox, fds[0], "fd", 2,
				 (struct outbox_fds){ { pipe_fds[0], pipe_fds[1] } }), 0);
	for (uint32_t i = 0; i < n; i++) {
		cr_assert_eq(read(fds[1], buf, sizeof(buf)), 4);
		outbox_flush(&outbox, fds[0]);
	}
	cr_assert_eq(packet_receive(fds[1], buf, sizeof(buf), 0, got), 2);
	cr_assert_eq(inode_of(got[0]), inode_of(pipe_fds[0]));
	cr_assert_eq(inode_of(got[1]), inode);
	fd_close(got[0]);
	fd_close(got[1]);
	fd_close(pipe_fds[0]);
	fd_close(pipe_fds[1]);
	outbox_deinit(&outbox);
	pair_close(fds);
}

Test(outbox, nobody_reads_any_more)
{
	struct outbox outbox;
	int fds[2];

	pair_open(fds);
	outbox_init(&outbox);
	fd_close(fds[1]);
	cr_assert_eq(outbox_send(&outbox, fds[0], "x", 1, OUTBOX_NO_FD), -EPIPE);
	outbox_deinit(&outbox);
	fd_close(fds[0]);
}
