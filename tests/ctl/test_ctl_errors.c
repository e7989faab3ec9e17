/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_errors.c - every way to fail has its exit status, a sentence, and a remedy
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

static struct daemon shmqd;
static struct tool tool, holder;

static void start(void)
{
	cr_assert_eq(daemon_start(&shmqd, NULL), 0);
}

static void stop(void)
{
	child_kill(holder.pid);
	daemon_deinit(&shmqd);
}

/* Without a daemon. */
TestSuite(usage, .timeout = 60);
/* With one. */
TestSuite(errors, .init = start, .fini = stop, .timeout = 60);

#define expect_err(text) cr_expect(strstr(tool.err, text), "no \"%s\" in: %s", text, tool.err)

/* shmqctl never prints a fact and fails; the remedy is indented. */
#define expect_failure(expected, ...)                                                              \
	do {                                                                                       \
		cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", __VA_ARGS__), expected,                   \
			     "status %d: %s%s", tool.status, tool.err, tool.out);                  \
		cr_expect_str_empty(tool.out);                                                     \
		cr_expect_eq(strncmp(tool.err, "shmqctl: ", 9), 0, "%s", tool.err);                \
		cr_expect(strstr(tool.err, "\n  "), "no remedy: %s", tool.err);                    \
	} while (0)

Test(usage, without_a_verb_is_wrong)
{
	cr_expect_eq(tool_run(&tool, NULL, "", (const char *const[]){ NULL }), 2);
	expect_err("it is not said what to do");
	expect_err("shmqctl --help");
}

Test(usage, help_is_no_failure)
{
	static const char *const verbs[] = { "list",   "show",	  "clients", "watch",
					     "create", "destroy", "purge",   "send",
					     "recv",   "ping",	  "version", "demo" };

	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "--help"), 0);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		cr_expect(strstr(tool.out, verbs[i]), "%s is missing", verbs[i]);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		char usage[64];

		snprintf(usage, sizeof(usage), "Usage: shmqctl %s", verbs[i]);
		cr_expect_eq(TOOL_RUN(&tool, NULL, "", verbs[i], "--help"), 0);
		cr_expect_eq(strncmp(tool.out, usage, strlen(usage)), 0, "%s", tool.out);
		cr_expect(strstr(tool.out, "--json"));
		cr_expect_eq(TOOL_RUN(&tool, NULL, "", "help", verbs[i]), 0);
		cr_expect_eq(strncmp(tool.out, usage, strlen(usage)), 0, "%s", tool.out);
	}
}

/* 80 columns are what there is. */
Test(usage, help_fits_a_terminal)
{
	static const char *const verbs[] = { "--help", "list",	  "show",  "clients", "watch",
					     "create", "destroy", "purge", "send",    "recv",
					     "ping",   "version", "demo" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		cr_assert_eq(TOOL_RUN(&tool, NULL, "", verbs[i], "--help"), 0);
		for (char *line = strtok(tool.out, "\n"); line; line = strtok(NULL, "\n"))
			cr_expect_leq(strlen(line), 80, "%s: %s", verbs[i], line);
	}
}

Test(usage, slips_are_recognised)
{
	expect_failure(2, "lst");
	expect_err("lst: there is no such verb");
	expect_err("Did you mean list?");
	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "lst", "--json"), 2);
	expect_err("{\"error\":{\"code\":\"usage\",\"exit\":2,\"object\":\"lst\"");
	expect_failure(2, "list", "--jsno");
	expect_err("--jsno: there is no such option");
	expect_err("Did you mean --json?");
	expect_failure(2, "list", "--output", "NAME,FOO");
	expect_err("there is no column 'FOO'");
	expect_err("NAME,SLOTS");
	/* before it measures for many seconds */
	expect_failure(2, "bench", "--time", "1h", "--output", "FOO");
	expect_err("there is no column 'FOO'");
	expect_failure(2, "completion");
	expect_err("an operand is missing");
}

Test(usage, operands_are_counted)
{
	expect_failure(2, "show");
	expect_err("Usage: shmqctl show RING");
	expect_failure(2, "show", "a", "b");
	expect_failure(2, "list", "a");
	expect_failure(2, "destroy");
	expect_failure(2, "send");
}

