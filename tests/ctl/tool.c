/* SPDX-License-Identifier: MIT */
/*
 * tool.c - running shmqctl in a test; see tool.h
 */
#include "tests/ctl/tool.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/harness/process.h"

#define ARGS_MAX 24

struct run {
	const char *argv[ARGS_MAX];
	int fds[3];
};

static uid_t user;

void tool_become(uid_t uid)
{
	user = uid;
}

static int exec_tool(void *arg)
{
	const struct run *run = arg;

	for (int i = 0; i < 3; i++)
		if (dup2(run->fds[i], i) < 0)
			return 99;
	if (user && (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 ||
		     setresuid(user, user, user) < 0))
		return 97;
	execv(run->argv[0], (char *const *)run->argv);
	return 98;
}

void tool_start(struct tool *tool, const struct daemon *daemon, int in_fd, int out_fd,
		const char *const *args)
{
	_cleanup_fd_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct run run = { .argv = { getenv("SHMQCTL_BIN") } };
	size_t n = 1;

	if (daemon) {
		run.argv[n++] = "--socket";
		run.argv[n++] = daemon->socket;
	}
	while (*args && n < ARGS_MAX - 1)
		run.argv[n++] = *args++;
	memset(tool, 0, sizeof(*tool));
	tool->out_fd = memfd_create("out", MFD_CLOEXEC);
	tool->err_fd = memfd_create("err", MFD_CLOEXEC);
	run.fds[0] = in_fd >= 0 ? in_fd : null_fd;
	run.fds[1] = out_fd >= 0 ? out_fd : tool->out_fd;
	run.fds[2] = tool->err_fd;
	tool->pid = child_start(exec_tool, &run);
}

static size_t collect(int fd, char *buf, size_t cap)
{
	ssize_t n = pread(fd, buf, cap - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

const char *tool_peek_out(struct tool *tool)
{
	tool->n_out = collect(tool->out_fd, tool->out, sizeof(tool->out));
	return tool->out;
}

const char *tool_peek_err(struct tool *tool)
{
	collect(tool->err_fd, tool->err, sizeof(tool->err));
	return tool->err;
}

int tool_wait(struct tool *tool)
{
	tool->status = child_wait(tool->pid);
	tool_peek_out(tool);
	tool_peek_err(tool);
	tool->out_fd = fd_close(tool->out_fd);
	tool->err_fd = fd_close(tool->err_fd);
	return tool->status;
}

static bool has_ended(void *arg)
{
	const struct tool *tool = arg;
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)tool->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid != 0;
}

int tool_wait_long(struct tool *tool)
{
	for (int i = 0; i < 6 && !wait_until(has_ended, tool); i++)
		;
	return tool_wait(tool);
}

int tool_file(const void *data, size_t len)
{
	int fd = memfd_create("in", MFD_CLOEXEC);

	if (fd_write_all(fd, data, len) < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return fd_close(fd);
	return fd;
}

int tool_run(struct tool *tool, const struct daemon *daemon, const char *input,
	     const char *const *args)
{
	_cleanup_fd_ int in_fd = tool_file(input, strlen(input));

	tool_start(tool, daemon, in_fd, -1, args);
	return tool_wait(tool);
}

struct json_object *tool_json(const char *text, size_t index)
{
	char *line;
	struct json_object *root;

	for (; index > 0 && text; index--) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return NULL;
	line = strndup(text, strcspn(text, "\n"));
	root = json_tokener_parse(line);
	free(line);
	return root;
}

const char *tool_member(struct json_object *root, const char *path)
{
	static char texts[8][512];
	static unsigned next;
	char *text = texts[next++ % 8];
	char key[64];

	*text = '\0';
	while (root && *path) {
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		if (json_object_is_type(root, json_type_array))
			root = json_object_array_get_idx(root, (size_t)atoi(key));
		else if (!json_object_object_get_ex(root, key, &root))
			return text;
		path += len + (path[len] == '.');
	}
	snprintf(text, sizeof(texts[0]), "%s", root ? json_object_get_string(root) : "null");
	return text;
}

/* ---- waiting for what the daemon says ---- */

struct wanted {
	const struct daemon *daemon;
	const char *ring, *holders, *counter;
	unsigned long n;
};

static bool ring_is_so(void *arg)
{
	const struct wanted *wanted = arg;
	struct tool *tool = malloc(sizeof(*tool));
	struct json_object *root = NULL;
	bool producer = false, consumer = false, so = false;

	if (TOOL_RUN(tool, wanted->daemon, "", "show", wanted->ring, "--json") == 0)
		root = tool_json(tool->out, 0);
	for (int i = 0; root && i < 3; i++) {
		char path[32];

		snprintf(path, sizeof(path), "ring.holders.%d.role", i);
		producer |= !strcmp(tool_member(root, path), "producer");
		consumer |= !strcmp(tool_member(root, path), "consumer");
	}
	if (root && wanted->holders)
		so = producer == !!strchr(wanted->holders, 'p') &&
		     consumer == !!strchr(wanted->holders, 'c');
	else if (root)
		so = strtoul(tool_member(root, wanted->counter), NULL, 10) >= wanted->n;
	json_object_put(root);
	free(tool);
	return so;
}

bool tool_wait_holders(const struct daemon *daemon, const char *ring, const char *holders)
{
	struct wanted wanted = { .daemon = daemon, .ring = ring, .holders = holders };

	return wait_until(ring_is_so, &wanted);
}

bool tool_wait_pushed(const struct daemon *daemon, const char *ring, unsigned long n)
{
	struct wanted wanted = { .daemon = daemon, .ring = ring, .counter = "ring.pushed", .n = n };

	return wait_until(ring_is_so, &wanted);
}

bool tool_wait_popped(const struct daemon *daemon, const char *ring, unsigned long n)
{
	struct wanted wanted = { .daemon = daemon, .ring = ring, .counter = "ring.popped", .n = n };

	return wait_until(ring_is_so, &wanted);
}
