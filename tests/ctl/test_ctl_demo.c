/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_demo.c - the demo keeps its promises, and an interrupt leaves nothing behind
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

static struct tool tool;
static char tmp[] = "/tmp/shmq-test-demo.XXXXXX";

static void start(void)
{
	cr_assert(mkdtemp(tmp));
	setenv("TMPDIR", tmp, 1);
}

static void stop(void)
{
	child_kill(tool.pid);
	rmdir(tmp);
}

TestSuite(demo, .init = start, .fini = stop, .timeout = 120);

/* Entries of a directory whose names begin so. */
static unsigned count_entries(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	while (dir && (entry = readdir(dir)))
		n += !strncmp(entry->d_name, prefix, strlen(prefix)) && entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

Test(demo, keeps_every_promise)
{
	struct json_object *root;

	TOOL_START(&tool, NULL, -1, -1, "demo", "--size", "128M", "--json");
	cr_expect_eq(tool_wait_long(&tool), 0, "%s", tool.err);
	root = tool_json(tool.out, 0);
	cr_assert_not_null(root, "%s", tool.out);
	cr_expect_str_eq(tool_member(root, "kept"), "true");
	cr_expect_eq(strlen(tool_member(root, "stream.sha256_sent")), 64);
	cr_expect_str_eq(tool_member(root, "stream.sha256_sent"),
			 tool_member(root, "stream.sha256_received"));
	cr_expect_gt(atol(tool_member(root, "stream.bytes_without_daemon")), 0);
	cr_expect_gt(atol(tool_member(root, "stream.bytes")), 16 << 20);
	cr_expect_str_eq(tool_member(root, "successor.missing"), "0");
	cr_expect_gt(atol(tool_member(root, "pipeline.round_trips")), 0);
	cr_expect_leq(atol(tool_member(root, "pipeline.p50_ns")),
		      atol(tool_member(root, "pipeline.p99_ns")));
	cr_expect_str_eq(tool_member(root, "leftovers.objects_after"), "0");
	json_object_put(root);
	cr_expect_eq(count_entries(tmp, ""), 0, "its directory is gone");
}

static bool stream_has_begun(void *arg)
{
	(void)arg;
	return strstr(tool_peek_out(&tool), "shmqctl recv --bytes") != NULL;
}

/* The instance's name is in the first line. */
static void instance_name(char *buf, size_t cap)
{
	const char *name = strstr(tool.out, "instance demo-");

	cr_assert_not_null(name, "%s", tool.out);
	snprintf(buf, cap, "shmq.%.13s.", name + strlen("instance "));
}

static void interrupt_with(int number)
{
	char prefix[64];

	TOOL_START(&tool, NULL, -1, -1, "demo");
	cr_assert(wait_until(stream_has_begun, NULL), "%s%s", tool.out, tool_peek_err(&tool));
	instance_name(prefix, sizeof(prefix));
	cr_expect_gt(count_entries("/dev/shm", prefix), 0);
	kill(tool.pid, number);
	cr_expect_eq(tool_wait(&tool), CHILD_SIGNALLED(number), "status %d: %s", tool.status,
		     tool.err);
	cr_expect_eq(count_entries("/dev/shm", prefix), 0, "objects are left");
	cr_expect_eq(count_entries(tmp, ""), 0, "a directory is left");
}

Test(demo, an_interrupt_removes_everything)
{
	interrupt_with(SIGINT);
}

Test(demo, so_does_a_termination)
{
	interrupt_with(SIGTERM);
}

Test(demo, without_shmqd_it_says_how_to_name_it)
{
	setenv("SHMQD_BIN", "/nonexistent/shmqd", 1);
	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "demo"), 1);
	cr_expect(strstr(tool.err, "SHMQD_BIN="), "%s", tool.err);
	cr_expect_eq(count_entries(tmp, ""), 0);
}
