/* SPDX-License-Identifier: MIT */
/*
 * daemon.h - a real shmqd of a test's own: private socket, private instance, private traces
 *
 * The program is $SHMQD_BIN. Everything it makes carries the instance's name, which no other test
 * has, so that what is left can be counted and removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/harness/janitor.h"

#define DAEMON_ARGS_MAX 16

struct daemon {
	pid_t pid;    /* 0: does not run */
	char dir[64]; /* holds socket and log */
	char socket[96];
	char instance[32];
	struct janitor janitor;
	const char *args[DAEMON_ARGS_MAX]; /* more arguments, NULL-terminated; kept for restarts */
};

/* Make names, start, wait until it accepts. @args: more arguments, NULL-terminated, or NULL.
 * Return: 0, -ETIMEDOUT, -ECHILD it ended instead; the log was copied to stderr then. */
int daemon_start(struct daemon *daemon, const char *const *args);
/* Start again after daemon_kill() or daemon_stop(): same socket, instance, arguments. */
int daemon_restart(struct daemon *daemon);
void daemon_kill(struct daemon *daemon); /* SIGKILL, and wait */
int daemon_stop(struct daemon *daemon);	 /* SIGTERM. Return: exit status as child_wait(). */
/* Kill, and wait until every trace is removed (which happens in any case when the test ends). */
void daemon_deinit(struct daemon *daemon);

/* Run another shmqd on the same instance and socket (@socket: another one) to its end.
 * @log: what it wrote. Return: exit status as child_wait(). */
int daemon_run_second(const struct daemon *daemon, const char *socket, char *log, size_t cap_bytes);

/* How many rings' segments of this instance are in /dev/shm. */
unsigned daemon_segments(const struct daemon *daemon);
/* Wait until it is none. Return: false after the deadline. */
bool daemon_wait_tidy(const struct daemon *daemon);
/* The name of the segment of @ring in /dev/shm (without a slash). Return: false if there is none.
 */
bool daemon_segment_name(const struct daemon *daemon, const char *ring, char *buf,
			 size_t cap_bytes);
/* What the daemon has logged so far. */
void daemon_log(const struct daemon *daemon, char *buf, size_t cap_bytes);
/* How many descriptors it has open. */
unsigned daemon_descriptors(const struct daemon *daemon);
/* Its resident memory; 0 if it does not run. */
uint64_t daemon_memory_bytes(const struct daemon *daemon);
