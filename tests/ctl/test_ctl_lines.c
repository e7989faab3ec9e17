/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_lines.c - send and recv as lines: order, ends, deaths, limits
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

static struct daemon shmqd;
static struct tool sender, receiver, other;

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

TestSuite(lines, .init = start, .fini = stop, .timeout = 120);

static int send_text(const char *text, const char *const *args)
{
	return tool_run(&sender, &shmqd, text, args);
}

#define SEND(text, ...)	 send_text(text, TOOL_ARGS("send", "r", __VA_ARGS__))
#define SEND_PLAIN(text) send_text(text, TOOL_ARGS("send", "r"))
#define RECV(...)	 TOOL_RUN(&receiver, &shmqd, "", "recv", "r", __VA_ARGS__)
#define RECV_PLAIN()	 TOOL_RUN(&receiver, &shmqd, "", "recv", "r")

#define expect_text(tool, where, text)                                                             \
	cr_expect(strstr((tool).where, text), "no \"%s\" in: %s", text, (tool).where)

/* N lines "0" to N-1. */
static char *numbers(int first, int n)
{
	char *text = malloc((size_t)n * 12 + 1), *end = text;

	*end = '\0';
	for (int i = first; i < first + n; i++)
		end += sprintf(end, "%d\n", i);
	return text;
}

Test(lines, come_out_as_they_went_in)
{
	cr_expect_eq(SEND_PLAIN("one\n\nthree \t\nlast"), 0, "%s", sender.err);
	cr_expect_str_empty(sender.out);
	cr_expect_eq(RECV_PLAIN(), 0, "%s", receiver.err);
	cr_expect_str_eq(receiver.out, "one\n\nthree \t\nlast\n");
	cr_expect_str_empty(receiver.err);
}

Test(lines, the_receiver_may_come_first)
{
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	cr_expect_eq(SEND_PLAIN("a\nb\n"), 0);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	cr_expect_str_eq(receiver.out, "a\nb\n");
}

Test(lines, a_line_arrives_before_the_next_is_written)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	TOOL_START(&sender, &shmqd, fds[0], -1, "send", "r");
	cr_assert_eq(write(fds[1], "first\n", 6), 6);
	cr_expect_eq(RECV("-n", "1"), 0);
	cr_expect_str_eq(receiver.out, "first\n");
	close(fds[1]);
	cr_expect_eq(tool_wait(&sender), 0);
	close(fds[0]);
}

/* Many times round the ring, with both ends running. */
Test(lines, more_than_the_ring_holds)
{
	char *text = numbers(0, 30000);
	int fd = tool_file(text, strlen(text));

	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r", "--slots", "16", "--size", "32");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	TOOL_START(&sender, &shmqd, fd, -1, "send", "r");
	cr_expect_eq(tool_wait(&sender), 0, "%s", sender.err);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	cr_expect_eq(receiver.n_out, strlen(text));
	cr_expect_str_eq(receiver.out, text);
	close(fd);
	free(text);
}

Test(lines, count_ends_either_end)
{
	cr_expect_eq(SEND("1\n2\n3\n4\n", "-n", "3"), 0);
	cr_expect_eq(RECV("--count", "2"), 0);
	cr_expect_str_eq(receiver.out, "1\n2\n");
	cr_expect_eq(RECV("-n", "1"), 0);
	cr_expect_str_eq(receiver.out, "3\n");
	cr_expect_eq(RECV("--timeout", "0"), 6, "the fourth was not sent");
}

Test(lines, an_empty_ring_is_a_timeout)
{
	cr_expect_eq(RECV("--timeout", "20ms"), 6);
	expect_text(receiver, err, "shmqctl: r: empty, 0 messages were received.\n  ");
	cr_expect_eq(RECV("--timeout", "0"), 6);
	cr_expect_str_empty(receiver.out);
}

