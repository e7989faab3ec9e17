/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_bytes.c - send --bytes and recv --bytes: every byte, and an end that can be trusted
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/random.h"
#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

static struct daemon shmqd;
static struct tool sender, receiver;

static void start(void)
{
	cr_assert_eq(daemon_start(&shmqd, NULL), 0);
}

static void stop(void)
{
	child_kill(sender.pid);
	child_kill(receiver.pid);
	daemon_deinit(&shmqd);
}

TestSuite(bytes, .init = start, .fini = stop, .timeout = 120);

#define expect_text(tool, where, text)                                                             \
	cr_expect(strstr((tool).where, text), "no \"%s\" in: %s", text, (tool).where)

/* Random bytes, zeros among them. */
static void *noise(size_t len)
{
	char *data = malloc(len + 1);

	cr_assert_eq(random_bytes(data, len), 0);
	memset(data + len / 3, 0, len / 5);
	return data;
}

static void expect_same(int fd, const void *data, size_t len)
{
	size_t size = (size_t)lseek(fd, 0, SEEK_END);
	void *map;

	cr_assert_eq(size, len, "%zu of %zu bytes arrived", size, len);
	map = mmap(NULL, len + 1, PROT_READ, MAP_PRIVATE, fd, 0);
	cr_expect(!memcmp(map, data, len), "the bytes differ");
	munmap(map, len + 1);
}

/* Both ends at once, through a ring of this geometry. */
static void through(size_t len, const char *slots, const char *size)
{
	void *data = noise(len);
	int in_fd = tool_file(data, len);
	int out_fd = memfd_create("result", MFD_CLOEXEC);

	TOOL_START(&receiver, &shmqd, -1, out_fd, "recv", "--bytes", "r", "--slots", slots,
		   "--size", size);
	TOOL_START(&sender, &shmqd, in_fd, -1, "send", "--bytes", "r", "--slots", slots, "--size",
		   size);
	cr_expect_eq(tool_wait(&sender), 0, "%s", sender.err);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	expect_same(out_fd, data, len);
	close(in_fd);
	close(out_fd);
	free(data);
}

Test(bytes, forty_megabytes)
{
	through(40 << 20, "64", "64K");
}

Test(bytes, through_the_smallest_ring)
{
	through(10007, "1", "1");
}

Test(bytes, exactly_a_slot)
{
	through(65536, "64", "64K");
}

Test(bytes, one_byte)
{
	through(1, "64", "64K");
}

Test(bytes, an_empty_stream_ends)
{
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "", "send", "--bytes", "r"), 0);
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	cr_expect_eq(receiver.n_out, 0);
}

/* Whoever comes first makes the ring, and here it is the sender, long gone when it is read. */
Test(bytes, the_sender_may_be_gone)
{
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "hello", "send", "--bytes", "r"), 0);
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "", "list", "-nro", "SLOTS,MSG", "-b"), 0);
	cr_expect_str_eq(sender.out, "64 65536\n");
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	cr_expect_str_eq(receiver.out, "hello");
}

Test(bytes, streams_do_not_run_together)
{
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "one", "send", "--bytes", "r"), 0);
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "two", "send", "--bytes", "r"), 0);
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	cr_expect_str_eq(receiver.out, "one");
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	cr_expect_str_eq(receiver.out, "two");
}

/* A ring on which a stream has ended well is as good as new. */
Test(bytes, a_ring_is_used_again)
{
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "one", "send", "--bytes", "r"), 0);
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "--bytes", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "two", "send", "--bytes", "r"), 0);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	cr_expect_str_eq(receiver.out, "two");
}

/* What is there is sent when the input pauses. */
Test(bytes, a_slow_input_is_not_held_back)
{
	int in[2], out[2];
	char buf[8] = "";

	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, out[1], "recv", "--bytes", "r");
	TOOL_START(&sender, &shmqd, in[0], -1, "send", "--bytes", "r");
	cr_assert_eq(write(in[1], "abc", 3), 3);
	cr_expect_eq(read(out[0], buf, sizeof(buf)), 3);
	cr_expect_str_eq(buf, "abc");
	close(in[1]);
	cr_expect_eq(tool_wait(&sender), 0);
	cr_expect_eq(tool_wait(&receiver), 0);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

