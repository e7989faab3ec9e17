/* SPDX-License-Identifier: MIT */
/*
 * test_ctl_watch.c - events as they happen, across a restart of the daemon
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/ctl/tool.h"
#include "tests/harness/process.h"

static struct daemon shmqd;
static struct tool tool, watcher, holder;

static void start(void)
{
	cr_assert_eq(daemon_start(&shmqd, NULL), 0);
}

static void stop(void)
{
	child_kill(holder.pid);
	child_kill(watcher.pid);
	daemon_deinit(&shmqd);
}

TestSuite(watch, .init = start, .fini = stop, .timeout = 120);

/* Make and destroy a ring until the watcher has said something: then it watches. */
static bool provoke(void *arg)
{
	(void)arg;
	TOOL_RUN(&tool, &shmqd, "", "create", "probe");
	TOOL_RUN(&tool, &shmqd, "", "destroy", "probe");
	return tool_peek_out(&watcher)[0] != '\0';
}

static const char *said; /* what is waited for in the watcher's output */

static bool has_said(void *arg)
{
	(void)arg;
	return strstr(tool_peek_out(&watcher), said) != NULL;
}

static bool wait_said(const char *text)
{
	said = text;
	return wait_until(has_said, NULL);
}

Test(watch, tells_who_did_what)
{
	char pid[32];

	TOOL_START(&watcher, &shmqd, -1, -1, "watch");
	cr_assert(wait_until(provoke, NULL));
	TOOL_START(&holder, &shmqd, -1, -1, "recv", "r");
	cr_assert(wait_said("attached  r  consumer  pid "), "%s", watcher.out);
	snprintf(pid, sizeof(pid), "pid %d (", (int)holder.pid);
	cr_expect(strstr(watcher.out, pid), "%s", watcher.out);
	child_kill(holder.pid);
	cr_expect(wait_said("died      r  consumer"), "%s", watcher.out);
	TOOL_RUN(&tool, &shmqd, "x\n", "send", "r");
	cr_expect(wait_said("detached  r  producer"), "%s", watcher.out);
	TOOL_RUN(&tool, &shmqd, "", "destroy", "r");
	cr_expect(wait_said("destroyed r"), "%s", watcher.out);
}

Test(watch, as_json_one_event_per_line)
{
	struct json_object *root;
	size_t i = 0;

	TOOL_START(&watcher, &shmqd, -1, -1, "watch", "--json");
	cr_assert(wait_until(provoke, NULL));
	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "r"), 0);
	cr_assert(wait_said("\"ring\":\"r\""));
	while ((root = tool_json(watcher.out, i++))) {
		cr_expect_str_eq(tool_member(root, "schema"), "1");
		if (!strcmp(tool_member(root, "ring"), "r"))
			break;
		json_object_put(root);
	}
	cr_assert(root);
	cr_expect_str_eq(tool_member(root, "event"), "created");
	cr_expect_str_neq(tool_member(root, "time_ns"), "");
	json_object_put(root);
}

Test(watch, ends_after_a_count_or_a_silence)
{
	TOOL_START(&watcher, &shmqd, -1, -1, "watch", "-n", "2");
	cr_assert(wait_until(provoke, NULL));
	TOOL_RUN(&tool, &shmqd, "", "create", "r");
	cr_expect_eq(tool_wait(&watcher), 0, "%s", watcher.err);
	cr_expect_eq(TOOL_RUN(&tool, &shmqd, "", "watch", "--timeout", "20ms"), 6);
}

Test(watch, outlives_a_restart)
{
	TOOL_START(&watcher, &shmqd, -1, -1, "watch");
	cr_assert(wait_until(provoke, NULL));
	daemon_kill(&shmqd);
	cr_assert_eq(daemon_restart(&shmqd), 0);
	cr_assert_eq(TOOL_RUN(&tool, &shmqd, "", "create", "kept"), 0);
	watcher.out[0] = '\0';
	/* It may miss the first: subscribing again takes a moment. */
	for (int i = 0; i < 200 && !strstr(tool_peek_out(&watcher), "created   again"); i++) {
		TOOL_RUN(&tool, &shmqd, "", "create", "again");
		TOOL_RUN(&tool, &shmqd, "", "destroy", "again");
	}
	cr_expect(strstr(watcher.out, "created   again"), "%s", watcher.out);
	cr_expect(strstr(tool_peek_err(&watcher), "is back"), "%s", watcher.err);
}
