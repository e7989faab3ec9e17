/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_facts.c - list, show, clients, ping, version: tables for people, JSON for programs
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

TestSuite(facts, .init = start, .fini = stop, .timeout = 60);

#define run_ok(input, ...)                                                                         \
	do {                                                                                       \
		cr_assert_eq(TOOL_RUN(&tool, &shmqd, input, __VA_ARGS__), 0, "status %d: %s",      \
			     tool.status, tool.err);                                               \
		cr_expect_str_empty(tool.err);                                                     \
	} while (0)

/* What the last run printed, which must be one JSON object of schema 1. */
static struct json_object *printed(void)
{
	struct json_object *root = tool_json(tool.out, 0);

	cr_assert_not_null(root, "not JSON: %s", tool.out);
	cr_expect_str_eq(tool_member(root, "schema"), "1");
	return root;
}

#define expect_member(root, path, expected)                                                        \
	cr_expect_str_eq(tool_member(root, path), expected, "%s is %s", path,                      \
			 tool_member(root, path))

Test(facts, an_empty_list_is_a_list)
{
	struct json_object *root;

	run_ok("", "list", "--json");
	root = printed();
	expect_member(root, "rings", "[ ]");
	json_object_put(root);
}

Test(facts, list_is_a_table_without_footer_in_a_pipe)
{
	char *line;

	run_ok("", "create", "b.ring", "--slots", "64", "--size", "1K");
	run_ok("", "create", "a.ring", "--slots", "4096", "--size", "256");
	run_ok("", "list");
	line = strtok(tool.out, "\n");
	cr_expect_eq(strncmp(line, "NAME", 4), 0, "%s", line);
	cr_expect(strstr(line, "SLOTS") && strstr(line, "USE%") && strstr(line, "STATE"));
	line = strtok(NULL, "\n");
	cr_assert(line);
	cr_expect_eq(strncmp(line, "a.ring", 6), 0, "sorted by name: %s", line);
	cr_expect(strstr(line, "4096") && strstr(line, "256B") && strstr(line, "live"), "%s", line);
	line = strtok(NULL, "\n");
	cr_expect_eq(strncmp(line, "b.ring", 6), 0, "%s", line);
	cr_expect_null(strtok(NULL, "\n"), "a footer in a pipe");
}

Test(facts, list_for_shells)
{
	run_ok("", "create", "r", "--slots", "64", "--size", "1K");
	run_ok("x\ny\n", "send", "r");
	run_ok("", "list", "--raw", "--noheadings", "--output", "NAME,MSG,DEPTH,PROD,CONS,LIFETIME",
	       "--bytes");
	cr_expect_str_eq(tool.out, "r 1024 2 0 0 persistent\n");
	run_ok("", "--noheadings", "list", "-o", "SLOTS");
	cr_expect_str_eq(tool.out, "   64\n", "options may stand before the verb: %s", tool.out);
}

Test(facts, list_as_json)
{
	struct json_object *root;

	run_ok("", "create", "r", "--slots", "64", "--size", "1K", "--mode", "0660", "--align");
	run_ok("x\ny\n", "send", "r");
	run_ok("", "recv", "r", "-n", "1");
	run_ok("", "list", "--json");
	root = printed();
	expect_member(root, "rings.0.name", "r");
	expect_member(root, "rings.0.state", "live");
	expect_member(root, "rings.0.slots", "64");
	expect_member(root, "rings.0.size_bytes", "1024");
	expect_member(root, "rings.0.pushed", "2");
	expect_member(root, "rings.0.popped", "1");
	expect_member(root, "rings.0.depth", "1");
	expect_member(root, "rings.0.mode", "0660");
	expect_member(root, "rings.0.align_payload", "true");
	expect_member(root, "rings.0.wake", "membarrier");
	expect_member(root, "rings.0.lifetime", "persistent");
	expect_member(root, "rings.0.holders", "[ ]");
	cr_expect_geq(atol(tool_member(root, "rings.0.bytes")), 64 * 1024);
	json_object_put(root);
}

/* More than one page of the protocol. */
Test(facts, a_long_list_is_whole)
{
	enum { N = 150 };
	struct json_object *root;
	char name[32], path[32], member[32];

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "ring-%03d", i);
		run_ok("", "create", name, "--slots", "2", "--size", "8", "-q");
		cr_expect_str_empty(tool.out, "--quiet");
	}
	run_ok("", "list", "--json");
	root = printed();
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "ring-%03d", i);
		snprintf(path, sizeof(path), "rings.%d.name", i);
		snprintf(member, sizeof(member), "%s", tool_member(root, path));
		cr_expect_str_eq(member, name);
	}
	json_object_put(root);
}