Test(lines, a_full_ring_is_a_timeout_that_names_the_reader)
{
	char text[64];

	cr_expect_eq(SEND("1\n2\n3\n", "--slots", "2", "--timeout", "20ms"), 6);
	expect_text(sender, err, "full, 2 messages were sent: nobody reads it.");
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r", "-n", "1");
	cr_expect_eq(tool_wait(&receiver), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r", "--follow");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	cr_assert(tool_wait_popped(&shmqd, "r", 2));
	kill(receiver.pid, SIGSTOP);
	cr_assert(child_wait_stopped(receiver.pid));
	cr_expect_eq(SEND("1\n2\n3\n", "--timeout", "0"), 6);
	snprintf(text, sizeof(text), "consumer pid %d (", (int)receiver.pid);
	expect_text(sender, err, text);
}

Test(lines, one_that_is_too_long_has_its_number)
{
	cr_expect_eq(SEND("12345678\nab\n123456789\nnever\n", "--size", "8"), 1);
	expect_text(sender, err, "r: line 3 is too long: a message has at most 8 bytes.");
	expect_text(sender, err, "--split");
	cr_expect_eq(RECV_PLAIN(), 1, "the stream is not complete");
	cr_expect_str_eq(receiver.out, "12345678\nab\n");
	expect_text(receiver, err, "the sender died before it had finished: 2 messages");
}

Test(lines, a_long_one_can_be_split)
{
	cr_expect_eq(SEND("12345678abc\nx\n", "--size", "8", "--split"), 0);
	cr_expect_eq(RECV_PLAIN(), 0);
	cr_expect_str_eq(receiver.out, "12345678\nabc\nx\n");
}

Test(lines, a_killed_sender_is_a_failure_after_its_last_message)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r");
	TOOL_START(&sender, &shmqd, fds[0], -1, "send", "r");
	cr_assert_eq(write(fds[1], "a\nb\nc", 5), 5);
	cr_assert(tool_wait_pushed(&shmqd, "r", 2));
	child_kill(sender.pid);
	cr_expect_eq(tool_wait(&receiver), 1);
	cr_expect_str_eq(receiver.out, "a\nb\n");
	expect_text(receiver, err,
		    "shmqctl: r: the sender died before it had finished: 2 messages (2B) were "
		    "received.\n  ");
	close(fds[0]);
	close(fds[1]);
}

Test(lines, follow_outlives_senders)
{
	int fds[2];

	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r", "--follow", "-n", "4");
	cr_expect_eq(SEND_PLAIN("a\nb\n"), 0);
	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	TOOL_START(&sender, &shmqd, fds[0], -1, "send", "r");
	cr_assert_eq(write(fds[1], "c\n", 2), 2);
	cr_assert(tool_wait_popped(&shmqd, "r", 3));
	child_kill(sender.pid);
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	cr_expect_eq(SEND_PLAIN("d\n"), 0);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	cr_expect_str_eq(receiver.out, "a\nb\nc\nd\n");
	close(fds[0]);
	close(fds[1]);
}

/* The next receiver begins with what the killed one had not released. */
Test(lines, a_killed_receiver_has_a_successor)
{
	char *text = numbers(0, 5000), *end;
	long last, first;
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_assert_geq(fcntl(fds[1], F_SETPIPE_SZ, 4096), 0);
	cr_expect_eq(SEND(text, "--slots", "8192"), 0);
	/* Nobody reads the pipe: the receiver is stuck in the middle of its output. */
	TOOL_START(&receiver, &shmqd, -1, fds[1], "recv", "r");
	close(fds[1]);
	cr_assert(tool_wait_popped(&shmqd, "r", 500));
	cr_assert(child_wait_asleep(receiver.pid));
	child_kill(receiver.pid);
	cr_assert(tool_wait_holders(&shmqd, "r", "-"));

	receiver.n_out = (size_t)fd_read_full(fds[0], receiver.out, sizeof(receiver.out) - 1);
	receiver.out[receiver.n_out] = '\0';
	end = strrchr(receiver.out, '\n');
	cr_assert(end && end > receiver.out);
	*end = '\0';
	last = atol(strrchr(receiver.out, '\n') + 1);
	*end = '\n';

	cr_expect_eq(TOOL_RUN(&other, &shmqd, "", "recv", "r", "--timeout", "0"), 0, "%s",
		     other.err);
	first = atol(other.out);
	cr_expect_leq(first, last + 1, "none is missing");
	cr_expect_gt(first, 0, "what was written was released");
	cr_expect_str_eq(other.out, strstr(text, other.out), "the rest, in order");
	cr_expect_str_eq(strrchr(other.out, '4'), strrchr(text, '4'));
	close(fds[0]);
	free(text);
}

Test(lines, what_could_not_be_written_stays)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	cr_expect_eq(SEND_PLAIN("a\nb\n"), 0);
	close(fds[0]);
	TOOL_START(&receiver, &shmqd, -1, fds[1], "recv", "r");
	cr_expect_eq(tool_wait(&receiver), 1);
	expect_text(receiver, err,
		    "nobody reads standard output any more: 0 messages were written");
	close(fds[1]);
	cr_expect_eq(RECV_PLAIN(), 0);
	cr_expect_str_eq(receiver.out, "a\nb\n");
}