Test(bytes, a_sender_killed_in_the_middle_is_a_failure)
{
	int in[2];

	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "--bytes", "r");
	TOOL_START(&sender, &shmqd, in[0], -1, "send", "--bytes", "r");
	cr_assert_eq(write(in[1], "half", 4), 4);
	cr_assert(tool_wait_pushed(&shmqd, "r", 1));
	child_kill(sender.pid);
	cr_expect_eq(tool_wait(&receiver), 1);
	cr_expect_str_eq(receiver.out, "half", "what came before is written");
	expect_text(receiver, err,
		    "the sender died before it had finished: 1 messages (4B) were received.");
	close(in[0]);
	close(in[1]);
}

Test(bytes, a_sender_that_died_before_we_came_is_a_failure)
{
	int in[2];

	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	TOOL_START(&sender, &shmqd, in[0], -1, "send", "--bytes", "r");
	cr_assert_eq(write(in[1], "half", 4), 4);
	cr_assert(tool_wait_pushed(&shmqd, "r", 1));
	child_kill(sender.pid);
	cr_assert(tool_wait_holders(&shmqd, "r", "-"));
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 1);
	cr_expect_str_eq(receiver.out, "half");
	close(in[0]);
	close(in[1]);
}

/* Lines end without a mark. */
Test(bytes, a_sender_of_lines_is_a_failure)
{
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "a\n", "send", "r"), 0);
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 1);
	expect_text(receiver, err, "the sender left without the end mark: 1 messages (1B)");
	expect_text(receiver, err, "Was it started with --bytes");
}

Test(bytes, an_input_that_fails_is_a_failure_at_both_ends)
{
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "--bytes", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	TOOL_START(&sender, &shmqd, directory, -1, "send", "--bytes", "r");
	cr_expect_eq(tool_wait(&sender), 1);
	expect_text(sender, err, "standard input: Is a directory");
	cr_expect_eq(tool_wait(&receiver), 1);
	expect_text(receiver, err, "the sender died");
	close(directory);
}

Test(bytes, an_output_that_is_closed_keeps_the_rest)
{
	int out[2];

	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	close(out[0]);
	cr_expect_eq(TOOL_RUN(&sender, &shmqd, "all", "send", "--bytes", "r"), 0);
	TOOL_START(&receiver, &shmqd, -1, out[1], "recv", "--bytes", "r");
	cr_expect_eq(tool_wait(&receiver), 1);
	expect_text(receiver, err, "nobody reads standard output any more");
	cr_expect_eq(TOOL_RUN(&receiver, &shmqd, "", "recv", "--bytes", "r"), 0);
	cr_expect_str_eq(receiver.out, "all");
	close(out[1]);
}

Test(bytes, the_daemon_may_be_killed_and_come_back)
{
	enum { LEN = 8 << 20 };
	char *data = noise(LEN);
	int out_fd = memfd_create("result", MFD_CLOEXEC);
	int in[2];

	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, out_fd, "recv", "--bytes", "r");
	TOOL_START(&sender, &shmqd, in[0], -1, "send", "--bytes", "r");
	cr_assert_eq(fd_write_all(in[1], data, LEN / 2), 0);
	cr_assert(tool_wait_holders(&shmqd, "r", "pc"));
	daemon_kill(&shmqd);
	cr_assert_eq(fd_write_all(in[1], data + LEN / 2, LEN / 4), 0);
	cr_assert_eq(daemon_restart(&shmqd), 0);
	cr_assert_eq(fd_write_all(in[1], data + LEN / 4 * 3, LEN / 4), 0);
	close(in[1]);
	cr_expect_eq(tool_wait(&sender), 0, "%s", sender.err);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	expect_same(out_fd, data, LEN);
	close(in[0]);
	close(out_fd);
	free(data);
}
