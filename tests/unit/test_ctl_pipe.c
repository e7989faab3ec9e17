/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_pipe.c - writing through short writes, full pipes and readers that leave
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/pipe.h"

TestSuite(pipe, .timeout = 20);

enum { N_PIECES = 64, PIECE = 5000 };

/* Reads in odd steps, so that writes end in the middle of pieces. */
static void *read_slowly(void *arg)
{
	int fd = *(int *)arg;
	char *all = calloc(N_PIECES, PIECE);
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, all + used, 777)) > 0)
		used += (size_t)n;
	for (size_t i = 0; i < used; i++)
		if (all[i] != (char)('a' + i / PIECE % 26))
			used = 0;
	free(all);
	return (void *)used;
}

static void write_through(int flags)
{
	static char data[N_PIECES][PIECE];
	struct iovec iov[N_PIECES];
	pthread_t reader;
	size_t written;
	void *n_read;
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_assert_geq(fcntl(fds[1], F_SETPIPE_SZ, 4096), 0);
	cr_assert_eq(fcntl(fds[1], F_SETFL, flags), 0);
	for (int i = 0; i < N_PIECES; i++) {
		memset(data[i], 'a' + i % 26, PIECE);
		iov[i] = (struct iovec){ data[i], PIECE };
	}
	cr_assert_eq(pthread_create(&reader, NULL, read_slowly, &fds[0]), 0);
	cr_expect_eq(pipe_writev(fds[1], iov, N_PIECES, &written), 0);
	cr_expect_eq(written, sizeof(data));
	close(fds[1]);
	pthread_join(reader, &n_read);
	cr_expect_eq((size_t)n_read, sizeof(data));
	close(fds[0]);
}

Test(pipe, everything_is_written_through_a_small_pipe)
{
	write_through(0);
}

Test(pipe, a_non_blocking_pipe_is_waited_for)
{
	write_through(O_NONBLOCK);
}

Test(pipe, empty_pieces_are_fine)
{
	struct iovec iov[] = { { "", 0 }, { "ab", 2 }, { "", 0 }, { "c", 1 }, { "", 0 } };
	char buf[8] = "";
	size_t written;
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_expect_eq(pipe_writev(fds[1], iov, 5, &written), 0);
	cr_expect_eq(written, 3);
	cr_expect_eq(read(fds[0], buf, sizeof(buf)), 3);
	cr_expect_str_eq(buf, "abc");
}

Test(pipe, a_reader_that_left_is_an_error_with_the_count)
{
	struct iovec iov[] = { { "abc", 3 } };
	size_t written = 99;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	close(fds[0]);
	cr_expect_eq(pipe_writev(fds[1], iov, 1, &written), -EPIPE);
	cr_expect_eq(written, 0);
}

Test(pipe, a_full_device_is_an_error)
{
	struct iovec iov[] = { { "abc", 3 } };
	size_t written;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_expect_eq(pipe_writev(fd, iov, 1, &written), -ENOSPC);
	close(fd);
}

Test(pipe, readable_now_is_what_it_says)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_expect_not(pipe_readable_now(fds[0]));
	cr_assert_eq(write(fds[1], "x", 1), 1);
	cr_expect(pipe_readable_now(fds[0]));
	cr_expect_eq(pipe_wait_readable(fds[0]), 0);
}