Test(lines, a_full_disk_keeps_the_message)
{
	_cleanup_fd_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_expect_eq(SEND_PLAIN("a\n"), 0);
	TOOL_START(&receiver, &shmqd, -1, full, "recv", "r");
	cr_expect_eq(tool_wait(&receiver), 1);
	expect_text(receiver, err, "standard output: No space left on device");
	cr_expect_eq(RECV_PLAIN(), 0);
	cr_expect_str_eq(receiver.out, "a\n");
}

Test(lines, a_sender_waits_for_the_successor_of_a_dead_receiver)
{
	char *text = numbers(0, 200);
	int fd = tool_file(text, strlen(text));

	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r", "--slots", "4");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	kill(receiver.pid, SIGSTOP);
	cr_assert(child_wait_stopped(receiver.pid));
	TOOL_START(&sender, &shmqd, fd, -1, "send", "r");
	cr_assert(tool_wait_pushed(&shmqd, "r", 4));
	child_kill(receiver.pid);
	cr_assert(tool_wait_holders(&shmqd, "r", "p"));
	cr_expect_eq(TOOL_RUN(&other, &shmqd, "", "recv", "r"), 0, "%s", other.err);
	cr_expect_str_eq(other.out, text);
	cr_expect_eq(tool_wait(&sender), 0);
	expect_text(sender, err, "r: full, and the consumer died; waiting for its successor.");
	close(fd);
	free(text);
}

Test(lines, a_destroyed_ring_ends_both)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	cr_expect_eq(TOOL_RUN(&other, &shmqd, "", "destroy", "--force", "r"), 0, "%s", other.err);
	cr_expect_eq(tool_wait(&receiver), 4, "%s", receiver.err);

	TOOL_START(&sender, &shmqd, fds[0], -1, "send", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "p"));
	cr_expect_eq(TOOL_RUN(&other, &shmqd, "", "destroy", "--force", "r"), 0, "%s", other.err);
	cr_assert_eq(write(fds[1], "late\n", 5), 5);
	cr_expect_eq(tool_wait(&sender), 4, "a message into a ring that is gone: %s", sender.err);
	close(fds[0]);
	close(fds[1]);
}

Test(lines, json_has_sequence_numbers_and_text_or_hex)
{
	struct json_object *root;

	cr_expect_eq(SEND("caf\xc3\xa9\n\xff\x01\n", "--json"), 0);
	root = tool_json(sender.out, 0);
	cr_expect_str_eq(tool_member(root, "messages"), "2");
	cr_expect_str_eq(tool_member(root, "bytes"), "7");
	json_object_put(root);
	cr_expect_eq(RECV("--json"), 0);
	root = tool_json(receiver.out, 0);
	cr_expect_str_eq(tool_member(root, "seq"), "0");
	cr_expect_str_eq(tool_member(root, "bytes"), "5");
	cr_expect_str_eq(tool_member(root, "text"), "caf\xc3\xa9");
	json_object_put(root);
	root = tool_json(receiver.out, 1);
	cr_expect_str_eq(tool_member(root, "seq"), "1");
	cr_expect_str_eq(tool_member(root, "hex"), "ff01");
	json_object_put(root);
}

static const char *said;

static bool has_been_received(void *arg)
{
	(void)arg;
	return !strcmp(tool_peek_out(&receiver), said);
}

static bool has_noticed(void *arg)
{
	(void)arg;
	return strstr(tool_peek_err(&sender), "shmqd is away");
}

Test(lines, the_daemon_may_be_away)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	TOOL_START(&receiver, &shmqd, -1, -1, "recv", "r");
	TOOL_START(&sender, &shmqd, fds[0], -1, "send", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "pc"));
	daemon_kill(&shmqd);
	cr_assert_eq(write(fds[1], "without\n", 8), 8);
	said = "without\n";
	cr_expect(wait_until(has_been_received, NULL), "%s", receiver.out);
	close(fds[1]);
	/* Its good end is told when somebody is there to be told, however late. */
	cr_expect(wait_until(has_noticed, NULL), "%s", sender.err);
	cr_assert_eq(daemon_restart(&shmqd), 0);
	cr_expect_eq(tool_wait(&sender), 0, "%s", sender.err);
	cr_expect_eq(tool_wait(&receiver), 0, "%s", receiver.err);
	cr_expect_str_eq(receiver.out, "without\n");
	close(fds[0]);
}