Test(usage, values_are_checked_before_anybody_is_asked)
{
	expect_failure(2, "create", "r", "--slots", "many");
	expect_failure(2, "create", "r", "--slots", "0");
	expect_failure(2, "create", "r", "--size", "0");
	expect_failure(2, "create", "r", "--size", "99999999999999999999");
	expect_failure(2, "create", "r", "--wake", "up");
	expect_failure(2, "create", "r", "--mode", "0777");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r", "--linger", "1ms"), 2);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r", "--group", "no-such-group"), 2);
	expect_failure(2, "list", "--color", "green");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "recv", "r", "--bytes", "-n", "3"), 2);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "recv", "r", "--bytes", "--follow"), 2);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "send", "r", "--bytes", "--split"), 2);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "send", "r", "-x", "--slots", "4"), 2);
}

static const struct daemon nowhere = { .socket = "/tmp/there-is-no-shmqd-here.sock" };

Test(usage, without_a_daemon_every_verb_says_so)
{
	static const char *const verbs[] = { "list", "clients", "ping", "watch" };
	static const char *const ring_verbs[] = { "show",  "create", "destroy",
						  "purge", "send",   "recv" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		cr_expect_eq(TOOL_RUN(&tool, &nowhere, "", verbs[i]), 3, "%s: %s", verbs[i],
			     tool.err);
		expect_err("no shmqd listens at /tmp/there-is-no-shmqd-here.sock");
	}
	for (size_t i = 0; i < sizeof(ring_verbs) / sizeof(ring_verbs[0]); i++)
		cr_expect_eq(TOOL_RUN(&tool, &nowhere, "", ring_verbs[i], "r"), 3, "%s: %s",
			     ring_verbs[i], tool.err);
}

Test(usage, version_needs_no_daemon)
{
	struct json_object *root;

	cr_expect_eq(TOOL_RUN(&tool, &nowhere, "", "version"), 0);
	cr_expect(strstr(tool.out, "not reachable"));
	cr_expect_eq(TOOL_RUN(&tool, &nowhere, "", "--version", "--json"), 0);
	root = tool_json(tool.out, 0);
	cr_assert_not_null(root, "%s", tool.out);
	cr_expect_str_eq(tool_member(root, "daemon"), "null");
	cr_expect_str_neq(tool_member(root, "library"), "");
	json_object_put(root);
}

Test(usage, errors_are_json_on_request)
{
	struct json_object *root;

	cr_expect_eq(TOOL_RUN(&tool, &nowhere, "", "list", "--json"), 3);
	cr_expect_str_empty(tool.out);
	root = tool_json(tool.err, 0);
	cr_assert_not_null(root, "%s", tool.err);
	cr_expect_str_eq(tool_member(root, "error.code"), "not_reachable");
	cr_expect_str_eq(tool_member(root, "error.exit"), "3");
	cr_expect_str_eq(tool_member(root, "error.object"), nowhere.socket);
	json_object_put(root);
}

/* Somebody who accepts and hangs up. */
static int hang_up(void *arg)
{
	int fd = *(int *)arg, peer;

	while ((peer = accept(fd, NULL, NULL)) >= 0)
		fd_close(peer);
	return 1;
}

static int listen_at(struct daemon *other)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(other->socket, sizeof(other->socket), "/tmp/shmq-test-other.%d", (int)getpid());
	strcpy(address.sun_path, other->socket);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(listen(fd, 4), 0);
	return fd;
}

Test(usage, what_is_not_shmqd_is_a_mismatch)
{
	struct daemon other = { .pid = 0 };
	int fd = listen_at(&other);
	pid_t pid;

	pid = child_start(hang_up, &fd);
	cr_expect_eq(TOOL_RUN(&tool, &other, "", "list"), 9, "status %d: %s", tool.status,
		     tool.err);
	cr_expect_eq(TOOL_RUN(&tool, &other, "", "version"), 9);
	cr_expect(strstr(tool.out, "library"), "its own version it knows: %s", tool.out);
	child_kill(pid);
	unlink(other.socket);
}

Test(usage, who_does_not_answer_is_waited_for_as_long_as_asked)
{
	int64_t default_ns = deadline_after_ns(5 * NS_PER_S);
	struct daemon other = { .pid = 0 };

	listen_at(&other);
	cr_expect_eq(TOOL_RUN(&tool, &other, "", "ping", "--timeout", "30ms"), 6, "%s", tool.err);
	expect_err("does not answer");
	cr_expect_gt(deadline_left_ns(default_ns), 0, "it waited for the default");
	unlink(other.socket);
}