Test(facts, show_tells_who_holds_it)
{
	struct json_object *root;
	char pid[32];

	TOOL_START(&holder, &shmqd, -1, -1, "recv", "r", "--slots", "16", "--size", "100");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	snprintf(pid, sizeof(pid), "%d", (int)holder.pid);
	run_ok("", "show", "r", "--json");
	root = printed();
	expect_member(root, "ring.name", "r");
	expect_member(root, "ring.slots", "16");
	expect_member(root, "ring.size_bytes", "100");
	expect_member(root, "ring.lifetime", "linger");
	expect_member(root, "ring.holders.0.role", "consumer");
	expect_member(root, "ring.holders.0.pid", pid);
	expect_member(root, "ring.holders.0.verified", "true");
	expect_member(root, "ring.creator.pid", pid);
	json_object_put(root);

	setenv("LC_ALL", "C", 1);
	run_ok("", "show", "r");
	cr_expect(strstr(tool.out, "* r  live"), "%s", tool.out);
	cr_expect(strstr(tool.out, "16 slots of 100B"), "%s", tool.out);
	cr_expect(strstr(tool.out, "Producer: none"), "%s", tool.out);
	cr_expect(strstr(tool.out, pid), "%s", tool.out);
}

Test(facts, clients_lists_holders_and_filters)
{
	struct json_object *root;
	char pid[32];

	run_ok("", "create", "other");
	TOOL_START(&holder, &shmqd, -1, -1, "recv", "r");
	cr_assert(tool_wait_holders(&shmqd, "r", "c"));
	snprintf(pid, sizeof(pid), "%d", (int)holder.pid);
	run_ok("", "clients", "--json");
	root = printed();
	expect_member(root, "clients.0.ring", "r");
	expect_member(root, "clients.0.role", "consumer");
	expect_member(root, "clients.0.pid", pid);
	json_object_put(root);
	run_ok("", "clients", "-nro", "PID,RING,ROLE,STATE", "--pid", pid);
	cr_expect(strstr(tool.out, " r consumer alive\n"), "%s", tool.out);
	run_ok("", "clients", "--noheadings", "--pid", "1");
	cr_expect_str_empty(tool.out);
	run_ok("", "clients", "--noheadings", "other");
	cr_expect_str_empty(tool.out);
}

Test(facts, create_says_what_it_made)
{
	struct json_object *root;

	run_ok("", "create", "r", "--slots", "64", "--size", "1K");
	cr_expect_eq(strncmp(tool.out, "Created r: 64 x 1K, ", 20), 0, "%s", tool.out);
	run_ok("", "create", "r", "--slots", "64", "--size", "1K");
	cr_expect_eq(strncmp(tool.out, "Exists already: r: ", 19), 0, "%s", tool.out);
	run_ok("", "create", "s", "--linger", "90s", "--wake", "fence", "--json");
	root = printed();
	expect_member(root, "created", "true");
	expect_member(root, "ring.name", "s");
	expect_member(root, "ring.lifetime", "linger");
	expect_member(root, "ring.linger_s", "90");
	expect_member(root, "ring.wake", "fence");
	json_object_put(root);
}

Test(facts, purge_counts_and_destroy_destroys)
{
	struct json_object *root;

	run_ok("", "create", "r");
	run_ok("x\ny\nz\n", "send", "r");
	run_ok("", "purge", "r");
	cr_expect_str_eq(tool.out, "Dropped 3 messages of r.\n");
	run_ok("x\n", "send", "r");
	run_ok("", "purge", "r", "--json");
	root = printed();
	expect_member(root, "dropped", "1");
	json_object_put(root);
	run_ok("", "destroy", "r", "--json");
	root = printed();
	expect_member(root, "destroyed", "r");
	json_object_put(root);
	cr_expect_eq(daemon_segments(&shmqd), 0);
}

Test(facts, ping_answers)
{
	struct json_object *root;
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", (int)shmqd.pid);
	run_ok("", "ping", "-n", "3", "--json");
	for (size_t i = 0; i < 3; i++) {
		root = tool_json(tool.out, i);
		cr_assert_not_null(root, "line %zu of %s", i, tool.out);
		expect_member(root, "pid", pid);
		expect_member(root, "instance", shmqd.instance);
		cr_expect_gt(atol(tool_member(root, "round_trip_ns")), 0);
		json_object_put(root);
	}
	run_ok("", "ping");
	cr_expect(strstr(tool.out, " answers in "), "%s", tool.out);
}

Test(facts, version_of_all_three)
{
	struct json_object *root;

	run_ok("", "version", "--json");
	root = printed();
	expect_member(root, "daemon.instance", shmqd.instance);
	cr_expect_str_eq(tool_member(root, "shmqctl"), tool_member(root, "daemon.version"));
	cr_expect_str_eq(tool_member(root, "layout"), tool_member(root, "daemon.layout"));
	json_object_put(root);
	run_ok("", "version");
	cr_expect(strstr(tool.out, "shmqctl ") && strstr(tool.out, "shmqd "), "%s", tool.out);
}

Test(facts, the_socket_can_come_from_the_environment)
{
	setenv("SHMQ_SOCKET", shmqd.socket, 1);
	cr_expect_eq(TOOL_RUN(&tool, NULL, "", "ping"), 0, "%s", tool.err);
	unsetenv("SHMQ_SOCKET");
}

Test(facts, nothing_is_coloured_unless_asked)
{
	run_ok("", "create", "r");
	run_ok("", "list");
	cr_expect_null(strchr(tool.out, '\033'));
	run_ok("", "list", "--color", "always");
	cr_expect(strchr(tool.out, '\033'));
	setenv("NO_COLOR", "1", 1);
	run_ok("", "list", "--color", "always");
	cr_expect_null(strchr(tool.out, '\033'), "NO_COLOR wins");
	unsetenv("NO_COLOR");
}
