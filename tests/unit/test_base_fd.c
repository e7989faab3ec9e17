/* SPDX-License-Identifier: MIT */
/*
 * test_base_fd.c - whole reads and writes through pipes that give and take less
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

TestSuite(fd, .timeout = 20);

#define BULK_BYTES (1u << 20) /* more than any pipe holds */

static void pipe_open(int ends[2])
{
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
}

/* A file in /tmp that has no name any more. */
static int scratch_open(char path[64])
{
	int fd;

	strcpy(path, "/tmp/shmq-test-fd.XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	cr_assert_geq(fd, 0);
	return fd;
}

Test(fd, close_keeps_errno_and_gives_minus_one)
{
	int ends[2];

	pipe_open(ends);
	errno = ENOSPC;
	cr_assert_eq(fd_close(ends[0]), -1);
	cr_assert_eq(fd_close(-1), -1);
	cr_assert_eq(errno, ENOSPC);
	cr_assert_eq(fcntl(ends[0], F_GETFD), -1);
	fd_close(ends[1]);
}

Test(fd, nonblock_can_be_set_and_taken_back)
{
	int ends[2];

	pipe_open(ends);
	cr_assert_eq(fd_set_nonblock(ends[0], true), 0);
	cr_assert(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	cr_assert_eq(fd_set_nonblock(ends[0], false), 0);
	cr_assert_not(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	cr_assert_eq(fd_set_nonblock(-1, true), -EBADF);
	fd_close(ends[0]);
	fd_close(ends[1]);
}

struct writer {
	int fd;
	const char *data;
	int result;
};

static void *writer_run(void *arg)
{
	struct writer *writer = arg;

	writer->result = fd_write_all(writer->fd, writer->data, BULK_BYTES);
	fd_close(writer->fd);
	return NULL;
}

Test(fd, more_than_a_pipe_holds_goes_through_whole)
{
	char *sent = malloc(BULK_BYTES), *got = malloc(BULK_BYTES + 1);
	struct writer writer = { .data = sent, .result = 1 };
	pthread_t thread;
	int ends[2];

	cr_assert(sent && got);
	for (size_t i = 0; i < BULK_BYTES; i++)
		sent[i] = (char)(i * 31 >> 3);
	pipe_open(ends);
	writer.fd = ends[1];
	cr_assert_eq(pthread_create(&thread, NULL, writer_run, &writer), 0);
	/* Asked for one byte more: reads on to the end of file. */
	cr_assert_eq(fd_read_full(ends[0], got, BULK_BYTES + 1), (ssize_t)BULK_BYTES);
	pthread_join(thread, NULL);
	cr_assert_eq(writer.result, 0);
	cr_assert_eq(memcmp(sent, got, BULK_BYTES), 0);
	fd_close(ends[0]);
	free(sent);
	free(got);
}

static unsigned n_interruptions;

static void on_signal(int signal)
{
	(void)signal;
	__atomic_fetch_add(&n_interruptions, 1, __ATOMIC_SEQ_CST);
}

struct nagger {
	pthread_t reader;
	struct writer writer;
};

/* Interrupt the reader before every single byte. */
static void *nagger_run(void *arg)
{
	struct nagger *nagger = arg;

	nagger->writer.result = 0;
	for (unsigned i = 0; i < 30 && nagger->writer.result == 0; i++) {
		pthread_kill(nagger->reader, SIGUSR1);
		while (__atomic_load_n(&n_interruptions, __ATOMIC_SEQ_CST) == i)
			sched_yield();
		nagger->writer.result = fd_write_all(nagger->writer.fd, nagger->writer.data + i, 1);
	}
	fd_close(nagger->writer.fd);
	return NULL;
}

Test(fd, an_interrupted_read_goes_on)
{
	struct sigaction action = { .sa_handler = on_signal }; /* no SA_RESTART */
	const char *text = "thirty bytes, one each a while";
	struct nagger nagger = { .reader = pthread_self(),
				 .writer = { .data = text, .result = 1 } };
	pthread_t thread;
	char got[64];
	int ends[2];

	pipe_open(ends);
	nagger.writer.fd = ends[1];
	cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
	cr_assert_eq(pthread_create(&thread, NULL, nagger_run, &nagger), 0);
	cr_assert_eq(fd_read_full(ends[0], got, sizeof(got)), 30);
	pthread_join(thread, NULL);
	cr_assert_eq(nagger.writer.result, 0);
	cr_assert_eq(n_interruptions, 30);
	cr_assert_eq(memcmp(got, text, 30), 0);
	fd_close(ends[0]);
}

Test(fd, errors_are_negative_errno)
{
	char byte = 0;
	int ends[2];

	cr_assert_eq(fd_write_all(-1, &byte, 1), -EBADF);
	cr_assert_eq(fd_read_full(-1, &byte, 1), -EBADF);
	pipe_open(ends);
	fd_close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(fd_write_all(ends[1], &byte, 1), -EPIPE);
	fd_close(ends[1]);
}

Test(fd, nothing_to_do_is_success)
{
	int ends[2];

	pipe_open(ends);
	cr_assert_eq(fd_write_all(ends[1], NULL, 0), 0);
	cr_assert_eq(fd_read_full(ends[0], NULL, 0), 0);
	fd_close(ends[0]);
	fd_close(ends[1]);
}

Test(fd, a_line_is_read_without_its_newline)
{
	char path[64], buf[16];
	int fd = scratch_open(path);

	cr_assert_eq(fd_write_all(fd, "twelve bytes\n", 13), 0);
	cr_expect_eq(file_read_line(path, buf, sizeof(buf)), 12);
	cr_expect_str_eq(buf, "twelve bytes");
	unlink(path);
	fd_close(fd);
}

Test(fd, a_line_that_just_does_not_fit_is_refused)
{
	char path[64], buf[16];
	int fd = scratch_open(path);

	cr_assert_eq(fd_write_all(fd, "0123456789abcde", 15), 0);
	cr_expect_eq(file_read_line(path, buf, 16), 15);
	cr_expect_eq(file_read_line(path, buf, 15), -E2BIG);
	unlink(path);
	fd_close(fd);
}

Test(fd, an_empty_file_is_an_empty_line)
{
	char buf[4] = "old";

	cr_assert_eq(file_read_line("/dev/null", buf, sizeof(buf)), 0);
	cr_assert_str_eq(buf, "");
	cr_assert_eq(file_read_line("/nonexistent/file", buf, sizeof(buf)), -ENOENT);
}