Test(errors, a_ring_that_does_not_exist)
{
	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "md.ticks"), 0, "%s", tool.err);
	expect_failure(4, "show", "md.tick");
	expect_err("Did you mean md.ticks?");
	expect_failure(4, "show", "elsewhere");
	expect_err("shmqctl list");
	expect_failure(4, "destroy", "elsewhere");
	expect_failure(4, "purge", "elsewhere");
	expect_failure(4, "clients", "elsewhere");
	expect_failure(4, "send", "elsewhere", "--existing");
	expect_failure(4, "recv", "elsewhere", "--existing");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "show", "elsewhere"), 4, "none of them made it");
}

Test(errors, names_that_are_none)
{
	static const char *const names[] = {
		"",
		".",
		"..",
		"a/b",
		"../x",
		"-a",
		"_a",
		"a b",
		"a\nb",
		"\xc3\xa9",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		expect_failure(2, "create", "--", names[i]);
		expect_err("1 to 63 of A-Z");
		expect_failure(2, "send", "--", names[i]);
	}
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "create",
			      "012345678901234567890123456789012345678901234567890123456789012"),
		     0, "63 characters are fine: %s", tool.err);
}

Test(errors, sizes_that_are_none)
{
	expect_failure(2, "create", "r", "--slots", "3");
	expect_failure(2, "create", "r", "--slots", "2097152");
	expect_failure(2, "create", "r", "--size", "17M");
	expect_failure(2, "send", "r", "--slots", "1000");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "show", "r"), 4, "nothing was made");
	cr_expect_eq(daemon_segments(&shmqd), 0);
}

Test(errors, more_than_there_is)
{
	expect_failure(8, "create", "r", "--slots", "1048576", "--size", "16M");
	cr_expect_eq(daemon_segments(&shmqd), 0, "nothing is left behind");
}

Test(errors, what_exists_differently)
{
	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r", "--slots", "64"), 0, "%s",
		     tool.err);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r", "--slots", "64"), 0,
		     "equal is success");
	expect_failure(5, "create", "r", "--slots", "128");
	expect_err("r: ");
	expect_err("64");
	expect_failure(5, "create", "r", "--slots", "64", "--exclusive");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r", "--slots", "128", "--if-missing"),
		     0);
	expect_failure(5, "send", "r", "--slots", "128");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "send", "r"), 0,
		     "without figures it takes what is there");
}

Test(errors, what_is_in_use_names_the_holder)
{
	struct json_object *root;
	char pid[32];

	TOOL_START(&holder, &shmqd, -1, -1, "recv", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	snprintf(pid, sizeof(pid), "%d", (int)holder.pid);

	expect_failure(5, "recv", "r");
	expect_err(pid);
	expect_err("shmqctl");
	expect_failure(5, "destroy", "r");
	expect_err(pid);
	expect_err("--force");
	expect_failure(5, "purge", "r");
	expect_err(pid);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "destroy", "r", "--json"), 5);
	root = tool_json(tool.err, 0);
	cr_assert_not_null(root, "%s", tool.err);
	cr_expect_str_eq(tool_member(root, "error.code"), "ring_busy");
	cr_expect_str_eq(tool_member(root, "error.object"), "r");
	cr_expect_str_eq(tool_member(root, "error.pids.0"), pid);
	json_object_put(root);
}

Test(errors, of_several_the_first_failure_counts)
{
	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "b"), 0);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "destroy", "a", "b", "c"), 4);
	cr_expect_str_eq(tool.out, "Destroyed b.\n");
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "show", "b"), 4);
}

/* Root passes through directories that are closed to others, so it becomes nobody. */
Test(errors, a_socket_that_is_not_for_us)
{
	if (geteuid() == 0)
		tool_become(65534);
	else
		cr_assert_eq(chmod(shmqd.dir, 0), 0);
	TOOL_RUN(&tool, &shmqd, "", "list");
	cr_assert_eq(chmod(shmqd.dir, 0700), 0);
	if (tool.status == 98)
		cr_skip_test("nobody may not run shmqctl where it lies");
	cr_expect_eq(tool.status, 7, "%d: %s", tool.status, tool.err);
	expect_err("no permission for the socket");
}

Test(usage, the_users_own_daemon_needs_a_session)
{
	unsetenv("XDG_RUNTIME_DIR");
	expect_failure(2, "--user");
	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "--user", "list"), 3);
	expect_err("XDG_RUNTIME_DIR is not set");
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "list", "-u"), 3);
	expect_err("/nonexistent/shmqd/control.sock");
}

Test(errors, a_closed_output_is_a_failure)
{
	_cleanup_fd_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r"), 0);
	TOOL_START(&tool, &shmqd, -1, full, "list");
	cr_expect_eq(tool_wait(&tool), 1);
	expect_err("standard output: No space left on device");
}
