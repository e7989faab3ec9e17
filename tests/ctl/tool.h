/* SPDX-License-Identifier: MIT */
/*
 * tool.h - the real shmqctl ($SHMQCTL_BIN) on a test's own shmqd: run it, read what it says
 *
 * Output goes to files in memory, so that nobody waits for a reader. Every wait has the harness'
 * deadline.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "tests/harness/daemon.h"

#define TOOL_OUT_MAX 262144
#define TOOL_ERR_MAX 8192

/* What became of one run. */
struct tool {
	pid_t pid;
	int status; /* of child_wait() */
	int out_fd, err_fd;
	size_t n_out;
	char out[TOOL_OUT_MAX]; /* standard output, as far as it fits; terminated */
	char err[TOOL_ERR_MAX];
};

/* Start `shmqctl --socket SOCKET ARGS...` with @in_fd as standard input (-1: /dev/null).
 * @daemon NULL: without --socket. @out_fd -1: collected in @tool. */
void tool_start(struct tool *tool, const struct daemon *daemon, int in_fd, int out_fd,
		const char *const *args);
/* Wait for its end and collect. Return: exit status, CHILD_SIGNALLED(), CHILD_STUCK. */
int tool_wait(struct tool *tool);
/* The same for what takes longer than the harness' deadline, up to six of them. */
int tool_wait_long(struct tool *tool);
/* What it has written up to now. */
const char *tool_peek_out(struct tool *tool);
const char *tool_peek_err(struct tool *tool);

/* From now on, start them as this user (root only; 0: no longer). */
void tool_become(uid_t uid);

/* Both at once, with @input as standard input. */
int tool_run(struct tool *tool, const struct daemon *daemon, const char *input,
	     const char *const *args);

#define TOOL_ARGS(...)			   ((const char *const[]){ __VA_ARGS__, NULL })
#define TOOL_RUN(tool, daemon, input, ...) tool_run(tool, daemon, input, TOOL_ARGS(__VA_ARGS__))
#define TOOL_START(tool, daemon, in_fd, out_fd, ...)                                               \
	tool_start(tool, daemon, in_fd, out_fd, TOOL_ARGS(__VA_ARGS__))

/* A file in memory with these bytes, at its beginning. */
int tool_file(const void *data, size_t len);

/* The first line of @text from the @index-th on, as JSON; NULL if it is none. */
struct json_object *tool_json(const char *text, size_t index);
/* A member by a path like "ring.holders.0.pid", as text; "" if there is none. Valid until the next
 * call but seven. */
const char *tool_member(struct json_object *root, const char *path);

/* Wait until the ring has holders as said: "-" nobody, "p", "c", "pc". Return: false in vain. */
bool tool_wait_holders(const struct daemon *daemon, const char *ring, const char *holders);
/* Wait until the ring has seen so many messages. */
bool tool_wait_pushed(const struct daemon *daemon, const char *ring, unsigned long n);
bool tool_wait_popped(const struct daemon *daemon, const char *ring, unsigned long n);
